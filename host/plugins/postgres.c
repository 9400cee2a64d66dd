/*
 * postgres.c - a plugin in C: the event store of `lbhost serve` in PostgreSQL, through libpq.
 *
 *     lbhost serve handlers.lua --store postgres://user@host/database
 *
 * For places whose own disk does not last. The methods are those of lua/lbhost/serve/store.lua, which says what
 * each does; here each is a row with its SQL. A statement blocks the program as one of SQLite does, for no longer
 * than the option `timeout`.
 */
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres/postgres.h"

#define STORE "lbhost.postgres.store"
#define RESULT "lbhost.postgres.result"

enum { FORMAT = 1, MOST_PARAMETERS = 8 };

typedef struct store {
    PGconn *connection;
    double timeout; /* of connecting and of a statement, seconds */
    bool locked, changed;
} store;

static const char timeout_key; /* in the registry: the option, set by setup */

/* ---- Errors ----------------------------------------------------------------------------------- */

/* Raises an error object of kind "store" with the SQLSTATE as its code. */
static int raise(lua_State *L, const char *message, const char *code) {
    static const char fatal[] = "FATAL:  ";
    if (strncmp(message, fatal, sizeof fatal - 1) == 0) message += sizeof fatal - 1;
    size_t n = strcspn(message, "\n");
    lua_getglobal(L, "require");               /* require */
    lua_pushliteral(L, "liveblocks.errors");   /* require name */
    lua_call(L, 1, 1);                         /* errors */
    lua_getfield(L, -1, "new");                /* errors new */
    lua_pushliteral(L, "store");               /* errors new kind */
    lua_pushliteral(L, "the event store in PostgreSQL: ");
    lua_pushlstring(L, message, n);
    lua_concat(L, 2);                          /* errors new kind message */
    lua_newtable(L);                           /* errors new kind message fields */
    lua_pushstring(L, code ? code : "08006");  /* errors new kind message fields code */
    lua_setfield(L, -2, "code");               /* errors new kind message fields */
    lua_call(L, 3, 1);                         /* errors error */
    return lua_error(L);
}

static store *check_store(lua_State *L) {
    store *s = luaL_checkudata(L, 1, STORE);
    if (!s->connection) luaL_error(L, "the event store is closed");
    return s;
}

/* ---- Results: userdata, so that an error on the way frees them ---------------------------------- */

static PGresult **new_result(lua_State *L) {
    PGresult **slot = lua_newuserdatauv(L, sizeof *slot, 0); /* result */
    *slot = NULL;
    luaL_setmetatable(L, RESULT);
    return slot;
}

static int result_gc(lua_State *L) {
    PGresult **slot = luaL_checkudata(L, 1, RESULT);
    PQclear(*slot);
    *slot = NULL;
    return 0;
}

static void push_value(lua_State *L, const PGresult *r, int row, int column) { /* -> value */
    enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT4 = 23, OID_FLOAT8 = 701 };
    if (PQgetisnull(r, row, column)) {
        lua_pushnil(L);
        return;
    }
    const char *text = PQgetvalue(r, row, column);
    switch (PQftype(r, column)) {
    case OID_BOOL: lua_pushboolean(L, text[0] == 't'); return;
    case OID_INT8:
    case OID_INT4: lua_pushinteger(L, strtoll(text, NULL, 10)); return;
    case OID_FLOAT8: lua_pushnumber(L, strtod(text, NULL)); return;
    default: lua_pushlstring(L, text, (size_t)PQgetlength(r, row, column));
    }
}

static void push_row(lua_State *L, const PGresult *r, int row) { /* -> table */
    lua_createtable(L, 0, PQnfields(r));
    for (int i = 0; i < PQnfields(r); i++) {
        push_value(L, r, row, i);              /* table value */
        lua_setfield(L, -2, PQfname(r, i));    /* table */
    }
}

/* ---- Connection ------------------------------------------------------------------------------- */

