/* json.c - fuzz targets of the JSON codec, over one Lua state.
 *
 * JSON_DECODE:     any bytes are decoded or refused, without reading beyond them, in steps with the same result as in
 *                  one go; the member reader of the C client looks at the same bytes.
 * JSON_ROUND_TRIP: what is accepted encodes, and that text decodes to an equal value. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/json_text.h"
#include "lua/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Integers and floats differ, and so do 0.0 and -0.0, and arrays and objects. */
static const char setup[] =
    "local json = ...\n"
    "local function equal(a, b)\n"
    "  if type(a) ~= type(b) or math.type(a) ~= math.type(b) then return false end\n"
    "  if type(a) == 'number' then return a == b and (a ~= 0 or 1 / a == 1 / b) end\n"
    "  if type(a) ~= 'table' then return a == b end\n"
    "  if getmetatable(a) ~= getmetatable(b) then return false end\n"
    "  for k, v in next, a do if not equal(v, b[k]) then return false end end\n"
    "  for k in next, b do if a[k] == nil then return false end end\n"
    "  return true\n"
    "end\n"
    "return function(value, pretty, stepped)\n"
    "  if stepped ~= nil then return assert(equal(value, stepped), 'steps have another result') end\n"
    "  local text = json.encode(value, { pretty = pretty })\n"
    "  assert(equal(value, json.decode(text)), text)\n"
    "end\n";

static void die(const char *why) {
    fprintf(stderr, "%s\n", why);
    abort();
}

static lua_State *state(void) {
    static lua_State *L;
    if (L) return L;
    L = luaL_newstate();
    if (!L) abort();
    luaL_openlibs(L);
    if (luaL_loadstring(L, setup) != LUA_OK) abort();          /* setup */
    luaL_requiref(L, "json", luaopen_liveblocks_json, 0);      /* setup json */
    lua_call(L, 1, 1);                                         /* check */
    return L;
}

/* Decodes in steps of up to 63 bytes; pushes the value when it is complete. */
static bool decode_in_steps(lua_State *L, const char *text, size_t size, lblua_json_error *error) {
    lblua_json_status status;
    lblua_json_begin(L, text, size, false); /* decoder */
    int decoder = lua_gettop(L);
    for (size_t units = size; (status = lblua_json_step(L, decoder, units & 63, error)) == LBLUA_JSON_MORE; units = units * 5 + 1)
        if (lua_gettop(L) != decoder) die("a step has left something on the stack");
    lua_remove(L, decoder); /* value? */
    return status == LBLUA_JSON_DONE;
}

/* What is not accepted is refused with the same words, and what is accepted has the same value. */
static void compare_with_steps(lua_State *L, const char *text, size_t size, bool ok, const lblua_json_error *error) {
    lblua_json_error other = { 0, "" };                  /* check value? */
    if (decode_in_steps(L, text, size, &other) != ok) die("steps have another opinion");
    if (!ok && (other.offset != error->offset || strcmp(other.message, error->message) != 0)) die("steps refuse otherwise");
    if (!ok) return;
    lua_pushvalue(L, 1);  /* check value stepped check */
    lua_insert(L, 2);     /* check check value stepped */
    lua_pushboolean(L, 0); /* check check value stepped pretty */
    lua_insert(L, 4);     /* check check value pretty stepped */
    lua_pushvalue(L, 3);  /* check check value pretty stepped value */
    lua_insert(L, 2);     /* check value check value pretty stepped */
    if (lua_pcall(L, 3, 0, 0) != LUA_OK) die(lua_tostring(L, -1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_State *L = state(); /* check */
    lblua_json_error error = { 0, "" };
    const char *text = (const char *)data;
    bool ok = lblua_json_decode(L, text, size, &error); /* check value? */
    if (lua_gettop(L) != 1 + ok) die("the stack is not as promised");
    if (!ok && (error.offset > size || !*error.message || !memchr(error.message, 0, sizeof error.message)))
        die("a refusal without a reason or a place");
    compare_with_steps(L, text, size, ok, &error); /* check value? */
#ifdef JSON_ROUND_TRIP
    if (ok) {
        lua_pushvalue(L, 1);                                     /* check value check */
        lua_pushvalue(L, 2);                                     /* check value check value */
        lua_pushboolean(L, size & 1);                            /* check value check value pretty */
        if (lua_pcall(L, 2, 0, 0) != LUA_OK) die(lua_tostring(L, -1));
    }
#else
    char member[24];
    lb_json_string_member(text, size, "error", member, sizeof member);
    if (lb_utf8_check(member, strlen(member)) != strlen(member)) die("a member that is not UTF-8");
    if (ok && size <= 4096 && lb_utf8_check(text, size) != size) die("invalid UTF-8 was accepted");
#endif
    lua_settop(L, 1); /* check */
    return 0;
}
