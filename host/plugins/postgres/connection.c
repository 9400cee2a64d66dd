/* connection.c - a connection to PostgreSQL that never blocks: libpq's asynchronous functions, driven by the loop.
 *
 * A connection does one thing at a time: connect, or send a group of statements and collect its results. The group goes in
 * libpq's pipeline mode with a Sync at its end: one round trip and one transaction, all of it or nothing. A statement that is
 * `apart` begins another transaction in the same round trip. Each has a time;
 * when that is over the connection is ended, whatever the server does: cancelling would need a response of the server. Callbacks
 * of the loop only move bytes and change the state; they set the event of the waiting task, and Lua takes what has come.
 *
 * Documentation: https://www.postgresql.org/docs/current/libpq-async.html, libpq-pipeline-mode.html */
#include "postgres.h"

#include "../../../bindings/liveblocks_lua.h"

#include <lauxlib.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTION "lbhost.postgres.connection"
#define RESULTS "lbhost.postgres.results"

enum { MAX_OPTIONS = 64, MAX_STATEMENTS = 4096, MAX_PARAMETERS = 64 };

typedef enum state { CONNECTING, IDLE, BUSY, FAILED, CLOSED } state;
static const char *const state_names[] = { "connecting", "idle", "busy", "failed", "closed" };

typedef struct connection {
    PGconn *pg;
    lb_loop *loop;
    lb_watch *watch;
    lb_timer *timer;
    lblua_event *event; /* of the waiting task; kept by the user value */
    short watched;      /* the events of the watch */
    state now;
    bool timed_out;     /* it failed because its time was over */
    double seconds;     /* the time of what it does, for the message */
    PGresult **results; /* of the group, in order */
    size_t count, capacity, expected, syncs;
    bool between;       /* the next result is the NULL that ends one */
    char problem[512];
} connection;

/* ---- Ends ------------------------------------------------------------------------------------- */

static void stop_timer(connection *c) {
    lb_timer_cancel(c->loop, c->timer);
    c->timer = NULL;
}

static void stop_watch(connection *c) {
    lb_watch_stop(c->loop, c->watch);
    c->watch = NULL;
    c->watched = 0;
}

static void wake(connection *c) {
    if (c->event) lblua_set_event(c->event);
}

static void drop_results(connection *c) {
    for (size_t i = 0; i < c->count; i++) PQclear(c->results[i]);
    c->count = c->expected = c->syncs = 0;
    c->between = false;
}

/* The first line of a message of libpq, without what says that it is one. */
static void keep_problem(connection *c, const char *message) {
    static const char *const prefixes[] = { "FATAL:  ", "ERROR:  " };
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(message, prefixes[i], strlen(prefixes[i])) == 0) message += strlen(prefixes[i]);
    size_t size = strcspn(message, "\n");
    if (size >= sizeof c->problem) size = sizeof c->problem - 1;
    memcpy(c->problem, message, size);
    c->problem[size] = '\0';
}

/* Ends the connection at once; what it was doing has failed. PQfinish() does not wait: the connection is non-blocking. */
static void fail(connection *c, const char *message) {
    keep_problem(c, message && *message ? message : "the connection was lost");
    stop_watch(c);
    stop_timer(c);
    PQfinish(c->pg);
    c->pg = NULL;
    drop_results(c);
    c->now = FAILED;
    wake(c);
}

static void fail_by_libpq(connection *c) {
    char message[512];
    snprintf(message, sizeof message, "%s", PQerrorMessage(c->pg));
    fail(c, message);
}

static void on_timeout(void *user_data) {
    connection *c = user_data;
    char message[128];
    snprintf(message, sizeof message, "%s within %.3g seconds", c->now == CONNECTING ? "no connection" : "no response", c->seconds);
    c->timer = NULL; /* it has fired */
    c->timed_out = true;
    fail(c, message);
}

/* ---- In the loop ------------------------------------------------------------------------------ */

static void on_ready(void *user_data, short revents);

