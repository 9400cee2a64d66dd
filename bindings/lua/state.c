/*
 * state.c - the loop of a Lua state, its tasks, and waiting.
 *
 * A task is a coroutine that our scheduler started. What waits in a task yields, here and nowhere else;
 * what waits anywhere else pumps the loop until it is done. The rule is the identity of the coroutine.
 */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_NESTED = 50, /* pumps inside tasks inside pumps: each takes C stack */
    MOST_SPARES = 64, /* waits kept to be used again */
};

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
    state->loop = NULL;
    lb_loop_destroy(loop);
    return 0;
}

/* ---- Tasks ------------------------------------------------------------------------------------ */

static void make_ready(lblua_state *state, lblua_task *task) {
    if (task->queued || task->dead) return;
    task->queued = true;
    task->next = NULL;
    if (state->ready_last) state->ready_last->next = task;
    else state->ready = task;
    state->ready_last = task;
}

void lblua_wake(lblua_wait *w) {
    w->done = true;
    lblua_task *task = w->waiter;
    w->waiter = NULL;
    if (task) {
        task->waiting = NULL;
        make_ready(w->state, task);
    }
}

/* The task whose coroutine L is, or NULL. It is nearly always the one that was resumed last. */
static lblua_task *current_task(lua_State *L, const lblua_state *state) {
    if (L == state->running) return state->current;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* tasks */
    lua_rawgetp(L, -1, L);                               /* tasks task? */
    lblua_task *task = lua_touserdata(L, -1);
    lua_pop(L, 2); /* */
    return task;
}

/* core.spawn(fn, ...) -> thread: starts fn(...) as a task at the next step. */
static int spawn(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lblua_state *state = lblua_get_state(L);
    int count = lua_gettop(L);
    lblua_task *task = lua_newuserdatauv(L, sizeof *task, 1); /* ... task */
    memset(task, 0, sizeof *task);
    luaL_setmetatable(L, LBLUA_TASK);
    lua_State *thread = lua_newthread(L); /* ... task thread */
    if (!lua_checkstack(thread, count)) return luaL_error(L, "too many arguments for a task");
    lua_setiuservalue(L, -2, 1);                         /* ... task, which keeps the thread */
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* ... task tasks */
    lua_pushvalue(L, -2);                                /* ... task tasks task */
    lua_rawsetp(L, -2, thread);                          /* ... task tasks */
    lua_pop(L, 1);                                       /* ... task */
    lua_insert(L, 1);                                    /* task ... */
    lua_xmove(L, thread, count);                         /* task */
    task->thread = thread;
    task->arguments = count - 1;
    state->tasks++;
    make_ready(state, task);
    return 1;
}

static void forget_task(lua_State *L, lblua_state *state, lblua_task *task) {
    task->dead = true;
    state->tasks--;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* tasks */
    lua_pushnil(L);                                      /* tasks nil */
    lua_rawsetp(L, -2, task->thread);                    /* tasks */
    lua_pop(L, 1);                                       /* */
}

/* Resumes one task. Tasks catch their own errors; what comes here is out of memory or stack. */
static void resume(lua_State *L, lblua_state *state, lblua_task *task) {
    int results = 0, arguments = task->arguments;
    lua_State *outer = state->running;
    lblua_task *outer_task = state->current;
    task->arguments = 0;
    state->resuming++;
    state->running = task->thread;
    state->current = task;
    if (state->on_switch) state->on_switch(task->thread, 1, state->switch_data);
    int status = lua_resume(task->thread, L, arguments, &results);
    if (state->on_switch) state->on_switch(task->thread, 0, state->switch_data);
    state->running = outer;
    state->current = outer_task;
    state->resuming--;
    if (status == LUA_YIELD) {
        lua_pop(task->thread, results);
        if (!task->waiting) make_ready(state, task); /* a bare coroutine.yield() lets others go first */
        return;
    }
    lua_settop(task->thread, 0);
    forget_task(L, state, task);
}

static bool is_interrupted(const lblua_state *state) {
    return state->interrupt && *state->interrupt;
}

