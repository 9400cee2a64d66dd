/*
 * plugin.c - a plugin in C: connections to PostgreSQL, through libpq. What is made of them is in Lua: the event store of
 * `lbhost serve` in lua/lbhost/serve/postgres.
 *
 *     lbhost serve handlers.lua --store postgres://user@host/database
 */
#include "postgres.h"

#include <lauxlib.h>

static int open_core(lua_State *L) {
    lua_newtable(L); /* core */
    postgres_open_connection(L);
    postgres_open_conninfo(L);
    postgres_open_lookup(L);
    postgres_open_values(L);
    return 1;
}

__attribute__((visibility("default"))) int luaopen_postgres(lua_State *L) {
    luaL_requiref(L, "lbhost.postgres.core", open_core, 0); /* core */
    lua_pop(L, 1);                                          /* */
    lua_getglobal(L, "require");                            /* require */
    lua_pushliteral(L, "lbhost.serve.postgres.plugin");     /* require name */
    lua_call(L, 1, 1);                                      /* plugin */
    return 1;
}
