/* store.c - items by client and clock, names, tables. */
#include "internal.h"

#include <string.h>

/* ---- Names ---- */

static void grow_names(yj_doc *doc) {
    size_t slots = doc->name_slots ? doc->name_slots * 2 : 32;
    yj_name **names = yj_allocate(&doc->heap, yj_product(&doc->heap, slots, sizeof *names));
    memset(names, 0, slots * sizeof *names);
    for (size_t i = 0; i < doc->name_slots; i++) {
        yj_name *name = doc->names[i];
        if (!name) continue;
        size_t at = name->hash & (slots - 1);
        while (names[at]) at = (at + 1) & (slots - 1);
        names[at] = name;
    }
    yj_free(&doc->heap, doc->names);
    doc->names = names;
    doc->name_slots = slots;
}

yj_name *yj_intern(yj_doc *doc, yj_slice text) {
    if (doc->name_count * 2 >= doc->name_slots) grow_names(doc);
    uint64_t hash = yj_hash(doc->hash_key, text.at, text.size);
    size_t at = hash & (doc->name_slots - 1);
    for (yj_name *name; (name = doc->names[at]); at = (at + 1) & (doc->name_slots - 1)) {
        bool same = name->hash == hash && name->size == text.size;
        if (same && (text.size == 0 || memcmp(name->text, text.at, text.size) == 0)) return name;
    }
    yj_name *name = yj_allocate(&doc->heap, sizeof *name + text.size);
    name->root = NULL;
    name->hash = hash;
    name->size = text.size;
    if (text.size) memcpy(name->text, text.at, text.size);
    doc->name_count++;
    doc->names[at] = name;
    yj_keep(&doc->heap);
    return name;
}

/* ---- Clients ---- */

static size_t client_slot(const yj_doc *doc, uint64_t id) {
    size_t at = yj_hash(doc->hash_key, &id, sizeof id) & (doc->client_slot_count - 1);
    while (doc->client_slots[at] && doc->client_slots[at]->id != id) at = (at + 1) & (doc->client_slot_count - 1);
    return at;
}

yj_client *yj_known_client(const yj_doc *doc, uint64_t id) {
    return doc->client_slot_count ? doc->client_slots[client_slot(doc, id)] : NULL;
}

static void grow_clients(yj_doc *doc) {
    size_t slots = doc->client_slot_count ? doc->client_slot_count * 2 : 16;
    yj_client **table = yj_allocate(&doc->heap, yj_product(&doc->heap, slots, sizeof *table));
    memset(table, 0, slots * sizeof *table);
    yj_free(&doc->heap, doc->client_slots);
    doc->client_slots = table;
    doc->client_slot_count = slots;
    for (size_t i = 0; i < doc->clients.count; i++) {
        yj_client *client = doc->clients.list[i];
        table[client_slot(doc, client->id)] = client;
    }
}

yj_client *yj_client_of(yj_doc *doc, uint64_t id) {
    if (doc->clients.count * 2 >= doc->client_slot_count) grow_clients(doc);
    size_t slot = client_slot(doc, id);
    if (doc->client_slots[slot]) return doc->client_slots[slot];
    YJ_GROW(&doc->heap, &doc->clients);
    yj_client *client = yj_allocate(&doc->heap, sizeof *client);
    memset(client, 0, sizeof *client);
    client->id = id;
    client->edited_from = UINT64_MAX;
    doc->clients.list[doc->clients.count++] = client;
    doc->client_slots[slot] = client;
    yj_keep(&doc->heap);
    return client;
}

/* ---- Items ---- */

enum { SLAB = 128 };

yj_item *yj_item_new(yj_doc *doc) {
    if (!doc->free_items) {
        yj_item *slab = yj_allocate(&doc->heap, SLAB * sizeof *slab);
        for (size_t i = 0; i < SLAB; i++) {
            slab[i].right = doc->free_items;
            doc->free_items = &slab[i];
        }
        yj_keep(&doc->heap);
    }
    yj_item *item = doc->free_items;
    doc->free_items = item->right;
    memset(item, 0, sizeof *item);
    return item;
}

