/* lua_state.h - a Lua state with the module, for tests of the module inside an engine, in each Lua. */
#ifndef TESTS_LUA_STATE_H
#define TESTS_LUA_STATE_H

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>

#include "liveblocks_lua.h"

/* LuaJIT has memory of its own, into which the sanitizers do not see. */
static inline void *allocate_plainly(void *user_data, void *block, size_t old_size, size_t size) {
    (void)user_data, (void)old_size;
    if (size) return realloc(block, size);
    free(block);
    return NULL;
}

/* The value on the top as a string, as tostring() has it. */
static inline const char *shown(lua_State *L) {
    lua_getglobal(L, "tostring");
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    return lua_tostring(L, -1);
}

/* Runs Lua, which must not fail. */
static inline void run_lua(lua_State *L, const char *code) {
    if (luaL_dostring(L, code) != LUA_OK) fail_msg("%s", shown(L));
    lua_settop(L, 0);
}

/* With the global variables liveblocks and SERVER, the URL of the test server. */
static inline lua_State *new_module_state(void) {
    lua_State *L = lua_newstate(allocate_plainly, NULL);
    assert_non_null(L);
    luaL_openlibs(L);
    lua_pushcfunction(L, luaopen_liveblocks);
    lua_setglobal(L, "liveblocks");
    run_lua(L, "package.preload.liveblocks = liveblocks liveblocks = require 'liveblocks'");
    lua_pushstring(L, getenv("LBHOST_TEST_SERVER"));
    lua_setglobal(L, "SERVER");
    return L;
}

#endif
