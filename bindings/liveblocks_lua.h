/**
 * liveblocks_lua.h - the Lua module `liveblocks` for programs that embed Lua 5.4.
 *
 *     luaL_requiref(L, "liveblocks", luaopen_liveblocks, 0);
 *     lua_pop(L, 1);
 *     ...
 *     lblua_step(L, 0);      // once a frame: moves bytes and resumes the tasks whose calls have ended
 *
 * A Lua state has one loop, made by luaopen_liveblocks and closed with the state. Nothing here starts a
 * thread, prints, exits or installs a signal handler. The stack effects are in the manual's notation.
 */
#ifndef LIVEBLOCKS_LUA_H
#define LIVEBLOCKS_LUA_H

#include <lua.h>
#include <signal.h>

#include "liveblocks.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Opens the module: leaves it on the stack. [-0, +1, e] */
LB_API int luaopen_liveblocks(lua_State *L);

/**
 * Before luaopen_liveblocks(): the state takes this loop, made with memory functions of yours, instead of making one.
 * [-0, +0, m]
 * @param loop  owned by the state from luaopen_liveblocks() on
 */
LB_API void lblua_use_loop(lua_State *L, lb_loop *loop);

/**
 * Advances all transfers and timers of the state and resumes the tasks that can go on. [-0, +0, m]
 * @param timeout_ms  as lb_loop_step(): 0 returns at once, -1 waits until something happens
 * @return how much happened (0: nothing), or a negative lb_status: LB_EUSAGE also in a task that runs in a step that a task
 *         has made, and so on, 30 deep
 */
LB_API int lblua_step(lua_State *L, int timeout_ms);

/** The same, waiting on descriptors of the caller's as well. [-0, +0, m] */
LB_API int lblua_step_with(lua_State *L, int timeout_ms, lb_pollfd *fds, size_t count);

/**
 * For an engine with a budget: as lblua_step(L, 0), but once that much time has passed no further unit of work is done: no
 * task is resumed, no piece of a large response decoded, and nothing done by the loop (lb_loop_step_for()). A half of the time
 * is for tasks that are ready, the other for the loop and the tasks that it makes ready. One unit of each kind is done in each
 * step, however little time is given. What is left is due at once: lblua_timeout() is 0. The turn of a task, until it waits
 * or comes to liveblocks.task.checkpoint(), is one unit; so is a step of Lua's collector. [-0, +0, m]
 * @return as lblua_step()
 */
LB_API int lblua_step_for(lua_State *L, unsigned microseconds);

/** Milliseconds until the state needs a step even if the descriptor of its loop stays quiet: 0 while a task is ready, -1
 *  for never. For an engine that polls, instead of lb_loop_timeout(), which knows no tasks. [-0, +0, -] */
LB_API int lblua_timeout(lua_State *L);

/** How many tasks, calls and timers are unfinished. [-0, +0, -] */
LB_API size_t lblua_pending(lua_State *L);

/** The loop of the state, for clients and timers made in C. Owned by the state. [-0, +0, -] */
LB_API lb_loop *lblua_loop(lua_State *L);

/**
 * Replaces how a call waits when it is not made in a task of this module, for engines with a scheduler of
 * their own. hook(L, user_data) is asked each time: when it returns true, the call yields L's coroutine with
 * no values, and when somebody resumes it and the call has not ended, asks again; when it returns false
 * (as it must where L cannot yield), the call pumps the loop until it has ended. The engine steps the loop
 * elsewhere. NULL: always pump.
 */
typedef int (*lblua_await_hook)(lua_State *L, void *user_data);
LB_API void lblua_set_await(lua_State *L, lblua_await_hook hook, void *user_data);

/**
 * Calls hook(task, entering, user_data) before (entering 1) and after (0) each slice in which the scheduler runs a
 * task, for accounting; it must not raise nor touch Lua's stacks. Slices nest: a wait outside of tasks runs others.
 */
typedef void (*lblua_switch_hook)(lua_State *task, int entering, void *user_data);
LB_API void lblua_set_switch(lua_State *L, lblua_switch_hook hook, void *user_data);

/** From a count hook: the task that runs lets others go first, where it can. The hook must return then. [-0, +0, -] */
LB_API void lblua_preempt(lua_State *L);

/** While *flag is not 0, waiting raises "interrupted": for a signal handler that sets it. NULL: none. */
LB_API void lblua_set_interrupt(lua_State *L, const volatile sig_atomic_t *flag);

/** Where the coroutine of the task that runs is found, NULL while none does: for a signal handler that stops it
 *  with lua_sethook(). Good until the state is closed. [-0, +0, -] */
LB_API lua_State *volatile *lblua_running(lua_State *L);

/** What liveblocks.task.event() returns: something that a task waits for until it is set. */
typedef struct lblua_waitable lblua_event;

/** The event at the index. It lives as long as Lua knows it: keep the value. [-0, +0, v] */
LB_API lblua_event *lblua_check_event(lua_State *L, int index);

/** Sets an event: the task that waits for it goes on in the next step. From the thread of the state, also from callbacks
 *  of its loop. [-0, +0, -] */
LB_API void lblua_set_event(lblua_event *event);

/** Raises an error object of kind "usage", with a message as of printf. It does not return. [-0, +0, v] */
LB_API int lblua_usage(lua_State *L, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/** Makes the table on the top of the stack an error object, which prints its `message`. [-0, +0, -] */
LB_API void lblua_set_error(lua_State *L);

/** Is the state being closed, its loop ended, with what it watched and timed? For finalizers. [-0, +0, -] */
LB_API int lblua_is_closing(lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
