/*
 * tasks.c - the scheduler: tasks, which are coroutines that it started, and whose turn it is.
 *
 * A task is resumed when what it waits for has ended, when it is cancelled, or, after a bare coroutine.yield(), in its
 * next turn. It catches its own errors, in Lua (lua/liveblocks/task.lua); what it cannot catch, such as the lack of
 * memory to note how it ended, is passed on to the function of core.on_failed(), again in each turn until that succeeds:
 * nobody waits for a task that has died.
 */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <string.h>

void lblua_make_ready(lblua_state *state, lblua_task *task) {
    if (task->queued || task->dead) return;
    task->queued = true;
    task->next = NULL;
    if (state->ready_last) state->ready_last->next = task;
    else state->ready = task;
    state->ready_last = task;
    state->ready_count++;
}

/* Its turn is not over: it comes before all others. */
static void make_ready_first(lblua_state *state, lblua_task *task) {
    task->paused = false;
    task->queued = true;
    task->next = state->ready;
    state->ready = task;
    if (!state->ready_last) state->ready_last = task;
    state->ready_count++;
}

/* Takes the first one, which there is. */
static lblua_task *take_ready(lblua_state *state) {
    lblua_task *task = state->ready;
    state->ready = task->next;
    if (!state->ready) state->ready_last = NULL;
    state->ready_count--;
    task->queued = false;
    return task;
}

/* One that has ended while it was ready once more, as what it waited for ended, too. */
static void drop_ready(lblua_state *state, lblua_task *task) {
    lblua_task *before = NULL, **at = &state->ready;
    while (*at != task) before = *at, at = &before->next;
    *at = task->next;
    if (state->ready_last == task) state->ready_last = before;
    state->ready_count--;
    task->queued = false;
}

/* Pushes the task whose coroutine L is, or nil. [-0, +1, -] */
static lblua_task *push_current(lua_State *L, const lblua_state *state) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* tasks */
    lua_pushthread(L);                                   /* tasks thread */
    lua_rawget(L, -2);                                   /* tasks task? */
    lua_remove(L, -2);                                   /* task? */
    return lua_touserdata(L, -1);
}

/* Each wait asks. Looking in the table also for the task that runs is 300 instructions of a call's 83,000 (tests/bench/get_room.lua by
 * callgrind, 29 November 2026). */
lblua_task *lblua_current_task(lua_State *L, const lblua_state *state) {
    if (L == state->running) return state->current;
    lblua_task *task = push_current(L, state); /* task? */
    lua_pop(L, 1);                             /* */
    return task;
}

/* core.spawn(fn, ...) -> task: starts fn(...) as a task at the next step. */
static int spawn(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lblua_state *state = lblua_get_state(L);
    int count = lua_gettop(L);
    lblua_task *task = lua_newuserdatauv(L, sizeof *task, 0); /* ... task */
    memset(task, 0, sizeof *task);
    luaL_getmetatable(L, LBLUA_TASK);     /* ... task mt */
    lua_setmetatable(L, -2);              /* ... task */
    lua_State *thread = lua_newthread(L); /* ... task thread */
    if (!lua_checkstack(thread, count)) return lblua_raise_no_space(L, count, "for the arguments of a task");
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* ... task thread tasks */
    lua_insert(L, -2);                                   /* ... task tasks thread */
    lua_pushvalue(L, -3);                                /* ... task tasks thread task */
    lua_rawset(L, -3);                                   /* ... task tasks; the key keeps the thread, the value the task */
    lua_pop(L, 1);                                       /* ... task */
    lua_insert(L, 1);                                    /* task ... */
    lua_xmove(L, thread, count);                         /* task */
    task->thread = thread;
    task->arguments = count - 1;
    state->tasks++;
    lblua_make_ready(state, task);
    return 1;
}

/* ---- The end of a task -------------------------------------------------------------------------- */

static void forget_task(lua_State *L, lblua_state *state, lblua_task *task) {
    state->tasks--;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* tasks */
    lua_pushthread(task->thread);
    lua_xmove(task->thread, L, 1); /* tasks thread */
    lua_pushnil(L);                /* tasks thread nil */
    lua_rawset(L, -3);             /* tasks; a key that is there needs no memory */
    lua_pop(L, 1);                 /* */
}

/* Passes the error on the top of the task's stack on. False when there is no memory for that, now. */
static bool report_failure(lua_State *L, const lblua_state *state, const lblua_task *task) {
    if (state->on_failed == LUA_NOREF) return true;
    if (!lua_checkstack(L, 8) || !lua_checkstack(task->thread, 2)) return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->on_failed); /* f */
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* f tasks */
    lua_pushthread(task->thread);
    lua_xmove(task->thread, L, 1);   /* f tasks thread */
    lua_rawget(L, -2);               /* f tasks task */
    lua_remove(L, -2);               /* f task */
    lua_pushvalue(task->thread, -1);
    lua_xmove(task->thread, L, 1);   /* f task error */
    if (lua_pcall(L, 2, 0, 0) == LUA_OK) return true;
    lua_pop(L, 1); /* */
    return false;
}

