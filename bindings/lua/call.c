/* call.c - clients, and calls as values to wait for. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PATH = 4, MOST_QUERY = 128, MOST_HEADERS = 64, MOST_RECIPIENTS = 100 };

typedef struct lblua_client {
    lblua_state *state;
    lb_client *client; /* NULL: closed */
} lblua_client;

/* ---- Clients ---------------------------------------------------------------------------------- */

/* For the functions of the module, whose upvalue is the metatable: that is quicker than to look for its name. */
static lblua_client *check_client(lua_State *L, int index) {
    lblua_client *c = lua_touserdata(L, index);
    if (!c || !lua_getmetatable(L, index) || !lua_rawequal(L, -1, lua_upvalueindex(1))) /* ... mt */
        luaL_checkudata(L, index, LBLUA_CLIENT);
    lua_pop(L, 1); /* ... */
    if (!c->client) lblua_usage(L, "the client is closed");
    return c;
}

static int client_close(lua_State *L) {
    lblua_client *c = luaL_checkudata(L, 1, LBLUA_CLIENT);
    lb_client *client = c->client;
    c->client = NULL;
    lb_client_destroy(client);
    return 0;
}

static const char *text_option(lua_State *L, const char *name) { /* options */
    lua_getfield(L, 1, name); /* options value; stays, so that the text lives */
    return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
}

static double number_option(lua_State *L, const char *name) { /* options */
    lua_getfield(L, 1, name);
    double value = lua_isnil(L, -1) ? 0 : luaL_checknumber(L, -1);
    lua_pop(L, 1);
    return value;
}

/* core.client(options [, base]) -> client. Names and types of the options have been checked in Lua. */
static int new_client(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lb_client *base = lua_isnoneornil(L, 2) ? NULL : check_client(L, 2)->client;
    lblua_state *state = lblua_get_state(L);
    lb_error error;
    lb_options o = {
        LB_OPTIONS_INIT,
        .secret = text_option(L, "secret"),
        .base_url = text_option(L, "base_url"),
        .ca_file = text_option(L, "ca_file"),
        .user_agent = text_option(L, "user_agent"),
        .timeout = number_option(L, "timeout"),
        .connect_timeout = number_option(L, "connect_timeout"),
        .rate = number_option(L, "rate"),
        .backoff = number_option(L, "backoff"),
        .max_backoff = number_option(L, "max_backoff"),
        .max_attempts = (unsigned)number_option(L, "max_attempts"),
        .max_in_flight = (unsigned)number_option(L, "max_in_flight"),
        .max_reply = (size_t)number_option(L, "max_reply"),
    };
    if (!state->loop) return lblua_usage(L, "the Lua state is closing");
    lblua_client *c = lua_newuserdatauv(L, sizeof *c, 0); /* ... client */
    c->state = state;
    c->client = NULL;
    luaL_setmetatable(L, LBLUA_CLIENT);
    int status = base ? lb_client_with(&c->client, base, &o, &error)
                      : lb_client_create(&c->client, state->loop, &o, &error);
    if (status != LB_OK) {
        lblua_push_error(L, &error, NULL); /* ... client error */
        return lua_error(L);
    }
    return 1;
}

/* core.base_url(client) -> text */
static int base_url(lua_State *L) {
    lua_pushstring(L, lb_client_base_url(check_client(L, 1)->client)); /* ... url */
    return 1;
}

/* ---- What a call returns ---------------------------------------------------------------------- */

void lblua_close_call(lblua_wait *w) {
    lb_request *request = w->request;
    w->request = NULL;
    if (request) lb_cancel(request); /* calls on_done */
    lb_reply_free(w->reply);
    w->reply = NULL;
    free(w->error);
    w->error = NULL;
}

static void on_done(void *user_data, lb_status status, lb_reply *reply, const lb_error *error) {
    lblua_wait *w = user_data;
    w->request = NULL;
    w->status = status;
    if (reply) w->reply = lb_reply_keep(reply);
    if (error && (w->error = malloc(sizeof *error))) *w->error = *error;
    lblua_wake(w);
}

static int raise_reply(lua_State *L, lblua_wait *w) {
    static const lb_error no_memory = { .kind = LB_ENOMEM, .retry_after = -1, .message = "out of memory" };
    lblua_push_error(L, w->error ? w->error : &no_memory, w->reply); /* ... error */
    lblua_close_call(w);
    return lua_error(L);
}

