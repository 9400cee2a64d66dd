/* lua_state.h - a Lua state with the module, for tests of the module inside an engine. */
#ifndef TESTS_LUA_STATE_H
#define TESTS_LUA_STATE_H

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>

#include "liveblocks_lua.h"

/* With the global variables liveblocks and SERVER, the URL of the test server. */
static inline lua_State *new_module_state(void) {
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    lua_pushstring(L, getenv("LBHOST_TEST_SERVER"));
    lua_setglobal(L, "SERVER");
    lua_settop(L, 0);
    return L;
}

/* Runs Lua, which must not fail. */
static inline void run_lua(lua_State *L, const char *code) {
    if (luaL_dostring(L, code) != LUA_OK) fail_msg("%s", luaL_tolstring(L, -1, NULL));
    lua_settop(L, 0);
}

#endif