/* Runs SQL; the result is on the stack. [-0, +1, e] */
static PGresult *run(lua_State *L, store *s, const char *sql, int count, const char *const *values) {
    PGresult **slot = new_result(L); /* result */
    *slot = count < 0 ? PQexec(s->connection, sql)
                      : PQexecParams(s->connection, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(*slot);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return *slot;
    const char *code = PQresultErrorField(*slot, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(*slot, PG_DIAG_MESSAGE_PRIMARY);
    raise(L, message ? message : PQerrorMessage(s->connection), code);
    return NULL;
}

static void run_plain(lua_State *L, store *s, const char *sql) {
    run(L, s, sql, -1, NULL);
    lua_pop(L, 1);
}

/* What a connection needs before it is used. */
static void prepare(lua_State *L, store *s) {
    char text[128];
    snprintf(text, sizeof text, "SET statement_timeout = %d; SET client_min_messages = warning", (int)(s->timeout * 1000));
    run_plain(L, s, text);
    PGresult *r = run(L, s, "SHOW server_encoding", -1, NULL); /* result */
    bool utf8 = strcmp(PQgetvalue(r, 0, 0), "UTF8") == 0;
    lua_pop(L, 1); /* */
    if (!utf8) raise(L, "the encoding of the database must be UTF8", "22021");
    if (PQsetClientEncoding(s->connection, "UTF8") != 0) raise(L, PQerrorMessage(s->connection), NULL);
}

/* Waits a moment: a server may take one to notice that the process which had it is gone. */
static void take_lock(lua_State *L, store *s) {
    PGresult **slot = new_result(L); /* result */
    *slot = PQexec(s->connection, "SET lock_timeout = '1s'; SELECT pg_advisory_lock('lbhost_events'::regclass::oid::bigint)");
    if (PQresultStatus(*slot) != PGRES_TUPLES_OK) {
        const char *code = PQresultErrorField(*slot, PG_DIAG_SQLSTATE);
        bool taken = code && strcmp(code, "55P03") == 0;
        raise(L, taken ? "it is in use by another lbhost serve" : PQerrorMessage(s->connection), code);
    }
    lua_pop(L, 1); /* */
    run_plain(L, s, "RESET lock_timeout");
}

/* A lost connection is made again at the next use. What was under way has failed, and says so. */
static void connect_again(lua_State *L, store *s) {
    if (PQstatus(s->connection) == CONNECTION_OK) return;
    PQreset(s->connection);
    if (PQstatus(s->connection) != CONNECTION_OK) raise(L, PQerrorMessage(s->connection), NULL);
    prepare(L, s);
    if (s->locked) take_lock(L, s);
    run_plain(L, s, "LISTEN lbhost_events");
    s->changed = true;
}

/* ---- Methods that are one statement --------------------------------------------------------------- */

#define EVENT_BUT_BODY "seq, id, type, lane, received, state, attempts, due, error, handled"
#define EVENT EVENT_BUT_BODY ", body"
#define FILTER "($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR type = $2) AND " \
               "($3::text IS NULL OR lane = $3) AND ($4::text IS NULL OR id = $4)"
#define NOTIFY ", notified AS (SELECT pg_notify('lbhost_events', '')) SELECT count(*) FROM changed, notified"

typedef enum kind { NOTHING, VALUES, FOUND, RECORD, RECORDS, TUPLES } kind;

typedef struct method {
    const char *name;
    const char *arguments; /* s: string or nil; n: number; f: a filter, four strings; l: the limit of that filter */
    kind result;
    const char *sql;
} method;

static const method methods[] = {
    { "lanes", "", TUPLES,
      "SELECT lane, due FROM (SELECT DISTINCT ON (lane) lane, due, seq FROM lbhost_events WHERE state = 'pending' "
      "ORDER BY lane, seq) first ORDER BY seq" },
    { "next", "sn", RECORD,
      "SELECT " EVENT " FROM lbhost_events WHERE state = 'pending' AND lane = $1 AND seq > $2 ORDER BY seq LIMIT 1" },
    { "get", "n", RECORD, "SELECT " EVENT " FROM lbhost_events WHERE seq = $1" },
    { "once", "ss", FOUND, "SELECT result FROM lbhost_once WHERE id = $1 AND key = $2" },
    { "put_once", "sss", NOTHING,
      "INSERT INTO lbhost_once (id, key, result) VALUES ($1, $2, $3) "
      "ON CONFLICT (id, key) DO UPDATE SET result = excluded.result" },
    { "timer", "s", VALUES, "SELECT due FROM lbhost_timers WHERE name = $1" },
    { "put_timer", "sn", NOTHING,
      "INSERT INTO lbhost_timers (name, due) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET due = excluded.due" },
    { "count", "", RECORD,
      "SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'parked') AS parked, "
      "count(*) FILTER (WHERE state = 'done') AS done FROM lbhost_events" },
    { "list", "fl", RECORDS,
      "SELECT " EVENT_BUT_BODY " FROM lbhost_events WHERE " FILTER " ORDER BY seq LIMIT $5" },
    { "retry", "f", VALUES,
      "WITH changed AS (UPDATE lbhost_events SET state = 'pending', attempts = 0, due = 0 WHERE " FILTER
      " AND (state = 'parked' OR state = 'pending' AND attempts > 0) RETURNING 1)" NOTIFY },
    { "drop", "f", VALUES,
      "WITH changed AS (UPDATE lbhost_events SET state = 'done', body = NULL, "
      "finished = extract(epoch FROM now()) WHERE " FILTER " AND state <> 'done' RETURNING 1)" NOTIFY },
    { "prune", "n", VALUES,
      "WITH old AS (SELECT seq FROM lbhost_events WHERE state = 'done' AND finished < $1 LIMIT 2000), "
      "gone AS (DELETE FROM lbhost_events WHERE seq IN (SELECT seq FROM old) RETURNING id), "
      "forgotten AS (DELETE FROM lbhost_once WHERE id IN (SELECT id FROM gone)) SELECT count(*) FROM gone" },
};

/* A string that stays valid as long as it is on the stack. nil: NULL. */
static const char *text_of(lua_State *L, int index) { /* -> text */
    if (lua_type(L, index) == LUA_TNUMBER) {
        char number[40];
        if (lua_isinteger(L, index)) snprintf(number, sizeof number, "%lld", (long long)lua_tointeger(L, index));
        else snprintf(number, sizeof number, "%.17g", lua_tonumber(L, index));
        return lua_pushstring(L, number);
    }
    lua_pushvalue(L, index);
    return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
}

static int iterate(lua_State *L) {
    PGresult **slot = luaL_checkudata(L, lua_upvalueindex(1), RESULT);
    int row = (int)lua_tointeger(L, lua_upvalueindex(2));
    if (!*slot || row >= PQntuples(*slot)) return 0;
    lua_pushinteger(L, row + 1);             /* next */
    lua_replace(L, lua_upvalueindex(2));     /* */
    if (lua_toboolean(L, lua_upvalueindex(3))) {
        push_row(L, *slot, row);
        return 1;
    }
    for (int i = 0; i < PQnfields(*slot); i++) push_value(L, *slot, row, i);
    return PQnfields(*slot);
}

/* Reads the arguments of a method; the strings stay on the stack. Returns how many. */
static int read_arguments(lua_State *L, const method *m, const char **values) {
    static const char *const fields[] = { "state", "type", "lane", "id" };
    int count = 0, argument = 2;
    luaL_checkstack(L, 2 * MOST_PARAMETERS, "for the arguments");
    for (const char *a = m->arguments; *a; a++) {
        if (*a == 'f') {
            luaL_checktype(L, argument, LUA_TTABLE);
            for (int i = 0; i < 4; i++) {
                lua_getfield(L, argument, fields[i]); /* ... value */
                values[count++] = lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
            }
        } else if (*a == 'l') {
            lua_getfield(L, argument, "limit");       /* ... limit */
            values[count++] = lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
        } else {
            values[count++] = text_of(L, argument++); /* ... text */
        }
    }
    return count;
}

static int call_method(lua_State *L) {
    const method *m = lua_touserdata(L, lua_upvalueindex(1));
    const char *values[MOST_PARAMETERS];
    store *s = check_store(L);
    lua_settop(L, 4); /* store and at most three arguments */
    int count = read_arguments(L, m, values);
    connect_again(L, s);
    PGresult *r = run(L, s, m->sql, count, values); /* ... result */
    switch (m->result) {
    case NOTHING: return 0;
    case VALUES:
        if (PQntuples(r) == 0) return 0;
        push_value(L, r, 0, 0);
        return 1;
    case FOUND:
        lua_pushboolean(L, PQntuples(r) > 0);
        if (PQntuples(r) == 0) return 1;
        push_value(L, r, 0, 0);
        return 2;
    case RECORD:
        if (PQntuples(r) == 0) return 0;
        push_row(L, r, 0);
        return 1;
    default:
        lua_pushinteger(L, 0);                     /* ... result row */
        lua_pushboolean(L, m->result == RECORDS);  /* ... result row as_table */
        lua_pushcclosure(L, iterate, 3);           /* ... iterator */
        return 1;
    }
}

/* ---- Commit --------------------------------------------------------------------------------------- */

/* Turns the text on the top into an element of an array. */
static void quote(lua_State *L) { /* text -> quoted */
    lua_pushliteral(L, "\"");                                 /* text mark */
    luaL_gsub(L, lua_tostring(L, -2), "\\", "\\\\");         /* text mark escaped */
    luaL_gsub(L, lua_tostring(L, -1), "\"", "\\\"");         /* text mark escaped escaped */
    lua_remove(L, -2);                                       /* text mark escaped */
    lua_pushliteral(L, "\"");                                 /* text mark escaped mark */
    lua_concat(L, 3);                                        /* text quoted */
    lua_remove(L, -2);                                       /* quoted */
}

/* A field of each entry of a list as the text of an array: {"a","b"}; NULL where an entry lacks it. Without a
 * field, the entries themselves. */
static const char *array_of(lua_State *L, int list, const char *field) { /* -> text */
    luaL_Buffer b;
    lua_Integer n = luaL_len(L, list);
    luaL_checkstack(L, 8, "for an array");
    luaL_buffinit(L, &b);
    luaL_addchar(&b, '{');
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1) luaL_addchar(&b, ',');
        if (lua_geti(L, list, i) == LUA_TTABLE && field) { /* entry */
            lua_getfield(L, -1, field);                    /* entry value */
            lua_remove(L, -2);                             /* value */
        }
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            luaL_addstring(&b, "NULL");
            continue;
        }
        text_of(L, lua_gettop(L)); /* value text */
        lua_remove(L, -2);         /* text */
        quote(L);                  /* quoted */
        luaL_addvalue(&b);
    }
    luaL_addchar(&b, '}');
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

