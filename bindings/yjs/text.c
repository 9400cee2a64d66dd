/* text.c - texts with formats: edits and deltas, and how superfluous formats are removed, as Yjs does it. */
#include "internal.h"

#include <string.h>

/* ---- Attributes, in the order in which they were set ---- */

typedef struct attribute {
    yj_name *key;
    yj_slice value;
} attribute;

typedef struct attributes {
    attribute *list;
    size_t count, room;
} attributes;

static const char null_bytes[] = { YJ_ANY_NULL };
static const yj_slice null_value = { null_bytes, 1 };

static attribute *find(const attributes *set, const yj_name *key) {
    for (size_t i = 0; i < set->count; i++)
        if (set->list[i].key == key) return &set->list[i];
    return NULL;
}

static yj_slice value_or_null(const attributes *set, const yj_name *key) {
    const attribute *found = find(set, key);
    return found ? found->value : null_value;
}

static void put(yj_doc *doc, attributes *set, yj_name *key, yj_slice value) {
    attribute *found = find(set, key);
    if (!found) {
        YJ_GROW(&doc->heap, set);
        found = &set->list[set->count++];
        found->key = key;
    }
    found->value = value;
}

static void drop(attributes *set, const yj_name *key) {
    attribute *found = find(set, key);
    if (!found) return;
    set->count--;
    memmove(found, found + 1, (size_t)(set->list + set->count - found) * sizeof *found);
}

static attributes copy_of(yj_doc *doc, const attributes *set) {
    attributes copy = { 0 };
    if (!set->count) return copy;
    copy.list = yj_allocate(&doc->heap, yj_product(&doc->heap, set->count, sizeof *copy.list));
    memcpy(copy.list, set->list, set->count * sizeof *copy.list);
    copy.count = copy.room = set->count;
    return copy;
}

static attributes read_attributes(yj_doc *doc, const yj_attributes *from) {
    attributes set = { 0 };
    for (size_t i = 0; from && i < from->count; i++) put(doc, &set, yj_intern(doc, from->list[i].key), from->list[i].value);
    return set;
}

static bool is_null(yj_slice value) {
    return value.size && (value.at[0] == YJ_ANY_NULL);
}

/* As JavaScript's ===: an object is the same as itself alone. */
static bool is_same(yj_slice a, yj_slice b) {
    int kind = a.size ? (unsigned char)a.at[0] : 0;
    bool container = kind == YJ_ANY_ARRAY || kind == YJ_ANY_OBJECT || kind == YJ_ANY_BYTES;
    return a.at == b.at || (!container && yj_any_equal(a, b));
}

static yj_slice value_of(const yj_item *format) {
    return (yj_slice){ format->data, format->size };
}

static bool is_deleted(const yj_item *item) {
    return item->flags & YJ_IS_DELETED;
}

static bool is_format(const yj_item *item) {
    return item->kind == YJ_FORMAT;
}

static void apply_format(yj_doc *doc, attributes *current, const yj_item *format) {
    if (is_null(value_of(format))) drop(current, format->of.name);
    else put(doc, current, format->of.name, value_of(format));
}

/* ---- Positions ---- */

struct yj_cursor {
    yj_type *type;
    yj_item *left, *right;
    uint64_t transaction;
    attributes current;
};

static void forward(yj_doc *doc, yj_cursor *at) {
    doc->heap.steps++;
    if (is_format(at->right) && !is_deleted(at->right)) apply_format(doc, &at->current, at->right);
    at->left = at->right;
    at->right = at->right->right;
}

static uint64_t formats_up_to(yj_doc *doc, const yj_item *item) {
    const yj_node *node = item->leaf;
    uint64_t count = 0;
    for (const yj_item *other = node->of.first;; other = other->right) {
        count += (uint64_t)(is_format(other) && !is_deleted(other));
        doc->heap.steps++;
        if (other == item) break;
    }
    for (; node->parent; node = node->parent)
        for (uint32_t i = 0; node->parent->of.children[i] != node; i++) count += node->parent->of.children[i]->formats;
    return count;
}

