/* apply.c - integrates updates: client by client, those that others wait for first; what waits for something missing
 * is kept as an update of its own. */
#include "internal.h"

#include <string.h>

/* The structs of a client in the update, in the order in which they came. */
typedef struct yj_queue {
    yj_client *client;
    yj_item **list;
    size_t count, capacity;
    size_t at;
} yj_queue;

typedef struct item_list {
    yj_item **list;
    size_t count, capacity;
} item_list;

typedef struct incoming {
    yj_doc *doc;
    struct {
        yj_queue **list;
        size_t count, capacity;
    } queues;
    item_list stack, rest;
    yj_ranges missing;
    yj_ranges deletes;
} incoming;

static void push(yj_doc *doc, item_list *items, yj_item *item) {
    YJ_GROW(&doc->heap, items);
    items->list[items->count++] = item;
}

static yj_queue *queue_of(incoming *in, yj_client *client) {
    if (client->queue) return client->queue;
    yj_doc *doc = in->doc;
    YJ_GROW(&doc->heap, &in->queues);
    yj_queue *queue = yj_allocate(&doc->heap, sizeof *queue);
    memset(queue, 0, sizeof *queue);
    queue->client = client;
    in->queues.list[in->queues.count++] = queue;
    return client->queue = queue;
}

/* Reads all of an update before anything of it is applied. */
static void read_update(incoming *in, yj_slice update, int version) {
    yj_doc *doc = in->doc;
    yj_decoder decoder;
    yj_struct_reader reader;
    yj_heap *heap = &doc->heap;
    yj_decoder_open(heap, &decoder, update, version);
    yj_structs_open(&reader, &decoder, false);
    while (yj_structs_next(&reader)) {}
    yj_ranges_read(&decoder, &in->deletes);
    yj_decoder_close(&decoder);

    yj_bytes *source = yj_bytes_new(heap, update.size);
    if (update.size) memcpy(source->at, update.at, update.size);
    source->used = update.size;
    yj_decoder_open(heap, &decoder, (yj_slice){ source->at, source->used }, version);
    yj_structs_open(&reader, &decoder, false);
    for (; !reader.done; yj_structs_next(&reader)) {
        yj_item *item = yj_loose_item(doc, &reader.current, source);
        yj_queue *queue = queue_of(in, item->client);
        YJ_GROW(heap, queue);
        queue->list[queue->count++] = item;
    }
    yj_decoder_close(&decoder);
    yj_bytes_release(heap, source);
}

static bool is_queue_after(const yj_queue *a, const yj_queue *b) {
    return a->client->id < b->client->id;
}

/* Highest client first (heap sort). */
static void sort_queues(incoming *in) {
    yj_queue **list = in->queues.list;
    size_t count = in->queues.count;
    for (size_t pass = count / 2 + count; pass > 0; pass--) {
        size_t root = pass > count ? pass - count - 1 : 0, end = count;
        if (pass <= count) {
            end = pass - 1;
            yj_queue *last = list[end];
            list[end] = list[0];
            list[0] = last;
        }
        for (size_t child; (child = 2 * root + 1) < end; root = child) {
            if (child + 1 < end && is_queue_after(list[child + 1], list[child])) child++;
            if (!is_queue_after(list[child], list[root])) break;
            yj_queue *moved = list[root];
            list[root] = list[child];
            list[child] = moved;
        }
    }
}

/* What is on the stack cannot be applied, nor what follows it of the same clients. */
static void give_up_stack(incoming *in) {
    for (size_t i = 0; i < in->stack.count; i++) {
        yj_queue *queue = in->stack.list[i]->client->queue;
        push(in->doc, &in->rest, in->stack.list[i]);
        while (queue->at < queue->count) push(in->doc, &in->rest, queue->list[queue->at++]);
    }
    in->stack.count = 0;
}

static yj_item *next_of(yj_queue *queue) {
    return queue->at < queue->count ? queue->list[queue->at++] : NULL;
}