void yj_item_free(yj_doc *doc, yj_item *item) {
    yj_bytes_release(&doc->heap, item->owner);
    item->owner = NULL;
    item->right = doc->free_items;
    doc->free_items = item;
}

bool yj_countable(const yj_item *item) {
    return item->kind != YJ_DELETED && item->kind != YJ_FORMAT && item->kind != YJ_GC;
}

bool yj_visible(const yj_item *item) {
    return !(item->flags & YJ_IS_DELETED) && yj_countable(item);
}

bool yj_same_origin(const yj_item *a, const yj_item *b) {
    return a->origin_client == b->origin_client && (!a->origin_client || a->origin_clock == b->origin_clock);
}

bool yj_same_right(const yj_item *a, const yj_item *b) {
    return a->right_client == b->right_client && (!a->right_client || a->right_clock == b->right_clock);
}

/* ---- The items of a client ---- */

yj_item *yj_at(const yj_client *client, yj_index index) {
    return client->chunks[index.chunk]->items[index.at];
}

bool yj_index_next(const yj_client *client, yj_index *index) {
    if (index->at + 1 < client->chunks[index->chunk]->count) {
        index->at++;
        return true;
    }
    if (index->chunk + 1 == client->count) return false;
    *index = (yj_index){ index->chunk + 1, 0 };
    return true;
}

bool yj_index_previous(const yj_client *client, yj_index *index) {
    if (index->at > 0) {
        index->at--;
        return true;
    }
    if (index->chunk == 0) return false;
    *index = (yj_index){ index->chunk - 1, client->chunks[index->chunk - 1]->count - 1 };
    return true;
}

yj_index yj_find_index(yj_doc *doc, const yj_client *client, uint64_t clock) {
    size_t low = 0, high = client->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (client->chunks[middle]->items[0]->clock <= clock) low = middle;
        else high = middle;
    }
    const yj_chunk *chunk = client->chunks[low];
    uint32_t first = 0, last = chunk->count;
    while (last - first > 1) {
        uint32_t middle = first + (last - first) / 2;
        if (chunk->items[middle]->clock <= clock) first = middle;
        else last = middle;
    }
    doc->heap.steps++;
    return (yj_index){ low, first };
}

static void insert_chunk(yj_doc *doc, yj_client *client, size_t at) {
    if (client->count == client->capacity) {
        size_t capacity = client->capacity ? client->capacity * 2 : 4;
        client->chunks = yj_resize(&doc->heap, client->chunks, yj_product(&doc->heap, capacity, sizeof *client->chunks));
        client->capacity = capacity;
    }
    yj_chunk *chunk = yj_allocate(&doc->heap, sizeof *chunk);
    chunk->count = 0;
    memmove(&client->chunks[at + 1], &client->chunks[at], (client->count - at) * sizeof *client->chunks);
    client->chunks[at] = chunk;
    client->count++;
}

void yj_append(yj_doc *doc, yj_client *client, yj_item *item) {
    if (!client->count || client->chunks[client->count - 1]->count == YJ_CHUNK) insert_chunk(doc, client, client->count);
    yj_chunk *chunk = client->chunks[client->count - 1];
    chunk->items[chunk->count++] = item;
    client->state = item->clock + item->length;
}

static void insert_after(yj_doc *doc, yj_client *client, yj_index index, yj_item *item) {
    yj_chunk *chunk = client->chunks[index.chunk];
    if (chunk->count == YJ_CHUNK) {
        insert_chunk(doc, client, index.chunk + 1);
        yj_chunk *half = client->chunks[index.chunk + 1];
        uint32_t keep = YJ_CHUNK / 2;
        half->count = YJ_CHUNK - keep;
        memcpy(half->items, &chunk->items[keep], half->count * sizeof *half->items);
        chunk->count = keep;
        if (index.at >= keep) {
            index.at -= keep;
            chunk = half;
        }
    }
    uint32_t at = index.at + 1;
    memmove(&chunk->items[at + 1], &chunk->items[at], (chunk->count - at) * sizeof *chunk->items);
    chunk->items[at] = item;
    chunk->count++;
}

