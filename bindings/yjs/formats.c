/* formats.c - sets of formats, and the position of an edit in a text. */
#include "formats.h"

#include <string.h>

static const char null_bytes[] = { YJ_ANY_NULL };

enum { FEW = 8 }; /* are looked through one by one */

/* ---- Values ---- */

bool yj_is_null(yj_slice value) {
    return value.size && (value.at[0] == YJ_ANY_NULL);
}

/* An object is the same as itself alone. */
bool yj_is_identical(yj_slice a, yj_slice b) {
    int kind = a.size ? (unsigned char)a.at[0] : 0;
    bool container = kind == YJ_ANY_ARRAY || kind == YJ_ANY_OBJECT || kind == YJ_ANY_BYTES;
    return container ? a.at == b.at : yj_any_equal(a, b);
}

/* ---- Sets ---- */

static size_t slot_of(yj_doc *doc, const yj_formats *set, const yj_name *key) {
    size_t at = key->hash & (set->slot_count - 1);
    for (; set->slots[at] && set->list[set->slots[at] - 1].key != key; at = (at + 1) & (set->slot_count - 1))
        doc->heap.steps++;
    return at;
}

yj_setting *yj_formats_find(yj_doc *doc, const yj_formats *set, const yj_name *key) {
    if (set->slots) {
        uint32_t index = set->slots[slot_of(doc, set, key)];
        return index && !set->list[index - 1].dropped ? &set->list[index - 1] : NULL;
    }
    for (size_t i = 0; i < set->count; i++) {
        doc->heap.steps++;
        if (set->list[i].key == key && !set->list[i].dropped) return &set->list[i];
    }
    return NULL;
}

yj_setting yj_formats_get(yj_doc *doc, const yj_formats *set, const yj_name *key) {
    const yj_setting *found = yj_formats_find(doc, set, key);
    return found ? *found : (yj_setting){ .value = { null_bytes, 1 } };
}

/* Takes out what was dropped, and makes a table of what is left. */
static void rebuild(yj_doc *doc, yj_formats *set) {
    size_t to = 0;
    for (size_t i = 0; i < set->count; i++)
        if (!set->list[i].dropped) set->list[to++] = set->list[i];
    set->count = to;
    size_t slots = 4 * FEW;
    while (slots < 4 * set->count) slots *= 2;
    if (slots != set->slot_count) {
        yj_free(&doc->heap, set->slots);
        set->slots = yj_allocate(&doc->heap, yj_product(&doc->heap, slots, sizeof *set->slots));
        set->slot_count = slots;
    }
    memset(set->slots, 0, slots * sizeof *set->slots);
    for (size_t i = 0; i < set->count; i++) set->slots[slot_of(doc, set, set->list[i].key)] = (uint32_t)(i + 1);
    doc->heap.steps += slots;
}

static void hold(yj_bytes *owner) {
    if (owner) owner->references++;
}

void yj_formats_put(yj_doc *doc, yj_formats *set, yj_name *key, yj_slice value, yj_bytes *owner) {
    yj_setting *found = yj_formats_find(doc, set, key);
    hold(owner);
    if (found) {
        yj_bytes_release(&doc->heap, found->owner);
        found->value = value;
        found->owner = owner;
        return;
    }
    bool full = set->slots ? 2 * (set->count + 1) > set->slot_count : set->count == FEW;
    if (full) rebuild(doc, set);
    YJ_GROW(&doc->heap, set);
    set->list[set->count++] = (yj_setting){ key, value, owner, false };
    set->live++;
    if (set->slots) set->slots[slot_of(doc, set, key)] = (uint32_t)set->count;
}

void yj_formats_drop(yj_doc *doc, yj_formats *set, const yj_name *key) {
    yj_setting *found = yj_formats_find(doc, set, key);
    if (!found) return;
    yj_bytes_release(&doc->heap, found->owner);
    found->owner = NULL;
    found->dropped = true;
    if (--set->live > 0) return;
    set->count = 0; /* all were dropped */
    if (set->slots) memset(set->slots, 0, set->slot_count * sizeof *set->slots);
}

bool yj_formats_next(const yj_formats *set, size_t *at, const yj_setting **setting) {
    while (*at < set->count && set->list[*at].dropped) ++*at;
    if (*at == set->count) return false;
    *setting = &set->list[(*at)++];
    return true;
}

void yj_formats_free(yj_doc *doc, yj_formats *set) {
    for (size_t i = 0; i < set->count; i++) yj_bytes_release(&doc->heap, set->list[i].owner);
    yj_free(&doc->heap, set->list);
    yj_free(&doc->heap, set->slots);
    *set = (yj_formats){ 0 };
}

void yj_formats_read(yj_doc *doc, yj_formats *set, const yj_attributes *from) {
    *set = (yj_formats){ 0 };
    for (size_t i = 0; from && i < from->count; i++) {
        yj_slice value = from->list[i].value;
        yj_bytes *owner = yj_bytes_new(&doc->heap, value.size);
        if (value.size) memcpy(owner->at, value.at, value.size);
        owner->used = value.size;
        yj_formats_put(doc, set, yj_intern(doc, from->list[i].key), (yj_slice){ owner->at, value.size }, owner);
        yj_bytes_release(&doc->heap, owner);
    }
}

void yj_formats_apply(yj_doc *doc, yj_formats *set, const yj_item *format) {
    yj_slice value = { format->data, format->size };
    if (yj_is_null(value)) yj_formats_drop(doc, set, format->of.name);
    else yj_formats_put(doc, set, format->of.name, value, format->owner);
}

/* ---- Places ---- */

void yj_cursor_forward(yj_doc *doc, yj_cursor *at) {
    const yj_item *right = at->right;
    doc->heap.steps++;
    if (right->kind == YJ_FORMAT && !(right->flags & YJ_IS_DELETED)) {
        if (at->changed && !yj_formats_find(doc, at->changed, right->of.name)) {
            yj_setting was = yj_formats_get(doc, &at->current, right->of.name);
            yj_formats_put(doc, at->changed, right->of.name, was.value, was.owner);
        }
        yj_formats_apply(doc, &at->current, right);
    }
    at->left = at->right;
    at->right = at->right->right;
}

void yj_cursor_skip_deleted(yj_doc *doc, yj_cursor *at) {
    if (!at->right || !(at->right->flags & YJ_IS_DELETED)) return;
    yj_item *next = yj_tree_next(doc, at->right, YJ_SEEK_ANY);
    at->left = next ? next->left : yj_tree_last(at->type);
    at->right = next;
}