typedef struct change {
    const char *list;
    const char *fields[6];
    const char *sql;
} change;

static const change changes[] = {
    { "done", { "" },
      "UPDATE lbhost_events SET state = 'done', body = NULL, error = NULL, finished = extract(epoch FROM now()) "
      "WHERE seq = ANY ($1::bigint[])" },
    { "failed", { "seq", "attempts", "due", "error", "handled" },
      "UPDATE lbhost_events e SET attempts = f.attempts, due = f.due, error = f.error, handled = f.handled "
      "FROM unnest($1::bigint[], $2::int[], $3::float8[], $4::text[], $5::text[]) AS f (seq, attempts, due, error, handled) "
      "WHERE e.seq = f.seq AND e.state = 'pending'" },
    { "parked", { "seq", "attempts", "error", "handled" },
      "UPDATE lbhost_events e SET state = 'parked', attempts = f.attempts, error = f.error, handled = f.handled "
      "FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[]) AS f (seq, attempts, error, handled) "
      "WHERE e.seq = f.seq AND e.state = 'pending'" },
};

static const change addition = {
    "add", { "id", "type", "lane", "received", "body" },
    "INSERT INTO lbhost_events (id, type, lane, received, body) SELECT id, type, lane, received, body "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[]) WITH ORDINALITY "
    "AS e (id, type, lane, received, body, n) ORDER BY n ON CONFLICT (id) DO NOTHING RETURNING id, seq",
};