void yj_remove_at(yj_doc *doc, yj_client *client, yj_index index) {
    yj_chunk *chunk = client->chunks[index.chunk];
    chunk->count--;
    memmove(&chunk->items[index.at], &chunk->items[index.at + 1], (chunk->count - index.at) * sizeof *chunk->items);
    if (chunk->count) return;
    yj_free(&doc->heap, chunk);
    client->count--;
    memmove(&client->chunks[index.chunk], &client->chunks[index.chunk + 1],
            (client->count - index.chunk) * sizeof *client->chunks);
}

/* ---- Splitting ---- */

/* Where the values of a list begin is kept for the item that was looked at last: its values are asked for in turn. */
static void find_offsets(yj_doc *doc, const yj_item *item) {
    if (doc->offsets.data == item->data && doc->offsets.size == item->size) return;
    if (doc->offsets.capacity < item->length + 1) {
        doc->offsets.data = NULL;
        size_t size = yj_product(&doc->heap, (size_t)item->length + 1, sizeof *doc->offsets.list);
        doc->offsets.list = yj_resize(&doc->heap, doc->offsets.list, size);
        doc->offsets.capacity = (size_t)item->length + 1;
        yj_keep(&doc->heap);
    }
    const char *at = item->data, *end = item->data + item->size;
    yj_reader reader = { &doc->heap, at, at, end };
    for (uint64_t i = 0; i < item->length; i++) {
        doc->offsets.list[i] = (uint32_t)(at - item->data);
        if (item->kind == YJ_ANY) at = yj_any_skip(at, end);
        else yj_get_slice(&reader), at = reader.at;
    }
    doc->offsets.list[item->length] = (uint32_t)item->size;
    doc->offsets.data = item->data;
    doc->offsets.size = item->size;
    doc->heap.steps += item->length;
}

enum { FEW = 8 };

size_t yj_value_offset(yj_doc *doc, const yj_item *item, uint64_t index) {
    if (item->length > FEW && item->size < UINT32_MAX) {
        find_offsets(doc, item);
        return doc->offsets.list[index];
    }
    const char *at = item->data, *end = item->data + item->size;
    yj_reader reader = { &doc->heap, at, at, end };
    for (uint64_t i = 0; i < index; i++) {
        if (item->kind == YJ_ANY) at = yj_any_skip(at, end);
        else yj_get_slice(&reader), at = reader.at;
    }
    return (size_t)(at - item->data);
}

static void own_copy(yj_doc *doc, yj_item *item, const char *before, yj_slice bytes, const char *after) {
    size_t first = strlen(before), last = strlen(after);
    yj_bytes *owner = yj_bytes_new(&doc->heap, first + bytes.size + last);
    memcpy(owner->at, before, first);
    if (bytes.size) memcpy(owner->at + first, bytes.at, bytes.size);
    memcpy(owner->at + first + bytes.size, after, last);
    owner->used = owner->capacity;
    item->owner = owner;
    item->data = owner->at;
    item->size = owner->used;
}

static void split_data(yj_doc *doc, yj_item *item, yj_item *rest, uint64_t length) {
    size_t offset = 0;
    bool inside = false;
    yj_slice data = { item->data, item->size };
    if (item->kind == YJ_STRING && item->size == item->length + rest->length) offset = (size_t)length; /* ASCII */
    else if (item->kind == YJ_STRING) offset = yj_unit_offset(data, length, &inside);
    else if (item->kind == YJ_ANY || item->kind == YJ_JSON) offset = yj_value_offset(doc, item, length);
    else return;
    if (inside) { /* Yjs replaces both halves of a pair that is divided */
        yj_bytes *owner = item->owner;
        own_copy(doc, rest, "\xef\xbf\xbd", (yj_slice){ data.at + offset + 4, data.size - offset - 4 }, "");
        own_copy(doc, item, "", (yj_slice){ data.at, offset }, "\xef\xbf\xbd");
        yj_bytes_release(&doc->heap, owner);
        return;
    }
    rest->owner = item->owner;
    if (rest->owner) rest->owner->references++;
    rest->data = item->data + offset;
    rest->size = item->size - offset;
    item->size = offset;
}