/* Applies one struct, or begins with what it waits for: returns that. */
static yj_item *apply_one(incoming *in, yj_item *item) {
    yj_doc *doc = in->doc;
    yj_client *client = item->client;
    doc->heap.steps++;
    if (item->kind == YJ_SKIP) {
        yj_item_free(doc, item);
        return NULL;
    }
    if (client->state < item->clock) { /* something before it is missing */
        push(doc, &in->stack, item);
        yj_ranges_add(&doc->heap, &in->missing, client->id, item->clock - 1, 1);
        give_up_stack(in);
        return NULL;
    }
    uint64_t offset = client->state - item->clock;
    yj_client *missing = item->kind == YJ_GC ? NULL : yj_missing(item);
    if (missing) {
        push(doc, &in->stack, item);
        yj_item *other = missing->queue ? next_of(missing->queue) : NULL;
        if (other) return other;
        yj_ranges_add(&doc->heap, &in->missing, missing->id, missing->state, 1);
        give_up_stack(in);
        return NULL;
    }
    /* Also of what is known: where another has divided a surrogate pair, Yjs divides it. */
    if (item->kind != YJ_GC) yj_resolve(doc, item);
    if (offset >= item->length) yj_item_free(doc, item);
    else yj_integrate(doc, item, offset);
    return NULL;
}

static void apply_structs(incoming *in) {
    sort_queues(in);
    for (size_t i = 0; i < in->queues.count; i++) {
        for (yj_item *item; (item = next_of(in->queues.list[i]));) {
            while (item) {
                item = apply_one(in, item);
                if (!item && in->stack.count) item = in->stack.list[--in->stack.count];
            }
        }
    }
}

/* ---- What is left ---- */

static bool is_item_after(const yj_item *a, const yj_item *b) {
    return a->client != b->client ? a->client->id < b->client->id : a->clock > b->clock;
}

static void sort_items(item_list *items) {
    yj_item **list = items->list;
    size_t count = items->count, i = 1;
    while (i < count && !is_item_after(list[i - 1], list[i])) i++;
    if (i >= count) return;
    for (size_t pass = count / 2 + count; pass > 0; pass--) {
        size_t root = pass > count ? pass - count - 1 : 0, end = count;
        if (pass <= count) {
            end = pass - 1;
            yj_item *last = list[end];
            list[end] = list[0];
            list[0] = last;
        }
        for (size_t child; (child = 2 * root + 1) < end; root = child) {
            if (child + 1 < end && is_item_after(list[child + 1], list[child])) child++;
            if (!is_item_after(list[child], list[root])) break;
            yj_item *moved = list[root];
            list[root] = list[child];
            list[child] = moved;
        }
    }
}

static yj_slice encode_rest(incoming *in) {
    yj_doc *doc = in->doc;
    yj_encoder encoder;
    yj_encoder_open(&doc->heap, &encoder, YJ_V2);
    sort_items(&in->rest);
    for (size_t i = 0; i < in->rest.count; i++) {
        yj_struct one;
        yj_struct_of(in->rest.list[i], &one);
        yj_write_struct(&encoder, &one, 0);
        yj_item_free(doc, in->rest.list[i]);
    }
    yj_write_structs_end(&encoder);
    yj_put_uint(&encoder.rest, 0); /* nothing deleted */
    return yj_encoder_close(&encoder);
}

static void merge_into(yj_doc *doc, yj_slice *kept, yj_slice more) {
    if (!kept->at) {
        *kept = more;
        return;
    }
    yj_slice parts[] = { *kept, more };
    *kept = yj_merge_updates(&doc->heap, parts, 2, YJ_V2);
    yj_free(&doc->heap, parts[0].at);
    yj_free(&doc->heap, parts[1].at);
}

/* Is something there now that what is pending waits for? */
static bool is_missing_there(const yj_doc *doc) {
    for (size_t i = 0; i < doc->missing.count; i++) {
        const yj_client *client = yj_known_client(doc, doc->missing.list[i].client);
        if (client && client->state > doc->missing.list[i].clock) return true;
    }
    return false;
}

/* Of what a client waits for, the first clock is enough. */
static void add_missing(yj_doc *doc, const yj_ranges *more) {
    for (size_t i = 0; i < more->count; i++) {
        YJ_GROW(&doc->heap, &doc->missing);
        doc->missing.list[doc->missing.count++] = more->list[i];
    }
    yj_ranges_sort(&doc->heap, &doc->missing, false);
    size_t to = 0;
    for (size_t i = 0; i < doc->missing.count; i++)
        if (!to || doc->missing.list[to - 1].client != doc->missing.list[i].client) doc->missing.list[to++] = doc->missing.list[i];
    doc->missing.count = to;
}

/* ---- Deleted ranges ---- */

