/* doc.c - documents: opening, root types, states, snapshots. */
#include "internal.h"

#include <string.h>

yj_doc *yj_open(yj_allocator allocator, yj_options options) {
    yj_doc *doc = allocator.allocate(allocator.data, NULL, 0, sizeof *doc);
    if (!doc) return NULL;
    memset(doc, 0, sizeof *doc);
    yj_heap_open(&doc->heap, allocator);
    doc->client = options.client & YJ_LARGEST;
    doc->keep = options.keep;
    doc->hash_key[0] = options.seed;
    doc->hash_key[1] = options.seed ^ UINT64_C(0x9e3779b97f4a7c15);
    return doc;
}

void yj_close(yj_doc *doc) {
    if (!doc) return;
    yj_allocator allocator = doc->heap.allocator;
    yj_heap_clear(&doc->heap);
    allocator.allocate(allocator.data, doc, sizeof *doc, 0);
}

yj_status yj_failure(const yj_doc *doc, const char **message) {
    if (message) *message = doc->heap.message;
    return doc->heap.dead ? YJ_MEMORY : doc->heap.status;
}

void yj_release(yj_doc *doc, const void *result) {
    yj_free(&doc->heap, result);
}

uint64_t yj_client_id(const yj_doc *doc) {
    return doc->client;
}

void yj_set_client_id(yj_doc *doc, uint64_t client) {
    doc->client = client & YJ_LARGEST;
}

bool yj_keeps(const yj_doc *doc) {
    return doc->keep;
}

uint64_t yj_changes(const yj_doc *doc) {
    return doc->changes;
}

uint64_t yj_steps(const yj_doc *doc) {
    return doc->heap.steps;
}

uint64_t yj_allocations(const yj_doc *doc) {
    return doc->heap.allocations;
}

bool yj_is_pending(const yj_doc *doc) {
    return doc->pending.at || doc->pending_deletes.at;
}

bool yj_begin(yj_doc *doc) {
    YJ_ENTER(&doc->heap);
    yj_transact(doc);
    return true;
}

bool yj_end(yj_doc *doc) {
    YJ_ENTER(&doc->heap);
    if (doc->depth) yj_transact_end(doc);
    return true;
}

/* ---- Root types ---- */

yj_type *yj_root_type(yj_doc *doc, yj_slice name) {
    yj_name *key = yj_intern(doc, name);
    if (key->root) return key->root;
    YJ_GROW(&doc->heap, &doc->roots);
    yj_type *type = yj_type_new(doc, YJ_UNKNOWN, key);
    type->root = true;
    doc->roots.list[doc->roots.count++] = type;
    key->root = type;
    yj_keep(&doc->heap);
    return type;
}

bool yj_root(yj_doc *doc, yj_slice name, yj_type_kind kind, yj_type **out) {
    YJ_ENTER(&doc->heap);
    yj_check_string(doc, name, "the name");
    yj_type *type = yj_root_type(doc, name);
    if (kind != YJ_UNKNOWN && type->kind == YJ_UNKNOWN) type->kind = (uint8_t)kind;
    if (kind != YJ_UNKNOWN && type->kind != kind) yj_fail(&doc->heap, YJ_USAGE, "it is a shared type of another kind");
    *out = type;
    return true;
}

size_t yj_root_count(const yj_doc *doc) {
    return doc->roots.count;
}

yj_type *yj_root_at(const yj_doc *doc, size_t index) {
    return index < doc->roots.count ? doc->roots.list[index] : NULL;
}

/* ---- States ---- */

static yj_client **sorted_clients(yj_doc *doc) {
    yj_ranges order = { 0 };
    for (size_t i = 0; i < doc->clients.count; i++) {
        YJ_GROW(&doc->heap, &order);
        order.list[order.count++] = (yj_range){ doc->clients.list[i]->id, i, 1 };
    }
    yj_ranges_sort(&doc->heap, &order, false);
    yj_client **list = yj_allocate(&doc->heap, yj_product(&doc->heap, order.count + 1, sizeof *list));
    for (size_t i = 0; i < order.count; i++) list[i] = doc->clients.list[order.list[i].clock];
    list[order.count] = NULL;
    yj_free(&doc->heap, order.list);
    return list;
}

