/*
 * sqlite.c - lbhost.sqlite: databases for the event store, journals and scripts.
 *
 *   local db <close> = sqlite.open("store.db")
 *   db:run("INSERT INTO seen VALUES (?, ?)", id, os.time())
 *   for id, at in db:rows "SELECT id, at FROM seen" do ... end
 *
 * Parameters: nil, booleans (as 0 and 1), integers, floats, strings (text) and sqlite.blob(bytes). Failures raise
 * error objects of kind "store" with `code`, the name of SQLite's result ("SQLITE_FULL").
 * Documentation: https://www.sqlite.org/rescode.html
 */
#define _POSIX_C_SOURCE 200809L
#include "modules.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../bindings/liveblocks_lua.h"

#define DATABASE "lbhost.sqlite.database"
#define STATEMENT "lbhost.sqlite.statement"
#define BLOB "lbhost.sqlite.blob"

typedef struct database {
    sqlite3 *db;
    bool in_transaction; /* the function of db:transaction() runs */
    char path[256]; /* for messages */
} database;

static const struct {
    int code;
    const char *name;
} codes[] = {
    { SQLITE_BUSY, "SQLITE_BUSY" },         { SQLITE_LOCKED, "SQLITE_LOCKED" },       { SQLITE_NOMEM, "SQLITE_NOMEM" },
    { SQLITE_READONLY, "SQLITE_READONLY" }, { SQLITE_IOERR, "SQLITE_IOERR" },         { SQLITE_CORRUPT, "SQLITE_CORRUPT" },
    { SQLITE_FULL, "SQLITE_FULL" },         { SQLITE_CANTOPEN, "SQLITE_CANTOPEN" },   { SQLITE_NOTADB, "SQLITE_NOTADB" },
    { SQLITE_TOOBIG, "SQLITE_TOOBIG" },     { SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT" }, { SQLITE_MISMATCH, "SQLITE_MISMATCH" },
    { SQLITE_PERM, "SQLITE_PERM" },         { SQLITE_INTERRUPT, "SQLITE_INTERRUPT" }, { SQLITE_SCHEMA, "SQLITE_SCHEMA" },
};

static const char *code_name(int code) {
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == (code & 0xff)) return codes[i].name;
    return "SQLITE_ERROR";
}

/* The message, which may be SQLite's own, is copied before anything else: to make the table may run a finalizer, which may use
 * the database. */
static int fail(lua_State *L, const char *path, int code, const char *message) {
    lua_pushfstring(L, "%s: %s", path, message);       /* message */
    lua_createtable(L, 0, 4);                          /* message error */
    lua_insert(L, -2);                                 /* error message */
    lua_setfield(L, -2, "message");                    /* error */
    lua_pushliteral(L, "store");                       /* error kind */
    lua_setfield(L, -2, "kind");                       /* error */
    lua_pushstring(L, code_name(code));                /* error code */
    lua_setfield(L, -2, "code");                       /* error */
    lua_pushinteger(L, code);                          /* error extended */
    lua_setfield(L, -2, "extended_code");              /* error */
    lblua_set_error(L);
    return lua_error(L);
}

static int fail_db(lua_State *L, database *d) {
    return fail(L, d->path, sqlite3_extended_errcode(d->db), sqlite3_errmsg(d->db));
}

/* Whatever allocates in Lua may run a finalizer, which may close the database or use it: also its own finalizer, when one before
 * that has made the database known again. So this is looked at again before it is used. */
static void check_open(lua_State *L, const database *d) {
    if (!d->db) lblua_usage(L, "%s: the database is closed", d->path);
}

static database *check_database(lua_State *L) {
    database *d = luaL_checkudata(L, 1, DATABASE);
    check_open(L, d);
    return d;
}

/* ---- Statements ------------------------------------------------------------------------------- */

typedef struct statement {
    sqlite3_stmt *s; /* NULL: closed */
    bool read;       /* a row of it is being made values of Lua: nobody else may use it */
} statement;

