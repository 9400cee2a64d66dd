/* edit.c - lists and maps: what they hold, and edits. */
#include "internal.h"

#include "../text/utf8.h"

#include <string.h>

void yj_check_editable(yj_doc *doc, const yj_type *type) {
    if (type->gone) yj_fail(&doc->heap, YJ_USAGE, "the shared type has been deleted");
    const yj_client *own = yj_known_client(doc, doc->client); /* no edit comes near to the other half */
    if (own && own->state > YJ_LARGEST / 2) yj_fail(&doc->heap, YJ_RANGE, "the clock of the client is used up");
}

void yj_check_string(yj_doc *doc, yj_slice string, const char *what) {
    size_t valid = string.size ? lb_utf8_check(string.at, string.size) : 0; /* of none, at is NULL */
    if (valid != string.size) yj_fail(&doc->heap, YJ_USAGE, "%s is not valid UTF-8 at byte %zu", what, valid + 1);
}

/* Before anything is edited: Yjs refuses a whole update for one string that is not UTF-8. */
void yj_check_content(yj_doc *doc, const yj_new *content) {
    if (content->kind == YJ_STRING) yj_check_string(doc, content->data, "the text");
    yj_check_string(doc, content->name, content->kind == YJ_SUBDOC ? "the guid" : "the name");
}

/* A new item of the document's own client between two. */
yj_item *yj_make_item(yj_doc *doc, yj_type *parent, yj_name *sub, yj_item *left, yj_item *right, const yj_new *content,
                      yj_bytes *source) {
    yj_client *client = yj_client_of(doc, doc->client);
    yj_item *item = yj_item_new(doc);
    item->client = client;
    item->clock = client->state;
    item->kind = (uint8_t)content->kind;
    item->flags = YJ_IS_LOOSE;
    item->length = content->kind == YJ_STRING ? yj_units(content->data) : content->kind == YJ_ANY ? content->count : 1;
    item->left = left;
    item->right = right;
    item->parent = parent;
    item->sub = sub;
    if (left) {
        item->origin_client = left->client;
        item->origin_clock = left->clock + left->length - 1;
    }
    if (right) {
        item->right_client = right->client;
        item->right_clock = right->clock;
    }
    yj_own(doc, item, content->data, source);
    if (content->kind == YJ_TYPE) item->visit = content->type_kind;
    if (content->name.at) item->of.name = yj_intern(doc, content->name);
    yj_integrate(doc, item, 0);
    return item;
}

static yj_type *type_of(const yj_item *item) {
    return item->kind == YJ_TYPE ? item->of.type : NULL;
}

/* ---- Types ---- */

static yj_slice slice_of(const yj_name *name) {
    return name ? (yj_slice){ name->text, name->size } : (yj_slice){ NULL, 0 };
}

size_t yj_type_index(const yj_type *type) {
    return type->index;
}

yj_type *yj_type_at(const yj_doc *doc, size_t index) {
    return index < doc->types.count ? doc->types.list[index] : NULL;
}

yj_type_kind yj_type_kind_of(const yj_type *type) {
    return (yj_type_kind)type->kind;
}

yj_slice yj_type_name(const yj_type *type) {
    return slice_of(type->name);
}

bool yj_type_is_deleted(const yj_type *type) {
    return type->gone || (type->item && type->item->flags & YJ_IS_DELETED);
}

yj_type *yj_type_parent(const yj_type *type) {
    return type->item ? type->item->parent : NULL;
}

yj_slice yj_type_key(const yj_type *type) {
    return slice_of(type->item ? type->item->sub : NULL);
}

uint64_t yj_type_length(const yj_type *type) {
    return type->length;
}

yj_type *yj_type_sibling(yj_doc *doc, const yj_type *type, bool next) {
    if (!type->item) return NULL;
    const yj_item *item = type->item;
    do {
        item = next ? item->right : item->left;
        doc->heap.steps++;
    } while (item && item->flags & YJ_IS_DELETED);
    return item ? type_of(item) : NULL;
}