/* Runs a change for the list of its name in the batch; the result is on the stack. False: there is none. */
static bool apply(lua_State *L, store *s, const change *c, int batch) {
    const char *values[MOST_PARAMETERS];
    int count = 0;
    if (lua_getfield(L, batch, c->list) != LUA_TTABLE || luaL_len(L, -1) == 0) { /* list? */
        lua_pop(L, 1);
        return false;
    }
    int list = lua_gettop(L);
    while (count < 6 && c->fields[count]) {
        const char *field = c->fields[count];
        values[count++] = array_of(L, list, field[0] ? field : NULL); /* list strings... */
    }
    run(L, s, c->sql, count, values);
    lua_replace(L, list); /* result strings... */
    lua_settop(L, list);  /* result */
    return true;
}

/* Gives each event of the batch its seq, or marks it as a duplicate: also of one before it in the batch. */
static void number_events(lua_State *L, int batch, const PGresult *r) {
    lua_newtable(L); /* numbers */
    for (int i = 0; i < PQntuples(r); i++) {
        push_value(L, r, i, 0); /* numbers id */
        push_value(L, r, i, 1); /* numbers id seq */
        lua_rawset(L, -3);      /* numbers */
    }
    lua_getfield(L, batch, "add"); /* numbers list */
    lua_Integer n = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);       /* numbers list event */
        lua_getfield(L, -1, "id"); /* numbers list event id */
        lua_pushvalue(L, -1);     /* numbers list event id id */
        lua_rawget(L, -5);        /* numbers list event id seq? */
        if (lua_isnil(L, -1)) {
            lua_pushboolean(L, 1);             /* numbers list event id nil true */
            lua_setfield(L, -4, "duplicate");  /* numbers list event id nil */
        } else {
            lua_setfield(L, -3, "seq");        /* numbers list event id */
            lua_pushnil(L);                    /* numbers list event id nil */
            lua_rawset(L, -5);                 /* numbers list event */
            lua_pop(L, 1);
            continue;
        }
        lua_pop(L, 3); /* numbers list */
    }
    lua_pop(L, 2); /* */
}