static int run_ready(lua_State *L, lblua_state *state) {
    int count = 0;
    lblua_task *last = state->ready_last;
    while (state->ready && !is_interrupted(state)) {
        lblua_task *task = state->ready;
        state->ready = task->next;
        if (state->ready) __builtin_prefetch(state->ready->thread);
        else state->ready_last = NULL;
        task->queued = false;
        count++;
        resume(L, state, task);  /* alive as long as it is in the list of tasks */
        if (task == last) break; /* those made ready meanwhile have the next turn */
    }
    return count;
}

/* Ends the timer or the call that w waits for; that of a call calls lblua_wake(). */
static void abandon(lblua_wait *w) {
    if (w->timer && w->state->loop) lb_timer_cancel(w->state->loop, w->timer);
    w->timer = NULL;
    lblua_close_call(w);
}

/* core.interrupt(thread): makes the task's present or next wait raise "cancelled". */
static int interrupt(lua_State *L) {
    lblua_task *task = luaL_checkudata(L, 1, LBLUA_TASK);
    if (task->dead) return 0;
    lblua_wait *w = task->waiting;
    if (!w) {
        task->cancelled = true;
        return 0;
    }
    w->cancelled = true;
    abandon(w);
    if (task->waiting) lblua_wake(w);
    return 0;
}

/* ---- Waiting ---------------------------------------------------------------------------------- */

static int raise_cancelled(lua_State *L, const char *message) {
    lb_error error;
    memset(&error, 0, sizeof error);
    error.kind = LB_ECANCELLED;
    error.retry_after = -1;
    strncpy(error.message, message, sizeof error.message - 1);
    lblua_push_error(L, &error, NULL); /* ... error */
    return lua_error(L);
}

static void check_interrupt(lua_State *L, const lblua_state *state) {
    if (is_interrupted(state)) raise_cancelled(L, "interrupted");
}

static bool is_idle(const lblua_state *state) {
    return !state->ready && lb_loop_pending(state->loop) == 0;
}

static int raise_stuck(lua_State *L) {
    return luaL_error(L, "waiting for something that cannot happen: no call and no timer is left, and tasks wait for "
                         "each other or for an event that nobody sets");
}

/* Pumps until w is done. Other tasks are resumed only where that is not re-entrant, or where w cannot
 * happen otherwise (an event is set by a task). */
static void pump(lua_State *L, lblua_state *state, lblua_wait *w) {
    while (!w->done) {
        bool resume_others = state->resuming == 0 || w->kind == LBLUA_EVENT;
        check_interrupt(L, state);
        if (!state->loop) raise_cancelled(L, "the Lua state is closing");
        if (state->resuming > MOST_NESTED)
            luaL_error(L, "waiting inside coroutines inside tasks is nested too deeply");
        if (resume_others && state->ready) {
            run_ready(L, state);
            if (w->done) break;
        }
        if (resume_others && is_idle(state)) raise_stuck(L);
        int n = lb_loop_step(state->loop, resume_others && state->ready ? 0 : -1, NULL, 0);
        if (n < 0) luaL_error(L, "the loop cannot wait here: %s", lb_status_name((lb_status)n));
    }
}

static int resumed(lua_State *L, int status, lua_KContext ctx);

static int finish(lua_State *L, lblua_wait *w, lua_KFunction k, lua_KContext ctx) {
    if (w->cancelled) return raise_cancelled(L, "the task was cancelled");
    return k(L, LUA_YIELD, ctx);
}

/* Waits for w, which must be on L's stack, and returns what k returns. Never returns to its caller with a
 * value when it yields: use as `return lblua_await(...)`. w is found again at the stack index ctx. */
int lblua_await(lua_State *L, lblua_wait *w, lua_KFunction k, lua_KContext ctx) {
    lblua_state *state = w->state;
    lblua_task *task = w->done ? NULL : current_task(L, state);
    if (task && task->cancelled) {
        task->cancelled = false;
        abandon(w);
        return raise_cancelled(L, "the task was cancelled");
    }
    if (w->done) return finish(L, w, k, ctx);
    if (w->waiter) return luaL_error(L, "another task waits for this already");
    if (task && lua_isyieldable(L)) {
        w->waiter = task;
        task->waiting = w;
        lua_pushlightuserdata(L, (void *)(uintptr_t)k); /* ... k; taken again in resumed() */
        return lua_yieldk(L, 0, ctx, resumed);
    }
    if (state->hook && state->hook(L, state->hook_data)) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)k); /* ... k */
        return lua_yieldk(L, 0, ctx, resumed);
    }
    pump(L, state, w);
    return finish(L, w, k, ctx);
}

