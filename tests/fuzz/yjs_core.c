/* yjs_core.c - fuzz target of Yjs documents in C. The first byte says how the rest is divided into two updates (of encoding v1
 * or v2) and read: each is refused, or applied; in both orders they come to the same; what a document writes is read to the
 * same document, in both encodings, and what it shows of itself can be read to its end. Other readers see the bytes as they
 * are: of state vectors, snapshots, positions, values. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yjs/any.h"
#include "yjs/yjs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *why) {
    if (good) return;
    fprintf(stderr, "%s\n", why);
    abort();
}

static void *allocate(void *data, void *memory, size_t old, size_t size) {
    (void)data;
    (void)old;
    if (size) return realloc(memory, size);
    free(memory);
    return NULL;
}

static const yj_allocator allocator = { allocate, NULL };

static yj_doc *open_doc(uint64_t client, bool keep) {
    yj_doc *doc = yj_open(allocator, (yj_options){ .client = client, .keep = keep, .seed = 1 });
    check(doc != NULL, "no document");
    return doc;
}

/* Refused with a reason, or done. */
static bool succeeded(yj_doc *doc, bool done) {
    const char *message;
    yj_status status = yj_failure(doc, &message);
    check(done || status == YJ_OK || *message, "a refusal without a reason");
    check(status != YJ_MEMORY, "no memory");
    return done;
}