static void delete_range(yj_doc *doc, yj_client *client, uint64_t clock, uint64_t end) {
    yj_index index = yj_find_index(doc, client, clock);
    yj_item *item = yj_at(client, index);
    if (!(item->flags & YJ_IS_DELETED) && item->clock < clock) {
        yj_split(doc, client, index, clock - item->clock);
        index = yj_find_index(doc, client, clock);
    }
    do {
        item = yj_at(client, index);
        if (item->clock >= end) break;
        doc->heap.steps++;
        if (item->flags & YJ_IS_DELETED) continue;
        if (end < item->clock + item->length) {
            yj_split(doc, client, index, end - item->clock);
            index = yj_find_index(doc, client, item->clock);
        }
        yj_delete_item(doc, item);
    } while (yj_index_next(client, &index));
}

static void apply_ranges(yj_doc *doc, const yj_ranges *ranges, yj_ranges *rest) {
    for (size_t i = 0; i < ranges->count; i++) {
        const yj_range *range = &ranges->list[i];
        yj_client *client = yj_known_client(doc, range->client);
        uint64_t state = client ? client->state : 0, end = range->clock + range->length;
        if (range->clock < state) {
            if (state < end) yj_ranges_add(&doc->heap, rest, range->client, state, end - state);
            delete_range(doc, client, range->clock, end);
        } else {
            yj_ranges_add(&doc->heap, rest, range->client, range->clock, range->length);
        }
    }
}

static yj_slice encode_ranges(yj_doc *doc, yj_ranges *ranges) {
    yj_encoder encoder;
    yj_encoder_open(&doc->heap, &encoder, YJ_V2);
    yj_write_structs_end(&encoder);
    yj_ranges_sort(&doc->heap, ranges, true);
    yj_encode_ranges(&encoder, ranges);
    return yj_encoder_close(&encoder);
}

static void apply_deletes(yj_doc *doc, const yj_ranges *deletes) {
    yj_ranges rest = { 0 }, known = { 0 };
    apply_ranges(doc, deletes, &rest);
    if (doc->pending_deletes.at) {
        yj_decoder decoder;
        yj_struct_reader none;
        yj_decoder_open(&doc->heap, &decoder, doc->pending_deletes, YJ_V2);
        yj_structs_open(&none, &decoder, false);
        yj_ranges_read(&decoder, &known);
        yj_decoder_close(&decoder);
        apply_ranges(doc, &known, &rest);
        yj_free(&doc->heap, doc->pending_deletes.at);
        doc->pending_deletes = (yj_slice){ NULL, 0 };
    }
    if (rest.count) doc->pending_deletes = encode_ranges(doc, &rest);
    yj_free(&doc->heap, rest.list);
    yj_free(&doc->heap, known.list);
}

/* ---- Whole updates ---- */

static void close_incoming(incoming *in) {
    yj_heap *heap = &in->doc->heap;
    for (size_t i = 0; i < in->queues.count; i++) {
        in->queues.list[i]->client->queue = NULL;
        yj_free(heap, in->queues.list[i]->list);
        yj_free(heap, in->queues.list[i]);
    }
    yj_free(heap, in->queues.list);
    yj_free(heap, in->stack.list);
    yj_free(heap, in->rest.list);
    yj_free(heap, in->missing.list);
    yj_free(heap, in->deletes.list);
}

/* Returns whether what is pending may be applied now. */
static bool apply_incoming(incoming *in) {
    yj_doc *doc = in->doc;
    apply_structs(in);
    bool retry = doc->pending.at && is_missing_there(doc);
    if (in->rest.count) {
        merge_into(doc, &doc->pending, encode_rest(in));
        add_missing(doc, &in->missing);
    }
    apply_deletes(doc, &in->deletes);
    close_incoming(in);
    return retry;
}

bool yj_apply(yj_doc *doc, yj_slice update, int version, bool tidy) {
    YJ_ENTER(&doc->heap);
    incoming in = { .doc = doc };
    read_update(&in, update, version);
    doc->heap.trusted = true; /* what is pending was read before */
    bool alone = doc->depth == 0;
    yj_transact(doc);
    doc->now.local = false;
    if (alone) doc->now.noted = false;
    doc->tidy = doc->tidy || tidy;
    while (apply_incoming(&in)) {
        yj_slice again = doc->pending;
        doc->pending = (yj_slice){ NULL, 0 };
        doc->missing.count = 0;
        memset(&in, 0, sizeof in);
        in.doc = doc;
        read_update(&in, again, YJ_V2);
        yj_free(&doc->heap, again.at);
    }
    yj_transact_end(doc);
    return true;
}
