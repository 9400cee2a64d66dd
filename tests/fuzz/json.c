/* json.c - fuzz targets of the JSON codec, over one Lua state.
 *
 * JSON_DECODE:     any bytes are decoded or refused, without reading beyond them; the member reader of the C
 *                  client looks at the same bytes.
 * JSON_ROUND_TRIP: what is accepted encodes, and that text decodes to an equal value. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/json.h"
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
    "return function(value, pretty)\n"
    "  local text = json.encode(value, { pretty = pretty })\n"
    "  assert(equal(value, json.decode(text)), text)\n"
    "end\n";

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

static void die(const char *why) {
    fprintf(stderr, "%s\n", why);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_State *L = state(); /* check */
    lblua_json_error error = { 0, "" };
    const char *text = (const char *)data;
    bool ok = lblua_json_decode(L, text, size, &error); /* check value? */
    if (lua_gettop(L) != 1 + ok) die("the stack is not as promised");
    if (!ok && (error.offset > size || !*error.message || !memchr(error.message, 0, sizeof error.message)))
        die("a refusal without a reason or a place");
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
    if (lb_utf8_check(member, strlen(member)) != strlen(member)) die("a member that is no UTF-8");
    if (ok && size <= 4096 && lb_utf8_check(text, size) != size) die("invalid UTF-8 was accepted");
#endif
    lua_settop(L, 1); /* check */
    return 0;
}
