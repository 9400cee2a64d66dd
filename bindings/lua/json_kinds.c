/* json_kinds.c - the keys of the objects that an encoder meets. */
#include "json_kinds.h"

#include <string.h>

#include "../text/json_text.h"

enum { NEAR = 4 }; /* places where a kind can be */

static uint64_t head_of(const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    uint64_t head = 0;
    if (length >= 8) {
        for (int i = 0; i < 8; i++) head = head << 8 | bytes[i];
        return head;
    }
    for (size_t i = 0; i < length; i++) head = head << 8 | bytes[i];
    return length ? head << (64 - 8 * length) : 0;
}

lblua_json_field lblua_json_field_of(const char *text, size_t length, int index) {
    return (lblua_json_field){ .head = head_of(text, length), .text = text, .length = length, .index = index };
}

int lblua_json_compare_fields(const void *a, const void *b) {
    const lblua_json_field *x = a, *y = b;
    if (x->head != y->head) return x->head < y->head ? -1 : 1;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* By insertion. */
static void sort_few(lblua_json_field *fields, int n) {
    for (int i = 1; i < n; i++) {
        lblua_json_field k = fields[i];
        int at = i;
        for (; at > 0 && lblua_json_compare_fields(&fields[at - 1], &k) > 0; at--) fields[at] = fields[at - 1];
        fields[at] = k;
    }
}

/* Prepares a key with what stands around it. */
static void prepare_key(lblua_json_key *k, const lblua_json_field *f) {
    k->text = f->text;
    k->length = (uint32_t)f->length;
    k->index = (unsigned char)f->index;
    k->size = 0;
    if (f->length + 4 > LBLUA_JSON_SHORT || lb_json_copy_plain(k->written + 2, f->text, f->length) < f->length) return;
    memcpy(k->written, ",\"", 2);
    memcpy(k->written + 2 + f->length, "\":", 2);
    k->size = (unsigned char)(f->length + 4);
}

static void make_kind(lblua_json_kind *k, const char *const *given, const size_t *lengths, int count) {
    lblua_json_field fields[LBLUA_JSON_FEW];
    for (int i = 0; i < count; i++) fields[i] = lblua_json_field_of(given[i], lengths[i], i);
    sort_few(fields, count);
    for (int i = 0; i < count; i++) {
        k->given[i] = given[i];
        prepare_key(&k->sorted[i], &fields[i]);
    }
    k->count = count;
    k->used = false;
}

void lblua_json_start_kinds(lblua_json_kinds *kinds) {
    for (int i = 0; i < LBLUA_JSON_KINDS; i++) kinds->list[i].users = 0;
    lblua_json_forget_kinds(kinds);
}

void lblua_json_forget_kinds(lblua_json_kinds *kinds) {
    for (int i = 0; i < LBLUA_JSON_KINDS; i++)
        if (kinds->list[i].users == 0) kinds->list[i].count = -1;
}

static bool is_kind(const lblua_json_kind *k, const char *const *given, int count) {
    if (k->count != count) return false;
    for (int i = 0; i < count; i++)
        if (k->given[i] != given[i]) return false;
    return true;
}

/* The first of the places where a kind with this key can be. */
static unsigned place_of(const char *first) {
    uintptr_t address = (uintptr_t)first;
    return (unsigned)(address >> 4 ^ address >> 9);
}

int lblua_json_find_kind(lblua_json_kinds *kinds, const char *const *given, int count) {
    unsigned from = place_of(given[0]);
    for (unsigned i = 0; i < NEAR; i++) {
        unsigned at = (from + i) % LBLUA_JSON_KINDS;
        if (!is_kind(&kinds->list[at], given, count)) continue;
        kinds->list[at].used = true;
        return (int)at;
    }
    return -1;
}

int lblua_json_make_kind(lblua_json_kinds *kinds, const char *const *given, const size_t *lengths, int count) {
    unsigned from = place_of(given[0]);
    for (unsigned i = 0; i < 2 * NEAR; i++) {
        unsigned at = (from + i % NEAR) % LBLUA_JSON_KINDS;
        lblua_json_kind *k = &kinds->list[at];
        if (k->users) continue;
        if (k->count >= 0 && k->used) {
            k->used = false; /* stays this time */
            continue;
        }
        make_kind(k, given, lengths, count);
        return (int)at;
    }
    return -1;
}