static bool watch_for(connection *c, short events) {
    if (c->watch && c->watched == events) return true;
    stop_watch(c);
    if (lb_watch_start(c->loop, PQsocket(c->pg), events, false, on_ready, c, &c->watch) == LB_OK) {
        c->watched = events;
        return true;
    }
    fail(c, "its socket cannot be watched");
    return false;
}

/* What comes next of connecting. The descriptor may have been replaced: the watch on it ends before libpq closes it. */
static void go_on_connecting(connection *c) {
    stop_watch(c);
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING: watch_for(c, LB_POLLIN); return;
    case PGRES_POLLING_WRITING: watch_for(c, LB_POLLOUT); return;
    case PGRES_POLLING_OK:
        if (PQsetnonblocking(c->pg, 1) != 0 || PQenterPipelineMode(c->pg) != 1) {
            fail_by_libpq(c);
            return;
        }
        if (!watch_for(c, LB_POLLIN)) return;
        stop_timer(c);
        c->now = IDLE;
        wake(c);
        return;
    default: fail_by_libpq(c);
    }
}

static bool keep_result(connection *c, PGresult *r) {
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 16;
        PGresult **larger = realloc(c->results, capacity * sizeof *larger);
        if (!larger) return false;
        c->results = larger;
        c->capacity = capacity;
    }
    c->results[c->count++] = r;
    return true;
}

/* Takes the results that have come whole. Each is followed by a NULL, but for that of the Sync, which ends the group. */
static void take_results(connection *c) {
    while (c->now == BUSY && !PQisBusy(c->pg)) {
        PGresult *r = PQgetResult(c->pg);
        if (!r) {
            if (!c->between) { /* nothing is under way: libpq has lost the connection */
                fail_by_libpq(c);
                return;
            }
            c->between = false;
            continue;
        }
        if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
            PQclear(r);
            if (--c->syncs > 0) continue;
            if (c->count != c->expected) {
                fail(c, PQstatus(c->pg) == CONNECTION_OK ? "the server has left out results" : PQerrorMessage(c->pg));
                return;
            }
            stop_timer(c);
            c->now = IDLE;
            wake(c);
            return;
        }
        c->between = true;
        if (c->count == c->expected || !keep_result(c, r)) {
            PQclear(r);
            fail(c, c->count == c->expected ? "the server has sent more results than were asked for" : "out of memory");
            return;
        }
    }
}

static void on_ready(void *user_data, short revents) {
    connection *c = user_data;
    (void)revents;
    if (c->now == CONNECTING) {
        go_on_connecting(c);
        return;
    }
    int left = PQflush(c->pg); /* sending needs reading: the server stops to read while nobody takes its results */
    if (left < 0 || PQconsumeInput(c->pg) != 1) {
        fail_by_libpq(c);
        return;
    }
    take_results(c);
    if (c->now != BUSY && c->now != IDLE) return;
    if (PQstatus(c->pg) != CONNECTION_OK) {
        fail_by_libpq(c);
        return;
    }
    if (c->now == IDLE) wake(c); /* a notification, maybe */
    watch_for(c, left > 0 ? LB_POLLIN | LB_POLLOUT : LB_POLLIN);
}

/* ---- For Lua ---------------------------------------------------------------------------------- */

static connection *check_connection(lua_State *L) {
    return luaL_checkudata(L, 1, CONNECTION);
}

/* From now on the event at the index is set. [-0, +0, e] */
static void set_event(lua_State *L, connection *c, int owner, int index) {
    lblua_event *event = lblua_check_event(L, index);
    owner = lua_absindex(L, owner);
    lua_pushvalue(L, index);        /* event */
    lua_setiuservalue(L, owner, 1); /* */
    c->event = event;
}

static bool start_timer(connection *c, double seconds) {
    stop_timer(c);
    c->seconds = seconds;
    c->timed_out = false;
    return lb_timer_start(c->loop, seconds, on_timeout, c, &c->timer) == LB_OK;
}

/* libpq would print warnings of the server on standard error, where the log is: lines that are no JSON with --log json. The
 * server keeps them in a log of its own. */
