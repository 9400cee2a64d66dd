/* glue.h - what the files of the Lua glue share. Knows no libcurl. */
#ifndef LBLUA_GLUE_H
#define LBLUA_GLUE_H

#include "portable.h"

#include "../liveblocks_lua.h"

#define LBLUA_STATE "liveblocks.state"
#define LBLUA_CLIENT "liveblocks.client"
#define LBLUA_WAITABLE "liveblocks.waitable"
#define LBLUA_TASK "liveblocks.thread"
#define LBLUA_ERROR "liveblocks.error"

typedef struct lblua_waitable lblua_waitable;
typedef struct lblua_task lblua_task;
typedef struct lblua_client lblua_client;
typedef enum lblua_kind { LBLUA_CALL, LBLUA_TIMER, LBLUA_EVENT } lblua_kind;

/* One for each Lua state, in its registry. */
typedef struct lblua_state {
    lb_loop *loop;                  /* NULL: the state is closing */
    lblua_task *ready, *ready_last; /* tasks to resume */
    size_t ready_count;
    bool starved;                   /* a task has ended because memory ran out, and its garbage is not collected yet */
    lblua_task *failed;             /* tasks that died of what they could not catch, not reaped yet */
    size_t tasks;                   /* alive */
    int task_list;                  /* a table in the registry: tasks by their coroutines */
    int recycle_list, recycled;     /* a table in the registry, and how many waitables are in it */
    int kept_list, kept_ended;      /* a table in the registry: see lblua_new_waitable(); how many of them have ended */
    lblua_client *clients;          /* all, doubly linked */
    lblua_waitable *full;           /* calls that have a response or an error */
    bool yields_in_lua;             /* see lblua_yield() */
    int nothing;                    /* of LuaJIT: a function that does nothing, in the registry */
    int meta_mt;                    /* the metatable of response metadata, in the registry */
    int on_failed;                  /* the function of core.on_failed(), in the registry */
    double deadline;                /* of the step that runs, on the clock of the loop; 0: none */
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
    lblua_task *next;        /* in the list of ready ones, or of failed ones */
    lblua_waitable *waiting; /* what it yielded for; its waiter is this task */
    int arguments;           /* on its stack, before its first resume */
    bool queued, dead;
    bool woken;     /* what it waited for has ended */
    bool paused;    /* its turn was divided, and goes on before those of others */
    bool cancelled; /* its next wait raises */
};

/* Something to wait for: a call, a timer, or an event that Lua sets. Userdata. */
struct lblua_waitable {
    lblua_state *state;
    lblua_kind kind;
    bool done;
    bool kept, finalized;
    bool taken;         /* of a call: its response */
    int readers;        /* of its response or error, which is not freed meanwhile: see finish() in call.c */
    bool spared;        /* its finalizer has left it to them: see waitable_gc() */
    lblua_task *waiter; /* its `waiting` is this */
    /* of a call */
    lblua_client *client; /* kept until the response has been taken */
    lb_request *request;
    lb_response *response;
    lb_status status;
    lb_error *error; /* malloc'ed when there is one */
    lblua_waitable *next_full, **full_at; /* in the list of the state, while it has a response or an error */
    int response_kind;  /* lb_response_kind, or -1 for status, headers and body as they are */
    /* of a timer */
    lb_timer *timer;
};

/* state.c */
lblua_state *lblua_get_state(lua_State *L);
void lblua_open_state(lua_State *L); /* core [-0, +0, m] */

/* tasks.c */
lblua_task *lblua_current_task(lua_State *L, const lblua_state *state);
void lblua_make_ready(lblua_state *state, lblua_task *task);
int lblua_run_ready(lua_State *L, lblua_state *state); /* returns how many tasks were resumed [-0, +0, m] */
bool lblua_wake_lost(lua_State *L, lblua_state *state); /* true: some have become ready [-0, +0, -] */
bool lblua_is_interrupted(const lblua_state *state);
bool lblua_is_over(const lblua_state *state); /* the budget of the step is spent */
bool lblua_can_pause(lua_State *L, const lblua_state *state); /* L is the task that runs, in a step with a budget */
void lblua_open_tasks(lua_State *L);