static void reap_failed(lua_State *L, lblua_state *state) {
    lblua_task *task = state->failed;
    state->failed = NULL;
    while (task) {
        lblua_task *next = task->next;
        if (report_failure(L, state, task)) forget_task(L, state, task);
        else {
            task->next = state->failed;
            state->failed = task;
        }
        task = next;
    }
}

/* The coroutine has ended, with an error on the top of its stack unless it returned. */
static void end_task(lua_State *L, lblua_state *state, lblua_task *task, bool failed) {
    task->dead = true;
    if (task->queued) drop_ready(state, task);
    if (task->waiting) lblua_detach(task->waiting);
    if (failed) {
        if (lua_status(task->thread) == LUA_ERRMEM) state->starved = true;
        task->next = state->failed;
        state->failed = task;
        reap_failed(L, state);
    } else {
        lua_settop(task->thread, 0);
        forget_task(L, state, task);
    }
}

/* core.on_failed(fn): fn(task, error) is called when a task dies of an error that it did not catch. */
static int on_failed(lua_State *L) {
    lblua_state *state = lblua_get_state(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);                           /* fn */
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);   /* */
    luaL_unref(L, LUA_REGISTRYINDEX, state->on_failed);
    state->on_failed = ref;
    return 0;
}

/* ---- Resuming ----------------------------------------------------------------------------------- */

typedef enum condition { CAN_RESUME, RUNS_ALREADY, IS_DEAD } condition;

/* A coroutine may have been resumed, ended or closed by other code than the scheduler. */
static condition condition_of(lua_State *thread) {
    lua_Debug unused;
    switch (lua_status(thread)) {
    case LUA_YIELD: return CAN_RESUME;
    case LUA_OK:
        if (lua_getstack(thread, 0, &unused)) return RUNS_ALREADY;
        return lua_gettop(thread) > 0 ? CAN_RESUME : IS_DEAD;
    default: return IS_DEAD;
    }
}

/* What the coroutine gets from its yield: that what it waited for has ended, or nothing. */
static int push_arguments(lblua_task *task) {
    int arguments = task->arguments;
    task->arguments = 0;
    if (task->woken) {
        lua_pushlightuserdata(task->thread, (void *)&lblua_ended); /* ended */
        arguments = 1;
    }
    task->woken = false;
    return arguments;
}

static void resume(lua_State *L, lblua_state *state, lblua_task *task) {
    int results = 0;
    switch (condition_of(task->thread)) {
    case RUNS_ALREADY: return; /* it waits again before long */
    case IS_DEAD:
        lua_settop(task->thread, 0);
        lua_pushliteral(task->thread, "the coroutine of the task was closed, or was resumed to its end by another");
        end_task(L, state, task, true);
        return;
    case CAN_RESUME: break;
    }
    lua_State *outer = state->running;
    lblua_task *outer_task = state->current;
    int arguments = push_arguments(task);
    state->resuming++;
    state->running = task->thread;
    state->current = task;
    if (state->on_switch) state->on_switch(task->thread, 1, state->switch_data);
    int status = lblua_resume(task->thread, L, arguments, &results);
    if (state->on_switch) state->on_switch(task->thread, 0, state->switch_data);
    state->running = outer;
    state->current = outer_task;
    state->resuming--;
    if (status != LUA_YIELD) {
        end_task(L, state, task, status != LUA_OK);
        return;
    }
    lua_pop(task->thread, results);
    if (task->paused && !task->queued) make_ready_first(state, task);
    else if (!task->waiting) lblua_make_ready(state, task); /* a bare coroutine.yield() lets others go first */
}

/* Tasks that others have resumed or closed, and that have ended or yielded to them: what they waited for does not wake them, and
 * may not happen any more. Looked for when nothing else can happen. */
bool lblua_wake_lost(lua_State *L, lblua_state *state) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task_list); /* tasks */
    lua_pushnil(L);                                      /* tasks nil */
    while (lua_next(L, -2)) {                            /* tasks thread task */
        lblua_task *task = lua_touserdata(L, -1);
        condition now = condition_of(task->thread);
        if (now == IS_DEAD || (now == CAN_RESUME && !task->waiting)) lblua_make_ready(state, task);
        lua_pop(L, 1); /* tasks thread */
    }
    lua_pop(L, 1); /* */
    return state->ready != NULL;
}