static bool same(yj_slice a, yj_slice b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static yj_slice state_of(yj_doc *doc, int version) {
    yj_slice out = { NULL, 0 };
    check(yj_state_as_update(doc, (yj_slice){ NULL, 0 }, version, &out), "a document that cannot be written");
    return out;
}

/* ---- Reading ---- */

static void read_type(yj_doc *doc, yj_type *type) {
    yj_iterator iterator;
    yj_value value;
    yj_slice key;
    yj_delta *delta;
    yj_position position;
    uint64_t length = 0, index;
    size_t at = 0;
    yj_iterate_all(type, &iterator);
    while (yj_next(doc, &iterator, &value)) length++;
    if (yj_iterate(doc, type, yj_type_length(type) / 2, &iterator))
        while (yj_next(doc, &iterator, &value))
            if (value.kind == YJ_ANY || value.kind == YJ_EMBED) {
                yj_slice json;
                if (yj_json_from_any(doc, value.data, &json)) yj_release(doc, json.at);
            }
    while (yj_map_next(doc, type, &at, &key, &value)) yj_map_get(doc, type, key, &value);
    if (yj_text_delta(doc, type, (yj_slice){ NULL, 0 }, (yj_slice){ NULL, 0 }, &delta)) yj_release(doc, delta);
    if (yj_position_at(doc, type, yj_type_length(type) / 2, -1, &position)) {
        yj_slice bytes;
        yj_type *found;
        if (yj_position_encode(doc, &position, &bytes)) yj_release(doc, bytes.at);
        yj_position_resolve(doc, &position, &found, &index);
    }
    yj_type_position(doc, type, &index);
    yj_type_sibling(doc, type, true);
    yj_type_key(type);
    succeeded(doc, true);
}

static void read_doc(yj_doc *doc) {
    for (size_t i = 0; yj_type_at(doc, i); i++) read_type(doc, yj_type_at(doc, i));
}

/* ---- Writing ---- */

/* What is written in either encoding is read to a document that writes the same. What waits may wait for the document's own
 * edits: it is looked at again, as in Yjs, when another update comes. */
static void check_written(yj_doc *doc, int version) {
    yj_doc *copy = open_doc(2, yj_keeps(doc));
    yj_slice written = state_of(doc, version), vector, other;
    check(yj_apply(copy, written, version, false), "a document does not read what another has written");
    check(yj_state_vector(doc, &vector) && yj_state_vector(copy, &other), "a document without a state");
    check(yj_is_pending(doc) || same(vector, other), "not all that was written is read");
    yj_release(doc, vector.at);
    yj_release(copy, other.at);
    yj_slice again = state_of(copy, version);
    yj_doc *third = open_doc(3, yj_keeps(doc));
    check(yj_apply(third, again, version, false), "a copy cannot be copied");
    yj_slice last = state_of(third, version);
    check(yj_is_pending(copy) || same(again, last), "a copy of a copy is another");
    yj_release(doc, written.at);
    yj_release(copy, again.at);
    yj_release(third, last.at);
    yj_close(copy);
    yj_close(third);
}

static void check_snapshot(yj_doc *doc, yj_slice given) {
    yj_slice snapshot, update;
    if (succeeded(doc, yj_snapshot(doc, YJ_V1, &snapshot))) {
        if (succeeded(doc, yj_snapshot_update(doc, snapshot, &update))) yj_release(doc, update.at);
        yj_release(doc, snapshot.at);
    }
    if (succeeded(doc, yj_snapshot_update(doc, given, &update))) yj_release(doc, update.at);
}

static void edit(yj_doc *doc) {
    yj_type *type;
    yj_slice out;
    for (size_t i = 0; i < 4 && (type = yj_type_at(doc, i)); i++) {
        yj_new content = { .kind = YJ_STRING, .data = { "new", 3 }, .count = 1 };
        yj_attribute bold = { { "bold", 4 }, { "x", 1 } };
        yj_attributes with = { &bold, 1 };
        uint64_t half = yj_type_length(type) / 2;
        succeeded(doc, yj_text_insert(doc, type, half, &content, &with, NULL));
        succeeded(doc, yj_text_format(doc, type, 0, half, &with));
        succeeded(doc, yj_text_delete(doc, type, half, 1));
        succeeded(doc, yj_list_delete(doc, type, 0, 1));
        succeeded(doc, yj_map_set(doc, type, (yj_slice){ "k", 1 }, &content, NULL));
        succeeded(doc, yj_map_delete(doc, type, (yj_slice){ "k", 1 }));
    }
    if (succeeded(doc, yj_edits(doc, YJ_V2, true, &out))) yj_release(doc, out.at);
}

/* ---- The targets ---- */

static void without_document(yj_slice a, yj_slice b, int version) {
    yj_work *work = yj_work_new(allocator);
    yj_slice updates[] = { a, b }, out;
    bool equal;
    check(work != NULL, "no work");
    if (yj_check(work, a, version)) {
        if (yj_convert(work, a, version, 3 - version, &out)) check(yj_check(work, out, 3 - version), "what was converted is refused");
        yj_update_state_vector(work, a, version, &out);
        yj_diff(work, a, b, version, &out);
        if (yj_merge(work, updates, 2, version, &out)) check(yj_check(work, out, version), "what was merged is refused");
    }
    yj_snapshot_equal(work, a, b, &equal);
    yj_snapshot_convert(work, a, version, 3 - version, &out);
    yj_work_free(work);
}

static void other_bytes(yj_doc *doc, yj_slice bytes) {
    yj_slice out;
    yj_position position;
    yj_type *type;
    uint64_t index;
    if (yj_state_as_update(doc, bytes, YJ_V1, &out)) yj_release(doc, out.at);
    succeeded(doc, true);
    if (yj_position_decode(doc, bytes, &position)) yj_position_resolve(doc, &position, &type, &index);
    if (yj_any_from_json(doc, bytes, &out)) {
        yj_slice json;
        check(yj_json_from_any(doc, out, &json), "a value of JSON cannot be written");
        yj_release(doc, json.at);
        yj_release(doc, out.at);
    }
    succeeded(doc, true);
}

static void with_documents(yj_slice a, yj_slice b, int version, bool keep) {
    yj_doc *one = open_doc(1, keep), *two = open_doc(1, keep);
    bool first = succeeded(one, yj_apply(one, a, version, false)), second = succeeded(one, yj_apply(one, b, version, false));
    bool late = succeeded(two, yj_apply(two, b, version, false)), early = succeeded(two, yj_apply(two, a, version, false));
    if (first && second && late && early && !yj_is_pending(one) && !yj_is_pending(two)) {
        yj_slice x, y;
        check(yj_state_vector(one, &x) && yj_state_vector(two, &y) && same(x, y), "another order has another state");
        yj_release(one, x.at);
        yj_release(two, y.at);
    }
    read_doc(one);
    check_written(one, YJ_V1);
    check_written(two, YJ_V2);
    check_snapshot(one, b);
    other_bytes(one, a);
    edit(two);
    read_doc(two);
    check_written(two, YJ_V1);
    yj_close(one);
    yj_close(two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    int version = data[0] & 1 ? YJ_V2 : YJ_V1;
    bool keep = data[0] & 2;
    size_t rest = size - 2, cut = data[1] < rest ? data[1] : rest;
    yj_slice a = { (const char *)data + 2, cut }, b = { (const char *)data + 2 + cut, rest - cut };
    without_document(a, b, version);
    with_documents(a, b, version, keep);
    return 0;
}
