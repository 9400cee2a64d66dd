/* engine.c - what an engine does with the module: steps its loop, in C (liveblocks_lua.h) and in Lua. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

/* ---- In C ----------------------------------------------------------------------------------------- */

int lblua_step_with(lua_State *L, int timeout_ms, lb_pollfd *fds, size_t count) {
    lblua_state *state = lblua_get_state(L);
    if (!state->loop) return LB_EUSAGE;
    luaL_checkstack(L, 8, "to step");
    int before = lblua_run_ready(L, state);
    if (before || state->ready || state->failed) timeout_ms = 0;
    int n = lb_loop_step(state->loop, timeout_ms, fds, count);
    if (n < 0) return n;
    return n + before + lblua_run_ready(L, state);
}

int lblua_step(lua_State *L, int timeout_ms) {
    return lblua_step_with(L, timeout_ms, NULL, 0);
}

size_t lblua_pending(lua_State *L) {
    lblua_state *state = lblua_get_state(L);
    return state->loop ? state->tasks + lb_loop_pending(state->loop) : 0;
}

lb_loop *lblua_loop(lua_State *L) {
    return lblua_get_state(L)->loop;
}

void lblua_set_await(lua_State *L, lblua_await_hook hook, void *user_data) {
    lblua_state *state = lblua_get_state(L);
    state->hook = hook;
    state->hook_data = user_data;
}

void lblua_set_switch(lua_State *L, lblua_switch_hook hook, void *user_data) {
    lblua_state *state = lblua_get_state(L);
    state->on_switch = hook;
    state->switch_data = user_data;
}

void lblua_set_interrupt(lua_State *L, const volatile sig_atomic_t *flag) {
    lblua_get_state(L)->interrupt = flag;
}

lua_State *volatile *lblua_running(lua_State *L) {
    return &lblua_get_state(L)->running;
}

/* ---- In Lua --------------------------------------------------------------------------------------- */

/* core.step(ms) -> how much happened; with a negative ms it raises when nothing can happen any more */
static int step(lua_State *L) {
    int ms = (int)luaL_optinteger(L, 1, 0);
    lblua_state *state = lblua_get_state(L);
    if (!state->loop) return lblua_raise_cancelled(L, "the Lua state is closing");
    lblua_check_interrupt(L, state);
    if (ms < 0 && state->tasks && lblua_is_idle(state)) return lblua_raise_stuck(L);
    lua_pushinteger(L, lblua_step(L, ms)); /* ... n */
    lblua_check_interrupt(L, state);
    return 1;
}

/* core.pending() -> how many tasks, calls and timers are unfinished */
static int pending(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)lblua_pending(L));
    return 1;
}

/* core.now() -> seconds on a clock that does not jump */
static int now(lua_State *L) {
    lua_pushnumber(L, lb_loop_now(NULL));
    return 1;
}

void lblua_open_engine(lua_State *L) { /* core */
    static const luaL_Reg functions[] = { { "step", step }, { "pending", pending }, { "now", now }, { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}
