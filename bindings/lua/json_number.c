/* json_number.c - a number that neither int64 nor a double holds: a userdata that keeps its text.
 *
 * It prints and encodes as it came, is equal to another one of the same value and is ordered among them and numbers by
 * exact value. It has no arithmetic: that would round without a word; tonumber says so. */
#include "json.h"

#include <math.h>
#include <string.h>

#include "../text/decimal.h"

static const char number_key; /* its address is a key of the registry */

const char *lblua_json_number_text(lua_State *L, int index, size_t *length) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL; /* ... mt */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &number_key);                                     /* ... mt mt? */
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2); /* ... */
    if (!same) return NULL;
    *length = lua_rawlen(L, index);
    return lua_touserdata(L, index);
}

static int number_tostring(lua_State *L) {
    size_t length = 0;
    const char *text = lblua_json_number_text(L, 1, &length);
    if (!text) return luaL_typeerror(L, 1, "liveblocks.number");
    lua_pushlstring(L, text, length);
    return 1;
}

static int number_concat(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

/* The text of a number of either kind; small has space for Lua's. NULL for infinity, NaN and what is not a number. */
static const char *decimal_of(lua_State *L, int index, char small[LB_DECIMAL_SIZE], size_t *length) {
    const char *text = lblua_json_number_text(L, index, length);
    if (text || lua_type(L, index) != LUA_TNUMBER) return text;
    double x = lua_tonumber(L, index);
    if (lua_isinteger(L, index)) *length = lb_decimal_write_integer(small, lua_tointeger(L, index));
    else if (x - x == 0) *length = lb_decimal_write_double(small, x);
    else return NULL;
    return small;
}

/* Negative, 0 or positive; 2 when there is no order. */
static int compare(lua_State *L) {
    char small[2][LB_DECIMAL_SIZE];
    size_t length[2] = { 0, 0 };
    const char *text[2];
    for (int i = 0; i < 2; i++) {
        text[i] = decimal_of(L, i + 1, small[i], &length[i]);
        if (text[i]) continue;
        if (lua_type(L, i + 1) != LUA_TNUMBER)
            luaL_error(L, "attempt to compare a number with a %s", luaL_typename(L, i + 1));
        double x = lua_tonumber(L, i + 1); /* infinity or NaN */
        if (isnan(x)) return 2;
        return (x < 0) == (i == 0) ? -1 : 1;
    }
    return lb_decimal_compare(text[0], length[0], text[1], length[1]);
}

static int number_eq(lua_State *L) {
    size_t ignored;
    bool both = lblua_json_number_text(L, 1, &ignored) && lblua_json_number_text(L, 2, &ignored);
    lua_pushboolean(L, both && compare(L) == 0);
    return 1;
}

static int number_lt(lua_State *L) {
    lua_pushboolean(L, compare(L) < 0);
    return 1;
}

static int number_le(lua_State *L) {
    lua_pushboolean(L, compare(L) <= 0);
    return 1;
}

static void push_metatable(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "__tostring", number_tostring }, { "__concat", number_concat }, { "__eq", number_eq },
        { "__lt", number_lt },             { "__le", number_le },         { NULL, NULL },
    };
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &number_key) == LUA_TTABLE) return; /* mt */
    lua_pop(L, 1);                                                            /* */
    luaL_newlib(L, functions);                                                /* mt */
    lua_pushliteral(L, "liveblocks.number");                                  /* mt name */
    lua_setfield(L, -2, "__name");                                            /* mt */
    lua_pushvalue(L, -1);                                                     /* mt mt */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &number_key);                           /* mt */
}

void lblua_json_push_number(lua_State *L, const char *text, size_t length) {
    push_metatable(L);                                         /* mt */
    memcpy(lua_newuserdatauv(L, length, 0), text, length);     /* mt number */
    lua_insert(L, -2);                                         /* number mt */
    lua_setmetatable(L, -2);                                   /* number */
}

/* number(text) -> the number that the text is in JSON: an integer or a float where those hold it */
static int number(lua_State *L) {
    size_t length;
    lb_number found;
    lb_parse_error error;
    if (lua_type(L, 1) == LUA_TNUMBER || lblua_json_number_text(L, 1, &length)) {
        lua_settop(L, 1);
        return 1;
    }
    const char *text = luaL_checklstring(L, 1, &length);
    if (lb_decimal_read(text, text + length, &found, &error) != text + length)
        return luaL_argerror(L, 1, "a number as JSON writes it expected");
    if (found.kind == LB_NUMBER_INTEGER) lblua_json_push_integer(L, found.integer, text, length);
    else if (found.kind == LB_NUMBER_DOUBLE) lua_pushnumber(L, found.real);
    else lblua_json_push_number(L, text, length);
    return 1;
}

/* tonumber(value) -> the nearest Lua number, which may be infinite; nil when value is not a number */
static int nearest(lua_State *L) {
    size_t length;
    lb_number found;
    lb_parse_error error;
    luaL_checkany(L, 1);
    const char *text = lblua_json_number_text(L, 1, &length);
    if (text && lb_decimal_read(text, text + length, &found, &error)) lua_pushnumber(L, found.real);
    else if (lua_type(L, 1) == LUA_TNUMBER) lua_settop(L, 1);
    else lua_pushnil(L);
    return 1;
}

static int is_number(lua_State *L) {
    size_t length;
    luaL_checkany(L, 1);
    lua_pushboolean(L, lua_type(L, 1) == LUA_TNUMBER || lblua_json_number_text(L, 1, &length));
    return 1;
}

void lblua_json_open_number(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "number", number }, { "tonumber", nearest }, { "is_number", is_number }, { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