/* The changes of store:commit, inside its transaction. */
static int commit_body(lua_State *L) { /* store batch */
    store *s = check_store(L);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (apply(L, s, &changes[i], 2)) lua_pop(L, 1);
    }
    bool added = apply(L, s, &addition, 2); /* store batch result? */
    run_plain(L, s, "COMMIT");
    if (added) number_events(L, 2, *(PGresult **)luaL_checkudata(L, 3, RESULT));
    return 0;
}

static int store_commit(lua_State *L) {
    store *s = check_store(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    connect_again(L, s);
    run_plain(L, s, "BEGIN");
    lua_pushcfunction(L, commit_body); /* store batch f */
    lua_insert(L, 1);                  /* f store batch */
    if (lua_pcall(L, 2, 0, 0) == LUA_OK) return 0;
    if (PQstatus(s->connection) == CONNECTION_OK) PQclear(PQexec(s->connection, "ROLLBACK"));
    return lua_error(L);
}

/* ---- The other methods ---------------------------------------------------------------------------- */

/* store:changed(): retry and drop of other processes notify us. */
static int store_changed(lua_State *L) {
    store *s = check_store(L);
    connect_again(L, s);
    PQconsumeInput(s->connection);
    for (PGnotify *note; (note = PQnotifies(s->connection)); PQfreemem(note))
        if (note->be_pid != PQbackendPID(s->connection)) s->changed = true;
    lua_pushboolean(L, s->changed);
    s->changed = false;
    return 1;
}

static int store_close(lua_State *L) {
    store *s = luaL_checkudata(L, 1, STORE);
    /* The server takes a moment to notice the end of a connection; the next one should not wait for it. */
    if (s->locked && PQstatus(s->connection) == CONNECTION_OK)
        PQclear(PQexec(s->connection, "SELECT pg_advisory_unlock_all()"));
    PQfinish(s->connection);
    s->connection = NULL;
    return 0;
}

/* ---- Opening -------------------------------------------------------------------------------------- */

static const char schema[] =
    "BEGIN; SELECT pg_advisory_xact_lock(1818387830);" /* two that open an empty database at once */
    "CREATE TABLE IF NOT EXISTS lbhost_events (seq bigserial PRIMARY KEY, id text NOT NULL UNIQUE, type text NOT NULL,"
    " lane text NOT NULL, received float8 NOT NULL, body text, state text NOT NULL DEFAULT 'pending',"
    " attempts int NOT NULL DEFAULT 0, due float8 NOT NULL DEFAULT 0, error text, handled text NOT NULL DEFAULT '',"
    " finished float8);"
    "CREATE INDEX IF NOT EXISTS lbhost_pending ON lbhost_events (lane, seq) WHERE state = 'pending';"
    "CREATE INDEX IF NOT EXISTS lbhost_parked ON lbhost_events (seq) WHERE state = 'parked';"
    "CREATE INDEX IF NOT EXISTS lbhost_done ON lbhost_events (finished) WHERE state = 'done';"
    "CREATE TABLE IF NOT EXISTS lbhost_once (id text, key text, result text, PRIMARY KEY (id, key));"
    "CREATE TABLE IF NOT EXISTS lbhost_timers (name text PRIMARY KEY, due float8 NOT NULL);"
    "CREATE TABLE IF NOT EXISTS lbhost_format (format int NOT NULL);"
    "INSERT INTO lbhost_format SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM lbhost_format); COMMIT";

static void make_tables(lua_State *L, store *s) {
    PGresult *r = run(L, s, "SELECT to_regclass('lbhost_format') IS NULL", -1, NULL); /* result */
    bool fresh = PQgetvalue(r, 0, 0)[0] == 't';
    lua_pop(L, 1); /* */
    if (fresh) run_plain(L, s, schema);
    r = run(L, s, "SELECT format FROM lbhost_format", -1, NULL); /* result */
    int format = PQntuples(r) == 1 ? atoi(PQgetvalue(r, 0, 0)) : -1;
    lua_pop(L, 1); /* */
    if (format != FORMAT) raise(L, "its tables have another format than this lbhost knows", "0A000");
}

/* stores.postgres(url, { lock = boolean }) */
static int open_store(lua_State *L) {
    const char *url = luaL_checkstring(L, 1);
    bool lock = false;
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "lock"); /* url options lock */
        lock = lua_toboolean(L, -1);
    }
    lua_settop(L, 1);                                   /* url */
    store *s = lua_newuserdatauv(L, sizeof *s, 0);      /* url store */
    *s = (store){ .timeout = 10 };
    luaL_setmetatable(L, STORE);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &timeout_key) == LUA_TNUMBER) s->timeout = lua_tonumber(L, -1);
    lua_pop(L, 1);                                      /* url store */
    char seconds[16];
    snprintf(seconds, sizeof seconds, "%d", s->timeout < 2 ? 2 : (int)s->timeout);
    const char *const names[] = { "dbname", "connect_timeout", "application_name", NULL };
    const char *const values[] = { url, seconds, "lbhost", NULL };
    s->connection = PQconnectdbParams(names, values, 1);
    if (!s->connection) return luaL_error(L, "out of memory");
    if (PQstatus(s->connection) != CONNECTION_OK) return raise(L, PQerrorMessage(s->connection), NULL);
    prepare(L, s);
    make_tables(L, s);
    if (lock) take_lock(L, s);
    s->locked = lock;
    run_plain(L, s, "LISTEN lbhost_events");
    return 1;
}