static void find_position(yj_doc *doc, yj_type *type, uint64_t index, yj_cursor *at) {
    *at = (yj_cursor){ .type = type, .right = type->start, .transaction = doc->transaction };
    if (index > type->length)
        yj_fail(&doc->heap, YJ_RANGE, "position %llu is beyond the end, which is %llu", (unsigned long long)index,
                (unsigned long long)type->length);
    if (index == 0) return;
    uint64_t begins = 0;
    yj_item *left = yj_tree_find(doc, type, index - 1, &begins);
    if (index < begins + left->length) yj_split(doc, left->client, yj_find(doc, left->client, left->clock), index - begins);
    at->left = left;
    at->right = left->right;
    if (!type->tree->formats) return;
    yj_item *format = yj_tree_next_format(doc, type->start);
    for (uint64_t count = formats_up_to(doc, left); count; count--) {
        apply_format(doc, &at->current, format);
        if (count > 1) format = yj_tree_next_format(doc, format->right);
    }
}

static void split_right(yj_doc *doc, yj_cursor *at, uint64_t length) {
    yj_client *client = at->right->client;
    if (length < at->right->length) yj_split(doc, client, yj_find(doc, client, at->right->clock), length);
}

static void make_format(yj_doc *doc, yj_cursor *at, yj_name *key, yj_slice value) {
    yj_new content = { .kind = YJ_FORMAT, .data = value, .name = { key->text, key->size } };
    at->right = yj_make_item(doc, at->type, NULL, at->left, at->right, &content);
    forward(doc, at);
}

/* ---- Inserting and formatting ---- */

static void insert_negated(yj_doc *doc, yj_cursor *at, attributes *negated) {
    while (at->right) { /* what is there already need not be inserted */
        if (!is_deleted(at->right)) {
            const attribute *wanted = is_format(at->right) ? find(negated, at->right->of.name) : NULL;
            if (!wanted || !yj_any_equal(wanted->value, value_of(at->right))) break;
            drop(negated, at->right->of.name);
        }
        forward(doc, at);
    }
    for (size_t i = 0; i < negated->count; i++) make_format(doc, at, negated->list[i].key, negated->list[i].value);
    yj_free(&doc->heap, negated->list);
}

static void minimize_changes(yj_doc *doc, yj_cursor *at, const attributes *set) {
    while (at->right) {
        bool passed = is_deleted(at->right) ||
                      (is_format(at->right) && yj_any_equal(value_or_null(set, at->right->of.name), value_of(at->right)));
        if (!passed) break;
        forward(doc, at);
    }
}

static attributes insert_attributes(yj_doc *doc, yj_cursor *at, const attributes *set) {
    attributes negated = { 0 };
    for (size_t i = 0; i < set->count; i++) {
        yj_name *key = set->list[i].key;
        yj_slice current = value_or_null(&at->current, key);
        if (yj_any_equal(current, set->list[i].value)) continue;
        put(doc, &negated, key, current);
        make_format(doc, at, key, set->list[i].value);
    }
    return negated;
}

static yj_type *insert_content(yj_doc *doc, yj_cursor *at, const yj_new *content, attributes *set) {
    for (size_t i = 0; i < at->current.count; i++)
        if (!find(set, at->current.list[i].key)) put(doc, set, at->current.list[i].key, null_value);
    minimize_changes(doc, at, set);
    attributes negated = insert_attributes(doc, at, set);
    yj_item *item = at->right = yj_make_item(doc, at->type, NULL, at->left, at->right, content);
    forward(doc, at);
    insert_negated(doc, at, &negated);
    return item->kind == YJ_TYPE ? item->of.type : NULL;
}

static void insert_newlines(yj_doc *doc, yj_cursor *at, uint64_t count) {
    yj_buffer text = { .heap = &doc->heap };
    if (count > SIZE_MAX / 16) yj_fail(&doc->heap, YJ_RANGE, "the length is too large");
    memset(yj_buffer_room(&text, (size_t)count), '\n', (size_t)count);
    yj_new content = { .kind = YJ_STRING, .data = { text.at, (size_t)count } };
    at->right = yj_make_item(doc, at->type, NULL, at->left, at->right, &content);
    yj_free(&doc->heap, text.at);
    forward(doc, at);
}

