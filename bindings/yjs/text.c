/* text.c - edits of texts, as Yjs makes them. */
#include "formats.h"

#include <string.h>

static yj_slice value_of(const yj_item *format) {
    return (yj_slice){ format->data, format->size };
}

static bool is_format(const yj_item *item) {
    return item->kind == YJ_FORMAT;
}

/* ---- Positions ---- */

static void open_cursor(yj_doc *doc, yj_type *type, uint64_t index, yj_cursor *at) {
    *at = (yj_cursor){ .type = type, .right = type->start, .transaction = doc->transaction };
    if (index == 0) return;
    uint64_t begins = 0;
    yj_item *left = yj_tree_find(doc, type, index - 1, &begins);
    if (index < begins + left->length) yj_split(doc, left->client, yj_find_index(doc, left->client, left->clock), index - begins);
    at->left = left;
    at->right = left->right;
}

/* The formats that hold at the position. */
static void find_formats(yj_doc *doc, yj_cursor *at) {
    if (!at->left || !at->type->tree->formats) return;
    yj_item *format = yj_tree_next(doc, at->type->start, YJ_SEEK_FORMAT);
    uint64_t count = yj_tree_formats_before(doc, at->right, at->type);
    while (count--) {
        yj_formats_apply(doc, &at->current, format);
        if (count) format = yj_tree_next(doc, format->right, YJ_SEEK_FORMAT);
    }
}

static void split_right(yj_doc *doc, yj_cursor *at, uint64_t length) {
    yj_client *client = at->right->client;
    if (length < at->right->length) yj_split(doc, client, yj_find_index(doc, client, at->right->clock), length);
}

static void insert_item(yj_doc *doc, yj_cursor *at, const yj_new *content, yj_bytes *source) {
    at->right = yj_make_item(doc, at->type, NULL, at->left, at->right, content, source);
    yj_cursor_forward(doc, at);
}

static void make_format(yj_doc *doc, yj_cursor *at, const yj_setting *setting) {
    yj_new content = { .kind = YJ_FORMAT, .data = setting->value, .name = { setting->key->text, setting->key->size } };
    yj_bytes *owner = setting->owner;
    if (yj_is_null(content.data)) {
        owner = yj_shared_null(doc);
        content.data = (yj_slice){ owner->at, 1 };
    }
    insert_item(doc, at, &content, owner);
}

/* ---- Inserting and formatting ---- */

static void insert_negated(yj_doc *doc, yj_cursor *at, yj_formats *negated) {
    for (;;) { /* what is there already need not be inserted */
        yj_cursor_skip_deleted(doc, at);
        if (!at->right || !is_format(at->right)) break;
        const yj_setting *wanted = yj_formats_find(doc, negated, at->right->of.name);
        if (!wanted || !yj_any_equal(wanted->value, value_of(at->right))) break;
        yj_formats_drop(doc, negated, at->right->of.name);
        yj_cursor_forward(doc, at);
    }
    const yj_setting *setting;
    for (size_t i = 0; yj_formats_next(negated, &i, &setting);) make_format(doc, at, setting);
    yj_formats_free(doc, negated);
}

static void minimize_changes(yj_doc *doc, yj_cursor *at, const yj_formats *set) {
    for (;;) {
        yj_cursor_skip_deleted(doc, at);
        if (!at->right || !is_format(at->right)) break;
        if (!yj_any_equal(yj_formats_get(doc, set, at->right->of.name).value, value_of(at->right))) break;
        yj_cursor_forward(doc, at);
    }
}

static yj_formats insert_formats(yj_doc *doc, yj_cursor *at, const yj_formats *set) {
    yj_formats negated = { 0 };
    const yj_setting *setting;
    for (size_t i = 0; yj_formats_next(set, &i, &setting);) {
        yj_setting current = yj_formats_get(doc, &at->current, setting->key);
        if (yj_any_equal(current.value, setting->value)) continue;
        yj_formats_put(doc, &negated, setting->key, current.value, current.owner);
        make_format(doc, at, setting);
    }
    return negated;
}

static yj_type *made_by(const yj_cursor *at) {
    return at->left->kind == YJ_TYPE ? at->left->of.type : NULL;
}

/* What a type holds is inserted right after it, before the formats that end: Yjs counts clocks in that order. */
static void settle(yj_doc *doc, yj_cursor *at) {
    if (at->unsettled) insert_negated(doc, at, &at->negated);
    at->unsettled = false;
}

/* Content with exactly these formats; after a type, what ends is left to settle(). */
static yj_type *insert_formatted(yj_doc *doc, yj_cursor *at, const yj_new *content, yj_formats *set) {
    const yj_setting *current;
    for (size_t i = 0; yj_formats_next(&at->current, &i, &current);) {
        yj_setting none = yj_formats_get(doc, set, current->key);
        if (!none.key) yj_formats_put(doc, set, current->key, none.value, NULL);
    }
    minimize_changes(doc, at, set);
    at->negated = insert_formats(doc, at, set);
    at->unsettled = true;
    insert_item(doc, at, content, NULL);
    yj_type *made = made_by(at);
    if (!made) settle(doc, at);
    return made;
}

