/* engine.c - what an engine does with the module: steps its loop, in C (liveblocks_lua.h) and in Lua. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <math.h>
#include <poll.h>

/* ---- In C ----------------------------------------------------------------------------------------- */

/* Milliseconds until the state needs a step; -1 for never. */
static int due_ms(const lblua_state *state) {
    return state->ready || state->failed ? 0 : lb_loop_timeout(state->loop);
}

/* One step: ready tasks, the loop, the tasks that have become ready. */
static int advance(lua_State *L, lblua_state *state, int timeout_ms, lb_pollfd *fds, size_t count) {
    if (!state->loop || lblua_is_too_deep(state)) return LB_EUSAGE;
    lblua_reserve(L, 8, "to step");
    double outer = state->deadline;
    state->deadline = 0;
    int before = lblua_run_ready(L, state);
    if (before || state->ready || state->failed) timeout_ms = 0;
    int n = lb_loop_step(state->loop, timeout_ms, fds, count);
    int after = n < 0 ? 0 : lblua_run_ready(L, state);
    state->deadline = outer;
    return n < 0 ? n : n + before + after;
}

static unsigned microseconds_until(double time) {
    double left = (time - lb_loop_now(NULL)) * 1e6;
    return left <= 0 ? 0 : left < 1e9 ? (unsigned)left : 1000000000;
}

/* Until the loop has work, or for that long. */
static void wait_for_work(lblua_state *state, int timeout_ms) {
    int due = due_ms(state);
    struct pollfd fd = { .fd = lb_loop_fd(state->loop), .events = POLLIN };
    if (timeout_ms < 0 && lb_loop_pending(state->loop) == 0) return;
    if (due >= 0 && (timeout_ms < 0 || due < timeout_ms)) timeout_ms = due;
    if (timeout_ms != 0) poll(&fd, 1, timeout_ms);
}

/* The same with so many seconds of work: it ends after the unit of work in which they have passed, and what is left is for
 * the next step. A half is for the tasks that are ready, and the loop leaves a quarter for those that it makes ready, so
 * that neither has to wait for the end of the other. */
static int advance_for(lua_State *L, lblua_state *state, double seconds, int timeout_ms) {
    if (!state->loop || lblua_is_too_deep(state)) return LB_EUSAGE;
    lblua_reserve(L, 8, "to step");
    double outer = state->deadline, start = lb_loop_now(NULL);
    state->deadline = start + seconds / 2;
    int before = lblua_run_ready(L, state);
    if (timeout_ms != 0 && !before) {
        double waits = lb_loop_now(NULL);
        wait_for_work(state, timeout_ms);
        start += lb_loop_now(NULL) - waits;
    }
    int n = lb_loop_step_for(state->loop, microseconds_until(start + seconds * 0.75));
    state->deadline = start + seconds;
    int after = n < 0 || (before && lblua_is_over(state)) ? 0 : lblua_run_ready(L, state);
    state->deadline = outer;
    return n < 0 ? n : n + before + after;
}

int lblua_step(lua_State *L, int timeout_ms) {
    return advance(L, lblua_get_state(L), timeout_ms, NULL, 0);
}

int lblua_step_with(lua_State *L, int timeout_ms, lb_pollfd *fds, size_t count) {
    return advance(L, lblua_get_state(L), timeout_ms, fds, count);
}

int lblua_step_for(lua_State *L, unsigned microseconds) {
    return advance_for(L, lblua_get_state(L), microseconds / 1e6, 0);
}

int lblua_timeout(lua_State *L) {
    lblua_state *state = lblua_get_state(L);
    return state->loop ? due_ms(state) : -1;
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

/* Seconds to wait as milliseconds, -1 for ever. */
static int wait_argument(lua_State *L, int index) {
    lua_Number seconds = luaL_optnumber(L, index, 0);
    luaL_argcheck(L, seconds >= 0, index, "seconds must be 0 or more");
    if (seconds == HUGE_VAL) return -1;
    return seconds > 1e6 ? 1000000000 : (int)ceil(seconds * 1000);
}

/* core.step([seconds_of_work [, seconds_to_wait]]) -> how much happened. With math.huge to wait it raises when nothing
 * can happen any more. */
static int step(lua_State *L) {
    lua_Number work = luaL_optnumber(L, 1, -1);
    int ms = wait_argument(L, 2);
    lblua_state *state = lblua_get_state(L);
    luaL_argcheck(L, lua_isnoneornil(L, 1) || work >= 0, 1, "seconds must be 0 or more");
    if (!state->loop) return lblua_raise_cancelled(L, "the Lua state is closing");
    lblua_check_interrupt(L, state);
    if (lblua_is_too_deep(state)) return lblua_raise_too_deep(L);
    if (ms < 0 && state->tasks && lblua_is_idle(state) && !lblua_wake_lost(L, state)) return lblua_raise_stuck(L);
    int n = work < 0 ? advance(L, state, ms, NULL, 0) : advance_for(L, state, work, ms);
    if (n < 0) return luaL_error(L, "the loop cannot be stepped here: %s", lb_status_name((lb_status)n));
    lua_pushinteger(L, n); /* ... n */
    lblua_check_interrupt(L, state);
    return 1;
}

/* core.fd() -> a descriptor that is readable when a step has work to do; nil when there is none */
static int fd(lua_State *L) {
    lblua_state *state = lblua_get_state(L);
    int number = state->loop ? lb_loop_fd(state->loop) : -1;
    if (number < 0) return 0;
    lua_pushinteger(L, number); /* fd */
    return 1;
}

/* core.due() -> seconds until the next step is needed, even if the descriptor stays quiet; 0 while a task is ready; nil for
 * never */
static int due(lua_State *L) {
    int ms = lblua_timeout(L);
    if (ms < 0) return 0;
    lua_pushnumber(L, ms / 1000.0); /* seconds */
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
    static const luaL_Reg functions[] = { { "step", step }, { "pending", pending }, { "now", now }, { "fd", fd },
                                          { "due", due },   { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}