static void format(yj_doc *doc, yj_cursor *at, uint64_t length, const attributes *set) {
    minimize_changes(doc, at, set);
    attributes negated = insert_attributes(doc, at, set);
    while (at->right && (length || (negated.count && (is_deleted(at->right) || is_format(at->right))))) {
        if (is_deleted(at->right)) {
            /* nothing to format */
        } else if (is_format(at->right)) {
            yj_name *key = at->right->of.name;
            const attribute *wanted = find(set, key);
            if (!wanted) {
                put(doc, &at->current, key, value_of(at->right));
            } else {
                if (yj_any_equal(wanted->value, value_of(at->right))) drop(&negated, key);
                else if (length == 0) break; /* no need to extend further what was there before */
                else put(doc, &negated, key, value_of(at->right));
                yj_delete_item(doc, at->right);
            }
        } else {
            split_right(doc, at, length);
            length -= at->right->length;
        }
        forward(doc, at);
    }
    if (length) insert_newlines(doc, at, length); /* as Quill has it: a text ends with a line */
    insert_negated(doc, at, &negated);
}

/* ---- Removing formats that change nothing ---- */

static void clean_gap(yj_doc *doc, yj_item *start, const yj_item *here, const attributes *before, attributes *current) {
    attributes ends = { 0 }; /* the last format of each key, as its item */
    yj_item *end = start;
    for (; end && (!yj_countable(end) || is_deleted(end)); end = end->right)
        if (!is_deleted(end) && is_format(end)) put(doc, &ends, end->of.name, (yj_slice){ (const char *)end, 0 });
    bool reached = false;
    for (; start != end; start = start->right) {
        doc->heap.steps++;
        if (here == start) reached = true;
        if (is_deleted(start) || !is_format(start)) continue;
        yj_name *key = start->of.name;
        yj_slice value = value_of(start), was = value_or_null(before, key);
        bool overwritten = find(&ends, key)->value.at != (const char *)start;
        bool same = !overwritten && is_same(was, value);
        if (overwritten || same) {
            yj_delete_item(doc, start);
            if (!reached && is_same(value_or_null(current, key), value) && !is_same(was, value)) {
                if (is_null(was)) drop(current, key);
                else put(doc, current, key, was);
            }
        }
        if (!reached && !is_deleted(start)) apply_format(doc, current, start);
    }
    yj_free(&doc->heap, ends.list);
}

/* Where no format was inserted: of formats of the same key that follow each other the last is enough. */
static void clean_gap_at(yj_doc *doc, yj_item *item) {
    attributes seen = { 0 };
    while (item && item->right && (is_deleted(item->right) || !yj_countable(item->right))) item = item->right;
    for (; item && (is_deleted(item) || !yj_countable(item)); item = item->left) {
        doc->heap.steps++;
        if (is_deleted(item) || !is_format(item)) continue;
        if (find(&seen, item->of.name)) yj_delete_item(doc, item);
        else put(doc, &seen, item->of.name, null_value);
    }
    yj_free(&doc->heap, seen.list);
}

static void clean_text(yj_doc *doc, const yj_type *type) {
    yj_item *start = type->start;
    attributes before = { 0 }, current = { 0 };
    for (yj_item *end = type->start; end; end = end->right) {
        if (is_deleted(end)) continue;
        if (is_format(end)) {
            apply_format(doc, &current, end);
        } else {
            clean_gap(doc, start, end, &before, &current);
            yj_free(&doc->heap, before.list);
            before = copy_of(doc, &current);
            start = end;
        }
    }
    yj_free(&doc->heap, before.list);
    yj_free(&doc->heap, current.list);
}

typedef struct type_list {
    yj_type **list;
    size_t count, room;
} type_list;

