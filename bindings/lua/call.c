/* call.c - calls: started here, awaited in Lua (lua/liveblocks/wait.lua), and their responses taken here. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH = 4 };

/* ---- The end of a call -------------------------------------------------------------------------- */

/* Lua 5.2 and 5.3 do not finalize what finalizers make while the state is closed: the state frees what is left. */
static void join_full(lblua_waitable *w) {
    w->full_at = &w->state->full;
    w->next_full = w->state->full;
    if (w->next_full) w->next_full->full_at = &w->next_full;
    w->state->full = w;
}

static void leave_full(lblua_waitable *w) {
    if (!w->full_at) return;
    *w->full_at = w->next_full;
    if (w->next_full) w->next_full->full_at = w->full_at;
    w->full_at = NULL;
}

void lblua_close_full(const lblua_state *state) {
    while (state->full) {
        state->full->readers = 0;
        lblua_close_call(state->full);
    }
}

void lblua_close_call(lblua_waitable *w) {
    lb_request *request = w->request;
    w->request = NULL;
    if (request) lb_request_cancel(request); /* calls on_done */
    if (w->readers > 0) return;              /* the last of them closes it */
    lblua_client *client = w->client;
    lb_response_free(w->response);
    w->response = NULL;
    free(w->error);
    w->error = NULL;
    leave_full(w);
    w->client = NULL;
    if (w->state->loop) lblua_release_client(client);
}

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    lblua_waitable *w = user_data;
    w->request = NULL;
    w->status = status;
    bool closing = !w->state->loop; /* nobody takes it then, and nobody would free it */
    if (response && !closing) w->response = lb_response_keep(response);
    if (error && !closing && (w->error = malloc(sizeof *error))) *w->error = *error;
    if (w->response || w->error) join_full(w);
    lblua_wake(w);
}

/* Until end_reading() neither the response nor the error is freed. */
static void begin_reading(lblua_waitable *w) {
    w->readers++;
    w->spared = false;
}

/* The response has been read, or the error. */
static void end_reading(lblua_waitable *w) {
    w->taken = true;
    w->readers--;
    lblua_close_call(w);
}

static int raise_failure(lua_State *L, lblua_waitable *w) {
    static const lb_error no_memory = { .kind = LB_ENOMEM, .retry_after = -1, .message = "out of memory" };
    begin_reading(w);
    lblua_push_error(L, w->error ? w->error : &no_memory, w->response); /* ... error */
    end_reading(w);
    return lua_error(L);
}

static int raise_json(lua_State *L, lblua_waitable *w, const lblua_json_error *json) {
    lb_error error;
    char message[sizeof error.message];
    snprintf(message, sizeof message, "the response is not valid JSON: %s", json->message);
    lb_response_fail(w->response, LB_EJSON, message, &error);
    lblua_push_error(L, &error, w->response); /* ... error */
    end_reading(w);
    return lua_error(L);
}

/* ---- Taking a response ---- A large one is decoded in pieces where a step has a budget, so that it can end between two. */

static const char unfinished; /* its address says so, as light userdata */
enum { PIECE = 16 * 1024 };   /* bytes between two looks at the clock: a tenth of a millisecond, or less */

static bool is_divided(lua_State *L, const lblua_waitable *w) {
    size_t size;
    if (!lblua_can_pause(L, w->state) || w->response_kind != LB_RESPONSE_JSON) return false;
    lb_response_body(w->response, &size);
    return size > PIECE;
}

static void begin_decoding(lua_State *L, const lblua_waitable *w) { /* call */
    size_t size;
    const char *body = lb_response_body(w->response, &size);
    lblua_json_begin(L, body, size, false); /* call decoder */
}

/* What may have happened between two turns. */
static void check_undisturbed(lua_State *L, lblua_waitable *w) {
    lblua_task *task = lblua_current_task(L, w->state);
    if (!task || !task->cancelled) return;
    task->cancelled = false;
    lblua_abandon(w);
    lblua_raise_cancelled(L, "the task was cancelled");
}