static int raise_json(lua_State *L, lblua_wait *w, const lblua_json_error *json) {
    lb_error error;
    char message[sizeof error.message];
    snprintf(message, sizeof message, "the answer is not valid JSON: %s", json->message);
    lb_reply_fail(w->reply, LB_EJSON, message, &error);
    lblua_push_error(L, &error, w->reply); /* ... error */
    lblua_close_call(w);
    return lua_error(L);
}

static void push_body(lua_State *L, lblua_wait *w) {
    size_t size;
    const char *body = lb_reply_body(w->reply, &size);
    lblua_json_error json;
    if (size == 0 && w->reply_kind != LB_REPLY_BINARY && w->reply_kind != LB_REPLY_PLAIN && w->reply_kind >= 0)
        lua_pushboolean(L, 1);
    else if (w->reply_kind == LB_REPLY_JSON) {
        if (!lblua_json_decode(L, body, size, &json)) raise_json(L, w, &json);
    } else if (w->reply_kind == LB_REPLY_NOTHING) {
        if (!lblua_json_decode(L, body, size, &json)) lua_pushboolean(L, 1);
    } else
        lua_pushlstring(L, body, size);
}

/* Returns the value, how the call went and the server's warning, if there is one, or raises the error object. The wait is
 * at stack index ctx. */
static int call_finish(lua_State *L, int status, lua_KContext ctx) {
    (void)status;
    lblua_wait *w = lua_touserdata(L, (int)ctx);
    if (w->status != LB_OK) return raise_reply(L, w);
    if (!w->reply) return lblua_usage(L, "the answer of this call has been taken already");
    push_body(L, w);                                 /* ... value */
    lblua_push_meta(L, w->state, w->reply);          /* ... value meta */
    int count = 2 + lblua_push_warning(L, w->reply); /* ... value meta warning? */
    lb_reply_free(w->reply);
    w->reply = NULL;
    return count;
}

/* ---- Making calls ----------------------------------------------------------------------------- */

typedef struct arguments {
    lb_pair query[MOST_QUERY + 1], headers[MOST_HEADERS + 1];
    lb_body body;
    lb_call call;
} arguments;

/* A flat list {name, value, name, value}: the texts live as long as the table. */
static void read_pairs(lua_State *L, int index, const char *what, lb_pair *out, int room) {
    int n = 0;
    if (lua_isnoneornil(L, index)) return;
    luaL_checktype(L, index, LUA_TTABLE);
    int count = (int)lua_rawlen(L, index);
    if (count / 2 > room) lblua_usage(L, "more than %d %s", room, what);
    for (int i = 1; i + 1 <= count; i += 2, n++) {
        lua_rawgeti(L, index, i);     /* name */
        lua_rawgeti(L, index, i + 1); /* name value */
        if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING)
            lblua_usage(L, "%s must be texts", what);
        size_t length;
        out[n].name = lua_tostring(L, -2);
        out[n].value = lua_tolstring(L, -1, &length);
        if (strlen(out[n].value) != length) lblua_usage(L, "%s '%s' contains a NUL character", what, out[n].name);
        lua_pop(L, 2); /* */
    }
    out[n] = (lb_pair){ NULL, NULL };
}

static uint64_t size_field(lua_State *L, int index, const char *name) {
    lua_getfield(L, index, name);
    lua_Integer value = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    if (value < 0) lblua_usage(L, "'%s' must not be negative", name);
    return (uint64_t)value;
}

static const char *text_field(lua_State *L, int index, const char *name) { /* the table keeps the text */
    size_t length = 0;
    lua_getfield(L, index, name); /* text */
    const char *text = lua_tolstring(L, -1, &length);
    if (text && strlen(text) != length) lblua_usage(L, "'%s' contains a NUL character", name);
    lua_pop(L, 1); /* */
    return text;
}

/* settings = {query, headers, body = text | file = path, offset, length, content_type, timeout, max_attempts,
 * repeat_safe, method, path, url} */
