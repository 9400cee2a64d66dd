/* internal.h - what the files of bindings/yjs share.
 *
 * Memory comes from a heap, which knows all of its blocks. What fails does so by yj_fail(), which goes back to the
 * public function that was called: nothing in between needs to check or to undo, because a heap is freed as a whole. */
#ifndef YJ_INTERNAL_H
#define YJ_INTERNAL_H

#include "any.h"
#include "yjs.h"

#include <setjmp.h>

#define YJ_LARGEST ((UINT64_C(1) << 53) - 1)

/* ---- heap.c ---- */

typedef struct yj_block {
    struct yj_block *next, *previous;
    size_t size;
} yj_block;

/* Blocks are in one of two rings. What the function that was called has allocated is fresh: it is given back when that
 * fails. yj_keep() says that the document holds it now; what does so calls it at once. */
typedef struct yj_heap {
    yj_allocator allocator;
    yj_block kept, fresh; /* the heads of the rings */
    jmp_buf jump;
    yj_status status;
    bool dead; /* memory was short in the middle of something */
    bool trusted; /* what is read was written here */
    char message[160];
    uint64_t steps, allocations;
} yj_heap;

#if defined __GNUC__ && !defined __clang__ /* what was set after the setjmp is not read after the jump: the function returns */
#pragma GCC diagnostic ignored "-Wclobbered"
#endif
#define YJ_ENTER(heap)                              \
    do {                                            \
        if ((heap)->dead) return false;             \
        yj_keep(heap);                              \
        (heap)->status = YJ_OK;                     \
        (heap)->trusted = false;                    \
        if (setjmp((heap)->jump)) return false;     \
    } while (0)

