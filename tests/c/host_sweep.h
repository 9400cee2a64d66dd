/* host_sweep.h - the program's Lua state with an allocator that refuses, for tests that let each allocation fail in turn. */
#ifndef TESTS_HOST_SWEEP_H
#define TESTS_HOST_SWEEP_H

#include "../../host/host.h"
#include "lua_sweep.h"

/* Set while the program's allocator asks the C library for Lua: that allocation has been counted already. */
static bool for_lua;

/* The program's own allocator, asked only for what is not refused. */
static inline void *host_sweep_allocate(void *user_data, void *block, size_t old, size_t size) {
    if (size && (!block || size > old) && refused()) return NULL;
    bool before = for_lua;
    for_lua = true;
    void *moved = host_allocate(user_data, block, old, size);
    for_lua = before;
    return moved;
}

static inline int host_sweep_open(lua_State *L) {
    lua_CFunction more = lua_tocfunction(L, 1);
    lua_settop(L, 0);
    host_open(L);
    lblua_use_loop(L, host_pool_loop());
    lua_getglobal(L, "require");      /* require */
    lua_pushliteral(L, "liveblocks"); /* require name */
    lua_call(L, 1, 1);                /* liveblocks */
    lua_setglobal(L, "liveblocks");   /* */
    return more(L);
}

/* A state with the global variable liveblocks and what `more` adds to it, after it has run the scenarios. */
static inline lua_State *new_program_state(lua_CFunction more, const char *scenarios) {
    lua_State *L = lua_newstate(host_sweep_allocate, NULL);
    assert_non_null(L);
    *(void **)lua_getextraspace(L) = NULL;
    lua_pushcfunction(L, host_sweep_open);
    lua_pushcfunction(L, more);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) fail_msg("%s", luaL_tolstring(L, -1, NULL));
    run_lua(L, scenarios);
    return L;
}

#endif