/* Text with the formats of the position: it goes after those that say again what holds already. */
static void insert_inheriting(yj_doc *doc, yj_cursor *at, const yj_new *content) {
    yj_cursor_skip_deleted(doc, at);
    if (at->right && is_format(at->right)) find_formats(doc, at);
    minimize_changes(doc, at, &at->current);
    insert_item(doc, at, content, NULL);
    yj_formats none = { 0 };
    insert_negated(doc, at, &none);
}

static void insert_newlines(yj_doc *doc, yj_cursor *at, uint64_t count) {
    yj_buffer text = { .heap = &doc->heap };
    memset(yj_buffer_space(&text, (size_t)count), '\n', (size_t)count);
    yj_new content = { .kind = YJ_STRING, .data = { text.at, (size_t)count } };
    insert_item(doc, at, &content, NULL);
    yj_free(&doc->heap, text.at);
}

static void format(yj_doc *doc, yj_cursor *at, uint64_t length, const yj_formats *set) {
    minimize_changes(doc, at, set);
    yj_formats negated = insert_formats(doc, at, set);
    for (;;) {
        if (length || negated.live) yj_cursor_skip_deleted(doc, at);
        if (!at->right || !(length || (negated.live && is_format(at->right)))) break;
        if (is_format(at->right)) {
            yj_name *key = at->right->of.name;
            const yj_setting *wanted = yj_formats_find(doc, set, key);
            if (wanted) {
                if (yj_any_equal(wanted->value, value_of(at->right))) yj_formats_drop(doc, &negated, key);
                else if (length == 0) break; /* no need to extend further what was there before */
                else yj_formats_put(doc, &negated, key, value_of(at->right), at->right->owner);
                yj_delete_item(doc, at->right);
            }
        } else {
            split_right(doc, at, length);
            length -= at->right->length;
        }
        yj_cursor_forward(doc, at);
    }
    if (length) insert_newlines(doc, at, length); /* as Quill has it: a text ends with a line */
    insert_negated(doc, at, &negated);
}

/* ---- Deleting ---- */

static void delete(yj_doc *doc, yj_cursor *at, uint64_t length) {
    yj_formats changed = { 0 };
    yj_item *start = at->right;
    at->changed = &changed;
    while (length) {
        yj_cursor_skip_deleted(doc, at);
        if (!at->right) break;
        if (!is_format(at->right)) {
            split_right(doc, at, length);
            length -= at->right->length;
            yj_delete_item(doc, at->right);
        }
        yj_cursor_forward(doc, at);
    }
    if (start) yj_clean_gap(doc, at, start, at->right);
    at->changed = NULL;
    yj_formats_free(doc, &changed);
}

/* Are there formats from the position up to what stays visible after so many units? Without any, none need be known. */
static bool meets_formats(yj_doc *doc, const yj_cursor *at, uint64_t index, uint64_t length) {
    uint64_t begins;
    const yj_type *type = at->type;
    const yj_item *end = yj_tree_find(doc, type, index + length, &begins);
    return yj_tree_formats_before(doc, end, type) > yj_tree_formats_before(doc, at->right, type);
}

/* ---- Public edits ---- */

static void check_text(yj_doc *doc, const yj_type *type) {
    yj_check_editable(doc, type);
    if (type->kind != YJ_TEXT && type->kind != YJ_XML_TEXT) yj_fail(&doc->heap, YJ_USAGE, "it is not a text");
}

static void check_attributes(yj_doc *doc, const yj_attributes *with) {
    for (size_t i = 0; with && i < with->count; i++) yj_check_string(doc, with->list[i].key, "the name of an attribute");
}

bool yj_text_insert(yj_doc *doc, yj_type *type, uint64_t index, const yj_new *content, const yj_attributes *with,
                    yj_type **made) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    yj_check_content(doc, content);
    check_attributes(doc, with);
    if (content->kind == YJ_STRING && content->data.size == 0) return true;
    if (index > type->length) yj_fail(&doc->heap, YJ_RANGE, "position %llu is beyond the end, which is %llu",
                                      (unsigned long long)index, (unsigned long long)type->length);
    yj_transact(doc);
    yj_cursor at;
    open_cursor(doc, type, index, &at);
    if (!with && content->kind == YJ_STRING) {
        insert_inheriting(doc, &at, content);
    } else {
        yj_formats set;
        yj_formats_read(doc, &set, with);
        find_formats(doc, &at);
        yj_type *type_made = insert_formatted(doc, &at, content, &set);
        settle(doc, &at);
        if (made) *made = type_made;
        yj_formats_free(doc, &set);
    }
    yj_formats_free(doc, &at.current);
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
    open_cursor(doc, type, index, &at);
    if (meets_formats(doc, &at, index, length)) find_formats(doc, &at);
    delete(doc, &at, length);
    yj_formats_free(doc, &at.current);
    yj_transact_end(doc);
    return true;
}

