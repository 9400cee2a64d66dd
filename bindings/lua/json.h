/* json.h - JSON text to Lua values and back, losing nothing. */
#ifndef LBLUA_JSON_H
#define LBLUA_JSON_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct lblua_json_error {
    size_t offset;     /* of the first byte that is wrong */
    char message[256]; /* "$.data.items[3]: invalid UTF-8 at byte 17" */
} lblua_json_error;

enum { LBLUA_JSON_DEPTH = 1000 };

/* Pushes the value of a JSON text and returns true, or fills in error, pushes nothing and returns false.
 * Indices in the path count from 0, as on the wire. [-0, +(0|1), m] */
bool lblua_json_decode(lua_State *L, const char *text, size_t length, lblua_json_error *error);

/* Opens the module `liveblocks.json`. [-0, +1, m] */
int luaopen_liveblocks_json(lua_State *L);

/* The metatables of arrays and of objects that stay objects when they are empty. [-0, +1, m] */
void lblua_json_push_array_mt(lua_State *L);
void lblua_json_push_object_mt(lua_State *L);

/* encode(value [, {pretty = true}]) -> text. [-?, +1, v] */
int lblua_json_encode(lua_State *L);

#endif
