/* any.h - values in lib0's "any" encoding (https://github.com/dmonad/lib0), and their JSON texts.
 *
 * A value is a byte that names its kind, then its content: YJ_ANY_INTEGER a signed number of 7-bit groups, floats big
 * endian, texts and bytes with their size first, arrays and objects with the number of their elements first. */
#ifndef YJ_ANY_H
#define YJ_ANY_H

#include "yjs.h"

enum {
    YJ_ANY_BYTES = 116,
    YJ_ANY_ARRAY,
    YJ_ANY_OBJECT,
    YJ_ANY_STRING,
    YJ_ANY_TRUE,
    YJ_ANY_FALSE,
    YJ_ANY_BIGINT,
    YJ_ANY_DOUBLE,
    YJ_ANY_FLOAT,
    YJ_ANY_INTEGER,
    YJ_ANY_NULL,
    YJ_ANY_UNDEFINED,
};

/* One token of a value: a scalar whole, or the head of an array or object. */
typedef struct yj_token {
    int kind;
    uint64_t count;   /* of an array or object */
    yj_slice bytes;   /* of a string or bytes */
    bool negative;    /* of an integer, whose size is magnitude */
    uint64_t magnitude;
    double number;    /* of all numbers */
    int64_t bigint;
} yj_token;

/* The byte after the token at `at`, or NULL when it is not one (a string is checked for UTF-8). */
const char *yj_any_token(const char *at, const char *end, yj_token *token);
/* A string without its kind, as the keys of objects are. */
const char *yj_any_key(const char *at, const char *end, yj_slice *key);
/* The byte after the value, or NULL when it is not one or deeper than YJ_DEPTH. */
const char *yj_any_skip(const char *at, const char *end);
/* A number as any bytes, as JavaScript's would be; returns their size. */
size_t yj_any_number(char out[16], double value);
size_t yj_any_varuint(char out[10], uint64_t value);
/* Are two values the same to a text's formats? Keys in whatever order. */
bool yj_any_equal(yj_slice a, yj_slice b);

#endif