static void add_untidy(yj_doc *doc, type_list *types, yj_type *type) {
    if (type->tidied == doc->transaction) return;
    type->tidied = doc->transaction;
    YJ_GROW(&doc->heap, types);
    types->list[types->count++] = type;
}

static void tidy_range(yj_doc *doc, yj_client *client, const yj_range *range, type_list *whole) {
    yj_place place = yj_find(doc, client, range->clock);
    do {
        yj_item *item = yj_at(client, place);
        if (item->clock >= range->clock + range->length) break;
        if (item->kind == YJ_GC || !item->parent->has_formats || item->parent->tidied == doc->transaction) continue;
        if (is_format(item)) add_untidy(doc, whole, item->parent);
        else clean_gap_at(doc, item);
    } while (yj_place_next(client, &place));
}

/* What was deleted of one client: its ranges stand together, highest client first. */
static void tidy_deleted(yj_doc *doc, const yj_transaction *done, yj_client *client, type_list *whole) {
    size_t low = 0, high = done->deletes.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (done->deletes.list[middle].client > client->id) low = middle + 1;
        else high = middle;
    }
    for (; low < done->deletes.count && done->deletes.list[low].client == client->id; low++)
        tidy_range(doc, client, &done->deletes.list[low], whole);
}

void yj_tidy_texts(yj_doc *doc, const yj_transaction *done) {
    type_list whole = { 0 };
    for (size_t i = 0; i < done->touched.count; i++) {
        yj_client *client = done->touched.list[i].client;
        if (client->state == done->touched.list[i].before) continue;
        yj_place place = yj_find(doc, client, done->touched.list[i].before);
        do {
            const yj_item *item = yj_at(client, place);
            if (is_format(item) && !is_deleted(item)) add_untidy(doc, &whole, item->parent);
        } while (yj_place_next(client, &place));
    }
    for (size_t i = 0; i < done->deleting.count; i++) tidy_deleted(doc, done, done->deleting.list[i], &whole);
    for (size_t i = 0; i < whole.count; i++) clean_text(doc, whole.list[i]);
    yj_free(&doc->heap, whole.list);
}

/* ---- Deleting ---- */

static void delete(yj_doc *doc, yj_cursor *at, uint64_t length) {
    attributes before = copy_of(doc, &at->current);
    yj_item *start = at->right;
    while (length && at->right) {
        if (yj_visible(at->right)) {
            split_right(doc, at, length);
            length -= at->right->length;
            yj_delete_item(doc, at->right);
        }
        forward(doc, at);
    }
    if (start) clean_gap(doc, start, at->right, &before, &at->current);
    yj_free(&doc->heap, before.list);
}

/* ---- Public edits ---- */

static void check_text(yj_doc *doc, const yj_type *type) {
    yj_check_editable(doc, type);
    if (type->kind != YJ_TEXT && type->kind != YJ_XML_TEXT) yj_fail(&doc->heap, YJ_USAGE, "it is not a text");
}

bool yj_text_insert(yj_doc *doc, yj_type *type, uint64_t index, const yj_new *content, const yj_attributes *with,
                    yj_type **made) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    if (content->kind == YJ_STRING && content->data.size == 0) return true;
    if (index > type->length) yj_fail(&doc->heap, YJ_RANGE, "position %llu is beyond the end, which is %llu",
                                      (unsigned long long)index, (unsigned long long)type->length);
    yj_transact(doc);
    yj_cursor at;
    find_position(doc, type, index, &at);
    bool inherits = !with && content->kind == YJ_STRING;
    attributes set = inherits ? copy_of(doc, &at.current) : read_attributes(doc, with);
    yj_type *type_made = insert_content(doc, &at, content, &set);
    if (made) *made = type_made;
    yj_free(&doc->heap, set.list);
    yj_free(&doc->heap, at.current.list);
    yj_transact_end(doc);
    return true;
}

