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

/* The elements of a container in turn; arrays and bytes have their positions as keys. */
typedef struct elements {
    int kind;
    const char *at, *end;
    uint64_t count, index;
    yj_slice key; /* of an object */
    char byte[16];
} elements;

static elements elements_of(const yj_token *container, const char *after, const char *end) {
    elements all = { .kind = container->kind, .at = after, .end = end, .count = container->count };
    if (container->kind == YJ_ANY_BYTES) {
        all.at = container->bytes.at;
        all.count = container->bytes.size;
    }
    return all;
}

/* Goes to the next one; *value is where it begins. False at the end. */
static bool next_element(elements *all, const char **value, const char **end) {
    if (all->index == all->count) return false;
    all->index++;
    *end = all->end;
    if (all->kind == YJ_ANY_BYTES) {
        *value = all->byte;
        *end = all->byte + yj_any_number(all->byte, (unsigned char)*all->at++);
        return true;
    }
    if (all->kind == YJ_ANY_OBJECT) all->at = yj_any_key(all->at, all->end, &all->key);
    *value = all->at;
    all->at = yj_any_skip(all->at, all->end);
    return true;
}

/* A position as the key that it is in JavaScript. */
static yj_slice index_key(uint64_t index, char text[20]) {
    size_t size = 0;
    do text[19 - size++] = (char)('0' + index % 10);
    while (index /= 10);
    return (yj_slice){ text + 20 - size, size };
}

static yj_slice key_of(const elements *all, char text[20]) {
    return all->kind == YJ_ANY_OBJECT ? all->key : index_key(all->index - 1, text);
}

static bool same_values(const char *a, const char *a_end, const char *b, const char *b_end) {
    yj_token x, y;
    yj_any_token(a, a_end, &x);
    yj_any_token(b, b_end, &y);
    if (is_container(x.kind) && x.kind == y.kind) return a == b;
    return same_scalar(&x, &y);
}

enum { MAX_UNORDERED = 256 }; /* elements; beyond, containers are the same if their elements are in the same order */

/* Has it an element of that key with that value? Looks first at *hint, the next one if the orders agree. */
static bool has_element(const elements *from, elements *hint, yj_slice key, const char *value, const char *value_end) {
    char text[20];
    const char *other, *end;
    if (next_element(hint, &other, &end) && same_bytes(key_of(hint, text), key)) return same_values(value, value_end, other, end);
    if (from->count > MAX_UNORDERED) return false;
    for (elements all = *from; next_element(&all, &other, &end);)
        if (same_bytes(key_of(&all, text), key)) return same_values(value, value_end, other, end);
    return false;
}

/* As equalAttrs of Yjs: of objects, arrays and bytes the elements are compared with ===. */
bool yj_any_equal(yj_slice a, yj_slice b) {
    if (!a.at || !b.at) return !a.at && !b.at;
    yj_token x, y;
    const char *in_a = yj_any_token(a.at, a.at + a.size, &x), *in_b = yj_any_token(b.at, b.at + b.size, &y);
    if (!is_container(x.kind) || !is_container(y.kind)) return same_scalar(&x, &y);
    if (a.at == b.at) return true;
    elements all = elements_of(&x, in_a, a.at + a.size), others = elements_of(&y, in_b, b.at + b.size), hint = others;
    if (all.count != others.count) return false;
    char text[20];
    for (const char *value, *end; next_element(&all, &value, &end);)
        if (!has_element(&others, &hint, key_of(&all, text), value, end)) return false;
    return true;
}
