/* yjs_document.h - documents for the tests of bindings/yjs, with memory that is counted and may run out. */
#ifndef YJS_DOCUMENT_H
#define YJS_DOCUMENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "yjs/yjs.h"

typedef struct counted {
    size_t in_use, blocks;
    size_t calls, fail_at; /* fail_at: the number of the allocation that fails, and all after it; 0: none */
} counted;

static inline void *counted_allocate(void *data, void *memory, size_t old, size_t size) {
    counted *count = data;
    if (size == 0) {
        if (memory) {
            count->in_use -= old;
            count->blocks--;
        }
        free(memory);
        return NULL;
    }
    count->calls++;
    if (count->fail_at && count->calls >= count->fail_at) return NULL;
    void *made = realloc(memory, size);
    assert_non_null(made);
    if (memory) count->in_use -= old;
    else count->blocks++;
    count->in_use += size;
    return made;
}

static inline yj_allocator counted_by(counted *count) {
    return (yj_allocator){ counted_allocate, count };
}

static counted all_memory;

static inline yj_slice text_slice(const char *text) {
    return (yj_slice){ text, strlen(text) };
}

static inline bool same_slice(yj_slice a, yj_slice b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

#define SLICE(literal) ((yj_slice){ literal, sizeof(literal) - 1 })

static inline yj_doc *open_doc(uint64_t client, bool keep) {
    yj_doc *doc = yj_open(counted_by(&all_memory), (yj_options){ .client = client, .keep = keep, .seed = 7 });
    assert_non_null(doc);
    return doc;
}

static inline yj_type *root_of(yj_doc *doc, const char *name, yj_type_kind kind) {
    yj_type *type;
    assert_true(yj_root(doc, text_slice(name), kind, &type));
    return type;
}

static inline yj_type *text_of(yj_doc *doc) {
    return root_of(doc, "t", YJ_TEXT);
}

static inline void insert_text(yj_doc *doc, uint64_t at, const char *text) {
    yj_new content = { .kind = YJ_STRING, .data = text_slice(text), .count = 1 };
    assert_true(yj_text_insert(doc, text_of(doc), at, &content, NULL, NULL));
}

/* The whole state; malloc'ed, so that it outlives the document. */
static inline yj_slice state_of(yj_doc *doc, int version) {
    yj_slice state;
    assert_true(yj_state_as_update(doc, (yj_slice){ NULL, 0 }, version, &state));
    char *copy = malloc(state.size + 1);
    memcpy(copy, state.at, state.size);
    yj_release(doc, state.at);
    return (yj_slice){ copy, state.size };
}

/* The edits since the last call, malloc'ed. */
static inline yj_slice edits_of(yj_doc *doc) {
    yj_slice edits;
    assert_true(yj_edits(doc, YJ_V1, true, &edits));
    assert_non_null(edits.at);
    char *copy = malloc(edits.size + 1);
    memcpy(copy, edits.at, edits.size);
    yj_release(doc, edits.at);
    return (yj_slice){ copy, edits.size };
}

static inline void free_slice(yj_slice slice) {
    free((void *)(uintptr_t)slice.at);
}

/* One update with all of them, which are freed; malloc'ed. */
static inline yj_slice merge_all(yj_slice *updates, size_t count) {
    yj_work *work = yj_work_new(counted_by(&all_memory));
    yj_slice merged;
    assert_true(yj_merge(work, updates, count, YJ_V1, &merged));
    char *copy = malloc(merged.size + 1);
    memcpy(copy, merged.at, merged.size);
    yj_work_free(work);
    for (size_t i = 0; i < count; i++) free_slice(updates[i]);
    return (yj_slice){ copy, merged.size };
}

/* What a text holds, as a string in buffer. */
static inline const char *read_text(yj_doc *doc, char *buffer, size_t size) {
    yj_iterator iterator;
    yj_value value;
    size_t used = 0;
    yj_iterate_all(text_of(doc), &iterator);
    while (yj_next(doc, &iterator, &value)) {
        if (value.kind != YJ_STRING) continue;
        assert_true(used + value.data.size < size);
        memcpy(buffer + used, value.data.at, value.data.size);
        used += value.data.size;
    }
    buffer[used] = '\0';
    return buffer;
}

static inline int nothing_is_left(void **state) {
    (void)state;
    return all_memory.blocks == 0 && all_memory.in_use == 0 ? 0 : -1;
}

#endif