static void close_statement(statement *s) {
    sqlite3_finalize(s->s);
    s->s = NULL;
}

static int statement_close(lua_State *L) {
    close_statement(luaL_checkudata(L, 1, STATEMENT));
    return 0;
}

/* Leaves a new statement on the stack. [-0, +1, e] */
static statement *prepare(lua_State *L, database *d, int sql_index, bool keep) {
    size_t size;
    const char *sql = luaL_checklstring(L, sql_index, &size), *rest = NULL;
    luaL_argcheck(L, size < INT_MAX, sql_index, "the SQL is too long");
    statement *s = lua_newuserdatauv(L, sizeof *s, 1); /* statement, which keeps its database */
    *s = (statement){ NULL, false };
    luaL_setmetatable(L, STATEMENT);
    check_open(L, d);
    lua_pushvalue(L, 1);         /* statement db */
    lua_setiuservalue(L, -2, 1); /* statement */
    unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    if (sqlite3_prepare_v3(d->db, sql, (int)size + 1, flags, &s->s, &rest) != SQLITE_OK) fail_db(L, d);
    if (!s->s) lblua_usage(L, "%s: there is no statement in '%s'", d->path, sql);
    if (rest[strspn(rest, " \t\r\n;")]) lblua_usage(L, "%s: one statement expected, more follow: '%s'", d->path, rest);
    return s;
}

/* The statement of an SQL string, prepared once; it stays on the stack. [-0, +1, e] */
static statement *cached(lua_State *L, database *d, int sql_index) {
    lua_getiuservalue(L, 1, 1);     /* cache */
    lua_pushvalue(L, sql_index);    /* cache sql */
    lua_rawget(L, -2);              /* cache statement? */
    statement *found = lua_touserdata(L, -1);
    if (found && found->s && !found->read) {
        lua_remove(L, -2); /* statement */
        return found;
    }
    lua_pop(L, 1); /* cache; one that is being read, or was when memory ran out, gives its place up */
    statement *s = prepare(L, d, sql_index, true); /* cache statement */
    lua_pushvalue(L, sql_index);                 /* cache statement sql */
    lua_pushvalue(L, -2);                        /* cache statement sql statement */
    lua_rawset(L, -4);                           /* cache statement */
    lua_remove(L, -2);                           /* statement */
    return s;
}

static int bind_value(lua_State *L, sqlite3_stmt *s, int at, int index) {
    size_t size;
    const char *bytes;
    switch (lua_type(L, index)) {
    case LUA_TNIL: return sqlite3_bind_null(s, at);
    case LUA_TBOOLEAN: return sqlite3_bind_int(s, at, lua_toboolean(L, index));
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) return sqlite3_bind_int64(s, at, lua_tointeger(L, index));
        return sqlite3_bind_double(s, at, lua_tonumber(L, index));
    case LUA_TSTRING:
        bytes = lua_tolstring(L, index, &size);
        return sqlite3_bind_text64(s, at, bytes, size, SQLITE_TRANSIENT, SQLITE_UTF8);
    default:
        if (!luaL_testudata(L, index, BLOB)) return SQLITE_MISUSE;
        lua_getiuservalue(L, index, 1); /* bytes */
        bytes = lua_tolstring(L, -1, &size);
        int status = sqlite3_bind_blob64(s, at, bytes, size, SQLITE_TRANSIENT);
        lua_pop(L, 1); /* */
        return status;
    }
}

/* Binds the arguments from `first` on; their count must be that of the parameters. */
static void bind(lua_State *L, database *d, sqlite3_stmt *s, int first, int last) {
    int wanted = sqlite3_bind_parameter_count(s), given = last - first + 1;
    if (given != wanted) lblua_usage(L, "%s: %d parameters expected, got %d: %s", d->path, wanted, given, sqlite3_sql(s));
    for (int i = 0; i < given; i++) {
        int status = bind_value(L, s, i + 1, first + i);
        if (status == SQLITE_MISUSE)
            lblua_usage(L, "%s: parameter %d cannot be a %s", d->path, i + 1, luaL_typename(L, first + i));
        if (status != SQLITE_OK) fail_db(L, d);
    }
}

