/* json.h - JSON text to Lua values and back, losing nothing.
 *
 * Integers within int64 are Lua integers; numbers that neither int64 nor a double holds are userdata that keep their
 * text (json_number.c); all others are floats. Arrays carry a metatable, so that an empty one stays []; objects are
 * plain tables; null is the light userdata NULL. Strings are UTF-8; half a surrogate pair, which JSON can escape, is
 * its three bytes of WTF-8. When a key is repeated the last one wins. Messages name the path: in JSON text indices
 * count from 0, as on the wire ("$.data.items[3]"), in a Lua value from 1, as Lua counts; a key that is not an
 * identifier is written ["a b"]. Bytes count from 0. Neither direction runs Lua code or nests C calls by the depth of
 * values. */
#ifndef LBLUA_JSON_H
#define LBLUA_JSON_H

#include "portable.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lblua_json_error {
    size_t offset;     /* of the first byte that is wrong */
    char message[256]; /* "$.data.items[3]: invalid UTF-8 at byte 17" */
} lblua_json_error;

enum { LBLUA_JSON_DEPTH = 1000 };

/* Pushes the value of JSON text and returns true, or fills in error, pushes nothing and returns false.
 * Raises only what Lua itself raises, when memory runs out, and leaks nothing then. [-0, +(0|1), m] */
bool lblua_json_decode(lua_State *L, const char *text, size_t length, lblua_json_error *error);

/* The same, but refuses half a surrogate pair and a number that neither int64 nor a double holds. */
bool lblua_json_decode_strict(lua_State *L, const char *text, size_t length, lblua_json_error *error);

/* ---- The same in pieces, for what must not work long at a time ----
 *
 *     lblua_json_begin(L, text, length, false);                      // ... decoder
 *     while ((status = lblua_json_step(L, -1, 16384, &error)) == LBLUA_JSON_MORE) ...
 *     if (status == LBLUA_JSON_DONE) ...                             // ... decoder value
 *
 * A unit of work is a byte of text, so that a budget of time becomes a number of units by what the last step took.
 * A step ends after the value or the piece of a string in which the units run out: what it does more than they allow is
 * at most one value and 4 KiB of a string. Three things cannot be divided, because Lua does them in one go: making a
 * string copies it (0.1 ms a MB), a table that grows is copied (an array has then twice the size), and the collector's
 * own steps. Whitespace between two values is skipped in one go, too (1 ms a MB). The text must stay where it is until the last step. */
typedef enum lblua_json_status { LBLUA_JSON_MORE, LBLUA_JSON_DONE, LBLUA_JSON_INVALID } lblua_json_status;

/* Pushes a decoder, a userdata. It holds the values made so far, and nothing else to be released. [-0, +1, m] */
void lblua_json_begin(lua_State *L, const char *text, size_t length, bool strict);

/* Goes on with the decoder at index, from any coroutine of its state. Pushes the value with LBLUA_JSON_DONE, fills in
 * error with LBLUA_JSON_INVALID; both are final. Raises when memory runs out, which is final too: another step raises
 * again. [-0, +(0|1), m] */
lblua_json_status lblua_json_step(lua_State *L, int index, size_t units, lblua_json_error *error);

/* ---- Values ---- */

/* The metatables of arrays and of objects that stay objects when they are empty. [-0, +1, m] */
void lblua_json_push_array_mt(lua_State *L);
void lblua_json_push_object_mt(lua_State *L);

/* Pushes a number that is known by its text alone, as it stands in JSON. [-0, +1, m] */
void lblua_json_push_number(lua_State *L, const char *text, size_t length);

/* Pushes an integer, whose text is known: as such a number where Lua has no integers and no double holds it.
 * [-0, +1, m] */
static inline void lblua_json_push_integer(lua_State *L, int64_t value, const char *text, size_t length) {
#if LUA_VERSION_NUM >= 503
    (void)text;
    (void)length;
    lua_pushinteger(L, value); /* integer */
#else
    if (value >= -(INT64_C(1) << 53) && value <= INT64_C(1) << 53) lua_pushnumber(L, (lua_Number)value); /* number */
    else lblua_json_push_number(L, text, length);                                                      /* number */
#endif
}

/* The text of such a number at index, or NULL when the value is something else. [-0, +0, -] */
const char *lblua_json_number_text(lua_State *L, int index, size_t *length);

/* Adds number, tonumber and is_number to the table on the top. [-0, +0, m] */
void lblua_json_open_number(lua_State *L);

/* encode(value [, {pretty = true}]) -> text. Keys are sorted by their bytes. [-?, +1, v] */
int lblua_json_encode(lua_State *L);

/* Opens the module `liveblocks.json`. [-0, +1, m] */
int luaopen_liveblocks_json(lua_State *L);

/* True when the value at index is what a call returns after its result: response metadata, which stands instead of
 * options where a call is an argument without parentheses around it. [-0, +0, -] */
bool lblua_json_is_meta(lua_State *L, int index);

/* ---- Places ---- */

/* A path is put together from the outside; of one that is too long the end is kept. */
typedef struct lblua_json_path {
    char text[144];
    size_t length;
} lblua_json_path;

void lblua_json_path_start(lblua_json_path *path);
void lblua_json_path_key(lblua_json_path *path, const char *key, size_t length);
void lblua_json_path_index(lblua_json_path *path, lua_Integer index);

#endif