bool yj_type_position(yj_doc *doc, const yj_type *type, uint64_t *index) {
    if (!type->item || type->item->sub) return false;
    *index = yj_tree_position(doc, type->item);
    return true;
}

/* ---- Values ---- */

static void value_of(yj_doc *doc, const yj_item *item, uint64_t index, yj_value *out) {
    *out = (yj_value){ .kind = (yj_kind)item->kind, .data = { item->data, item->size } };
    switch (item->kind) {
        case YJ_ANY:
        case YJ_JSON: {
            size_t from = yj_value_offset(doc, item, index);
            size_t to = index + 1 == item->length ? item->size : yj_value_offset(doc, item, index + 1);
            out->data = (yj_slice){ item->data + from, to - from };
            if (item->kind == YJ_JSON) {
                yj_reader reader = { &doc->heap, out->data.at, out->data.at, out->data.at + out->data.size };
                out->data = yj_get_slice(&reader);
            }
            break;
        }
        case YJ_EMBED: break;
        case YJ_TYPE: out->type = item->of.type; break;
        case YJ_FORMAT:
        case YJ_SUBDOC: out->name = slice_of(item->of.name); break;
        default: break;
    }
}

/* One UTF-16 unit of a text, as JavaScript has it; halves of a pair are U+FFFD. */
static void unit_of(const yj_item *item, uint64_t index, yj_value *out) {
    bool inside;
    yj_slice text = { item->data, item->size };
    size_t from = yj_unit_offset(text, index, &inside);
    size_t to = yj_unit_offset(text, index + 1, &inside);
    if (inside || (from < text.size && (unsigned char)text.at[from] >= 0xF0)) out->data = (yj_slice){ "\xef\xbf\xbd", 3 };
    else out->data = (yj_slice){ text.at + from, to - from };
}

bool yj_iterate(yj_doc *doc, yj_type *type, uint64_t index, yj_iterator *iterator) {
    uint64_t begins = 0;
    const yj_item *item = yj_tree_find(doc, type, index, &begins);
    *iterator = (yj_iterator){ .item = item, .offset = item ? index - begins : 0 };
    return true;
}

void yj_iterate_all(const yj_type *type, yj_iterator *iterator) {
    *iterator = (yj_iterator){ .item = type->start, .formats = true };
}

bool yj_next(yj_doc *doc, yj_iterator *iterator, yj_value *value) {
    YJ_ENTER(&doc->heap);
    for (const yj_item *item = iterator->item; item; item = iterator->item) {
        doc->heap.steps++;
        bool shown = yj_visible(item) || (iterator->formats && item->kind == YJ_FORMAT && !(item->flags & YJ_IS_DELETED));
        bool whole = iterator->formats && item->kind == YJ_STRING;
        uint64_t at = iterator->offset;
        if (shown) {
            value_of(doc, item, at, value);
            if (item->kind == YJ_STRING && !whole) unit_of(item, at, value);
        }
        iterator->offset++;
        if (!shown || whole || iterator->offset == item->length) {
            iterator->item = item->right;
            iterator->offset = 0;
        }
        if (shown) return true;
    }
    return false;
}

/* ---- Lists ---- */

static void check_list(yj_doc *doc, const yj_type *type) {
    yj_check_editable(doc, type);
    if (type->kind == YJ_MAP || type->kind == YJ_XML_HOOK) yj_fail(&doc->heap, YJ_USAGE, "a map has no positions");
}

static void insert_after(yj_doc *doc, yj_type *type, yj_item *left, const yj_new *content, yj_type **made) {
    yj_transact(doc);
    yj_item *item = yj_make_item(doc, type, NULL, left, left ? left->right : type->start, content, NULL);
    if (made) *made = type_of(item);
    yj_transact_end(doc);
}

