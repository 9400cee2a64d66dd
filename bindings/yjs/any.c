/* any.c - values in lib0's "any" encoding. */
#include "any.h"

#include "../text/utf8.h"

#include <string.h>

static const char *read_uint(const char *at, const char *end, uint64_t *value) {
    uint64_t result = 0;
    for (unsigned shift = 0; shift <= 49; shift += 7) {
        if (at == end) return NULL;
        unsigned char byte = (unsigned char)*at++;
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = result;
            return result < UINT64_C(1) << 53 ? at : NULL;
        }
    }
    return NULL;
}

static const char *read_int(const char *at, const char *end, bool *negative, uint64_t *magnitude) {
    if (at == end) return NULL;
    unsigned char byte = (unsigned char)*at++;
    *negative = byte & 0x40;
    *magnitude = byte & 0x3f;
    if (byte < 0x80) return at;
    uint64_t rest;
    at = read_uint(at, end, &rest);
    if (!at || rest >= UINT64_C(1) << 47) return NULL;
    *magnitude |= rest << 6;
    return at;
}

static const char *read_bytes(const char *at, const char *end, yj_slice *bytes) {
    uint64_t size;
    at = read_uint(at, end, &size);
    if (!at || size > (uint64_t)(end - at)) return NULL;
    bytes->at = at;
    bytes->size = (size_t)size;
    return at + size;
}

const char *yj_any_key(const char *at, const char *end, yj_slice *key) {
    at = read_bytes(at, end, key);
    return at && lb_utf8_check(key->at, key->size) == key->size ? at : NULL;
}

static uint64_t read_big_endian(const char *at, int size) {
    uint64_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | (unsigned char)at[i];
    return value;
}

static const char *read_number(const char *at, const char *end, yj_token *token) {
    int size = token->kind == YJ_ANY_FLOAT ? 4 : 8;
    if (end - at < size) return NULL;
    uint64_t bits = read_big_endian(at, size);
    if (token->kind == YJ_ANY_FLOAT) {
        uint32_t word = (uint32_t)bits;
        float number;
        memcpy(&number, &word, sizeof number);
        token->number = (double)number;
    } else if (token->kind == YJ_ANY_DOUBLE) {
        memcpy(&token->number, &bits, sizeof bits);
    } else {
        memcpy(&token->bigint, &bits, sizeof bits);
        token->number = (double)token->bigint;
    }
    return at + size;
}

const char *yj_any_token(const char *at, const char *end, yj_token *token) {
    if (at == end) return NULL;
    *token = (yj_token){ .kind = (unsigned char)*at++ };
    switch (token->kind) {
        case YJ_ANY_UNDEFINED:
        case YJ_ANY_NULL:
        case YJ_ANY_TRUE:
        case YJ_ANY_FALSE: return at;
        case YJ_ANY_INTEGER:
            at = read_int(at, end, &token->negative, &token->magnitude);
            token->number = token->negative ? -(double)token->magnitude : (double)token->magnitude;
            return at;
        case YJ_ANY_FLOAT:
        case YJ_ANY_DOUBLE:
        case YJ_ANY_BIGINT: return read_number(at, end, token);
        case YJ_ANY_STRING: return yj_any_key(at, end, &token->bytes);
        case YJ_ANY_BYTES: return read_bytes(at, end, &token->bytes);
        case YJ_ANY_ARRAY:
        case YJ_ANY_OBJECT: return read_uint(at, end, &token->count);
        default: return NULL;
    }
}

const char *yj_any_skip(const char *at, const char *end) {
    struct {
        uint64_t left;
        bool object;
    } levels[YJ_DEPTH];
    size_t depth = 0;
    for (;;) {
        if (depth && levels[depth - 1].object) {
            yj_slice key;
            at = yj_any_key(at, end, &key);
            if (!at) return NULL;
        }
        yj_token token;
        at = yj_any_token(at, end, &token);
        if (!at) return NULL;
        if ((token.kind == YJ_ANY_ARRAY || token.kind == YJ_ANY_OBJECT) && token.count) {
            if (depth == YJ_DEPTH) return NULL;
            levels[depth].left = token.count;
            levels[depth++].object = token.kind == YJ_ANY_OBJECT;
            continue;
        }
        while (depth && --levels[depth - 1].left == 0) depth--;
        if (!depth) return at;
    }
}

