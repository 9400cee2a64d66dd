/* json_output.h - JSON text on its way: a buffer of the state's allocator, and the strings in it. */
#ifndef LBLUA_JSON_OUTPUT_H
#define LBLUA_JSON_OUTPUT_H

#include "portable.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../text/json_text.h"

/* Begins on the C stack; what gets larger is memory of the state's allocator, held by a userdata at stack index `box`, so
 * that an error frees it. */
typedef struct lblua_json_output {
    lua_State *L;
    char *data;
    size_t size, capacity;
    int box;        /* an index that holds nil at first */
    bool collected; /* memory was allocated by Lua, so that the collector and finalizers may have run */
    char small[4096];
} lblua_json_output;

void lblua_json_output_start(lblua_json_output *out, lua_State *L, int box);

/* Frees what an error would leave to the collector. */
void lblua_json_output_free(lblua_json_output *out);

/* Reserves space for more bytes. [-0, +0, m] */
void lblua_json_output_grow(lblua_json_output *out, size_t more);

static inline void lblua_json_output_reserve(lblua_json_output *out, size_t more) {
    if (out->capacity - out->size < more) lblua_json_output_grow(out, more);
}

static inline void lblua_json_output_add(lblua_json_output *out, const char *text, size_t n) {
    lblua_json_output_reserve(out, n);
    memcpy(out->data + out->size, text, n);
    out->size += n;
}

static inline void lblua_json_output_char(lblua_json_output *out, char c) {
    lblua_json_output_reserve(out, 1);
    out->data[out->size++] = c;
}

/* The rest of a string, whose first bytes, after a quote, are written: as many as stand for themselves. */
size_t lblua_json_output_rest(lblua_json_output *out, const char *s, size_t length, size_t plain);

/* Writes a string in quotes. Returns length, or less: where the bytes are that are neither UTF-8 nor half a surrogate
 * pair in WTF-8. Two halves of a pair that follow each other are written as the character that they are, as when
 * JavaScript joins two strings; a lone half is an escape. [-0, +0, m] */
static inline size_t lblua_json_output_string(lblua_json_output *out, const char *s, size_t length) {
    lblua_json_output_reserve(out, length + 2);
    char *to = out->data + out->size;
    size_t plain = lb_json_copy_plain(to + 1, s, length);
    *to = '"';
    if (plain < length) return lblua_json_output_rest(out, s, length, plain);
    to[length + 1] = '"';
    out->size += length + 2;
    return length;
}

#endif
