/* conninfo.c - the parameters of a connection: of a URL, of the environment, of libpq's defaults.
 *
 * Documentation: https://www.postgresql.org/docs/current/libpq-connect.html, libpq-envars.html */
#include "postgres.h"

#include <lauxlib.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

static void push_options(lua_State *L, PQconninfoOption *options) { /* -> table */
    lua_newtable(L); /* table */
    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        if (!o->val) continue;
        lua_pushstring(L, o->val);       /* table value */
        lua_setfield(L, -2, o->keyword); /* table */
    }
}

static int push_protected(lua_State *L) { /* options */
    push_options(L, lua_touserdata(L, 1));
    return 1;
}

/* [-0, +1, e] */
static void push_parsed(lua_State *L, PQconninfoOption *options) {
    lua_pushcfunction(L, push_protected);   /* f */
    lua_pushlightuserdata(L, options);     /* f options */
    int failed = lua_pcall(L, 1, 1, 0);    /* table or error */
    PQconninfoFree(options);
    if (failed != LUA_OK) lua_error(L);
}

/* core.parse(url) -> the parameters that it names; or nil and what is wrong with it */
static int parse(lua_State *L) {
    char *message = NULL, copy[256];
    const char *url = luaL_checkstring(L, 1);
    luaL_checkstack(L, 8, NULL);
    PQconninfoOption *options = PQconninfoParse(url, &message);
    if (options) {
        push_parsed(L, options); /* table */
        return 1;
    }
    snprintf(copy, sizeof copy, "%.*s", message ? (int)strcspn(message, "\n") : 13, message ? message : "out of memory");
    PQfreemem(message);
    lua_pushnil(L);          /* nil */
    lua_pushstring(L, copy); /* nil message */
    return 2;
}

/* core.defaults() -> the parameters of libpq's environment variables, service file and defaults */
static int defaults(lua_State *L) {
    PQconninfoOption *options = PQconndefaults();
    if (!options) return luaL_error(L, "out of memory");
    push_parsed(L, options); /* table */
    return 1;
}

void postgres_open_conninfo(lua_State *L) { /* core */
    static const luaL_Reg functions[] = { { "parse", parse }, { "defaults", defaults }, { NULL, NULL } };
    luaL_setfuncs(L, functions, 0); /* core */
}