/* The values of the row. To push them may run a finalizer: nobody else uses the statement meanwhile, but it may be closed. */
static int push_columns(lua_State *L, statement *from) {
    sqlite3_stmt *s = from->s;
    int count = sqlite3_column_count(s);
    luaL_checkstack(L, count + 1, "too many columns");
    from->read = true;
    for (int i = 0; i < count; i++) {
        if (!from->s) lblua_usage(L, "the database was closed while a row was read");
        switch (sqlite3_column_type(s, i)) {
        case SQLITE_NULL: lua_pushnil(L); break;
        case SQLITE_INTEGER: lua_pushinteger(L, sqlite3_column_int64(s, i)); break;
        case SQLITE_FLOAT: lua_pushnumber(L, sqlite3_column_double(s, i)); break;
        default: {
            const void *bytes = sqlite3_column_blob(s, i);
            lua_pushlstring(L, bytes ? bytes : "", (size_t)sqlite3_column_bytes(s, i));
        }
        }
    }
    from->read = false;
    return count;
}

/* Releases the locks and the bound bytes, whatever happened. */
static void done_with(const statement *s) {
    if (!s->s) return;
    sqlite3_reset(s->s);
    sqlite3_clear_bindings(s->s);
}

/* ---- Methods ---------------------------------------------------------------------------------- */

/* db:exec(sql): runs any number of statements; for set-up. */
static int db_exec(lua_State *L) {
    const char *sql = luaL_checkstring(L, 2);
    database *d = check_database(L);
    if (sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK) return fail_db(L, d);
    return 0;
}

/* db:run(sql, ...) -> rows changed */
static int db_run(lua_State *L) {
    database *d = check_database(L);
    int last = lua_gettop(L);
    statement *s = cached(L, d, 2); /* ... statement */
    bind(L, d, s->s, 3, last);
    int before = sqlite3_total_changes(d->db), status;
    do status = sqlite3_step(s->s);
    while (status == SQLITE_ROW);
    int changes = sqlite3_total_changes(d->db) - before;
    done_with(s); /* keeps the error of the step as the database's last */
    if (status != SQLITE_DONE) return fail(L, d->path, sqlite3_extended_errcode(d->db), sqlite3_errmsg(d->db));
    lua_pushinteger(L, changes); /* ... changes */
    return 1;
}

/* db:row(sql, ...) -> the values of the first row, or nil */
static int db_row(lua_State *L) {
    database *d = check_database(L);
    int last = lua_gettop(L);
    statement *s = cached(L, d, 2); /* ... statement */
    bind(L, d, s->s, 3, last);
    int status = sqlite3_step(s->s), count = 1;
    if (status == SQLITE_ROW) count = push_columns(L, s); /* ... values */
    else if (status == SQLITE_DONE) lua_pushnil(L);       /* ... nil */
    done_with(s);
    if (status != SQLITE_ROW && status != SQLITE_DONE) return fail_db(L, d);
    return count;
}

static int next_row(lua_State *L) {
    statement *s = luaL_checkudata(L, lua_upvalueindex(1), STATEMENT);
    if (!s->s) return 0;
    if (s->read) return lblua_usage(L, "the rows are being read already"), 0;
    int status = sqlite3_step(s->s);
    if (status == SQLITE_ROW) return push_columns(L, s);
    lua_getiuservalue(L, lua_upvalueindex(1), 1); /* db */
    const database *d = lua_touserdata(L, -1);
    int extended = sqlite3_extended_errcode(sqlite3_db_handle(s->s)); /* d->db may be closed */
    close_statement(s);
    if (status != SQLITE_DONE) return fail(L, d->path, extended, sqlite3_errstr(extended));
    return 0;
}

