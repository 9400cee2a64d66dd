/* postgres.h - the parts of the plugin `postgres`: connections to PostgreSQL on the loop of the Lua state. */
#ifndef LBHOST_POSTGRES_H
#define LBHOST_POSTGRES_H

#include <lua.h>

/** Adds connect to the table on the top, and makes its classes. [-0, +0, m] */
void postgres_open_connection(lua_State *L);

/** Adds parse and defaults to the table on the top. [-0, +0, m] */
void postgres_open_conninfo(lua_State *L);

/** Adds lookup to the table on the top, and makes its class. [-0, +0, m] */
void postgres_open_lookup(lua_State *L);

/** Adds array to the table on the top. [-0, +0, m] */
void postgres_open_values(lua_State *L);

/** A value as the text of a parameter, on the stack; NULL for nil. Raises for what is not nil, a boolean, a number or a
 *  string, and for a string with a NUL, which PostgreSQL cannot store. [-0, +1, e] */
const char *postgres_text(lua_State *L, int index);

/** Pushes a result: a list of rows by column, with `count`, the rows that were changed or found; { failed = true, code, message,
 *  detail, constraint }; or false for one that an earlier error in the group has stopped. The result stays the caller's.
 *  [-0, +1, m] */
struct pg_result;
void postgres_push_result(lua_State *L, const struct pg_result *result);

#endif