void yj_own(yj_doc *doc, yj_item *item, yj_slice data, yj_bytes *source) {
    if (!data.at || (data.size == 0 && !source)) return;
    if (source && data.at >= source->at && data.at <= source->at + source->used) {
        source->references++;
        item->owner = source;
        item->data = data.at;
        item->size = data.size;
    } else {
        own_copy(doc, item, "", data, "");
    }
}

yj_bytes *yj_shared_null(yj_doc *doc) {
    if (!doc->null_value) {
        doc->null_value = yj_bytes_new(&doc->heap, 1);
        doc->null_value->at[0] = (char)YJ_ANY_NULL;
        doc->null_value->used = 1;
    }
    return doc->null_value;
}

void yj_cut(yj_doc *doc, yj_item *item, uint64_t length) {
    yj_item rest = { .kind = item->kind, .length = item->length - length };
    if (item->kind != YJ_ANY && item->kind != YJ_JSON) item->length = length;
    split_data(doc, item, &rest, length);
    if (rest.owner) {
        yj_bytes_release(&doc->heap, item->owner);
        item->owner = rest.owner;
        item->data = rest.data;
        item->size = rest.size;
    }
    item->length = rest.length;
}

yj_item *yj_split(yj_doc *doc, yj_client *client, yj_index index, uint64_t length) {
    yj_item *item = yj_at(client, index), *rest = yj_item_new(doc);
    rest->client = client;
    rest->clock = item->clock + length;
    rest->length = item->length - length;
    rest->kind = item->kind;
    rest->flags = item->flags;
    rest->origin_client = client;
    rest->origin_clock = rest->clock - 1;
    rest->right_client = item->right_client;
    rest->right_clock = item->right_clock;
    rest->parent = item->parent;
    rest->sub = item->sub;
    if (item->kind == YJ_ANY || item->kind == YJ_JSON) { /* its length shows where its values are */
        split_data(doc, item, rest, length);
        if (yj_visible(item)) yj_tree_change(item, 0, rest->length);
        item->length = length;
    } else {
        if (yj_visible(item)) yj_tree_change(item, 0, rest->length);
        item->length = length;
        split_data(doc, item, rest, length);
    }
    rest->left = item;
    rest->right = item->right;
    item->right = rest;
    if (rest->right) rest->right->left = rest;
    else if (rest->sub) yj_table_set(doc, &rest->parent->map, rest->sub, rest);
    if (!rest->sub) yj_tree_insert(doc, rest);
    insert_after(doc, client, index, rest);
    yj_add_merge(doc, rest);
    return rest;
}

yj_item *yj_starting_at(yj_doc *doc, yj_client *client, uint64_t clock) {
    yj_index index = yj_find_index(doc, client, clock);
    yj_item *item = yj_at(client, index);
    return item->clock == clock || item->kind == YJ_GC ? item : yj_split(doc, client, index, clock - item->clock);
}

yj_item *yj_ending_at(yj_doc *doc, yj_client *client, uint64_t clock) {
    yj_index index = yj_find_index(doc, client, clock);
    yj_item *item = yj_at(client, index);
    if (item->kind != YJ_GC && clock != item->clock + item->length - 1) yj_split(doc, client, index, clock - item->clock + 1);
    return item;
}

/* ---- Tables ---- */

static size_t table_slot(const yj_table *table, const yj_name *key) {
    size_t at = key->hash & (table->slot_count - 1);
    while (table->slots[at] && table->list[table->slots[at] - 1].key != key) at = (at + 1) & (table->slot_count - 1);
    return at;
}

