/* json_cache.h - short strings that a decoder has met, so that repeated keys are not hashed by Lua again. */
#ifndef LBLUA_JSON_CACHE_H
#define LBLUA_JSON_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    CACHE_SIZE = 256, /* strings */
    CACHE_LENGTH = 32,
    CACHE_OTHER = CACHE_SIZE / 2, /* a string is in the slot of its hash or this far from it */
};

/* Short strings of this and earlier documents, by a cheap hash, how many members an object with this first key had, and which
 * key came after this one: one for each Lua state. Its user values are the list of the Lua strings and the metatable of
 * arrays. */
typedef struct cache {
    unsigned char length[CACHE_SIZE]; /* 0: none */
    bool used[CACHE_SIZE];            /* since another one wanted its slot */
    unsigned char members[CACHE_SIZE], next[CACHE_SIZE];
    char text[CACHE_SIZE][CACHE_LENGTH];
} cache;

/* All bytes of a string of one to three. */
static inline uint32_t few_bytes(const char *text, size_t length) {
    return (uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[length / 2] << 8 |
           (uint32_t)(unsigned char)text[length - 1] << 16;
}

/* Of 1 to CACHE_LENGTH bytes, both: eight at a time, the last ones twice. */
static inline bool same_text(const char *a, const char *b, size_t length) {
    uint64_t x, y;
    uint32_t first[2], last[2];
    if (length < 4) return few_bytes(a, length) == few_bytes(b, length);
    if (length < 8) {
        memcpy(&first[0], a, 4);
        memcpy(&first[1], b, 4);
        memcpy(&last[0], a + length - 4, 4);
        memcpy(&last[1], b + length - 4, 4);
        return first[0] == first[1] && last[0] == last[1];
    }
    for (size_t i = 0; i + 8 < length; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y) return false;
    }
    memcpy(&x, a + length - 8, 8);
    memcpy(&y, b + length - 8, 8);
    return x == y;
}

/* The slot of a string, unless it is CACHE_OTHER from there. */
static inline unsigned cache_hash(const char *text, size_t length) {
    _Static_assert(CACHE_SIZE == 256, "eight bits");
    uint32_t first, last;
    if (length < 4) {
        first = last = few_bytes(text, length);
    } else {
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
    }
    return (unsigned)((first * 31 + last + (uint32_t)length) * UINT32_C(0x9E3779B1)) >> 24;
}

static inline bool cache_has(const cache *c, unsigned slot, const char *text, size_t length) {
    return c->length[slot] == length && same_text(c->text[slot], text, length);
}

/* Finds a slot for a new string: slot, or the other one. What has been used since another one wanted its slot stays
 * this time. False when both stay. */
static inline bool cache_take(cache *c, unsigned *slot) {
    for (int i = 0; i < 2; i++) {
        *slot ^= CACHE_OTHER;
        if (!c->used[*slot]) return true;
        c->used[*slot] = false;
    }
    return false;
}

#endif
