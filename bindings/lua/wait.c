/*
 * wait.c - waiting for one thing, as far as it is in C: core.await().
 *
 * What waits in a task yields, here and nowhere else; what waits anywhere else pumps the loop until it is done. The rule
 * is the identity of the coroutine. No C function waits: lua/liveblocks/wait.lua begins, awaits and takes the result, so
 * that a coroutine never yields across one.
 */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

enum { MAX_NESTED = 30 }; /* waits and steps inside tasks inside steps: PUC Lua has space for about 50, LuaJIT looks for no end */

const char lblua_ended; /* its address, as light userdata, says that a wait has ended */

void lblua_check_interrupt(lua_State *L, const lblua_state *state) {
    if (lblua_is_interrupted(state)) lblua_raise_cancelled(L, "interrupted");
}

bool lblua_is_idle(const lblua_state *state) {
    return !state->ready && !state->failed && lb_loop_pending(state->loop) == 0;
}

int lblua_raise_stuck(lua_State *L) {
    return luaL_error(L, "waiting for something that cannot happen: no call and no timer is left, and tasks wait for "
                         "each other or for an event that nobody sets");
}

bool lblua_is_too_deep(const lblua_state *state) {
    return state->resuming > MAX_NESTED;
}

int lblua_raise_too_deep(lua_State *L) {
    return luaL_error(L, "waits or steps inside tasks inside steps are nested too deeply (%d)", MAX_NESTED);
}

/* Pumps until w is done. Other tasks are resumed only where that is not re-entrant, or where w cannot
 * happen otherwise (an event is set by a task). */
static void pump(lua_State *L, lblua_state *state, const lblua_waitable *w) {
    while (!w->done) {
        bool resume_others = state->resuming == 0 || w->kind == LBLUA_EVENT;
        lblua_check_interrupt(L, state);
        if (!state->loop) lblua_raise_cancelled(L, "the Lua state is closing");
        if (lblua_is_too_deep(state)) lblua_raise_too_deep(L);
        if (resume_others) lblua_run_ready(L, state);
        if (w->done) break;
        if (resume_others && lblua_is_idle(state) && !lblua_wake_lost(L, state)) lblua_raise_stuck(L);
        bool more = resume_others && (state->ready || state->failed);
        int n = lb_loop_step(state->loop, more ? 0 : -1, NULL, 0);
        if (n < 0) luaL_error(L, "the loop cannot wait here: %s", lb_status_name((lb_status)n));
    }
}

/* LuaJIT's lua_yield() takes a coroutine that is resumed in a finalizer for one in a hook: what resumes it later takes
 * something else for a frame. Lua's own yield does not. So in LuaJIT core.YIELD is returned, and lua/liveblocks/wait.lua yields. */
#if LUA_VERSION_NUM == 501
static const char yield_in_lua;
#endif

int lblua_yield(lua_State *L) {
#if LUA_VERSION_NUM == 501
    if (lblua_get_state(L)->yields_in_lua) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)&yield_in_lua); /* marker */
        return 1;
    }
#endif
    return lua_yield(L, 0);
}

/* core.YIELD and core.yield in LuaJIT, where the library that the state was opened with is there: an engine may have another
 * one among its globals, for coroutines of its own. */
static void open_yield(lua_State *L) { /* core */
#if LUA_VERSION_NUM == 501
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED"); /* core loaded */
    lua_getfield(L, -1, "coroutine");              /* core loaded coroutine? */
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "yield"); /* core loaded coroutine name */
        lua_rawget(L, -2);           /* core loaded coroutine yield? */
        if (lua_isfunction(L, -1)) {
            lua_setfield(L, -4, "yield"); /* core loaded coroutine */
            lua_pushlightuserdata(L, (void *)(uintptr_t)&yield_in_lua); /* core loaded coroutine marker */
            lua_setfield(L, -4, "YIELD"); /* core loaded coroutine */
            lblua_get_state(L)->yields_in_lua = true;
        } else {
            lua_pop(L, 1); /* core loaded coroutine */
        }
    }
    lua_pop(L, 2); /* core */
#else
    (void)L;
#endif
}

static int push_ended(lua_State *L) {
    lua_pushlightuserdata(L, (void *)&lblua_ended); /* ended */
    return 1;
}

/* core.await(waitable) -> core.ENDED when it has ended; anything else means that it was resumed before that, by others:
 * call it again. Raises an error of kind "cancelled" when the task was cancelled. */
static int await(lua_State *L) {
    lblua_waitable *w = luaL_checkudata(L, 1, LBLUA_WAITABLE);
    lblua_state *state = w->state;
    lblua_task *task = lblua_current_task(L, state);
    if (task && task->cancelled) {
        task->cancelled = false;
        lblua_abandon(w);
        return lblua_raise_cancelled(L, "the task was cancelled");
    }
    if (w->done) return push_ended(L);
    if (w->waiter && w->waiter != task) return luaL_error(L, "another task waits for this already");
    if (task && lblua_can_yield(L)) {
        if (task->waiting && task->waiting != w) lblua_detach(task->waiting); /* an error has ended that wait */
        w->waiter = task;
        task->waiting = w;
        return lblua_yield(L);
    }
    if (state->hook && state->hook(L, state->hook_data)) return lblua_yield(L);
    pump(L, state, w);
    return push_ended(L);
}

void lblua_open_wait(lua_State *L) { /* core */
    push_ended(L);                /* core ended */
    lua_setfield(L, -2, "ENDED"); /* core */
    lua_pushcfunction(L, await);  /* core f */
    lua_setfield(L, -2, "await"); /* core */
    open_yield(L);
}
