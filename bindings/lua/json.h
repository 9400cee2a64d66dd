/* json.h - JSON text to Lua values and back, losing nothing.
 *
 * Integers within int64 are Lua integers, all other numbers floats. Arrays carry a metatable, so that an
 * empty one stays []; objects are plain tables; null is the light userdata NULL. When a key is repeated
 * the last one wins. Messages name the place: in a JSON text indices count from 0, as on the wire
 * ("$.data.items[3]"), in a Lua value from 1, as Lua counts; a key that is no identifier is written
 * ["a b"]. Bytes count from 0. Neither direction runs Lua code or nests C calls by the depth of values. */
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
 * Raises only what Lua itself raises, for want of memory, and leaks nothing then. [-0, +(0|1), m] */
bool lblua_json_decode(lua_State *L, const char *text, size_t length, lblua_json_error *error);

/* Opens the module `liveblocks.json`. [-0, +1, m] */
int luaopen_liveblocks_json(lua_State *L);

/* The metatables of arrays and of objects that stay objects when they are empty. [-0, +1, m] */
void lblua_json_push_array_mt(lua_State *L);
void lblua_json_push_object_mt(lua_State *L);

/* encode(value [, {pretty = true}]) -> text. Pretty text has sorted keys. [-?, +1, v] */
int lblua_json_encode(lua_State *L);

/* A path is put together from the outside; of one that is too long the end is kept. */
typedef struct lblua_json_path {
    char text[144];
    size_t length;
} lblua_json_path;

void lblua_json_path_start(lblua_json_path *path);
void lblua_json_path_key(lblua_json_path *path, const char *key, size_t length);
void lblua_json_path_index(lblua_json_path *path, lua_Integer index);

#endif