/* db:rows(sql, ...) -> iterator over the rows for `for` */
static int db_rows(lua_State *L) {
    database *d = check_database(L);
    int last = lua_gettop(L);
    statement *s = prepare(L, d, 2, false); /* ... statement */
    bind(L, d, s->s, 3, last);
    lua_pushvalue(L, -1);               /* ... statement statement */
    lua_pushcclosure(L, next_row, 1);   /* ... statement next */
    lua_pushnil(L);                     /* ... statement next nil */
    lua_pushnil(L);                     /* ... statement next nil nil */
    lua_rotate(L, -4, -1);              /* ... next nil nil statement, which is closed with the loop */
    return 4;
}

/* db:transaction(fn, ...) -> what fn returned. An error rolls back and is raised again. While fn runs, every use of this
 * database belongs to the transaction: fn must not wait for a task that uses it, too. */
static int db_transaction(lua_State *L) {
    database *d = check_database(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (!sqlite3_get_autocommit(d->db)) return lblua_usage(L, "%s: a transaction is open already", d->path), 0;
    if (sqlite3_exec(d->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) return fail_db(L, d);
    d->in_transaction = true;
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0); /* db results... */
    d->in_transaction = false;
    if (status == LUA_OK) {
        if (sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK) return lua_gettop(L) - 1;
        int code = sqlite3_extended_errcode(d->db);
        char message[256];
        snprintf(message, sizeof message, "%s", sqlite3_errmsg(d->db));
        sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
        return fail(L, d->path, code, message);
    }
    if (!sqlite3_get_autocommit(d->db)) sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
    return lua_error(L);
}

/* db:last_rowid() -> the row that the last INSERT made */
static int db_last_rowid(lua_State *L) {
    lua_pushinteger(L, sqlite3_last_insert_rowid(check_database(L)->db));
    return 1;
}

/* db:close(): may be called again */
static int db_close(lua_State *L) {
    database *d = luaL_checkudata(L, 1, DATABASE);
    if (!d->db) return 0;
    if (d->in_transaction) lblua_usage(L, "%s: a transaction cannot close its database", d->path);
    sqlite3 *db = d->db;
    d->db = NULL;
    lua_getiuservalue(L, 1, 1); /* cache? */
    if (lua_istable(L, -1)) {
        lua_pushnil(L); /* cache nil */
        while (lua_next(L, -2)) { /* cache sql statement */
            close_statement(lua_touserdata(L, -1));
            lua_pop(L, 1);        /* cache sql */
            lua_pushvalue(L, -1); /* cache sql sql */
            lua_pushnil(L);       /* cache sql sql nil; a new table could fail, and the handle would stay open */
            lua_rawset(L, -4);    /* cache sql */
        }
    }
    lua_pop(L, 1); /* */
    sqlite3_close_v2(db); /* iterators that are still open end on their own */
    return 0;
}

/* In a transaction, which a finalizer before this one has started: the database is collected later. */
static int db_gc(lua_State *L) {
    const database *d = luaL_checkudata(L, 1, DATABASE);
    if (!d->in_transaction) return db_close(L);
    luaL_setmetatable(L, DATABASE);
    return 0;
}

static int db_tostring(lua_State *L) {
    database *d = luaL_checkudata(L, 1, DATABASE);
    lua_pushfstring(L, "%s: %s%s", DATABASE, d->path, d->db ? "" : " (closed)");
    return 1;
}

/* ---- Module ----------------------------------------------------------------------------------- */

static bool option(lua_State *L, const char *name, bool absent) {
    if (!lua_istable(L, 2)) return absent;
    int type = lua_getfield(L, 2, name); /* ... value */
    bool value = type == LUA_TNIL ? absent : lua_toboolean(L, -1);
    lua_pop(L, 1); /* ... */
    return value;
}

/* A new file that its owner alone can read; SQLite gives the files beside it the same rights. */
static void make_private(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd); /* else SQLite says what is wrong */
}

