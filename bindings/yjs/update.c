/* update.c - updates merged, cut and converted without a document, as Yjs does it. */
#include "internal.h"

#include <string.h>

/* ---- Merging ---- */

/* The reader to go on with is that of the highest client, then of the lowest clock; among equals the one that was moved
 * last, then the first update. */
typedef struct source {
    yj_decoder decoder;
    yj_struct_reader structs;
    int64_t turn;
} source;

typedef struct queue {
    source **list;
    size_t count;
} queue;

static bool goes_first(const source *a, const source *b) {
    const yj_struct *x = &a->structs.current, *y = &b->structs.current;
    if (x->client != y->client) return x->client > y->client;
    if (x->clock != y->clock) return x->clock < y->clock;
    bool alike = (x->kind == YJ_GC) == (y->kind == YJ_GC); /* else Yjs's order is that of a sort whose order is not one */
    return alike ? a->turn > b->turn : a->turn < b->turn;
}

static void sink(queue *q, size_t root) {
    source *moved = q->list[root];
    for (size_t child; (child = 2 * root + 1) < q->count; root = child) {
        if (child + 1 < q->count && goes_first(q->list[child + 1], q->list[child])) child++;
        if (!goes_first(q->list[child], moved)) break;
        q->list[root] = q->list[child];
    }
    q->list[root] = moved;
}

/* The first reader has moved on. */
static void reorder(queue *q, int64_t turn) {
    if (q->count == 0) return;
    q->list[0]->turn = turn;
    if (q->list[0]->structs.done) q->list[0] = q->list[--q->count];
    if (q->count) sink(q, 0);
}

static uint64_t end_of(const yj_struct *one) {
    return one->clock + one->length;
}

/* What was read and is not written yet: it can grow. */
typedef struct pending {
    bool any;
    yj_struct one;
} pending;

static void write_pending(yj_encoder *encoder, pending *p, const yj_struct *next) {
    yj_write_struct(encoder, &p->one, 0);
    p->one = *next;
}

static void merge_same_client(yj_heap *heap, yj_encoder *encoder, pending *p, yj_struct_reader *reader) {
    yj_struct current = reader->current;
    if (end_of(&p->one) < current.clock) {
        if (p->one.kind == YJ_SKIP) {
            p->one.length = end_of(&current) - p->one.clock;
        } else {
            yj_struct gap = { .kind = YJ_SKIP, .client = current.client, .clock = end_of(&p->one) };
            gap.length = current.clock - gap.clock;
            write_pending(encoder, p, &gap);
        }
        return;
    }
    uint64_t overlap = end_of(&p->one) - current.clock;
    if (overlap && p->one.kind == YJ_SKIP) p->one.length -= overlap;
    else if (overlap) yj_slice_struct(heap, &current, overlap);
    if (p->one.kind == current.kind && current.kind == YJ_GC) {
        p->one.length += current.length;
    } else {
        write_pending(encoder, p, &current);
        yj_structs_next(reader);
    }
}

static void merge_step(yj_heap *heap, yj_encoder *encoder, pending *p, yj_struct_reader *reader) {
    uint64_t client = reader->current.client;
    if (p->any) {
        bool moved = false;
        while (!reader->done && end_of(&reader->current) <= end_of(&p->one) && reader->current.client >= p->one.client) {
            yj_structs_next(reader);
            moved = true;
        }
        if (reader->done || reader->current.client != client || (moved && reader->current.clock > end_of(&p->one))) return;
        if (client != p->one.client) {
            write_pending(encoder, p, &reader->current);
            yj_structs_next(reader);
        } else {
            merge_same_client(heap, encoder, p, reader);
        }
    } else {
        p->one = reader->current;
        p->any = true;
        yj_structs_next(reader);
    }
    while (!reader->done && reader->current.client == client && reader->current.clock == end_of(&p->one)) {
        heap->steps++;
        write_pending(encoder, p, &reader->current);
        yj_structs_next(reader);
    }
}