static void read_settings(lua_State *L, int index, arguments *a) {
    memset(&a->body, 0, sizeof a->body);
    memset(&a->call, 0, sizeof a->call);
    a->query[0] = a->headers[0] = (lb_pair){ NULL, NULL };
    if (lua_isnoneornil(L, index)) return;
    luaL_checktype(L, index, LUA_TTABLE);
    lua_getfield(L, index, "query"); /* query */
    read_pairs(L, lua_gettop(L), "query values", a->query, MOST_QUERY);
    lua_getfield(L, index, "headers"); /* query headers */
    read_pairs(L, lua_gettop(L), "headers", a->headers, MOST_HEADERS);
    lua_getfield(L, index, "body"); /* query headers body */
    a->body.data = lua_tolstring(L, -1, &a->body.size);
    lua_pop(L, 3); /* */
    a->body.file = text_field(L, index, "file");
    a->body.offset = size_field(L, index, "offset");
    a->body.length = size_field(L, index, "length");
    a->body.content_type = text_field(L, index, "content_type");
    a->call.method = text_field(L, index, "method");
    a->call.path = text_field(L, index, "path");
    a->call.url = text_field(L, index, "url");
    lua_getfield(L, index, "timeout"); /* timeout */
    a->call.timeout = luaL_optnumber(L, -1, 0);
    lua_getfield(L, index, "max_attempts"); /* timeout attempts */
    a->call.max_attempts = (unsigned)luaL_optinteger(L, -1, 0);
    lua_getfield(L, index, "repeat_safe"); /* timeout attempts safe */
    if (!lua_isnil(L, -1)) a->call.repeat = lua_toboolean(L, -1) ? LB_REPEAT_SAFE : LB_REPEAT_UNSAFE;
    lua_pop(L, 3); /* */
    a->call.query = a->query;
    a->call.headers = a->headers[0].name ? a->headers : NULL;
    a->call.body = a->body.data || a->body.file ? &a->body : NULL;
}

typedef struct envelope {
    lb_mail mail;
    const char *recipients[MOST_RECIPIENTS + 1];
} envelope;

/* settings.mail = {from, recipients = list, user, password, plain}; the tables keep the texts */
static void read_mail(lua_State *L, int index, envelope *e, lb_call *call) {
    lua_getfield(L, index, "mail"); /* mail */
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1); /* */
        return;
    }
    int mail = lua_gettop(L);
    lua_getfield(L, mail, "plain"); /* mail plain */
    e->mail = (lb_mail){ .from = text_field(L, mail, "from"), .recipients = e->recipients,
        .user = text_field(L, mail, "user"), .password = text_field(L, mail, "password"),
        .plain = lua_toboolean(L, -1) };
    lua_getfield(L, mail, "recipients"); /* mail plain list */
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, -1);
    if (count > MOST_RECIPIENTS) lblua_usage(L, "more than %d recipients", MOST_RECIPIENTS);
    for (lua_Unsigned i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1); /* mail plain list text */
        size_t length;
        e->recipients[i] = luaL_checklstring(L, -1, &length);
        if (strlen(e->recipients[i]) != length) lblua_usage(L, "a recipient contains a NUL character");
        lua_pop(L, 1); /* mail plain list */
    }
    e->recipients[count] = NULL;
    lua_pop(L, 3); /* */
    call->mail = &e->mail;
}

static int raise_submit(lua_State *L, const lb_error *error) {
    lblua_push_error(L, error, NULL); /* ... error */
    return lua_error(L);
}

/* The call of these arguments is on its way; pushes what it is waited for with. */
static int begin(lua_State *L) {
    const lblua_client *c = check_client(L, 1);
    lua_Integer id = luaL_checkinteger(L, 2);
    const char *path[MOST_PATH + 1] = { NULL };
    arguments a;
    luaL_argcheck(L, id >= 0 && id < LB_ENDPOINT_COUNT, 2, "no endpoint");
    const lb_endpoint *e = &lb_endpoints()[id];
    for (int i = 0; e->path_names[i]; i++) {
        size_t length;
        path[i] = luaL_checklstring(L, 4 + i, &length);
        if (strlen(path[i]) != length)
            return lblua_usage(L, "%s: '%s' contains a NUL character", e->name, e->path_names[i]);
    }
    read_settings(L, 3, &a);
    lblua_wait *w = lblua_new_wait(L, c->state, LBLUA_CALL); /* ... wait */
    w->reply_kind = (int)e->reply;
    lb_error error;
    int status = lb_submit_endpoint(c->client, (lb_endpoint_id)id, path, a.query[0].name ? a.query : NULL, a.call.body,
                                    &a.call, on_done, w, &w->request, &error);
    if (status != LB_OK) return raise_submit(L, &error);
    return 1;
}