size_t yj_any_number(char out[16], double value) {
    bool negative = value < 0 || (value == 0 && 1 / value < 0);
    double size = negative ? -value : value;
    if (size <= 2147483647.0 && size == (double)(uint32_t)size) {
        uint32_t magnitude = (uint32_t)size;
        out[0] = (char)YJ_ANY_INTEGER;
        out[1] = (char)((magnitude > 0x3f ? 0x80u : 0) | (negative ? 0x40u : 0) | (magnitude & 0x3f));
        return magnitude > 0x3f ? 2 + yj_any_varuint(out + 2, magnitude >> 6) : 2;
    }
    float narrow = size <= 3.4028234663852886e38 ? (float)value : 0;
    bool is_float = (double)narrow == value || (size > 1.7976931348623157e308 && size == size);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (is_float) {
        if (size > 1.7976931348623157e308) narrow = (float)value; /* infinite */
        uint32_t word;
        memcpy(&word, &narrow, sizeof word);
        bits = word;
    }
    int length = is_float ? 4 : 8;
    out[0] = (char)(is_float ? YJ_ANY_FLOAT : YJ_ANY_DOUBLE);
    for (int i = 0; i < length; i++) out[1 + i] = (char)(bits >> (8 * (length - 1 - i)) & 0xff);
    return 1 + (size_t)length;
}

static bool same_bytes(yj_slice a, yj_slice b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static bool is_container(int kind) {
    return kind == YJ_ANY_ARRAY || kind == YJ_ANY_OBJECT || kind == YJ_ANY_BYTES;
}

static bool same_scalar(const yj_token *a, const yj_token *b) {
    bool number = a->kind >= YJ_ANY_DOUBLE && a->kind <= YJ_ANY_INTEGER;
    if (number) return b->kind >= YJ_ANY_DOUBLE && b->kind <= YJ_ANY_INTEGER && a->number == b->number;
    if (is_container(a->kind) || a->kind != b->kind) return false;
    if (a->kind == YJ_ANY_STRING) return same_bytes(a->bytes, b->bytes);
    return a->kind != YJ_ANY_BIGINT || a->bigint == b->bigint;
}

/* The value of a key, or NULL; looks first at *hint, where the next one of the other object is if the orders agree. */
static const char *value_of(yj_slice object, uint64_t count, yj_slice key, const char **hint) {
    const char *end = object.at + object.size, *at;
    yj_slice found;
    if (*hint < end && (at = yj_any_key(*hint, end, &found)) && same_bytes(found, key)) {
        *hint = yj_any_skip(at, end);
        return at;
    }
    at = object.at;
    for (uint64_t i = 0; i < count; i++) {
        at = yj_any_key(at, end, &found);
        if (same_bytes(found, key)) return at;
        at = yj_any_skip(at, end);
    }
    return NULL;
}

enum { MOST_UNORDERED = 256 }; /* keys; beyond, objects are the same if their bytes are */

bool yj_any_equal(yj_slice a, yj_slice b) {
    yj_token x, y;
    const char *a_end = a.at + a.size, *b_end = b.at + b.size;
    if (!a.at || !b.at) return !a.at && !b.at;
    const char *at = yj_any_token(a.at, a_end, &x), *other = yj_any_token(b.at, b_end, &y);
    if (!is_container(x.kind)) return same_scalar(&x, &y);
    if (x.kind != y.kind) return false;
    if (x.kind == YJ_ANY_BYTES) return same_bytes(x.bytes, y.bytes);
    if (x.count != y.count) return false;
    if (x.count > MOST_UNORDERED) return same_bytes(a, b);
    yj_slice rest = { other, (size_t)(b_end - other) };
    for (uint64_t i = 0; i < x.count; i++) {
        const char *theirs = other;
        if (x.kind == YJ_ANY_OBJECT) {
            yj_slice key;
            at = yj_any_key(at, a_end, &key);
            theirs = value_of(rest, y.count, key, &other);
            if (!theirs) return false;
        } else {
            other = yj_any_skip(other, b_end);
        }
        yj_token mine, other_token;
        yj_any_token(at, a_end, &mine);
        yj_any_token(theirs, b_end, &other_token);
        if (!same_scalar(&mine, &other_token)) return false;
        at = yj_any_skip(at, a_end);
    }
    return true;
}