/* The structs of a client from a clock on. */
static void write_client(yj_doc *doc, yj_encoder *encoder, yj_client *client, uint64_t from) {
    yj_index index = yj_find_index(doc, client, from);
    do {
        const yj_item *item = yj_at(client, index);
        yj_struct one;
        yj_struct_of(item, &one);
        yj_write_struct(encoder, &one, from > item->clock ? from - item->clock : 0);
        doc->heap.steps++;
    } while (yj_index_next(client, &index));
}

/* Deleted structs, neighbours as one range. */
static void deleted_ranges(yj_doc *doc, yj_ranges *out) {
    yj_client **clients = sorted_clients(doc);
    for (size_t i = 0; clients[i]; i++) {
        if (!clients[i]->count) continue;
        yj_index index = { 0, 0 };
        do {
            const yj_item *item = yj_at(clients[i], index);
            if (item->flags & YJ_IS_DELETED) yj_ranges_add(&doc->heap, out, clients[i]->id, item->clock, item->length);
        } while (yj_index_next(clients[i], &index));
    }
    yj_free(&doc->heap, clients);
}

static yj_slice encode_state(yj_doc *doc, const yj_states *from, int version) {
    yj_encoder encoder;
    yj_encoder_open(&doc->heap, &encoder, version);
    yj_client **clients = sorted_clients(doc);
    for (size_t i = 0; clients[i]; i++) {
        uint64_t state = yj_states_of(from, clients[i]->id);
        if (clients[i]->state > state) write_client(doc, &encoder, clients[i], state);
    }
    yj_write_structs_end(&encoder);
    yj_free(&doc->heap, clients);
    yj_ranges deleted = { 0 };
    deleted_ranges(doc, &deleted);
    yj_encode_ranges(&encoder, &deleted);
    yj_free(&doc->heap, deleted.list);
    return yj_encoder_close(&encoder);
}

/* A part of the state, with what is pending, in the version wanted. */
static yj_slice with_pending(yj_doc *doc, yj_slice state, const yj_states *from, int version) {
    doc->heap.trusted = true;
    yj_slice parts[3] = { state };
    size_t count = 1;
    if (doc->pending_deletes.at) parts[count++] = yj_convert_update(&doc->heap, doc->pending_deletes, YJ_V2, version);
    if (doc->pending.at) {
        yj_slice diff = yj_diff_update(&doc->heap, doc->pending, from, YJ_V2);
        parts[count++] = version == YJ_V2 ? diff : yj_convert_update(&doc->heap, diff, YJ_V2, version);
        if (version != YJ_V2) yj_free(&doc->heap, diff.at);
    }
    yj_slice merged = yj_merge_updates(&doc->heap, parts, count, version);
    for (size_t i = 0; i < count; i++) yj_free(&doc->heap, parts[i].at);
    return merged;
}

static void read_states(yj_doc *doc, yj_slice bytes, yj_states *states) {
    if (!bytes.at) return;
    yj_reader reader = { &doc->heap, bytes.at, bytes.at, bytes.at + bytes.size };
    yj_states_read(&reader, states);
}

bool yj_state_as_update(yj_doc *doc, yj_slice state_vector, int version, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_states from = { 0 };
    read_states(doc, state_vector, &from);
    yj_slice state = encode_state(doc, &from, version);
    *out = yj_is_pending(doc) ? with_pending(doc, state, &from, version) : state;
    yj_free(&doc->heap, from.list);
    return true;
}

static yj_states states_of(yj_doc *doc) {
    yj_states states = { 0 };
    yj_client **clients = sorted_clients(doc);
    for (size_t i = 0; clients[i]; i++) {
        if (!clients[i]->state) continue;
        YJ_GROW(&doc->heap, &states);
        states.list[states.count++] = (yj_id){ clients[i]->id, clients[i]->state };
    }
    yj_free(&doc->heap, clients);
    return states;
}

bool yj_state_vector(yj_doc *doc, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_states states = states_of(doc);
    yj_buffer bytes = { .heap = &doc->heap };
    yj_states_write(&bytes, &states);
    yj_free(&doc->heap, states.list);
    *out = (yj_slice){ bytes.at, bytes.size };
    return true;
}