bool yj_list_insert(yj_doc *doc, yj_type *type, uint64_t index, const yj_new *content, yj_type **made) {
    YJ_ENTER(&doc->heap);
    check_list(doc, type);
    yj_check_content(doc, content);
    if (index > type->length) yj_fail(&doc->heap, YJ_RANGE, "position %llu is beyond the end, which is %llu",
                                      (unsigned long long)index, (unsigned long long)type->length);
    yj_transact(doc);
    yj_item *left = NULL;
    if (index) {
        uint64_t begins = 0;
        left = yj_tree_find(doc, type, index - 1, &begins);
        if (index < begins + left->length)
            yj_split(doc, left->client, yj_find_index(doc, left->client, left->clock), index - begins);
    }
    insert_after(doc, type, left, content, made);
    yj_transact_end(doc);
    return true;
}

bool yj_list_push(yj_doc *doc, yj_type *type, const yj_new *content, yj_type **made) {
    YJ_ENTER(&doc->heap);
    check_list(doc, type);
    yj_check_content(doc, content);
    insert_after(doc, type, yj_tree_last(type), content, made);
    return true;
}

bool yj_list_delete(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length) {
    YJ_ENTER(&doc->heap);
    check_list(doc, type);
    if (length == 0) return true;
    if (index > type->length || length > type->length - index)
        yj_fail(&doc->heap, YJ_RANGE, "%llu from position %llu on is beyond the end, which is %llu",
                (unsigned long long)length, (unsigned long long)index, (unsigned long long)type->length);
    yj_transact(doc);
    uint64_t begins = 0, left = length;
    yj_item *item = yj_tree_find(doc, type, index, &begins);
    if (begins < index) item = yj_split(doc, item->client, yj_find_index(doc, item->client, item->clock), index - begins);
    for (; item && left; item = item->right) {
        doc->heap.steps++;
        if (!yj_visible(item)) continue;
        if (left < item->length) yj_split(doc, item->client, yj_find_index(doc, item->client, item->clock), left);
        yj_delete_item(doc, item);
        left -= item->length;
    }
    yj_transact_end(doc);
    return true;
}

/* ---- Maps ---- */

bool yj_map_set(yj_doc *doc, yj_type *type, yj_slice key, const yj_new *content, yj_type **made) {
    YJ_ENTER(&doc->heap);
    yj_check_editable(doc, type);
    yj_check_string(doc, key, "the key");
    yj_check_content(doc, content);
    yj_transact(doc);
    yj_name *name = yj_intern(doc, key);
    yj_item *item = yj_make_item(doc, type, name, yj_table_get(&type->map, name), NULL, content, NULL);
    if (made) *made = type_of(item);
    yj_transact_end(doc);
    return true;
}

bool yj_map_delete(yj_doc *doc, yj_type *type, yj_slice key) {
    YJ_ENTER(&doc->heap);
    yj_check_editable(doc, type);
    yj_item *item = yj_table_get(&type->map, yj_intern(doc, key));
    if (!item) return true;
    yj_transact(doc);
    yj_delete_item(doc, item);
    yj_transact_end(doc);
    return true;
}

static bool value_of_entry(yj_doc *doc, const yj_item *item, yj_value *value) {
    if (!item || item->flags & YJ_IS_DELETED) return false;
    value_of(doc, item, item->length - 1, value);
    return true;
}

bool yj_map_get(yj_doc *doc, const yj_type *type, yj_slice key, yj_value *value) {
    YJ_ENTER(&doc->heap);
    return value_of_entry(doc, yj_table_get(&type->map, yj_intern(doc, key)), value);
}

bool yj_map_next(yj_doc *doc, const yj_type *type, size_t *at, yj_slice *key, yj_value *value) {
    YJ_ENTER(&doc->heap);
    while (*at < type->map.count) {
        const yj_entry *entry = &type->map.list[(*at)++];
        doc->heap.steps++;
        if (!value_of_entry(doc, entry->item, value)) continue;
        *key = slice_of(entry->key);
        return true;
    }
    return false;
}
