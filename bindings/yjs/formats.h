/* formats.h - what the files on texts share: sets of formats, and the position of an edit. */
#ifndef YJ_FORMATS_H
#define YJ_FORMATS_H

#include "internal.h"

/* The value of a format. Values that were made at once share their bytes, so that the same bytes are the same object to
 * JavaScript's ===. */
typedef struct yj_setting {
    yj_name *key;
    yj_slice value;
    yj_bytes *owner; /* of value; NULL: it lasts by itself */
    bool dropped;
} yj_setting;

/* Formats by their keys, in the order in which they were set, as in a Map of JavaScript. */
typedef struct yj_formats {
    yj_setting *list; /* also those that were dropped */
    size_t count, capacity;
    size_t live;
    uint32_t *slots; /* index + 1, 0: free; NULL while there are few */
    size_t slot_count;
} yj_formats;

yj_setting *yj_formats_find(yj_doc *doc, const yj_formats *set, const yj_name *key); /* NULL: none */
yj_setting yj_formats_get(yj_doc *doc, const yj_formats *set, const yj_name *key);   /* null when there is none */
void yj_formats_put(yj_doc *doc, yj_formats *set, yj_name *key, yj_slice value, yj_bytes *owner);
void yj_formats_drop(yj_doc *doc, yj_formats *set, const yj_name *key);
bool yj_formats_next(const yj_formats *set, size_t *at, const yj_setting **setting); /* *at begins as 0 */
void yj_formats_free(yj_doc *doc, yj_formats *set);
void yj_formats_read(yj_doc *doc, yj_formats *set, const yj_attributes *from);
/* What a format that stands in a text makes of those before it. */
void yj_formats_apply(yj_doc *doc, yj_formats *set, const yj_item *format);

bool yj_is_null(yj_slice value);
bool yj_is_identical(yj_slice a, yj_slice b); /* as JavaScript's === */

/* Where an edit is in a text. */
struct yj_cursor {
    yj_type *type;
    yj_item *left, *right;
    uint64_t transaction, changes; /* the transaction that it is good in, and its changes so far */
    yj_formats current;  /* those that hold here */
    yj_formats negated;  /* what is to end after a type that was inserted, when that has been filled */
    bool unsettled;
    yj_formats *changed; /* what those had been that have changed since; NULL: nobody asks */
};

void yj_cursor_forward(yj_doc *doc, yj_cursor *at);
void yj_cursor_skip_deleted(yj_doc *doc, yj_cursor *at);

/* tidy.c: removes formats that change nothing from a position up to what is visible next. `here`: formats before it count
 * for `at->current`; at->changed has what they changed. */
void yj_clean_gap(yj_doc *doc, yj_cursor *at, yj_item *start, const yj_item *here);

#endif