/* After a yield: w is done, or somebody else has resumed the coroutine. */
static int resumed(lua_State *L, int status, lua_KContext ctx) {
    (void)status;
    lblua_wait *w = lua_touserdata(L, (int)ctx);
    lua_KFunction k = (lua_KFunction)(uintptr_t)lua_touserdata(L, -1);
    lua_pop(L, 1); /* ... */
    if (!w->done) return lblua_await(L, w, k, ctx);
    return finish(L, w, k, ctx);
}

void lblua_pass(lua_State *L) {
    if (lua_isyieldable(L) && current_task(L, lblua_get_state(L))) lua_yield(L, 0); /* in a hook it returns */
}

lblua_wait *lblua_new_wait(lua_State *L, lblua_state *state, lblua_wait_kind kind) {
    if (!state->loop) luaL_error(L, "the Lua state is closing");
    lblua_wait *w;
    if (state->spares > 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, state->spare_list); /* spares */
        lua_rawgeti(L, -1, state->spares);                    /* spares wait */
        lua_pushnil(L);                                       /* spares wait nil */
        lua_rawseti(L, -3, state->spares--);                  /* spares wait; to be collected when it is dropped */
        lua_remove(L, -2);                                    /* wait */
        w = lua_touserdata(L, -1);
        memset(w, 0, sizeof *w);
    } else {
        w = lua_newuserdatauv(L, sizeof *w, 1); /* wait; its value keeps the client of a call */
        memset(w, 0, sizeof *w);
        luaL_setmetatable(L, LBLUA_WAIT);
    }
    w->kind = kind;
    w->state = state;
    return w;
}

/* The wait at the index has ended, keeps no client and nobody else knows it: it is used again, which spares its
 * finalizer. */
void lblua_spare_wait(lua_State *L, int index) {
    lblua_wait *w = lua_touserdata(L, index);
    if (w->state->spares == MOST_SPARES) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, w->state->spare_list); /* spares */
    lua_pushvalue(L, index);                                 /* spares wait */
    lua_rawseti(L, -2, ++w->state->spares);                  /* spares */
    lua_pop(L, 1);                                           /* */
}

static int wait_close(lua_State *L) {
    abandon(luaL_checkudata(L, 1, LBLUA_WAIT));
    return 0;
}

static int nothing(lua_State *L, int status, lua_KContext ctx) {
    (void)L, (void)status, (void)ctx;
    return 0;
}

static void on_timer(void *user_data) {
    lblua_wait *w = user_data;
    w->timer = NULL;
    lblua_wake(w);
}

/* core.sleep(seconds) */
static int do_sleep(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "seconds must be 0 or more");
    lua_settop(L, 1);
    lblua_wait *w = lblua_new_wait(L, lblua_get_state(L), LBLUA_TIMER); /* seconds wait */
    if (lb_timer_start(w->state->loop, seconds, on_timer, w, &w->timer) != LB_OK)
        return luaL_error(L, "out of memory");
    return lblua_await(L, w, nothing, 2);
}

/* core.event() -> event; event:set() wakes who waits, event:wait() waits */
static int event(lua_State *L) {
    lblua_new_wait(L, lblua_get_state(L), LBLUA_EVENT); /* wait */
    return 1;
}

static int event_set(lua_State *L) {
    lblua_wait *w = luaL_checkudata(L, 1, LBLUA_WAIT);
    luaL_argcheck(L, w->kind == LBLUA_EVENT, 1, "an event expected");
    lblua_wake(w);
    return 0;
}

static int event_wait(lua_State *L) {
    lblua_wait *w = luaL_checkudata(L, 1, LBLUA_WAIT);
    luaL_argcheck(L, w->kind == LBLUA_EVENT, 1, "an event expected");
    lua_settop(L, 1);
    return lblua_await(L, w, nothing, 1);
}

/* core.in_task() -> boolean */
static int in_task(lua_State *L) {
    lua_pushboolean(L, current_task(L, lblua_get_state(L)) != NULL);
    return 1;
}

/* core.current() -> the task that runs, or nil outside of tasks; for core.interrupt */
static int current(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, lblua_get_state(L)->task_list); /* tasks */
    lua_rawgetp(L, -1, L);                                            /* tasks task? */
    return 1;
}

