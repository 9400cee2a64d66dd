/* core.c - the module `lbhost.postgres.core`, which lua/lbhost/postgres builds on. */
#include "postgres.h"

#include <lauxlib.h>

int postgres_open_core(lua_State *L) {
    lua_newtable(L); /* core */
    postgres_open_connection(L);
    postgres_open_lookup(L);
    postgres_open_values(L);
    return 1;
}
