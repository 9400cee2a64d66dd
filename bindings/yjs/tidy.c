/* tidy.c - removes formats that change nothing, where and when Yjs does: documents stay equal, and so do their updates. */
#include "formats.h"

#include <string.h>

static bool is_deleted(const yj_item *item) {
    return item->flags & YJ_IS_DELETED;
}

/* Formats in a row: numbers `first` up to, not including, `last` in the text. */
typedef struct gap {
    yj_item *format; /* the first of them */
    uint64_t first, last;
} gap;

static gap gap_up_to(yj_doc *doc, const yj_type *type, yj_item *start, const yj_item *end) {
    gap found = { .first = yj_tree_formats_before(doc, start, type), .last = yj_tree_formats_before(doc, end, type) };
    if (found.first < found.last) found.format = yj_tree_next(doc, start, YJ_SEEK_FORMAT);
    return found;
}

/* The formats of a gap, read ahead: some of them are deleted. */
static yj_item **formats_of(yj_doc *doc, const gap *from) {
    size_t count = (size_t)(from->last - from->first);
    yj_item **list = yj_allocate(&doc->heap, yj_product(&doc->heap, count + 1, sizeof *list)), *format = from->format;
    for (size_t i = 0; i < count; i++) {
        list[i] = format;
        if (i + 1 < count) format = yj_tree_next(doc, format->right, YJ_SEEK_FORMAT);
    }
    return list;
}

/* The value of a key where the gap begins. */
static yj_setting value_before(yj_doc *doc, const yj_cursor *at, const yj_name *key) {
    const yj_setting *changed = at->changed ? yj_formats_find(doc, at->changed, key) : NULL;
    return changed ? *changed : yj_formats_get(doc, &at->current, key);
}

static void clean_format(yj_doc *doc, yj_cursor *at, yj_item *format, bool overwritten, bool reached) {
    yj_formats *current = &at->current;
    yj_name *key = format->of.name;
    yj_slice value = { format->data, format->size };
    yj_setting was = value_before(doc, at, key);
    bool same = yj_is_identical(was.value, value);
    if (overwritten || same) {
        yj_delete_item(doc, format);
        if (!reached && !same && yj_is_identical(yj_formats_get(doc, current, key).value, value)) {
            if (yj_is_null(was.value)) yj_formats_drop(doc, current, key);
            else yj_formats_put(doc, current, key, was.value, was.owner);
        }
    } else if (!reached) {
        yj_formats_apply(doc, current, format);
    }
}

static void mark_last(yj_doc *doc, yj_item **formats, size_t count, bool *last) {
    yj_formats seen = { 0 };
    for (size_t i = count; i > 0; i--) {
        last[i - 1] = !yj_formats_find(doc, &seen, formats[i - 1]->of.name);
        if (last[i - 1]) yj_formats_put(doc, &seen, formats[i - 1]->of.name, (yj_slice){ NULL, 0 }, NULL);
    }
    yj_formats_free(doc, &seen);
}

void yj_clean_gap(yj_doc *doc, yj_cursor *at, yj_item *start, const yj_item *here) {
    gap found = gap_up_to(doc, at->type, start, yj_tree_next(doc, start, YJ_SEEK_VISIBLE));
    size_t count = (size_t)(found.last - found.first);
    if (!count) return;
    uint64_t before_here = here ? yj_tree_formats_before(doc, here, at->type) : UINT64_MAX;
    yj_item **formats = formats_of(doc, &found);
    bool *last = yj_allocate(&doc->heap, count);
    mark_last(doc, formats, count, last);
    for (size_t i = 0; i < count; i++) clean_format(doc, at, formats[i], !last[i], found.first + i >= before_here);
    yj_free(&doc->heap, formats);
    yj_free(&doc->heap, last);
}

/* Where no format was inserted: of formats of the same key that follow each other the last is enough. `pass` is the
 * number of this tidying: a gap that was cleaned in it is left. */
