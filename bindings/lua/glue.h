/* glue.h - what the files of the Lua glue share. Knows no libcurl. */
#ifndef LBLUA_GLUE_H
#define LBLUA_GLUE_H

#include <lauxlib.h>
#include <lua.h>

#include "../liveblocks_lua.h"

#define LBLUA_STATE "liveblocks.state"
#define LBLUA_CLIENT "liveblocks.client"
#define LBLUA_WAIT "liveblocks.wait"
#define LBLUA_TASK "liveblocks.thread"
#define LBLUA_ERROR "liveblocks.error"

typedef struct lblua_wait lblua_wait;
typedef struct lblua_task lblua_task;
typedef enum lblua_wait_kind { LBLUA_CALL, LBLUA_TIMER, LBLUA_EVENT } lblua_wait_kind;

/* One for each Lua state, in its registry. */
typedef struct lblua_state {
    lb_loop *loop;
    lblua_task *ready, *ready_last; /* tasks to resume */
    size_t tasks;                   /* alive */
    int task_list, spare_list;      /* tables in the registry: tasks by their coroutines, waits to be used again */
    int spares;                     /* how many */
    int meta_mt;                    /* the metatable of how a call went, in the registry */
    int resuming;                   /* tasks being resumed right now, one inside the other */
    lblua_await_hook hook;
    void *hook_data;
    lblua_switch_hook on_switch;
    void *switch_data;
    const volatile sig_atomic_t *interrupt;
    lua_State *volatile running; /* the coroutine of the task that runs; NULL for none */
    lblua_task *current;         /* that task */
} lblua_state;

/* A coroutine that our scheduler started. Userdata; anchored by the table of tasks while it lives. */
struct lblua_task {
    lua_State *thread;
    lblua_task *next;    /* in the ready list */
    lblua_wait *waiting; /* what it yielded for */
    int arguments;       /* on its stack, before its first resume */
    bool queued, cancelled, dead;
};

/* Something to wait for: a call, a timer, or an event that Lua sets. Userdata. */
struct lblua_wait {
    lblua_state *state;
    lblua_wait_kind kind;
    bool done, cancelled;
    lblua_task *waiter;
    /* of a call */
    lb_request *request;
    lb_reply *reply;
    lb_status status;
    lb_error *error; /* malloc'ed when there is one */
    int reply_kind;  /* lb_reply_kind, or -1 for status, headers and body as they are */
    /* of a timer */
    lb_timer *timer;
};

/* state.c */
lblua_state *lblua_get_state(lua_State *L);
void lblua_wake(lblua_wait *w);
lblua_wait *lblua_new_wait(lua_State *L, lblua_state *state, lblua_wait_kind kind); /* [-0, +1, m] */
void lblua_spare_wait(lua_State *L, int index);                 /* [-0, +0, m] */
int lblua_await(lua_State *L, lblua_wait *w, lua_KFunction k, lua_KContext ctx);
int lblua_open_state(lua_State *L);

/* call_meta.c */
void lblua_open_meta(lua_State *L); /* [-0, +0, m] */
void lblua_push_meta(lua_State *L, const lblua_state *state, const lb_reply *reply); /* [-0, +1, m] */
int lblua_push_warning(lua_State *L, const lb_reply *reply); /* [-0, +1|0, m]; returns how many */

/* call.c, errors.c, describe.c, crypto.c: add their functions to the table on the top [-0, +0, m] */
void lblua_open_call(lua_State *L);
void lblua_open_errors(lua_State *L);
void lblua_open_describe(lua_State *L);
void lblua_open_crypto(lua_State *L);
void lblua_push_error(lua_State *L, const lb_error *error, const lb_reply *reply); /* [-0, +1, m] */
int lblua_usage(lua_State *L, const char *format, ...);                            /* raises */
void lblua_close_call(lblua_wait *w);

#endif