bool yj_text_format(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length, const yj_attributes *with) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    check_range(doc, type, index, length);
    check_attributes(doc, with);
    if (!length) return true;
    yj_transact(doc);
    yj_cursor at;
    open_cursor(doc, type, index, &at);
    yj_formats set;
    yj_formats_read(doc, &set, with);
    find_formats(doc, &at);
    if (at.right) format(doc, &at, length, &set);
    yj_formats_free(doc, &set);
    yj_formats_free(doc, &at.current);
    yj_transact_end(doc);
    return true;
}

/* ---- Deltas ---- */

void yj_cursors_free(yj_doc *doc) {
    for (size_t i = 0; i < doc->cursors.count; i++) {
        yj_formats_free(doc, &doc->cursors.list[i]->current);
        yj_formats_free(doc, &doc->cursors.list[i]->negated);
        yj_free(&doc->heap, doc->cursors.list[i]);
    }
    doc->cursors.count = 0;
}

static void check_index(yj_doc *doc, const yj_type *type, uint64_t index) {
    if (index > type->length) yj_fail(&doc->heap, YJ_RANGE, "position %llu is beyond the end, which is %llu",
                                      (unsigned long long)index, (unsigned long long)type->length);
}

bool yj_cursor_open(yj_doc *doc, yj_type *type, uint64_t index, size_t *number) {
    YJ_ENTER(&doc->heap);
    check_text(doc, type);
    check_index(doc, type, index);
    if (!doc->depth) yj_fail(&doc->heap, YJ_USAGE, "a cursor is opened in a transaction");
    yj_keep(&doc->heap);
    YJ_GROW(&doc->heap, &doc->cursors);
    yj_cursor *cursor = yj_allocate(&doc->heap, sizeof *cursor);
    *cursor = (yj_cursor){ 0 };
    *number = doc->cursors.count;
    doc->cursors.list[doc->cursors.count++] = cursor;
    open_cursor(doc, type, index, cursor);
    find_formats(doc, cursor);
    cursor->changes = doc->changes;
    return true;
}

yj_cursor *yj_cursor_at(const yj_doc *doc, size_t number) {
    return number < doc->cursors.count ? doc->cursors.list[number] : NULL;
}

/* Items are where they were: nothing else has edited the document meanwhile. */
static void check_cursor(yj_doc *doc, const yj_cursor *at) {
    if (at->transaction != doc->transaction || at->changes != doc->changes)
        yj_fail(&doc->heap, YJ_USAGE, "the document was edited while a delta was applied");
}

bool yj_cursor_insert(yj_doc *doc, yj_cursor *at, const yj_new *content, const yj_attributes *with, yj_type **made) {
    YJ_ENTER(&doc->heap);
    check_cursor(doc, at);
    yj_check_content(doc, content);
    check_attributes(doc, with);
    if (content->kind == YJ_STRING && content->data.size == 0) return true;
    settle(doc, at);
    yj_formats set;
    yj_formats_read(doc, &set, with);
    yj_type *type_made = insert_formatted(doc, at, content, &set);
    if (made) *made = type_made;
    yj_formats_free(doc, &set);
    return true;
}

bool yj_cursor_settle(yj_doc *doc, yj_cursor *at) {
    YJ_ENTER(&doc->heap);
    if (at->transaction != doc->transaction) check_cursor(doc, at);
    at->changes = doc->changes;
    yj_keep(&doc->heap);
    settle(doc, at);
    return true;
}

enum { MAX_NEWLINES = 1 << 20 };

bool yj_cursor_retain(yj_doc *doc, yj_cursor *at, uint64_t length, const yj_attributes *with) {
    YJ_ENTER(&doc->heap);
    check_cursor(doc, at);
    if (length > at->type->length + MAX_NEWLINES)
        yj_fail(&doc->heap, YJ_RANGE, "%llu are retained of a text of %llu", (unsigned long long)length,
                (unsigned long long)at->type->length);
    check_attributes(doc, with);
    settle(doc, at);
    yj_formats set;
    yj_formats_read(doc, &set, with);
    format(doc, at, length, &set);
    yj_formats_free(doc, &set);
    return true;
}

bool yj_cursor_delete(yj_doc *doc, yj_cursor *at, uint64_t length) {
    YJ_ENTER(&doc->heap);
    check_cursor(doc, at);
    settle(doc, at);
    delete(doc, at, length);
    return true;
}
