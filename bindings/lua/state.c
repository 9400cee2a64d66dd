/* state.c - what a Lua state has one of: its loop, the lists of its tasks, the hooks of its engine. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <string.h>

static const char state_key, loop_key; /* their addresses are keys of the registry */

lblua_state *lblua_get_state(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key); /* state */
    lblua_state *state = lua_touserdata(L, -1);
    lua_pop(L, 1); /* */
    if (!state) luaL_error(L, "the module 'liveblocks' is not loaded in this Lua state");
    return state;
}

static int state_close(lua_State *L) {
    lblua_state *state = luaL_checkudata(L, 1, LBLUA_STATE);
    lb_loop *loop = state->loop;
    if (!loop) return 0;
    lblua_close_kept(L, state);
    lblua_close_full(state);
    state->loop = NULL; /* from now on nothing reads what is freed here */
    lb_loop_destroy(loop);
    lblua_free_clients(state);
    return 0;
}

int lblua_is_closing(lua_State *L) {
    return lblua_get_state(L)->loop == NULL;
}

void lblua_use_loop(lua_State *L, lb_loop *loop) {
    lua_pushlightuserdata(L, loop);               /* loop */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loop_key); /* */
}

/* The loop of lblua_use_loop(), or a new one; NULL when out of memory. */
static lb_loop *take_loop(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loop_key); /* loop? */
    lb_loop *loop = lua_touserdata(L, -1);
    lua_pop(L, 1);                                /* */
    if (!loop) return lb_loop_create(&loop) == LB_OK ? loop : NULL;
    lua_pushnil(L);                               /* nil */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loop_key); /* */
    return loop;
}

void lblua_open_state(lua_State *L) { /* core */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key); /* core state? */
    bool opened = !lua_isnil(L, -1);
    lua_pop(L, 1); /* core */
    if (opened) return;
    lblua_state *state = lua_newuserdatauv(L, sizeof *state, 0); /* core state */
    memset(state, 0, sizeof *state);
    state->on_failed = LUA_NOREF;
    luaL_newmetatable(L, LBLUA_STATE); /* core state mt */
    lua_pushcfunction(L, state_close); /* core state mt f */
    lua_setfield(L, -2, "__gc");       /* core state mt */
    lua_setmetatable(L, -2);           /* core state */
    lua_newtable(L);                   /* core state tasks */
    state->task_list = luaL_ref(L, LUA_REGISTRYINDEX); /* core state */
    lua_newtable(L);                                   /* core state kept */
    state->kept_list = luaL_ref(L, LUA_REGISTRYINDEX); /* core state */
    lblua_make_recycle_list(L, state);
    state->loop = take_loop(L);
    if (!state->loop) luaL_error(L, "cannot create the event loop: out of memory, or of descriptors");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key); /* core */
}