bool yj_edits(yj_doc *doc, int version, bool forget, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_encoder encoder;
    yj_encoder_open(&doc->heap, &encoder, version);
    yj_client **clients = sorted_clients(doc);
    bool any = doc->edits.count > 0;
    for (size_t i = 0; clients[i]; i++) {
        yj_client *client = clients[i];
        if (client->edited_from >= client->state) continue;
        any = true;
        write_client(doc, &encoder, client, client->edited_from);
        if (forget) client->edited_from = UINT64_MAX;
    }
    yj_free(&doc->heap, clients);
    yj_write_structs_end(&encoder);
    yj_ranges_sort(&doc->heap, &doc->edits, true);
    yj_encode_ranges(&encoder, &doc->edits);
    if (forget) {
        doc->edits.count = 0;
        for (size_t i = 0; i < doc->roots.count; i++) doc->roots.list[i]->edited = false;
    }
    yj_slice made = yj_encoder_close(&encoder);
    if (!any) yj_free(&doc->heap, made.at);
    *out = any ? made : (yj_slice){ NULL, 0 };
    return true;
}

bool yj_root_is_edited(const yj_type *root) {
    return root->edited;
}

/* ---- Snapshots: what is deleted, and a state vector ---- */

bool yj_snapshot(yj_doc *doc, int version, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_encoder encoder = { .heap = &doc->heap, .version = version, .rest = { .heap = &doc->heap } };
    yj_ranges deleted = { 0 };
    deleted_ranges(doc, &deleted);
    yj_encode_ranges(&encoder, &deleted);
    yj_states states = states_of(doc);
    yj_states_write(&encoder.rest, &states);
    yj_free(&doc->heap, deleted.list);
    yj_free(&doc->heap, states.list);
    *out = (yj_slice){ encoder.rest.at, encoder.rest.size };
    return true;
}

void yj_snapshot_read(yj_doc *doc, yj_slice bytes, yj_ranges *deleted, yj_states *states) {
    yj_decoder decoder = { .version = YJ_V1, .rest = { &doc->heap, bytes.at, bytes.at, bytes.at + bytes.size } };
    yj_ranges_read_part(&decoder, deleted);
    yj_ranges_sort(&doc->heap, deleted, true);
    yj_states_read(&decoder.rest, states);
}

static void write_until(yj_doc *doc, yj_encoder *encoder, yj_client *client, uint64_t end) {
    if (end > client->state) yj_fail(&doc->heap, YJ_INVALID, "the snapshot knows more than the document");
    if (end < client->state) yj_starting_at(doc, client, end);
    yj_index index = { 0, 0 };
    do {
        const yj_item *item = yj_at(client, index);
        if (item->clock >= end) break;
        yj_struct one;
        yj_struct_of(item, &one);
        if (item->clock + item->length > end) one.length = end - item->clock; /* of a GC, which is not divided */
        yj_write_struct(encoder, &one, 0);
    } while (yj_index_next(client, &index));
}

bool yj_snapshot_update(yj_doc *doc, yj_slice snapshot, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    if (!doc->keep) yj_fail(&doc->heap, YJ_USAGE, "the document does not keep what is deleted");
    yj_ranges deleted = { 0 };
    yj_states states = { 0 };
    yj_snapshot_read(doc, snapshot, &deleted, &states);
    for (size_t i = 0; i < states.count; i++) { /* before anything is started */
        const yj_client *client = yj_known_client(doc, states.list[i].client);
        if (states.list[i].clock && (!client || client->state < states.list[i].clock))
            yj_fail(&doc->heap, YJ_INVALID, "the snapshot knows more than the document");
    }
    yj_encoder encoder;
    yj_encoder_open(&doc->heap, &encoder, YJ_V2);
    yj_transact(doc);
    for (size_t i = 0; i < states.count; i++)
        if (states.list[i].clock) write_until(doc, &encoder, yj_client_of(doc, states.list[i].client), states.list[i].clock);
    yj_transact_end(doc);
    yj_write_structs_end(&encoder);
    yj_encode_ranges(&encoder, &deleted);
    yj_free(&doc->heap, deleted.list);
    yj_free(&doc->heap, states.list);
    *out = yj_encoder_close(&encoder);
    return true;
}
