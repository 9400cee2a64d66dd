/* binary.c - numbers from bytes, big-endian, as lib0 writes them; string.unpack is not in every Lua. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t check_bits(lua_State *L, size_t wanted) {
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    uint64_t bits = 0;
    luaL_argcheck(L, size == wanted, 1, "another number of bytes expected");
    for (size_t i = 0; i < size; i++) bits = bits << 8 | (unsigned char)bytes[i];
    return bits;
}

/* core.read_float(4 bytes) -> number */
static int read_float(lua_State *L) {
    uint32_t bits = (uint32_t)check_bits(L, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    lua_pushnumber(L, (lua_Number)value); /* ... number */
    return 1;
}

/* core.read_double(8 bytes) -> number */
static int read_double(lua_State *L) {
    uint64_t bits = check_bits(L, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    lua_pushnumber(L, value); /* ... number */
    return 1;
}

/* core.read_int64(8 bytes) -> integer, as JSON's */
static int read_int64(lua_State *L) {
    uint64_t bits = check_bits(L, 8);
    int64_t value;
    char text[32];
    memcpy(&value, &bits, sizeof value);
    int length = snprintf(text, sizeof text, "%" PRId64, value);
    lblua_json_push_integer(L, value, text, (size_t)length); /* ... integer */
    return 1;
}

void lblua_open_binary(lua_State *L) { /* core */
    static const luaL_Reg functions[] = {
        { "read_float", read_float }, { "read_double", read_double }, { "read_int64", read_int64 }, { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