static int setup(lua_State *L) { /* host options */
    lua_getfield(L, 2, "timeout");                   /* host options timeout */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &timeout_key); /* host options */
    return 0;
}

static void make_classes(lua_State *L) {
    luaL_newmetatable(L, RESULT);      /* mt */
    lua_pushcfunction(L, result_gc);   /* mt f */
    lua_setfield(L, -2, "__gc");       /* mt */
    lua_pop(L, 1);                     /* */
    luaL_newmetatable(L, STORE);       /* mt */
    lua_pushcfunction(L, store_close); /* mt f */
    lua_pushvalue(L, -1);              /* mt f f */
    lua_setfield(L, -3, "__gc");       /* mt f */
    lua_setfield(L, -2, "__close");    /* mt */
    static const luaL_Reg others[] = {
        { "commit", store_commit }, { "changed", store_changed }, { "close", store_close }, { NULL, NULL }
    };
    luaL_newlib(L, others); /* mt index */
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        lua_pushlightuserdata(L, (void *)(size_t)&methods[i]); /* mt index row */
        lua_pushcclosure(L, call_method, 1);                   /* mt index f */
        lua_setfield(L, -2, methods[i].name);                  /* mt index */
    }
    lua_setfield(L, -2, "__index"); /* mt */
    lua_pop(L, 1);                  /* */
}

static void set_text(lua_State *L, const char *name, const char *value) { /* t */
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

__attribute__((visibility("default"))) int luaopen_postgres(lua_State *L) {
    make_classes(L);
    luaL_requiref(L, "lbhost.postgres.core", postgres_open_core, 0); /* core */
    lua_pop(L, 1);                                                   /* */
    lua_newtable(L); /* plugin */
    lua_pushinteger(L, 1);
    lua_setfield(L, -2, "api");
    set_text(L, "name", "postgres");
    set_text(L, "about", "The event store in PostgreSQL: lbhost serve --store postgres://...");
    set_text(L, "version", "1.0");
    lua_pushcfunction(L, setup);
    lua_setfield(L, -2, "setup");
    lua_newtable(L); /* plugin options */
    lua_newtable(L); /* plugin options timeout */
    set_text(L, "type", "number");
    set_text(L, "about", "seconds, of connecting and of a statement");
    lua_pushinteger(L, 10);
    lua_setfield(L, -2, "default");
    lua_pushinteger(L, 1);
    lua_setfield(L, -2, "min");
    lua_pushinteger(L, 600);
    lua_setfield(L, -2, "max");
    lua_setfield(L, -2, "timeout"); /* plugin options */
    lua_setfield(L, -2, "options"); /* plugin */
    lua_newtable(L);                /* plugin stores */
    lua_pushcfunction(L, open_store);
    lua_setfield(L, -2, "postgres");
    lua_pushcfunction(L, open_store);
    lua_setfield(L, -2, "postgresql");
    lua_setfield(L, -2, "stores"); /* plugin */
    return 1;
}
