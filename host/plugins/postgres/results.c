/* results.c - results of PostgreSQL as values of Lua. */
#include "postgres.h"

#include <libpq-fe.h>
#include <stdlib.h>

static void push_value(lua_State *L, const PGresult *r, int row, int column) { /* -> value */
    enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_OID = 26, OID_FLOAT4 = 700, OID_FLOAT8 = 701 };
    if (PQgetisnull(r, row, column)) {
        lua_pushnil(L);
        return;
    }
    const char *text = PQgetvalue(r, row, column);
    switch (PQftype(r, column)) {
    case OID_BOOL: lua_pushboolean(L, text[0] == 't'); return;
    case OID_INT8:
    case OID_INT2:
    case OID_OID:
    case OID_INT4: lua_pushinteger(L, strtoll(text, NULL, 10)); return;
    case OID_FLOAT4:
    case OID_FLOAT8: lua_pushnumber(L, strtod(text, NULL)); return;
    default: lua_pushlstring(L, text, (size_t)PQgetlength(r, row, column));
    }
}

static void push_rows(lua_State *L, const PGresult *r) { /* -> list */
    int rows = PQntuples(r), columns = PQnfields(r);
    lua_createtable(L, rows, 1); /* list */
    for (int i = 0; i < rows; i++) {
        lua_createtable(L, 0, columns); /* list row */
        for (int k = 0; k < columns; k++) {
            push_value(L, r, i, k);             /* list row value */
            lua_setfield(L, -2, PQfname(r, k)); /* list row */
        }
        lua_seti(L, -2, i + 1); /* list */
    }
}

static void push_error(lua_State *L, const PGresult *r) { /* -> table */
    static const struct { int field; const char *name; } fields[] = {
        { PG_DIAG_SQLSTATE, "code" },        { PG_DIAG_MESSAGE_PRIMARY, "message" }, { PG_DIAG_MESSAGE_DETAIL, "detail" },
        { PG_DIAG_CONSTRAINT_NAME, "constraint" },
    };
    lua_newtable(L); /* table */
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        lua_pushstring(L, PQresultErrorField(r, fields[i].field)); /* table text */
        lua_setfield(L, -2, fields[i].name);                       /* table */
    }
    lua_pushboolean(L, 1);       /* table true */
    lua_setfield(L, -2, "failed"); /* table */
}

void postgres_push_result(lua_State *L, const PGresult *r) {
    switch (PQresultStatus(r)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        push_rows(L, r);                                                   /* rows */
        lua_pushinteger(L, strtoll(PQcmdTuples((PGresult *)r), NULL, 10)); /* rows count */
        lua_setfield(L, -2, "count");                                      /* rows */
        return;
    case PGRES_PIPELINE_ABORTED: lua_pushboolean(L, 0); return; /* false */
    default: push_error(L, r);                                  /* table */
    }
}