static void clean_gap_at(yj_doc *doc, yj_item *item, uint64_t pass) {
    yj_type *type = item->parent;
    yj_item *end = yj_tree_next(doc, item, YJ_SEEK_VISIBLE);
    uint64_t *cleaned = end ? &end->visit : &type->last_gap;
    if (*cleaned == pass) return;
    *cleaned = pass;
    uint64_t position = end ? yj_tree_position(doc, end) : type->length, begins = 0;
    yj_item *before = position ? yj_tree_find(doc, type, position - 1, &begins) : NULL;
    gap found = gap_up_to(doc, type, before ? before->right : type->start, end);
    size_t count = (size_t)(found.last - found.first);
    if (count < 2) return;
    yj_item **formats = formats_of(doc, &found);
    bool *last = yj_allocate(&doc->heap, count);
    mark_last(doc, formats, count, last);
    for (size_t i = 0; i < count; i++)
        if (!last[i]) yj_delete_item(doc, formats[i]);
    yj_free(&doc->heap, formats);
    yj_free(&doc->heap, last);
}

/* All of a text, as Yjs does it: of its gaps, it cleans the one before what is visible first. */
static void clean_text(yj_doc *doc, yj_type *type) {
    uint64_t begins;
    yj_item *first = yj_tree_find(doc, type, 0, &begins);
    if (!first || first == type->start) return;
    yj_cursor at = { .type = type };
    yj_clean_gap(doc, &at, type->start, type->start);
    yj_formats_free(doc, &at.current);
}

typedef struct type_list {
    yj_type **list;
    size_t count, capacity;
} type_list;

static void add_untidy(yj_doc *doc, type_list *types, yj_type *type) {
    if (type->tidied == doc->transaction) return;
    type->tidied = doc->transaction;
    YJ_GROW(&doc->heap, types);
    types->list[types->count++] = type;
}

static void tidy_range(yj_doc *doc, yj_client *client, const yj_range *range, type_list *whole, uint64_t pass) {
    yj_index index = yj_find_index(doc, client, range->clock);
    do {
        yj_item *item = yj_at(client, index);
        if (item->clock >= range->clock + range->length) break;
        if (item->kind == YJ_GC || item->sub || !item->parent->has_formats) continue;
        if (item->parent->tidied == doc->transaction) continue;
        if (item->kind == YJ_FORMAT) add_untidy(doc, whole, item->parent);
        else clean_gap_at(doc, item, pass);
    } while (yj_index_next(client, &index));
}

/* What was deleted of one client: its ranges stand together, highest client first. */
static void tidy_deleted(yj_doc *doc, const yj_transaction *done, yj_client *client, type_list *whole, uint64_t pass) {
    size_t low = 0, high = done->deletes.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (done->deletes.list[middle].client > client->id) low = middle + 1;
        else high = middle;
    }
    for (; low < done->deletes.count && done->deletes.list[low].client == client->id; low++)
        tidy_range(doc, client, &done->deletes.list[low], whole, pass);
}

void yj_tidy_texts(yj_doc *doc, const yj_transaction *done) {
    type_list whole = { 0 };
    uint64_t pass = ++doc->visit;
    for (size_t i = 0; i < done->touched.count; i++) {
        yj_client *client = done->touched.list[i].client;
        if (client->state == done->touched.list[i].before) continue;
        yj_index index = yj_find_index(doc, client, done->touched.list[i].before);
        do {
            const yj_item *item = yj_at(client, index);
            if (item->kind == YJ_FORMAT && !is_deleted(item)) add_untidy(doc, &whole, item->parent);
        } while (yj_index_next(client, &index));
    }
    for (size_t i = 0; i < done->deleting.count; i++) tidy_deleted(doc, done, done->deleting.list[i], &whole, pass);
    for (size_t i = 0; i < whole.count; i++) clean_text(doc, whole.list[i]);
    yj_free(&doc->heap, whole.list);
}