/* core.submit(client, id, settings | nil, path...) -> call */
static int submit(lua_State *L) {
    begin(L);                    /* ... wait */
    lua_pushvalue(L, 1);         /* ... wait client */
    lua_setiuservalue(L, -2, 1); /* ... wait, which keeps the client */
    return 1;
}

static int call_finish_own(lua_State *L, int status, lua_KContext ctx) {
    int count = call_finish(L, status, ctx); /* ... value meta warning? */
    lblua_spare_wait(L, (int)ctx);
    return count;
}

/* core.call(client, id, settings | nil, text) -> value, meta [, warning]; of an endpoint with one path parameter. Returns
 * nothing when that is empty or no text. */
static int call(lua_State *L) {
    if (lua_type(L, 4) != LUA_TSTRING || lua_rawlen(L, 4) == 0) return 0;
    begin(L); /* ... wait; the client is among the arguments, and stays there */
    int index = lua_gettop(L);
    return lblua_await(L, lua_touserdata(L, index), call_finish_own, index);
}

/* core.submit_request(client, settings, kind) -> call; kind is a reply kind of the table or "raw". With settings.mail it
 * is an e-mail. */
static int submit_request(lua_State *L) {
    static const char *const kinds[] = { "json", "text", "binary", "none", "raw", NULL };
    const lblua_client *c = check_client(L, 1);
    arguments a;
    luaL_checktype(L, 2, LUA_TTABLE);
    int kind = luaL_checkoption(L, 3, "json", kinds);
    envelope e;
    read_settings(L, 2, &a);
    read_mail(L, 2, &e, &a.call);
    lblua_wait *w = lblua_new_wait(L, c->state, LBLUA_CALL); /* ... wait */
    lua_pushvalue(L, 1);         /* ... wait client */
    lua_setiuservalue(L, -2, 1); /* ... wait */
    w->reply_kind = kind == 4 ? -1 : kind;
    lb_error error;
    int status = lb_submit(c->client, &a.call, on_done, w, &w->request, &error);
    if (status != LB_OK) return raise_submit(L, &error);
    return 1;
}

/* call:wait() -> value, meta [, warning] */
static int call_wait(lua_State *L) {
    lblua_wait *w = luaL_checkudata(L, 1, LBLUA_WAIT);
    luaL_argcheck(L, w->kind == LBLUA_CALL, 1, "a call expected");
    lua_settop(L, 1);
    return lblua_await(L, w, call_finish, 1);
}

/* call:cancel() */
static int call_cancel(lua_State *L) {
    lblua_wait *w = luaL_checkudata(L, 1, LBLUA_WAIT);
    if (w->request) {
        lb_request *request = w->request;
        w->request = NULL;
        lb_cancel(request);
    }
    return 0;
}

/* call:done() -> boolean */
static int call_done(lua_State *L) {
    lblua_wait *w = luaL_checkudata(L, 1, LBLUA_WAIT);
    lua_pushboolean(L, w->done);
    return 1;
}

static const luaL_Reg functions[] = {
    { "client", new_client }, { "base_url", base_url }, { "close", client_close }, { "submit", submit },
    { "call", call },         { "submit_request", submit_request }, { NULL, NULL },
};
static const luaL_Reg methods[] = {
    { "wait", call_wait }, { "cancel", call_cancel }, { "done", call_done }, { NULL, NULL },
};

void lblua_open_call(lua_State *L) { /* core */
    luaL_newmetatable(L, LBLUA_CLIENT); /* core mt */
    lua_pushcfunction(L, client_close); /* core mt f */
    lua_setfield(L, -2, "__gc");        /* core mt */
    luaL_setfuncs(L, functions, 1);     /* core */
    luaL_newmetatable(L, LBLUA_WAIT); /* core mt */
    lua_getfield(L, -1, "__index");   /* core mt index */
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 2); /* core */
}
