/* proxy.c - values that stand for others, in a Lua whose table functions pass metamethods by: what is not a table is
 * refused there, instead of being taken for an empty one. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

/* core.proxy(metatable, value) -> a userdata with this metatable, in which __proxy is true */
static int proxy(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_newuserdatauv(L, 1, 1);  /* metatable value proxy */
    lua_insert(L, 2);            /* metatable proxy value */
    lua_setiuservalue(L, 2, 1);  /* metatable proxy */
    lua_insert(L, 1);            /* proxy metatable */
    lua_setmetatable(L, 1);      /* proxy */
    return 1;
}

/* core.proxied(any) -> the value of a proxy, or nil */
static int proxied(lua_State *L) {
    if (lua_type(L, 1) != LUA_TUSERDATA || !lua_getmetatable(L, 1)) return 0; /* ... metatable */
    lua_pushliteral(L, "__proxy");                                            /* ... metatable name */
    lua_rawget(L, -2);                                                        /* ... metatable mark */
    if (!lua_toboolean(L, -1)) return 0;
    lua_getiuservalue(L, 1, 1); /* ... metatable mark value */
    return 1;
}

void lblua_open_proxy(lua_State *L) { /* core */
    static const luaL_Reg functions[] = { { "proxy", proxy }, { "proxied", proxied }, { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}