yj_slice yj_merge_updates(yj_heap *heap, const yj_slice *updates, size_t count, int version) {
    queue q = { yj_allocate(heap, yj_product(heap, count + 1, sizeof(source *))), 0 };
    source **all = yj_allocate(heap, yj_product(heap, count + 1, sizeof(source *)));
    for (size_t i = 0; i < count; i++) {
        source *one = all[i] = yj_allocate(heap, sizeof *one);
        one->turn = -(int64_t)i;
        yj_decoder_open(heap, &one->decoder, updates[i], version);
        yj_structs_open(&one->structs, &one->decoder, true);
        if (!one->structs.done) q.list[q.count++] = one;
    }
    for (size_t i = q.count / 2; i > 0; i--) sink(&q, i - 1);
    yj_encoder encoder;
    yj_encoder_open(heap, &encoder, version);
    pending p = { .any = false };
    for (int64_t turn = 1; q.count; turn++) {
        heap->steps++;
        merge_step(heap, &encoder, &p, &q.list[0]->structs);
        reorder(&q, turn);
    }
    if (p.any) yj_write_struct(&encoder, &p.one, 0);
    yj_write_structs_end(&encoder);
    yj_ranges deleted = { 0 };
    for (size_t i = 0; i < count; i++) yj_ranges_read(&all[i]->decoder, &deleted);
    yj_ranges_sort(heap, &deleted, true);
    yj_encode_ranges(&encoder, &deleted);
    for (size_t i = 0; i < count; i++) {
        yj_decoder_close(&all[i]->decoder);
        yj_free(heap, all[i]);
    }
    yj_free(heap, all);
    yj_free(heap, q.list);
    yj_free(heap, deleted.list);
    return yj_encoder_close(&encoder);
}

/* ---- Cutting and converting ---- */

static void copy_ranges(yj_heap *heap, yj_decoder *decoder, yj_encoder *encoder) {
    yj_ranges deleted = { 0 };
    yj_ranges_read(decoder, &deleted);
    yj_ranges_sort(heap, &deleted, true);
    yj_encode_ranges(encoder, &deleted);
    yj_free(heap, deleted.list);
    yj_decoder_close(decoder);
}

yj_slice yj_diff_update(yj_heap *heap, yj_slice update, const yj_states *states, int version) {
    yj_decoder decoder;
    yj_struct_reader reader;
    yj_encoder encoder;
    yj_decoder_open(heap, &decoder, update, version);
    yj_structs_open(&reader, &decoder, false);
    yj_encoder_open(heap, &encoder, version);
    while (!reader.done) {
        uint64_t client = reader.current.client, state = yj_states_of(states, client);
        if (reader.current.kind == YJ_SKIP) { /* nothing begins with a gap */
            yj_structs_next(&reader);
        } else if (end_of(&reader.current) > state) {
            yj_write_struct(&encoder, &reader.current, state > reader.current.clock ? state - reader.current.clock : 0);
            while (yj_structs_next(&reader) && reader.current.client == client)
                yj_write_struct(&encoder, &reader.current, 0);
        } else {
            while (!reader.done && reader.current.client == client && end_of(&reader.current) <= state)
                yj_structs_next(&reader);
        }
    }
    yj_write_structs_end(&encoder);
    copy_ranges(heap, &decoder, &encoder);
    return yj_encoder_close(&encoder);
}

yj_slice yj_convert_update(yj_heap *heap, yj_slice update, int from, int to) {
    yj_decoder decoder;
    yj_struct_reader reader;
    yj_encoder encoder;
    yj_decoder_open(heap, &decoder, update, from);
    yj_structs_open(&reader, &decoder, false);
    yj_encoder_open(heap, &encoder, to);
    for (; !reader.done; yj_structs_next(&reader)) yj_write_struct(&encoder, &reader.current, 0);
    yj_write_structs_end(&encoder);
    copy_ranges(heap, &decoder, &encoder);
    return yj_encoder_close(&encoder);
}

/* ---- Public ---- */

yj_work *yj_work_new(yj_allocator allocator) {
    yj_work *work = allocator.allocate(allocator.data, NULL, 0, sizeof *work);
    if (!work) return NULL;
    memset(work, 0, sizeof *work);
    yj_heap_open(&work->heap, allocator);
    return work;
}

void yj_work_free(yj_work *work) {
    if (!work) return;
    yj_allocator allocator = work->heap.allocator;
    yj_heap_clear(&work->heap);
    allocator.allocate(allocator.data, work, sizeof *work, 0);
}

yj_status yj_work_failure(const yj_work *work, const char **message) {
    if (message) *message = work->heap.message;
    return work->heap.status;
}

static yj_states read_states(yj_heap *heap, yj_slice bytes) {
    yj_states states = { 0 };
    if (!bytes.at) return states;
    yj_reader reader = { heap, bytes.at, bytes.at, bytes.at + bytes.size };
    yj_states_read(&reader, &states);
    return states;
}

bool yj_merge(yj_work *work, const yj_slice *updates, size_t count, int version, yj_slice *out) {
    YJ_ENTER(&work->heap);
    if (count == 1) {
        yj_buffer copy = { .heap = &work->heap };
        yj_put(&copy, updates[0].at, updates[0].size);
        *out = (yj_slice){ copy.at, copy.size };
        return true;
    }
    *out = yj_merge_updates(&work->heap, updates, count, version);
    return true;
}

