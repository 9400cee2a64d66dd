/* delta.c - texts as deltas: what they are now, and what they were at snapshots. */
#include "formats.h"

#include <string.h>

/* ---- Snapshots ---- */

typedef struct snapshot {
    bool given;
    yj_ranges deleted;
    yj_states states;
} snapshot;

static bool shows(const snapshot *at, const yj_item *item) {
    if (!at->given) return !(item->flags & YJ_IS_DELETED);
    return yj_states_of(&at->states, item->client->id) > item->clock &&
           !yj_ranges_hold(&at->deleted, item->client->id, item->clock);
}

static void divide_at(yj_doc *doc, uint64_t id, uint64_t clock) {
    yj_client *client = yj_known_client(doc, id);
    if (client && clock < client->state) yj_starting_at(doc, client, clock);
}

/* Items are divided where a snapshot ends or deletes; they are joined again after the transaction. */
static void read_snapshot(yj_doc *doc, yj_slice bytes, snapshot *out) {
    *out = (snapshot){ .given = bytes.at };
    if (bytes.at) yj_snapshot_read(doc, bytes, &out->deleted, &out->states);
}

static void divide(yj_doc *doc, const snapshot *at) {
    for (size_t i = 0; i < at->states.count; i++) divide_at(doc, at->states.list[i].client, at->states.list[i].clock);
    for (size_t i = 0; i < at->deleted.count; i++) {
        const yj_range *range = &at->deleted.list[i];
        divide_at(doc, range->client, range->clock);
        divide_at(doc, range->client, range->clock + range->length);
    }
}

static void free_snapshot(yj_doc *doc, snapshot *at) {
    yj_free(&doc->heap, at->deleted.list);
    yj_free(&doc->heap, at->states.list);
}

typedef struct collector {
    yj_doc *doc;
    yj_formats current;
    yj_buffer text;
    size_t packed; /* of text */
    struct {
        yj_part *list;
        size_t count, capacity;
    } parts;
    struct {
        yj_attribute *list;
        size_t count, capacity;
    } all;
} collector;

static void add_part(collector *c, yj_value value) {
    yj_heap *heap = &c->doc->heap;
    const yj_setting *from;
    YJ_GROW(heap, &c->parts);
    c->parts.list[c->parts.count++] = (yj_part){ value, c->all.count, c->current.live };
    for (size_t i = 0; yj_formats_next(&c->current, &i, &from);) {
        YJ_GROW(heap, &c->all);
        c->all.list[c->all.count++] = (yj_attribute){ { from->key->text, from->key->size }, from->value };
    }
}

/* The text so far, as one part. Where it is, is known when all of it is there. */
static void pack(collector *c) {
    if (c->text.size == c->packed) return;
    add_part(c, (yj_value){ .kind = YJ_STRING, .data = { NULL, c->text.size - c->packed } });
    c->packed = c->text.size;
}

static void note_change(collector *c, const snapshot *at, const snapshot *before, const yj_item *item) {
    static const char removed[] = "\x76\x01\x04type\x77\x07removed", added[] = "\x76\x01\x04type\x77\x05" "added";
    yj_name *key = yj_intern(c->doc, (yj_slice){ "ychange", 7 });
    yj_slice change = { NULL, 0 };
    if (at->given && !shows(at, item)) change = (yj_slice){ removed, sizeof removed - 1 };
    else if (before->given && !shows(before, item)) change = (yj_slice){ added, sizeof added - 1 };
    if (change.at) {
        pack(c);
        yj_formats_put(c->doc, &c->current, key, change, NULL);
    } else if (yj_formats_find(c->doc, &c->current, key)) {
        pack(c);
        yj_formats_drop(c->doc, &c->current, key);
    }
}

static void collect(collector *c, const yj_item *item, const snapshot *at, const snapshot *before) {
    if (item->kind == YJ_STRING) {
        note_change(c, at, before, item);
        yj_put(&c->text, item->data, item->size);
    } else if (item->kind == YJ_TYPE || item->kind == YJ_EMBED) {
        pack(c);
        if (item->kind == YJ_TYPE) add_part(c, (yj_value){ .kind = YJ_TYPE, .type = item->of.type });
        else add_part(c, (yj_value){ .kind = YJ_ANY, .data = { item->data, item->size } });
    } else if (item->kind == YJ_FORMAT && shows(at, item)) {
        pack(c);
        yj_formats_apply(c->doc, &c->current, item);
    }
}

bool yj_text_delta(yj_doc *doc, yj_type *type, yj_slice snapshot_bytes, yj_slice before_bytes, yj_delta **out) {
    YJ_ENTER(&doc->heap);
    snapshot at, before;
    read_snapshot(doc, snapshot_bytes, &at);
    read_snapshot(doc, before_bytes, &before);
    yj_transact(doc);
    divide(doc, &at);
    divide(doc, &before);
    collector c = { .doc = doc, .text = { .heap = &doc->heap } };
    for (const yj_item *item = type->start; item; item = item->right) {
        doc->heap.steps++;
        if (shows(&at, item) || (before.given && shows(&before, item))) collect(&c, item, &at, &before);
    }
    pack(&c);
    yj_transact_end(doc);
    free_snapshot(doc, &at);
    free_snapshot(doc, &before);
    yj_formats_free(doc, &c.current);
    /* One block: the delta, its parts, its attributes, its text. */
    size_t parts = yj_product(&doc->heap, c.parts.count, sizeof(yj_part));
    size_t all = yj_product(&doc->heap, c.all.count, sizeof(yj_attribute));
    yj_delta *delta = yj_allocate(&doc->heap, sizeof *delta + parts + all + c.text.size);
    delta->parts = (yj_part *)(void *)(delta + 1);
    delta->attributes = (yj_attribute *)(void *)(delta->parts + c.parts.count);
    char *text = (char *)(delta->attributes + c.all.count);
    delta->count = c.parts.count;
    if (parts) memcpy(delta->parts, c.parts.list, parts);
    if (all) memcpy(delta->attributes, c.all.list, all);
    if (c.text.size) memcpy(text, c.text.at, c.text.size);
    for (size_t i = 0; i < delta->count; i++) {
        if (delta->parts[i].value.kind != YJ_STRING) continue;
        delta->parts[i].value.data.at = text;
        text += delta->parts[i].value.data.size;
    }
    yj_free(&doc->heap, c.parts.list);
    yj_free(&doc->heap, c.all.list);
    yj_free(&doc->heap, c.text.at);
    *out = delta;
    return true;
}