/* Goes on with the decoder at index 2; false when the budget is spent before the value is pushed. [-0, +(0|1), v] */
static bool decode_more(lua_State *L, lblua_waitable *w) {
    lblua_json_error json;
    for (;;) {
        lblua_json_status status = lblua_json_step(L, 2, PIECE, &json);
        if (status == LBLUA_JSON_DONE) return true;
        if (status == LBLUA_JSON_INVALID) raise_json(L, w, &json);
        if (lblua_is_over(w->state)) return false;
    }
}

static void push_body(lua_State *L, lblua_waitable *w) {
    size_t size;
    const char *body = lb_response_body(w->response, &size);
    lblua_json_error json;
    if (size == 0 && w->response_kind != LB_RESPONSE_BINARY && w->response_kind != LB_RESPONSE_PLAIN && w->response_kind >= 0)
        lua_pushboolean(L, 1);
    else if (w->response_kind == LB_RESPONSE_JSON) {
        if (!lblua_json_decode(L, body, size, &json)) raise_json(L, w, &json);
    } else if (w->response_kind == LB_RESPONSE_NOTHING) {
        if (!lblua_json_decode(L, body, size, &json)) lua_pushboolean(L, 1);
    } else
        lua_pushlstring(L, body, size);
}

/* Whatever allocates may run a finalizer, which may take the same response, or close the call: what is read here is kept
 * until it has been read. After an error in between (of memory) it is kept until the call is collected.
 *
 * core.finish(waitable) -> of a call: value, meta [, warning], or it raises the error object; of others nothing. For what
 * core.await() has said to have ended. core.UNFINISHED, decoder: the budget of the step is spent; core.finish(waitable,
 * decoder) goes on after core.pause_turn(). */
static int finish(lua_State *L) {
    lblua_waitable *w = luaL_checkudata(L, 1, LBLUA_WAITABLE);
    if (w->kind != LBLUA_CALL) return 0;
    if (!w->done) return lblua_usage(L, "the call has not ended");
    if (w->taken) return lblua_usage(L, "the response of this call has been taken already");
    if (w->status != LB_OK) return raise_failure(L, w);
    if (!w->response) return lblua_raise_cancelled(L, "the call was closed");
    lua_settop(L, 2);                       /* call decoder? */
    bool divided = !lua_isnil(L, 2);
    if (divided) check_undisturbed(L, w);
    begin_reading(w);
    if (!divided && is_divided(L, w)) {
        lua_settop(L, 1);                   /* call */
        begin_decoding(L, w);               /* call decoder */
        divided = true;
    }
    if (!divided) {
        push_body(L, w);                    /* call nil value */
    } else if (!decode_more(L, w)) {        /* call decoder value? */
        lua_pushlightuserdata(L, (void *)&unfinished); /* call decoder unfinished */
        lua_insert(L, 2);                              /* call unfinished decoder */
        w->readers--;
        return 2;
    }
    lblua_push_meta(L, w->state, w->response);          /* ... value meta */
    int count = 2 + lblua_push_warning(L, w->response); /* ... value meta warning? */
    end_reading(w);
    return count;
}

/* core.finish_short(call) -> as core.finish(); for the call of core.begin_short(), which nobody else knows */
static int finish_short(lua_State *L) {
    int count = finish(L);
    if (lua_touserdata(L, -count) != (const void *)&unfinished) lblua_recycle(L, 1);
    return count;
}

/* ---- The beginning of a call -------------------------------------------------------------------- */

static int raise_submit(lua_State *L, const lb_error *error) {
    lblua_push_error(L, error, NULL); /* ... error */
    return lua_error(L);
}

/* Of the client at index 1. To make it may run a finalizer, which may close the client: it is looked at again. */
static lblua_waitable *new_call(lua_State *L, lblua_state *state, int response_kind) {
    lblua_waitable *w = lblua_new_waitable(L, state, LBLUA_CALL); /* ... call */
    w->client = lblua_keep_client(lblua_check_open(L, 1));
    w->response_kind = response_kind;
    return w;
}