static void drop_notice(void *arg, const PGresult *notice) {
    (void)arg;
    (void)notice;
}

/* core.connect(options, seconds, event) -> connection; sets the event when it is made, or has failed. options: libpq's
 * parameters by name. What resolves names blocks: they have hostaddr. */
static int connect_to(lua_State *L) {
    const char *names[MAX_OPTIONS + 1], *values[MAX_OPTIONS + 1];
    size_t n = 0;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Number seconds = luaL_checknumber(L, 2);
    lblua_check_event(L, 3);
    lua_settop(L, 3); /* options seconds event */
    connection *c = lua_newuserdatauv(L, sizeof *c, 1); /* options seconds event connection */
    memset(c, 0, sizeof *c);
    c->loop = lblua_loop(L);
    c->now = CLOSED;
    luaL_setmetatable(L, CONNECTION);
    set_event(L, c, 4, 3);
    lua_pushnil(L); /* ... connection nil */
    while (lua_next(L, 1)) { /* ... connection name value */
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING, 1, "names and values are strings");
        luaL_argcheck(L, n < MAX_OPTIONS, 1, "too many parameters");
        names[n] = lua_tostring(L, -2);
        values[n++] = lua_tostring(L, -1);
        lua_pop(L, 1); /* ... connection name */
    }
    names[n] = values[n] = NULL;
    c->pg = PQconnectStartParams(names, values, 0);
    if (!c->pg) return luaL_error(L, "out of memory");
    PQsetNoticeReceiver(c->pg, drop_notice, NULL);
    c->now = CONNECTING;
    if (PQstatus(c->pg) == CONNECTION_BAD) fail_by_libpq(c);
    else if (!start_timer(c, seconds)) fail(c, "out of memory");
    else watch_for(c, LB_POLLOUT);
    return 1;
}

/* connection:status() -> "connecting", "idle", "busy", "failed" or "closed"; when failed: why, and whether its time was over */
static int status(lua_State *L) {
    connection *c = check_connection(L);
    lua_pushstring(L, state_names[c->now]); /* state */
    if (c->now != FAILED) return 1;
    lua_pushstring(L, c->problem);    /* state problem */
    lua_pushboolean(L, c->timed_out); /* state problem timed_out */
    return 3;
}

/* Sends one statement of a group: { sql, name = string or nil, parse = boolean, count = parameters, ... }. With a name it is
 * prepared by it, first when `parse` is set, which gives a result of its own. The parameters follow the SQL. */
static bool send_statement(lua_State *L, connection *c, int at) {
    const char *values[MAX_PARAMETERS];
    lua_geti(L, at, 1); /* sql */
    const char *sql = luaL_checkstring(L, -1);
    lua_getfield(L, at, "name");  /* sql name */
    lua_getfield(L, at, "parse"); /* sql name parse */
    lua_getfield(L, at, "count"); /* sql name parse count */
    const char *name = lua_tostring(L, -3);
    bool parse = lua_toboolean(L, -2);
    lua_Integer count = luaL_optinteger(L, -1, 0);
    luaL_argcheck(L, count >= 0 && count <= MAX_PARAMETERS, 2, "too many parameters");
    if (!lua_checkstack(L, 2 * MAX_PARAMETERS)) luaL_error(L, "not enough memory for the parameters");
    for (int i = 0; i < count; i++) {
        lua_geti(L, at, i + 2);                         /* ... value */
        values[i] = postgres_text(L, lua_gettop(L));    /* ... value text */
    }
    if (name && parse) {
        if (PQsendPrepare(c->pg, name, sql, 0, NULL) != 1) return false;
        c->expected++;
    }
    c->expected++;
    int sent = name ? PQsendQueryPrepared(c->pg, name, (int)count, values, NULL, NULL, 0)
                    : PQsendQueryParams(c->pg, sql, (int)count, NULL, values, NULL, NULL, 0);
    return sent == 1;
}

static bool end_transaction(connection *c) {
    c->syncs++;
    return PQpipelineSync(c->pg) == 1;
}