static void check_range(yj_doc *doc, const yj_type *type, uint64_t index, uint64_t length) {
    if (index > type->length || length > type->length - index)
        yj_fail(&doc->heap, YJ_RANGE, "%llu from position %llu on is beyond the end, which is %llu",
                (unsigned long long)length, (unsigned long long)index, (unsigned long long)type->length);
}

bool yj_text_delete(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    check_range(doc, type, index, length);
    if (!length) return true;
    yj_transact(doc);
    yj_cursor at;
    find_position(doc, type, index, &at);
    delete(doc, &at, length);
    yj_free(&doc->heap, at.current.list);
    yj_transact_end(doc);
    return true;
}

bool yj_text_format(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length, const yj_attributes *with) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    check_range(doc, type, index, length);
    if (!length) return true;
    yj_transact(doc);
    yj_cursor at;
    find_position(doc, type, index, &at);
    if (at.right) {
        attributes set = read_attributes(doc, with);
        format(doc, &at, length, &set);
        yj_free(&doc->heap, set.list);
    }
    yj_free(&doc->heap, at.current.list);
    yj_transact_end(doc);
    return true;
}

/* ---- Deltas ---- */

void yj_cursors_free(yj_doc *doc) {
    for (size_t i = 0; i < doc->cursors.count; i++) {
        yj_free(&doc->heap, doc->cursors.list[i]->current.list);
        yj_free(&doc->heap, doc->cursors.list[i]);
    }
    doc->cursors.count = 0;
}

bool yj_cursor_open(yj_doc *doc, yj_type *type, yj_cursor **out) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    if (!doc->depth) yj_fail(&doc->heap, YJ_USAGE, "a delta is applied in a transaction");
    YJ_GROW(&doc->heap, &doc->cursors);
    yj_cursor *cursor = yj_allocate(&doc->heap, sizeof *cursor);
    *cursor = (yj_cursor){ .type = type, .right = type->start, .transaction = doc->transaction };
    doc->cursors.list[doc->cursors.count++] = cursor;
    *out = cursor;
    return true;
}

bool yj_cursor_insert(yj_doc *doc, yj_cursor *at, const yj_new *content, const yj_attributes *with, yj_type **made) {
    YJ_ENTER(&doc->heap);
    if (content->kind == YJ_STRING && content->data.size == 0) return true;
    attributes set = read_attributes(doc, with);
    yj_type *type_made = insert_content(doc, at, content, &set);
    if (made) *made = type_made;
    yj_free(&doc->heap, set.list);
    return true;
}

bool yj_cursor_retain(yj_doc *doc, yj_cursor *at, uint64_t length, const yj_attributes *with) {
    YJ_ENTER(&doc->heap);
    attributes set = read_attributes(doc, with);
    format(doc, at, length, &set);
    yj_free(&doc->heap, set.list);
    return true;
}

bool yj_cursor_delete(yj_doc *doc, yj_cursor *at, uint64_t length) {
    YJ_ENTER(&doc->heap);
    delete(doc, at, length);
    return true;
}

typedef struct snapshot {
    bool given;
    yj_ranges deleted;
    yj_states states;
} snapshot;

static bool shows(const snapshot *at, const yj_item *item) {
    if (!at->given) return !is_deleted(item);
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
    attributes current;
    yj_buffer text;
    size_t packed; /* of text */
    struct {
        yj_part *list;
        size_t count, room;
    } parts;
    struct {
        yj_attribute *list;
        size_t count, room;
    } all;
} collector;

static void add_part(collector *c, yj_value value) {
    yj_heap *heap = &c->doc->heap;
    YJ_GROW(heap, &c->parts);
    c->parts.list[c->parts.count++] = (yj_part){ value, c->all.count, c->current.count };
    for (size_t i = 0; i < c->current.count; i++) {
        const attribute *from = &c->current.list[i];
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
        put(c->doc, &c->current, key, change);
    } else if (find(&c->current, key)) {
        pack(c);
        drop(&c->current, key);
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
    } else if (is_format(item) && shows(at, item)) {
        pack(c);
        apply_format(c->doc, &c->current, item);
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
    yj_free(&doc->heap, c.current.list);
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