/* waitable.c */
lblua_waitable *lblua_new_waitable(lua_State *L, lblua_state *state, lblua_kind kind); /* [-0, +1, m] */
lblua_waitable *lblua_check_waitable(lua_State *L, int index, lblua_kind kind);        /* [-0, +0, v] */
void lblua_wake(lblua_waitable *w); /* it has ended */
void lblua_make_recycle_list(lua_State *L, lblua_state *state); /* [-0, +0, m] */
void lblua_recycle(lua_State *L, int index); /* nobody knows it but the stack, and it keeps nothing [-0, +0, -] */
void lblua_forget_ended(lua_State *L, lblua_state *state); /* of those that were kept [-0, +0, -] */
void lblua_close_kept(lua_State *L, const lblua_state *state);   /* [-0, +0, -] */
void lblua_detach(lblua_waitable *w);  /* its waiter waits for it no longer */
void lblua_abandon(lblua_waitable *w); /* ends the timer or the call that it stands for */
void lblua_open_waitable(lua_State *L);

/* wait.c */
extern const char lblua_ended;
int lblua_yield(lua_State *L); /* to be returned: yields no values [-0, +?, e] */
void lblua_check_interrupt(lua_State *L, const lblua_state *state); /* [-0, +0, v] */
bool lblua_is_idle(const lblua_state *state);
int lblua_raise_stuck(lua_State *L);
bool lblua_is_too_deep(const lblua_state *state); /* steps inside tasks inside steps */
int lblua_raise_too_deep(lua_State *L);
void lblua_open_wait(lua_State *L);

/* clients.c: clients, counted by the calls that are under way */
lblua_client *lblua_check_client(lua_State *L, int index); /* [-0, +0, v] */
lblua_client *lblua_check_open(lua_State *L, int index);   /* again, of what is a client for certain; [-0, +0, v] */
lblua_client *lblua_keep_client(lblua_client *client);
void lblua_release_client(lblua_client *client); /* NULL is allowed */
void lblua_free_clients(lblua_state *state);     /* whatever refers to them: the state is closing */
lb_client *lblua_client_of(const lblua_client *client);
lblua_state *lblua_client_state(const lblua_client *client);

/* settings.c: of a request, from a Lua table */
enum { LBLUA_MAX_QUERY = 128, LBLUA_MAX_HEADERS = 64, LBLUA_MAX_RECIPIENTS = 100 };
typedef struct lblua_settings {
    lb_pair query[LBLUA_MAX_QUERY + 1], headers[LBLUA_MAX_HEADERS + 1];
    lb_body body;
    lb_call call;
} lblua_settings;
typedef struct lblua_envelope {
    lb_mail mail;
    const char *recipients[LBLUA_MAX_RECIPIENTS + 1];
} lblua_envelope;
/* Their strings stay on the stack, and are good as long as they do. */
void lblua_read_settings(lua_State *L, int index, lblua_settings *settings);             /* [-0, +n, v] */
void lblua_read_mail(lua_State *L, int index, lblua_envelope *envelope, lb_call *call);  /* [-0, +n, v] */

/* call.c */
void lblua_close_call(lblua_waitable *w);
void lblua_close_full(const lblua_state *state); /* all that have a response or an error */

/* call_meta.c */
void lblua_open_meta(lua_State *L); /* [-0, +0, m] */
void lblua_push_meta(lua_State *L, const lblua_state *state, const lb_response *response); /* [-0, +1, m] */
int lblua_push_warning(lua_State *L, const lb_response *response); /* [-0, +1|0, m]; returns how many */

/* crypto.c */
void lblua_random_bytes(lua_State *L, void *out, int count); /* [-0, +0, e] */

/* These add their functions to the table on the top [-0, +0, m] */
void lblua_open_client(lua_State *L);
void lblua_open_call(lua_State *L);
void lblua_open_errors(lua_State *L);
void lblua_open_describe(lua_State *L);
void lblua_open_crypto(lua_State *L);
void lblua_open_webhook(lua_State *L);
void lblua_open_engine(lua_State *L);
void lblua_open_yjs(lua_State *L);
void lblua_open_proxy(lua_State *L);

/* version.c: raises when the module was built for another Lua. [-0, +0, v] */
void lblua_check_version(lua_State *L);

/* errors.c */
void lblua_push_error(lua_State *L, const lb_error *error, const lb_response *response); /* [-0, +1, m] */
int lblua_raise_cancelled(lua_State *L, const char *message);

#endif