/* core.clear_interrupt(): forgets an interrupt of the task that runs, if its next wait has not raised it yet */
static int clear_interrupt(lua_State *L) {
    lblua_task *task = current_task(L, lblua_get_state(L));
    if (task) task->cancelled = false;
    return 0;
}

/* core.step(ms) -> how much happened; with a negative ms it raises when nothing can happen any more */
static int do_step(lua_State *L) {
    int ms = (int)luaL_optinteger(L, 1, 0);
    lblua_state *state = lblua_get_state(L);
    check_interrupt(L, state);
    if (ms < 0 && state->tasks && is_idle(state)) return raise_stuck(L);
    lua_pushinteger(L, lblua_step(L, ms)); /* ... n */
    check_interrupt(L, state);
    return 1;
}

/* core.pending() -> how many tasks, calls and timers are unfinished */
static int pending(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)lblua_pending(L));
    return 1;
}

/* core.now() -> seconds on a clock that does not jump */
static int now(lua_State *L) {
    lua_pushnumber(L, lb_loop_now(lblua_get_state(L)->loop));
    return 1;
}

/* ---- For the embedder ------------------------------------------------------------------------- */

int lblua_step_with(lua_State *L, int timeout_ms, lb_pollfd *fds, size_t count) {
    lblua_state *state = lblua_get_state(L);
    if (!state->loop) return LB_EUSAGE;
    luaL_checkstack(L, 8, "to step");
    int before = run_ready(L, state);
    if (before || state->ready) timeout_ms = 0;
    int n = lb_loop_step(state->loop, timeout_ms, fds, count);
    if (n < 0) return n;
    return n + before + run_ready(L, state);
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

void lblua_use_loop(lua_State *L, lb_loop *loop) {
    lua_pushlightuserdata(L, loop);               /* loop */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loop_key); /* */
}

/* ---- Opening ---------------------------------------------------------------------------------- */

static const luaL_Reg functions[] = {
    { "spawn", spawn },   { "interrupt", interrupt }, { "sleep", do_sleep }, { "event", event },
    { "current", current }, { "clear_interrupt", clear_interrupt },
    { "in_task", in_task }, { "step", do_step },      { "pending", pending }, { "now", now },
    { NULL, NULL },
};

static const luaL_Reg wait_methods[] = { { "set", event_set }, { "wait_event", event_wait }, { NULL, NULL } };

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

int lblua_open_state(lua_State *L) { /* core */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key); /* core state? */
    bool opened = !lua_isnil(L, -1);
    lua_pop(L, 1); /* core */
    if (!opened) {
        lblua_state *state = lua_newuserdatauv(L, sizeof *state, 0); /* core state */
        memset(state, 0, sizeof *state);
        luaL_newmetatable(L, LBLUA_STATE); /* core state mt */
        lua_pushcfunction(L, state_close); /* core state mt f */
        lua_setfield(L, -2, "__gc");       /* core state mt */
        lua_setmetatable(L, -2);           /* core state */
        lua_newtable(L);                   /* core state tasks */
        state->task_list = luaL_ref(L, LUA_REGISTRYINDEX); /* core state */
        lua_newtable(L);                   /* core state spares */
        state->spare_list = luaL_ref(L, LUA_REGISTRYINDEX); /* core state */
        state->loop = take_loop(L);
        if (!state->loop) return luaL_error(L, "cannot create the event loop");
        lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key); /* core */
        luaL_newmetatable(L, LBLUA_TASK);              /* core mt */
        lua_pop(L, 1);                                 /* core */
        luaL_newmetatable(L, LBLUA_WAIT);              /* core mt */
        lua_pushcfunction(L, wait_close);              /* core mt f */
        lua_pushvalue(L, -1);                          /* core mt f f */
        lua_setfield(L, -3, "__gc");                   /* core mt f */
        lua_setfield(L, -2, "__close");                /* core mt */
        lua_newtable(L);                               /* core mt index */
        luaL_setfuncs(L, wait_methods, 0);
        lua_setfield(L, -2, "__index"); /* core mt */
        lua_pop(L, 1);                  /* core */
    }
    luaL_setfuncs(L, functions, 0);
    return 0;
}