/* core.begin(client, id, settings | nil, path...) -> call */
static int begin(lua_State *L) {
    lblua_state *state = lblua_client_state(lblua_check_client(L, 1));
    lua_Integer id = luaL_checkinteger(L, 2);
    const char *path[MAX_PATH + 1] = { NULL };
    lblua_settings settings;
    luaL_argcheck(L, id >= 0 && id < LB_ENDPOINT_COUNT, 2, "no endpoint");
    const lb_endpoint *e = &lb_endpoints()[id];
    for (int i = 0; e->path_names[i]; i++) {
        size_t length;
        path[i] = luaL_checklstring(L, 4 + i, &length);
        if (strlen(path[i]) != length)
            return lblua_usage(L, "%s: '%s' contains a NUL character", e->name, e->path_names[i]);
    }
    lblua_read_settings(L, 3, &settings);
    lblua_waitable *w = new_call(L, state, (int)e->response); /* ... call */
    lb_error error;
    int status = lb_endpoint_submit(lblua_client_of(w->client), (lb_endpoint_id)id, path,
                                    settings.query[0].name ? settings.query : NULL, settings.call.body, &settings.call,
                                    on_done, w, &w->request, &error);
    if (status != LB_OK) return raise_submit(L, &error);
    return 1;
}

/* core.begin_short(client, id, nil, path) -> call, of an endpoint with one path parameter; nothing when that is empty or
 * not a string */
static int begin_short(lua_State *L) {
    if (lua_type(L, 4) != LUA_TSTRING || lua_rawlen(L, 4) == 0) return 0;
    return begin(L);
}

/* core.begin_request(client, settings, kind) -> call; kind is a response kind of the table or "raw". With settings.mail it
 * is an e-mail. */
static int begin_request(lua_State *L) {
    static const char *const kinds[] = { "json", "text", "binary", "none", "raw", NULL };
    lblua_state *state = lblua_client_state(lblua_check_client(L, 1));
    lblua_settings settings;
    lblua_envelope envelope;
    luaL_checktype(L, 2, LUA_TTABLE);
    int kind = luaL_checkoption(L, 3, "json", kinds);
    lblua_read_settings(L, 2, &settings);
    lblua_read_mail(L, 2, &envelope, &settings.call);
    lblua_waitable *w = new_call(L, state, kind == 4 ? -1 : kind); /* ... call */
    lb_error error;
    int status = lb_request_submit(lblua_client_of(w->client), &settings.call, on_done, w, &w->request, &error);
    if (status != LB_OK) return raise_submit(L, &error);
    return 1;
}

/* call:cancel(): it ends, and its error is of kind "cancelled" */
static int cancel(lua_State *L) {
    lblua_waitable *w = lblua_check_waitable(L, 1, LBLUA_CALL);
    lb_request *request = w->request;
    w->request = NULL;
    if (request) lb_request_cancel(request); /* calls on_done */
    return 0;
}

void lblua_open_call(lua_State *L) { /* core */
    static const luaL_Reg functions[] = {
        { "begin", begin }, { "begin_short", begin_short }, { "begin_request", begin_request }, { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
    lua_pushcfunction(L, finish);       /* core f */
    lua_setfield(L, -2, "finish");      /* core */
    lua_pushcfunction(L, finish_short);  /* core f */
    lua_setfield(L, -2, "finish_short"); /* core */
    lua_pushlightuserdata(L, (void *)&unfinished); /* core unfinished */
    lua_setfield(L, -2, "UNFINISHED");             /* core */
    lua_getfield(L, -1, "waitable_methods"); /* core methods */
    lua_pushcfunction(L, cancel);       /* core methods f */
    lua_setfield(L, -2, "cancel");      /* core methods */
    lua_pop(L, 1);                      /* core */
}
