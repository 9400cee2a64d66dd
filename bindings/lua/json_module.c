/* json_module.c - the module `liveblocks.json`. */
#include "json.h"

#include <string.h>

static const char array_key, object_key; /* their addresses are keys of the registry */

static void push_metatable(lua_State *L, const void *address, const char *name) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, address) == LUA_TTABLE) return; /* mt */
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);                   /* mt */
    lua_pushstring(L, name);                    /* mt name */
    lua_setfield(L, -2, "__name");              /* mt */
    lua_pushvalue(L, -1);                       /* mt mt */
    lua_rawsetp(L, LUA_REGISTRYINDEX, address); /* mt */
}

void lblua_json_push_array_mt(lua_State *L) {
    push_metatable(L, &array_key, "liveblocks.array");
}

void lblua_json_push_object_mt(lua_State *L) {
    push_metatable(L, &object_key, "liveblocks.object");
}

bool lblua_json_is_meta(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false; /* mt */
    luaL_getmetatable(L, "liveblocks.meta");                                              /* mt mt? */
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2); /* */
    return same;
}

/* Whether options, at index 2, asks for strict decoding; refuses unknown options. */
static bool read_options(lua_State *L) {
    bool strict = false;
    if (lua_isnoneornil(L, 2) || lblua_json_is_meta(L, 2)) return false;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) { /* ... key value */
        if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "strict") != 0)
            luaL_argerror(L, 2, "unknown option: the only one is 'strict'");
        strict = lua_toboolean(L, -1);
    }
    return strict;
}

static bool decode_arguments(lua_State *L, lblua_json_error *error) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    return read_options(L) ? lblua_json_decode_strict(L, text, length, error) : lblua_json_decode(L, text, length, error);
}

static int decode(lua_State *L) {
    lblua_json_error error;
    if (decode_arguments(L, &error)) return 1;
    return luaL_error(L, "invalid JSON: %s", error.message);
}

static int try_decode(lua_State *L) {
    lblua_json_error error;
    if (decode_arguments(L, &error)) return 1;
    lua_pushnil(L);                   /* nil */
    lua_pushstring(L, error.message); /* nil message */
    return 2;
}

/* Upvalues: the decoder, and its text, which it only points to. */
static int decode_step(lua_State *L) {
    lua_Integer units = luaL_checkinteger(L, 1);
    luaL_argcheck(L, units > 0, 1, "a number of bytes expected, from 1");
    lblua_json_error error;
    switch (lblua_json_step(L, lua_upvalueindex(1), (size_t)units, &error)) {
    case LBLUA_JSON_MORE: lua_pushboolean(L, 0); return 1; /* false */
    case LBLUA_JSON_DONE:                                  /* value */
        lua_pushboolean(L, 1);                             /* value true */
        lua_insert(L, -2);                                 /* true value */
        return 2;
    default: return luaL_error(L, "invalid JSON: %s", error.message);
    }
}

/* decoder(text [, options]) -> function(bytes) -> false, or true, value */
static int decoder(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    bool strict = read_options(L);
    lua_settop(L, 1);                         /* text */
    lblua_json_begin(L, text, length, strict); /* text decoder */
    lua_insert(L, 1);                         /* decoder text */
    lua_pushcclosure(L, decode_step, 2);      /* step */
    return 1;
}

static int mark(lua_State *L, void (*push_mt)(lua_State *)) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L); /* table */
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_mt(L);             /* table mt */
    lua_setmetatable(L, 1); /* table */
    return 1;
}

static int array(lua_State *L) {
    return mark(L, lblua_json_push_array_mt);
}

static int object(lua_State *L) {
    return mark(L, lblua_json_push_object_mt);
}

static int is_array(lua_State *L) {
    lua_settop(L, 1);
    bool has = lua_getmetatable(L, 1); /* value mt? */
    lblua_json_push_array_mt(L);       /* value mt? mt */
    lua_pushboolean(L, has && lua_rawequal(L, -1, -2));
    return 1;
}

int luaopen_liveblocks_json(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "decode", decode }, { "try_decode", try_decode }, { "decoder", decoder }, { "encode", lblua_json_encode },
        { "array", array },   { "object", object },         { "is_array", is_array }, { NULL, NULL },
    };
    luaL_newlib(L, functions);       /* module */
    lblua_json_open_number(L);       /* module */
    lua_pushlightuserdata(L, NULL);  /* module null */
    lua_setfield(L, -2, "null");     /* module */
    lblua_json_push_array_mt(L);     /* module mt */
    lua_setfield(L, -2, "array_mt"); /* module */
    lblua_json_push_object_mt(L);    /* module mt */
    lua_setfield(L, -2, "object_mt");
    return 1;
}