/* The values are looked at before the first statement is sent: what cannot be a parameter harms no connection. */
static void check_statements(lua_State *L) { /* connection list ... */
    lua_Integer n = luaL_len(L, 2);
    luaL_argcheck(L, n >= 1 && n <= MAX_STATEMENTS, 2, "1 to 4096 statements expected");
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, 2, i); /* statement */
        luaL_checktype(L, -1, LUA_TTABLE);
        lua_getfield(L, -1, "count"); /* statement count */
        lua_Integer count = luaL_optinteger(L, -1, 0);
        lua_pop(L, 1);                /* statement */
        for (lua_Integer k = 1; k <= count; k++) {
            lua_geti(L, -1, k + 1);             /* statement value */
            postgres_text(L, lua_gettop(L));    /* statement value text */
            lua_pop(L, 2);                      /* statement */
        }
        lua_pop(L, 1); /* */
    }
}

/* connection:send(statements, seconds, event): sends a group, which is one transaction; sets the event when all its results
 * are there, or the connection has failed. Only while it is idle. */
static int send_group(lua_State *L) {
    connection *c = check_connection(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_Number seconds = luaL_checknumber(L, 3);
    lblua_check_event(L, 4);
    lua_settop(L, 4); /* connection list seconds event */
    if (c->now != IDLE) return luaL_error(L, "the connection is %s", state_names[c->now]);
    check_statements(L);
    lua_Integer n = luaL_len(L, 2);
    if (c->now != IDLE) return luaL_error(L, "the connection is %s", state_names[c->now]); /* a finalizer has used it */
    set_event(L, c, 1, 4);
    drop_results(c);
    bool good = start_timer(c, seconds);
    c->now = BUSY;
    for (lua_Integer i = 1; good && i <= n; i++) {
        lua_geti(L, 2, i);           /* ... statement */
        lua_getfield(L, -1, "apart"); /* ... statement apart */
        if (i > 1 && lua_toboolean(L, -1)) good = end_transaction(c);
        lua_pop(L, 1);                /* ... statement */
        good = good && send_statement(L, c, lua_gettop(L));
        lua_settop(L, 4);             /* ... */
    }
    if (c->now != BUSY) return 0; /* a finalizer has closed it, which has set the event */
    good = good && end_transaction(c);
    int left = good ? PQflush(c->pg) : -1;
    if (left < 0) fail_by_libpq(c);
    else if (left > 0) watch_for(c, LB_POLLIN | LB_POLLOUT);
    return 0;
}

/* ---- Results ---------------------------------------------------------------------------------- */

/* Results that are being read. They are not the connection's any more, which a finalizer may end meanwhile. */
typedef struct taken {
    size_t count;
    PGresult *list[];
} taken;

static int free_taken(lua_State *L) {
    taken *t = luaL_checkudata(L, -1, RESULTS);
    while (t->count > 0) PQclear(t->list[--t->count]);
    return 0;
}

/* [-0, +1, v] */
static taken *take_all(lua_State *L, connection *c) {
    size_t count = c->count;
    taken *t = lua_newuserdatauv(L, sizeof *t + count * sizeof *t->list, 0); /* taken */
    t->count = 0;
    luaL_setmetatable(L, RESULTS);
    if (c->now != IDLE || c->count != count) luaL_error(L, "the connection is %s", state_names[c->now]);
    if (count) memcpy(t->list, c->results, count * sizeof *t->list);
    t->count = count;
    c->count = 0;
    drop_results(c);
    return t;
}

/* connection:results() -> list with an entry for each result of the last group: a list of rows by column, with `count`, the
 * rows that were changed or found; { failed = true, code, message, ... }; or false for what an error before it has stopped.
 * They are taken: a second time there are none. */
static int results(lua_State *L) {
    connection *c = check_connection(L);
    if (c->now != IDLE) return luaL_error(L, "the connection is %s", state_names[c->now]);
    const taken *t = take_all(L, c);      /* connection taken */
    lua_createtable(L, (int)t->count, 0); /* connection taken list */
    for (size_t i = 0; i < t->count; i++) {
        postgres_push_result(L, t->list[i]);  /* connection taken list result */
        lua_seti(L, -2, (lua_Integer)i + 1);  /* connection taken list */
    }
    lua_insert(L, -2); /* connection list taken */
    free_taken(L);
    lua_pop(L, 1); /* connection list */
    return 1;
}

/* connection:on_notify(event): sets it when a notification has come, or the connection has failed. Only while it is idle. */
static int on_notify(lua_State *L) {
    connection *c = check_connection(L);
    lblua_check_event(L, 2);
    lua_settop(L, 2); /* connection event */
    set_event(L, c, 1, 2);
    if (c->now == FAILED) wake(c);
    return 0;
}

/* connection:notifications() -> list of { channel, payload, process } that have come since */
static int notifications(lua_State *L) {
    connection *c = check_connection(L);
    lua_newtable(L); /* list */
    if (!c->pg) return 1;
    lua_Integer n = 0;
    for (PGnotify *note; (note = PQnotifies(c->pg));) {
        /* copied first: making strings may raise, when memory runs out */
        char channel[128], payload[8192];
        int process = note->be_pid;
        snprintf(channel, sizeof channel, "%s", note->relname);
        snprintf(payload, sizeof payload, "%s", note->extra);
        PQfreemem(note);
        lua_createtable(L, 0, 3);      /* list note */
        lua_pushstring(L, channel);    /* list note text */
        lua_setfield(L, -2, "channel"); /* list note */
        lua_pushstring(L, payload);    /* list note text */
        lua_setfield(L, -2, "payload"); /* list note */
        lua_pushinteger(L, process);   /* list note number */
        lua_setfield(L, -2, "process"); /* list note */
        lua_seti(L, -2, ++n);          /* list */
    }
    return 1;
}

/* connection:info() -> process of the server, version of the server such as 150002 */
static int info(lua_State *L) {
    connection *c = check_connection(L);
    if (!c->pg) return 0;
    lua_pushinteger(L, PQbackendPID(c->pg));     /* process */
    lua_pushinteger(L, PQserverVersion(c->pg));  /* process version */
    return 2;
}

/* connection:close(): may be called again. A task that waits for it gets an error. */
static int close_connection(lua_State *L) {
    connection *c = check_connection(L);
    if (c->pg) {
        if (!lblua_is_closing(L)) {
            stop_watch(c);
            stop_timer(c);
        }
        PQfinish(c->pg);
        c->pg = NULL;
        drop_results(c);
        if (!lblua_is_closing(L)) wake(c);
    }
    free(c->results);
    c->results = NULL;
    c->capacity = 0;
    c->now = CLOSED;
    return 0;
}

static int collect(lua_State *L) {
    connection *c = check_connection(L);
    c->event = NULL; /* nobody waits, or its event was collected before */
    return close_connection(L);
}

void postgres_open_connection(lua_State *L) { /* core */
    static const luaL_Reg methods[] = {
        { "status", status },     { "send", send_group },       { "results", results }, { "on_notify", on_notify },
        { "notifications", notifications }, { "info", info },   { "close", close_connection }, { NULL, NULL },
    };
    if (luaL_newmetatable(L, CONNECTION)) { /* core mt */
        lua_pushcfunction(L, collect);      /* core mt f */
        lua_setfield(L, -2, "__gc");        /* core mt */
        lua_pushcfunction(L, close_connection); /* core mt f */
        lua_setfield(L, -2, "__close");     /* core mt */
        luaL_newlib(L, methods);            /* core mt index */
        lua_setfield(L, -2, "__index");     /* core mt */
    }
    lua_pop(L, 1);                          /* core */
    if (luaL_newmetatable(L, RESULTS)) {    /* core mt */
        lua_pushcfunction(L, free_taken);   /* core mt f */
        lua_setfield(L, -2, "__gc");        /* core mt */
    }
    lua_pop(L, 1);                          /* core */
    lua_pushcfunction(L, connect_to);       /* core f */
    lua_setfield(L, -2, "connect");         /* core */
}