/* sqlite.open(path, { create = true, readonly = false, private = false, busy_timeout = seconds (0) }) -> db
 * private: a new file can be read by its owner alone */
static int open_database(lua_State *L) {
    size_t size;
    const char *path = luaL_checklstring(L, 1, &size);
    luaL_argcheck(L, strlen(path) == size, 1, "the path contains a NUL character");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2); /* path options */
    int flags = SQLITE_OPEN_NOMUTEX;
    flags |= option(L, "readonly", false) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (option(L, "create", true) && !(flags & SQLITE_OPEN_READONLY)) flags |= SQLITE_OPEN_CREATE;
    lua_Number wait = 0;
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "busy_timeout"); /* path options seconds */
        wait = lua_tonumber(L, -1);
        lua_pop(L, 1); /* path options */
    }
    database *d = lua_newuserdatauv(L, sizeof *d, 1); /* path options db */
    memset(d, 0, sizeof *d);
    snprintf(d->path, sizeof d->path, "%s", path);
    luaL_setmetatable(L, DATABASE);
    lua_newtable(L);             /* path options db cache */
    lua_setiuservalue(L, -2, 1); /* path options db */
    if ((flags & SQLITE_OPEN_CREATE) && option(L, "private", false) && path[0] && path[0] != ':') make_private(path);
    if (sqlite3_open_v2(path, &d->db, flags, NULL) != SQLITE_OK) {
        int code = d->db ? sqlite3_extended_errcode(d->db) : SQLITE_NOMEM;
        char message[256];
        snprintf(message, sizeof message, "%s", d->db ? sqlite3_errmsg(d->db) : "out of memory");
        sqlite3_close_v2(d->db);
        d->db = NULL;
        return fail(L, path, code, message);
    }
    sqlite3_extended_result_codes(d->db, 1);
    if (wait > 0 && wait < 1e6) sqlite3_busy_timeout(d->db, (int)(wait * 1000));
    return 1;
}

/* sqlite.blob(bytes) -> a parameter that is stored as a blob */
static int blob(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);                     /* bytes */
    lua_newuserdatauv(L, 0, 1);           /* bytes blob */
    luaL_setmetatable(L, BLOB);
    lua_insert(L, 1);                     /* blob bytes */
    lua_setiuservalue(L, 1, 1);           /* blob */
    return 1;
}

int luaopen_lbhost_sqlite(lua_State *L) {
    static const luaL_Reg methods[] = {
        { "exec", db_exec }, { "run", db_run },   { "row", db_row },
        { "rows", db_rows }, { "transaction", db_transaction }, { "last_rowid", db_last_rowid },
        { "close", db_close }, { NULL, NULL },
    };
    static const luaL_Reg functions[] = { { "open", open_database }, { "blob", blob }, { NULL, NULL } };
    luaL_newmetatable(L, BLOB);            /* mt */
    luaL_newmetatable(L, STATEMENT);       /* mt mt */
    lua_pushcfunction(L, statement_close); /* mt mt f */
    lua_pushvalue(L, -1);                  /* mt mt f f */
    lua_setfield(L, -3, "__gc");           /* mt mt f */
    lua_setfield(L, -2, "__close");        /* mt mt */
    luaL_newmetatable(L, DATABASE);        /* mt mt mt */
    luaL_newlib(L, methods);               /* mt mt mt index */
    lua_setfield(L, -2, "__index");        /* mt mt mt */
    lua_pushcfunction(L, db_tostring);     /* mt mt mt f */
    lua_setfield(L, -2, "__tostring");     /* mt mt mt */
    lua_pushcfunction(L, db_gc);           /* mt mt mt f */
    lua_setfield(L, -2, "__gc");           /* mt mt mt */
    lua_pushcfunction(L, db_close);        /* mt mt mt f */
    lua_setfield(L, -2, "__close");        /* mt mt mt */
    lua_pop(L, 3);                         /* */
    luaL_newlib(L, functions);             /* sqlite */
    return 1;
}