void yj_heap_open(yj_heap *heap, yj_allocator allocator);
void yj_keep(yj_heap *heap);
_Noreturn void yj_fail(yj_heap *heap, yj_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void *yj_allocate(yj_heap *heap, size_t size); /* never NULL */
void *yj_resize(yj_heap *heap, void *memory, size_t size);
void yj_free(yj_heap *heap, const void *memory); /* NULL is allowed */
void yj_heap_clear(yj_heap *heap);
size_t yj_product(yj_heap *heap, size_t count, size_t size); /* fails on overflow */

/* Space for one more element in a list { T *list; size_t count, capacity; }. */
#define YJ_GROW(heap, array)                                                                                     \
    do {                                                                                                         \
        if ((array)->count == (array)->capacity) {                                                                   \
            size_t capacity_ = (array)->capacity ? (array)->capacity * 2 : 8;                                                \
            (array)->list = yj_resize((heap), (array)->list, yj_product((heap), capacity_, sizeof *(array)->list));  \
            (array)->capacity = capacity_;                                                                               \
        }                                                                                                        \
    } while (0)

/* Bytes that several items share. */
typedef struct yj_bytes {
    size_t references, used, capacity;
    char at[];
} yj_bytes;

yj_bytes *yj_bytes_new(yj_heap *heap, size_t capacity);
void yj_bytes_release(yj_heap *heap, yj_bytes *bytes); /* NULL is allowed */

typedef struct yj_buffer {
    yj_heap *heap;
    char *at;
    size_t size, capacity;
} yj_buffer;

char *yj_buffer_space(yj_buffer *buffer, size_t size); /* the end, with space for that much */
void yj_put(yj_buffer *buffer, const void *bytes, size_t size);
void yj_put_byte(yj_buffer *buffer, int byte);
void yj_put_uint(yj_buffer *buffer, uint64_t value);
void yj_put_int(yj_buffer *buffer, bool negative, uint64_t magnitude);
void yj_put_string(yj_buffer *buffer, yj_slice text);

uint64_t yj_hash(const uint64_t key[2], const void *bytes, size_t size);

/* ---- text.h: UTF-8 counted as UTF-16 ---- */

uint64_t yj_units(yj_slice text);
/* The byte where unit `units` begins; *inside: that would be the middle of a surrogate pair, and it is the pair's first
 * byte. */
size_t yj_unit_offset(yj_slice text, uint64_t units, bool *inside);

/* ---- json.c ---- */

void yj_json_to_any(yj_heap *heap, yj_slice json, yj_buffer *out); /* fails with YJ_INVALID */
void yj_any_to_json(yj_heap *heap, yj_slice any, yj_buffer *out);

/* ---- decode.c ---- */

typedef struct yj_reader {
    yj_heap *heap;
    const char *start, *at, *end;
} yj_reader;

uint64_t yj_get_uint(yj_reader *reader);
uint64_t yj_get_int(yj_reader *reader, bool *negative);
yj_slice yj_get_slice(yj_reader *reader); /* with its size first */
yj_slice yj_get_string(yj_reader *reader);

typedef struct yj_rle {
    yj_reader reader;
    uint64_t value, count; /* value: of an increment, in two's complement */
    int64_t difference;
    bool forever;
} yj_rle;

/* What the encoding v2 has beside its main stream. */
typedef struct yj_streams {
    yj_rle key_clock, client, left, right, info, lengths, parent, type_kind, length;
    yj_reader strings;
    uint64_t half; /* 1: the next unit is the second half of a surrogate pair */
    struct {
        yj_slice *list;
        size_t count, capacity;
    } keys;
} yj_streams;

typedef struct yj_decoder {
    int version;
    yj_reader rest;
    uint64_t budget;     /* structs that may still come: few bytes can stand for very many */
    yj_streams *streams; /* NULL in v1: many updates may be read at once */
    struct { /* memory that structs point to */
        char **list;
        size_t count, capacity;
    } scraps;
    yj_buffer scratch;
} yj_decoder;

/* A struct as it stands in an update. */
typedef struct yj_struct {
    yj_kind kind;
    bool has_origin, has_right, has_parent_name, has_parent_id, has_sub;
    bool json;                   /* data of a format or an embed is JSON text, else any bytes */
    uint64_t client, clock, length;
    yj_id origin, right, parent;
    yj_slice parent_name, sub;
    yj_slice data;               /* string, bytes, any values, JSON texts each with its size, value, options */
    yj_slice name;               /* key of a format, name of a type, guid */
    uint64_t type_kind;
} yj_struct;

typedef struct yj_struct_reader {
    yj_decoder *decoder;
    uint64_t clients, structs; /* to come */
    uint64_t client, clock;
    bool skip_skips;
    bool done;
    yj_struct current;
} yj_struct_reader;

void yj_decoder_open(yj_heap *heap, yj_decoder *decoder, yj_slice update, int version);
void yj_decoder_close(yj_decoder *decoder); /* its structs are void then */
void yj_structs_open(yj_struct_reader *reader, yj_decoder *decoder, bool skip_skips); /* and reads the first */
bool yj_structs_next(yj_struct_reader *reader);

typedef struct yj_range {
    uint64_t client, clock, length;
} yj_range;

typedef struct yj_ranges {
    yj_range *list;
    size_t count, capacity;
} yj_ranges;

void yj_ranges_add(yj_heap *heap, yj_ranges *ranges, uint64_t client, uint64_t clock, uint64_t length);
void yj_ranges_read(yj_decoder *decoder, yj_ranges *ranges); /* after the structs, to the end of the update */
void yj_ranges_read_part(yj_decoder *decoder, yj_ranges *ranges);
void yj_ranges_sort(yj_heap *heap, yj_ranges *ranges, bool merge); /* highest client first, then by clock */
/* In sorted, merged ranges. */
bool yj_ranges_hold(const yj_ranges *ranges, uint64_t client, uint64_t clock);

typedef struct yj_states { /* a state vector */
    yj_id *list;           /* sorted, highest client first */
    size_t count, capacity;
} yj_states;

void yj_states_read(yj_reader *reader, yj_states *states);
uint64_t yj_states_of(const yj_states *states, uint64_t client);
void yj_states_write(yj_buffer *out, const yj_states *states);

/* ---- encode.c ---- */

typedef struct yj_rle_out {
    yj_buffer buffer;
    uint64_t value, count;
    int64_t difference;
} yj_rle_out;

typedef struct yj_encoder {
    yj_heap *heap;
    int version;
    yj_buffer rest;
    uint64_t keys;
    yj_rle_out key_clock, client, left, right, info, lengths, parent, type_kind, length;
    yj_buffer strings;
    /* structs, client by client */
    yj_buffer parts;
    uint64_t part_client, written, part_count;
} yj_encoder;

void yj_encoder_open(yj_heap *heap, yj_encoder *encoder, int version);
/* A struct without its first `skip` units. Structs are counted by client: their number stands before them. */
void yj_write_struct(yj_encoder *encoder, const yj_struct *one, uint64_t skip);
void yj_write_structs_end(yj_encoder *encoder);
void yj_encode_ranges(yj_encoder *encoder, const yj_ranges *ranges); /* sorted */
yj_slice yj_encoder_close(yj_encoder *encoder);                      /* frees all but the result */
void yj_slice_struct(yj_heap *heap, yj_struct *one, uint64_t skip);

/* ---- update.c ---- */

yj_slice yj_merge_updates(yj_heap *heap, const yj_slice *updates, size_t count, int version);
yj_slice yj_diff_update(yj_heap *heap, yj_slice update, const yj_states *states, int version);
yj_slice yj_convert_update(yj_heap *heap, yj_slice update, int from, int to);

struct yj_work {
    yj_heap heap;
};

/* ---- document ---- */

typedef struct yj_name { /* interned */
    struct yj_type *root; /* the root type of that name */
    uint64_t hash;
    size_t size;
    char text[];
} yj_name;

enum { YJ_CHUNK = 128 };

typedef struct yj_chunk {
    uint32_t count;
    yj_item *items[YJ_CHUNK];
} yj_chunk;

/* The structs of a client, by clock, without gaps. */
typedef struct yj_client {
    uint64_t id, state;
    yj_chunk **chunks;
    size_t count, capacity;
    uint64_t before, stamp;  /* its state before the transaction of that number */
    uint64_t deleted_in;     /* the number of the transaction that last deleted something of it */
    uint64_t edited_from;    /* the first clock that yj_edits() has not returned; UINT64_MAX: none */
    struct yj_queue *queue;  /* while an update is applied */
} yj_client;

/* Where a struct of a client is. Valid until structs of the client are divided, joined or removed. */
typedef struct yj_index {
    size_t chunk;
    uint32_t at;
} yj_index;

/* The list of a type is indexed by a tree, whose leaves are runs of items. */
enum { YJ_LEAF = 64, YJ_FANOUT = 32 };

typedef struct yj_node {
    struct yj_node *parent;
    uint64_t length;  /* of what is not deleted */
    uint64_t formats; /* items that are formats */
    uint32_t count;   /* of items in a leaf, of children in a node */
    bool leaf;
    union {
        yj_item *first;
        struct yj_node *children[YJ_FANOUT];
    } of;
} yj_node;

enum {
    YJ_IS_DELETED = 1,
    YJ_HAS_PARENT_ID = 2,
    YJ_IS_LOOSE = 4, /* not integrated: a type is its number in `visit` and its name */
};

/* What a transaction did. */
typedef struct yj_transaction {
    yj_ranges deletes;
    struct {
        yj_id *list;
        size_t count, capacity;
    } merges; /* items that were divided, or deleted before: to be joined with their neighbours again */
    struct {
        struct {
            struct yj_client *client;
            uint64_t before;
        } *list;
        size_t count, capacity;
    } touched; /* clients that have new structs */
    struct {
        struct yj_client **list;
        size_t count, capacity;
    } deleting; /* clients of which something was deleted, in that order */
    bool local; /* nothing was applied in it */
    bool noted; /* what it did are edits: it is not that of an update that was applied by itself */
} yj_transaction;

typedef struct yj_frame {
    yj_type *type;
    yj_item *next;
    size_t entry;
} yj_frame;

struct yj_item {
    yj_client *client;
    uint64_t clock, length;
    yj_client *origin_client; /* NULL: none. With YJ_HAS_PARENT_ID: the id of the parent's item */
    uint64_t origin_clock;
    yj_client *right_client;
    uint64_t right_clock;
    yj_item *left, *right;
    yj_type *parent;
    yj_name *sub;
    yj_node *leaf;
    uint64_t visit;
    yj_bytes *owner; /* of the data; NULL when it has none */
    const char *data;
    size_t size;
    union {
        yj_type *type;
        yj_name *name; /* key of a format, guid of a subdocument */
    } of;
    uint8_t kind, flags;
};

typedef struct yj_entry {
    yj_name *key;
    yj_item *first, *item; /* of what was set for the key: the first and the last */
} yj_entry;

typedef struct yj_table { /* by name, in the order in which they appeared */
    yj_entry *list;
    size_t count, capacity;
    uint32_t *slots; /* index + 1, 0: free */
    size_t slot_count;
} yj_table;

struct yj_type {
    yj_doc *doc;
    yj_item *item; /* NULL: a root type, or gone */
    yj_name *name; /* of a root type, an element or a hook */
    yj_item *start;
    yj_node *tree;
    yj_table map;
    uint64_t length;
    size_t index;
    uint64_t changed; /* number of the transaction that changed it */
    uint64_t tidied, last_gap;
    uint64_t edited_in; /* number of the transaction in which it, or something in it, was edited */
    uint8_t kind;
    bool root, gone, has_formats;
    bool edited; /* a root type, since yj_edits() was called */
};

struct yj_doc {
    yj_heap heap;
    uint64_t client;
    bool keep;
    uint64_t hash_key[2];
    yj_name **names;
    size_t name_count, name_slots;
    yj_client **client_slots; /* hash table */
    size_t client_count, client_slot_count;
    struct {
        yj_client **list;
        size_t count, capacity;
    } clients;
    struct {
        yj_type **list;
        size_t count, capacity;
    } types, roots, changed;
    yj_item *free_items;
    uint64_t visit;
    /* pending: updates in the encoding v2 */
    yj_slice pending, pending_deletes;
    yj_ranges missing; /* any of these makes it worth trying again */
    uint64_t transaction; /* the number of the one that is open, or was the last */
    uint64_t changes; /* transactions, also those inside of others */
    unsigned depth;
    bool tidy; /* superfluous formats, at the end of it */
    yj_transaction now;
    struct {
        yj_cursor **list;
        size_t count, capacity;
    } cursors;
    yj_bytes *null_value; /* of all formats that end another */
    yj_ranges edits; /* deleted by edits that yj_edits() has not returned */
    struct {
        yj_frame *list;
        size_t count, capacity;
    } frames;
    /* where the values of a long item begin */
    struct {
        const char *data;
        size_t size;
        uint32_t *list;
        size_t capacity;
    } offsets;
};

/* store.c */
yj_name *yj_intern(yj_doc *doc, yj_slice text);
yj_client *yj_client_of(yj_doc *doc, uint64_t id);         /* made if need be */
yj_client *yj_known_client(const yj_doc *doc, uint64_t id); /* NULL: none */
yj_item *yj_item_new(yj_doc *doc);
void yj_item_free(yj_doc *doc, yj_item *item);
yj_index yj_find_index(yj_doc *doc, const yj_client *client, uint64_t clock); /* clock < client->state: the struct that has it */
yj_item *yj_at(const yj_client *client, yj_index index);
bool yj_index_next(const yj_client *client, yj_index *index);     /* false, and not moved, at the last struct */
bool yj_index_previous(const yj_client *client, yj_index *index); /* false, and not moved, at the first */
void yj_append(yj_doc *doc, yj_client *client, yj_item *item); /* and moves its state */
void yj_remove_at(yj_doc *doc, yj_client *client, yj_index index);
yj_item *yj_starting_at(yj_doc *doc, yj_client *client, uint64_t clock);
yj_item *yj_ending_at(yj_doc *doc, yj_client *client, uint64_t clock);
yj_item *yj_split(yj_doc *doc, yj_client *client, yj_index index, uint64_t length);
yj_entry *yj_table_entry(const yj_table *table, const yj_name *key); /* NULL: none */
yj_item *yj_table_get(const yj_table *table, const yj_name *key);
void yj_table_set(yj_doc *doc, yj_table *table, yj_name *key, yj_item *item);
void yj_table_clear(yj_doc *doc, yj_table *table);
yj_type *yj_type_new(yj_doc *doc, yj_type_kind kind, yj_name *name);
bool yj_countable(const yj_item *item);
bool yj_visible(const yj_item *item); /* countable and not deleted */
bool yj_same_origin(const yj_item *a, const yj_item *b);
bool yj_same_right(const yj_item *a, const yj_item *b);
void yj_cut(yj_doc *doc, yj_item *item, uint64_t length); /* a loose item without its first units */
void yj_own(yj_doc *doc, yj_item *item, yj_slice data, yj_bytes *source);
yj_bytes *yj_shared_null(yj_doc *doc);
size_t yj_value_offset(yj_doc *doc, const yj_item *item, uint64_t index); /* in YJ_ANY and YJ_JSON */
void yj_struct_of(const yj_item *item, yj_struct *out);

/* tree.c */
void yj_tree_insert(yj_doc *doc, yj_item *item); /* after it has been linked */
void yj_tree_remove(yj_doc *doc, yj_item *item); /* before it is unlinked */
void yj_tree_change(yj_item *item, uint64_t add, uint64_t subtract);
void yj_tree_hide(yj_item *item); /* before it is marked as deleted */
void yj_tree_free(yj_doc *doc, yj_type *type);
/* The item that holds a position, and where it begins; NULL when position is the length. */
yj_item *yj_tree_find(yj_doc *doc, const yj_type *type, uint64_t position, uint64_t *begins);
/* What stands before an item. */
uint64_t yj_tree_position(yj_doc *doc, const yj_item *item);
yj_item *yj_tree_last(const yj_type *type);
/* How many formats stand before an item; NULL: in all of the list. */
uint64_t yj_tree_formats_before(yj_doc *doc, const yj_item *item, const yj_type *type);
/* The first item at or after one that is visible, or a format that holds, or either. */
enum { YJ_SEEK_VISIBLE = 1, YJ_SEEK_FORMAT = 2, YJ_SEEK_ANY = 3 };
yj_item *yj_tree_next(yj_doc *doc, yj_item *item, unsigned what);

/* integrate.c */
yj_item *yj_loose_item(yj_doc *doc, const yj_struct *from, yj_bytes *source); /* source: what data may point into */
yj_client *yj_missing(const yj_item *item); /* the client whose structs it waits for; NULL: none */
void yj_resolve(yj_doc *doc, yj_item *item);
void yj_integrate(yj_doc *doc, yj_item *item, uint64_t offset);
void yj_delete_item(yj_doc *doc, yj_item *item);
void yj_gc_item(yj_doc *doc, yj_item *item, bool parent_gone);
void yj_add_merge(yj_doc *doc, const yj_item *item);

/* doc.c */
void yj_snapshot_read(yj_doc *doc, yj_slice bytes, yj_ranges *deleted, yj_states *states);
yj_type *yj_root_type(yj_doc *doc, yj_slice name);

/* transaction.c */
void yj_transact(yj_doc *doc);
void yj_transact_end(yj_doc *doc);
uint64_t yj_before(const yj_doc *doc, const yj_client *client);
void yj_touch(yj_doc *doc, yj_client *client);

/* edit.c */
/* source: what the data of the content may point into; NULL: it is copied. */
yj_item *yj_make_item(yj_doc *doc, yj_type *parent, yj_name *sub, yj_item *left, yj_item *right, const yj_new *content,
                      yj_bytes *source);
void yj_check_editable(yj_doc *doc, const yj_type *type);
void yj_check_string(yj_doc *doc, yj_slice string, const char *what);
void yj_check_content(yj_doc *doc, const yj_new *content);

/* tidy.c */
void yj_tidy_texts(yj_doc *doc, const yj_transaction *done);

/* text.c */
void yj_cursors_free(yj_doc *doc);

#endif