bool lblua_is_interrupted(const lblua_state *state) {
    return state->interrupt && *state->interrupt;
}

bool lblua_is_over(const lblua_state *state) {
    return state->deadline > 0 && lb_loop_now(NULL) >= state->deadline;
}

/* LuaJIT's compiled code takes the coroutine that was resumed last for the one that runs. It knows better when a C function has
 * returned, but not when its error was caught; and when one has called another. */
static void note_running(lua_State *L, const lblua_state *state) {
#if LUA_VERSION_NUM == 501
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->nothing); /* f */
    lua_call(L, 0, 0);                                 /* */
#else
    (void)L, (void)state;
#endif
}

int lblua_run_ready(lua_State *L, lblua_state *state) {
    int count = 0;
    lblua_forget_ended(L, state);
    if (state->failed) reap_failed(L, state);
    else if (state->starved && state->resuming == 0) {
        state->starved = false;
        lua_gc(L, LUA_GCCOLLECT, 0); /* what the task held is let go of: others may wait for that */
    }
    size_t left = state->ready_count; /* those made ready meanwhile have the next turn */
    while (state->ready && left-- > 0 && !lblua_is_interrupted(state)) {
        lblua_task *task = take_ready(state);
        count++;
        resume(L, state, task); /* alive as long as it is in the list of tasks */
        if (lblua_is_over(state)) break;
    }
    if (count > 0) note_running(L, state);
    return count;
}

/* ---- For Lua -------------------------------------------------------------------------------------- */

/* core.cancel(task): the present wait of the task, or its next one, raises an error of kind "cancelled"; the call that it
 * waits for is ended. */
static int cancel(lua_State *L) {
    lblua_task *task = luaL_checkudata(L, 1, LBLUA_TASK);
    if (task->dead) return 0;
    task->cancelled = true;
    lblua_waitable *w = task->waiting;
    /* Without one it runs, or is to run; or others have resumed it, and nobody else would look how it has ended. */
    if (condition_of(task->thread) != RUNS_ALREADY) lblua_make_ready(lblua_get_state(L), task);
    if (!w) return 0;
    lblua_detach(w);
    lblua_abandon(w);
    return 0;
}

/* core.clear_cancel(): forgets a cancellation of the task that runs, if its next wait has not raised it yet */
static int clear_cancel(lua_State *L) {
    lblua_task *task = lblua_current_task(L, lblua_get_state(L));
    if (task) task->cancelled = false;
    return 0;
}

/* ---- Turns that are divided ----------------------------------------------------------------------- */

bool lblua_can_pause(lua_State *L, const lblua_state *state) {
    return state->deadline > 0 && L == state->running && lblua_can_yield(L);
}

/* core.pause_turn(): the turn of the task goes on in the next step, where it can be divided. */
static int pause_turn(lua_State *L) {
    lblua_state *state = lblua_get_state(L);
    if (!lblua_can_pause(L, state)) return 0;
    state->current->paused = true;
    return lblua_yield(L);
}

/* core.checkpoint(): the same when the budget of the step is spent. */
static int checkpoint(lua_State *L) {
    return lblua_is_over(lblua_get_state(L)) ? pause_turn(L) : 0;
}

/* core.in_task() -> boolean */
static int in_task(lua_State *L) {
    lua_pushboolean(L, lblua_current_task(L, lblua_get_state(L)) != NULL);
    return 1;
}

/* core.current() -> the task that runs, or nil outside of tasks; for core.cancel */
static int current(lua_State *L) {
    push_current(L, lblua_get_state(L));
    return 1;
}

void lblua_preempt(lua_State *L) {
    if (lblua_can_yield(L) && lblua_current_task(L, lblua_get_state(L))) lua_yield(L, 0); /* in a hook it returns */
}

#if LUA_VERSION_NUM == 501
static int do_nothing(lua_State *L) {
    (void)L;
    return 0;
}
#endif

void lblua_open_tasks(lua_State *L) { /* core */
    static const luaL_Reg functions[] = {
        { "spawn", spawn },     { "cancel", cancel },   { "clear_cancel", clear_cancel }, { "on_failed", on_failed },
        { "in_task", in_task }, { "current", current }, { "pause_turn", pause_turn }, { "checkpoint", checkpoint },
        { NULL, NULL },
    };
    luaL_newmetatable(L, LBLUA_TASK); /* core mt */
    lua_pop(L, 1);                    /* core */
    luaL_setfuncs(L, functions, 0);
#if LUA_VERSION_NUM == 501
    lua_pushcfunction(L, do_nothing); /* core f */
    lblua_get_state(L)->nothing = luaL_ref(L, LUA_REGISTRYINDEX); /* core */
#endif
}