yj_entry *yj_table_entry(const yj_table *table, const yj_name *key) {
    if (!table->slot_count) return NULL;
    uint32_t index = table->slots[table_slot(table, key)];
    return index ? &table->list[index - 1] : NULL;
}

yj_item *yj_table_get(const yj_table *table, const yj_name *key) {
    const yj_entry *entry = yj_table_entry(table, key);
    return entry ? entry->item : NULL;
}

static void grow_table(yj_doc *doc, yj_table *table) {
    size_t count = table->slot_count ? table->slot_count * 2 : 8;
    uint32_t *slots = yj_allocate(&doc->heap, yj_product(&doc->heap, count, sizeof *slots));
    memset(slots, 0, count * sizeof *slots);
    yj_free(&doc->heap, table->slots);
    table->slots = slots;
    table->slot_count = count;
    for (size_t i = 0; i < table->count; i++) slots[table_slot(table, table->list[i].key)] = (uint32_t)(i + 1);
}

void yj_table_set(yj_doc *doc, yj_table *table, yj_name *key, yj_item *item) {
    if (table->count * 2 >= table->slot_count) grow_table(doc, table);
    size_t slot = table_slot(table, key);
    if (!table->slots[slot]) {
        YJ_GROW(&doc->heap, table);
        table->list[table->count++] = (yj_entry){ key, item, NULL };
        table->slots[slot] = (uint32_t)table->count;
    }
    table->list[table->slots[slot] - 1].item = item;
}

void yj_table_clear(yj_doc *doc, yj_table *table) {
    yj_free(&doc->heap, table->list);
    yj_free(&doc->heap, table->slots);
    memset(table, 0, sizeof *table);
}

/* ---- Types ---- */

yj_type *yj_type_new(yj_doc *doc, yj_type_kind kind, yj_name *name) {
    YJ_GROW(&doc->heap, &doc->types);
    yj_type *type = yj_allocate(&doc->heap, sizeof *type);
    memset(type, 0, sizeof *type);
    type->doc = doc;
    type->kind = (uint8_t)kind;
    type->name = name;
    type->index = doc->types.count;
    doc->types.list[doc->types.count++] = type;
    return type;
}

static yj_slice slice_of(const yj_name *name) {
    return (yj_slice){ name->text, name->size };
}

/* As it is written in updates. */
void yj_struct_of(const yj_item *item, yj_struct *out) {
    *out = (yj_struct){ .kind = (yj_kind)item->kind, .client = item->client->id, .clock = item->clock, .length = item->length };
    if (item->kind == YJ_GC || item->kind == YJ_SKIP) return;
    out->data = (yj_slice){ item->data, item->size };
    out->has_origin = item->origin_client && !(item->flags & YJ_HAS_PARENT_ID);
    if (out->has_origin) out->origin = (yj_id){ item->origin_client->id, item->origin_clock };
    out->has_right = item->right_client;
    if (out->has_right) out->right = (yj_id){ item->right_client->id, item->right_clock };
    out->has_sub = item->sub;
    if (out->has_sub) out->sub = slice_of(item->sub);
    if (!out->has_origin && !out->has_right) {
        if (item->flags & YJ_HAS_PARENT_ID) {
            out->has_parent_id = true;
            out->parent = (yj_id){ item->origin_client->id, item->origin_clock };
        } else if (item->parent->root) {
            out->has_parent_name = true;
            out->parent_name = slice_of(item->parent->name);
        } else {
            out->has_parent_id = true;
            out->parent = (yj_id){ item->parent->item->client->id, item->parent->item->clock };
        }
    }
    if (item->kind == YJ_TYPE && item->flags & YJ_IS_LOOSE) {
        out->type_kind = item->visit;
        if (item->of.name) out->name = slice_of(item->of.name);
    } else if (item->kind == YJ_TYPE) {
        out->type_kind = item->of.type->kind;
        if (item->of.type->name) out->name = slice_of(item->of.type->name);
    } else if (item->kind == YJ_FORMAT || item->kind == YJ_SUBDOC) {
        out->name = slice_of(item->of.name);
    }
}