bool yj_diff(yj_work *work, yj_slice update, yj_slice state_vector, int version, yj_slice *out) {
    YJ_ENTER(&work->heap);
    yj_states states = read_states(&work->heap, state_vector);
    *out = yj_diff_update(&work->heap, update, &states, version);
    return true;
}

bool yj_convert(yj_work *work, yj_slice update, int from, int to, yj_slice *out) {
    YJ_ENTER(&work->heap);
    *out = yj_convert_update(&work->heap, update, from, to);
    return true;
}

bool yj_check(yj_work *work, yj_slice update, int version) {
    YJ_ENTER(&work->heap);
    yj_decoder decoder;
    yj_struct_reader reader;
    yj_ranges deleted = { 0 };
    yj_decoder_open(&work->heap, &decoder, update, version);
    yj_structs_open(&reader, &decoder, false);
    while (yj_structs_next(&reader)) {}
    yj_ranges_read(&decoder, &deleted);
    yj_free(&work->heap, deleted.list);
    yj_decoder_close(&decoder);
    return true;
}

/* The states up to the first gap of each client. */
bool yj_update_state_vector(yj_work *work, yj_slice update, int version, yj_slice *out) {
    YJ_ENTER(&work->heap);
    yj_decoder decoder;
    yj_struct_reader reader;
    yj_states states = { 0 };
    bool stopped = false;
    yj_decoder_open(&work->heap, &decoder, update, version);
    yj_structs_open(&reader, &decoder, false);
    for (uint64_t client = UINT64_MAX; !reader.done; yj_structs_next(&reader)) {
        const yj_struct *one = &reader.current;
        if (one->client != client) {
            client = one->client;
            stopped = one->clock != 0;
        }
        if (one->kind == YJ_SKIP) stopped = true;
        if (stopped) continue;
        if (!states.count || states.list[states.count - 1].client != client) {
            YJ_GROW(&work->heap, &states);
            states.list[states.count++].client = client;
        }
        states.list[states.count - 1].clock = end_of(one);
    }
    yj_buffer bytes = { .heap = &work->heap };
    yj_states_write(&bytes, &states);
    yj_free(&work->heap, states.list);
    *out = (yj_slice){ bytes.at, bytes.size };
    return true;
}

static void read_snapshot(yj_heap *heap, yj_slice bytes, int version, yj_ranges *deleted, yj_states *states) {
    yj_decoder decoder = { .version = version, .rest = { heap, bytes.at, bytes.at, bytes.at + bytes.size } };
    yj_ranges_read_part(&decoder, deleted);
    yj_ranges_sort(heap, deleted, true);
    yj_states_read(&decoder.rest, states);
}

static bool same_snapshot(yj_heap *heap, yj_slice a, yj_slice b) {
    yj_ranges deleted[2] = { { 0 }, { 0 } };
    yj_states states[2] = { { 0 }, { 0 } };
    read_snapshot(heap, a, YJ_V1, &deleted[0], &states[0]);
    read_snapshot(heap, b, YJ_V1, &deleted[1], &states[1]);
    if (deleted[0].count != deleted[1].count || states[0].count != states[1].count) return false;
    for (size_t i = 0; i < deleted[0].count; i++) {
        const yj_range *x = &deleted[0].list[i], *y = &deleted[1].list[i];
        if (x->client != y->client || x->clock != y->clock || x->length != y->length) return false;
    }
    for (size_t i = 0; i < states[0].count; i++) {
        const yj_id *x = &states[0].list[i], *y = &states[1].list[i];
        if (x->client != y->client || x->clock != y->clock) return false;
    }
    return true;
}

bool yj_snapshot_equal(yj_work *work, yj_slice a, yj_slice b, bool *equal) {
    YJ_ENTER(&work->heap);
    *equal = same_snapshot(&work->heap, a, b);
    return true;
}

bool yj_snapshot_convert(yj_work *work, yj_slice snapshot, int from, int to, yj_slice *out) {
    YJ_ENTER(&work->heap);
    yj_ranges deleted = { 0 };
    yj_states states = { 0 };
    read_snapshot(&work->heap, snapshot, from, &deleted, &states);
    yj_encoder encoder = { .heap = &work->heap, .version = to, .rest = { .heap = &work->heap } };
    yj_encode_ranges(&encoder, &deleted);
    yj_states_write(&encoder.rest, &states);
    *out = (yj_slice){ encoder.rest.at, encoder.rest.size };
    return true;
}
