/* json_kinds.h - the keys of the objects that an encoder meets, sorted: most have the same keys as one before.
 *
 * With the keys of each object sorted and prepared for itself (tests/bench/json.lua by callgrind, 29 November 2026): 1.59
 * million instructions to encode the room page instead of 1.26, 47.1 for the 1 MB document instead of 36.2. With kinds that
 * are replaced by turns, used again or not: 1.30 for the room page. */
#ifndef LBLUA_JSON_KINDS_H
#define LBLUA_JSON_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LBLUA_JSON_FEW = 24,   /* members of an object that has a kind */
    LBLUA_JSON_KINDS = 16, /* that are known at a time */
    LBLUA_JSON_SHORT = 32, /* bytes of a key with what stands around it, which are copied in one go */
};

/* A key to be sorted: its first eight bytes as a number, so that most comparisons are of two numbers. */
typedef struct lblua_json_field {
    uint64_t head;
    const char *text;
    size_t length;
    int index; /* among the members as they were gathered */
} lblua_json_field;

lblua_json_field lblua_json_field_of(const char *text, size_t length, int index);

/* Orders two fields, for qsort(): by bytes, as memcmp orders them, a shorter one before what it begins. */
int lblua_json_compare_fields(const void *a, const void *b);

typedef struct lblua_json_key {
    char written[LBLUA_JSON_SHORT]; /* ,"key": */
    const char *text;
    uint32_t length;
    unsigned char index; /* among the members as they were gathered */
    unsigned char size;  /* of what is written; 0: the key is too long, or something in it is escaped */
} lblua_json_key;

/* A kind of object: its keys as lua_next gives them, which is the same order for most objects with the same keys, and
 * sorted. The keys are the same when their addresses are: Lua has each short string once. Addresses are of use as long as
 * nothing is collected. */
typedef struct lblua_json_kind {
    int users; /* open objects of this kind, which keep its keys alive */
    int count; /* -1: none */
    bool used; /* again, since another kind wanted its place */
    const char *given[LBLUA_JSON_FEW];
    lblua_json_key sorted[LBLUA_JSON_FEW];
} lblua_json_kind;

typedef struct lblua_json_kinds {
    lblua_json_kind list[LBLUA_JSON_KINDS];
} lblua_json_kinds;

void lblua_json_start_kinds(lblua_json_kinds *kinds);

/* Something may have been collected: an address can be that of another string now. */
void lblua_json_forget_kinds(lblua_json_kinds *kinds);

/* The number of the kind of object that has these keys, of 1 to LBLUA_JSON_FEW; -1: none is known. */
int lblua_json_find_kind(lblua_json_kinds *kinds, const char *const *given, int count);

/* The number of a new kind, instead of one that is not in use; -1 when there is no space. */
int lblua_json_make_kind(lblua_json_kinds *kinds, const char *const *given, const size_t *lengths, int count);

#endif
