/* yjs.h - Yjs documents (https://docs.yjs.dev): shared types that merge, their updates in both encodings, snapshots.
 *
 * Knows no Lua and no network. A document integrates any update of Yjs 13 as Yjs does, in whatever order updates come;
 * what waits for something missing is kept. Positions and lengths are UTF-16 units, texts are UTF-8. Values are the
 * bytes of lib0's "any" encoding (any.h). No function recurses on outside data; all sizes and counts are checked.
 *
 * Functions that return bool return false on failure: yj_failure() says what and why. After YJ_MEMORY a document can
 * only be freed: every other function fails with YJ_MEMORY again. Results live as their comments say. */
#ifndef YJ_YJS_H
#define YJ_YJS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As lua_Alloc: size 0 frees; old is the size before, 0 for new memory. */
typedef struct yj_allocator {
    void *(*allocate)(void *data, void *memory, size_t old, size_t size);
    void *data;
} yj_allocator;

typedef enum yj_status {
    YJ_OK,
    YJ_INVALID, /* the bytes are not what they should be */
    YJ_RANGE,   /* a position or a length is beyond the end */
    YJ_USAGE,   /* the type cannot do that */
    YJ_MEMORY,
} yj_status;

typedef struct yj_slice {
    const char *at; /* NULL: none */
    size_t size;
} yj_slice;

typedef struct yj_id {
    uint64_t client, clock;
} yj_id;

/* Contents of items, numbered as in updates. */
typedef enum yj_kind {
    YJ_GC,
    YJ_DELETED,
    YJ_JSON,
    YJ_BINARY,
    YJ_STRING,
    YJ_EMBED,
    YJ_FORMAT,
    YJ_TYPE,
    YJ_ANY,
    YJ_SUBDOC,
    YJ_SKIP,
} yj_kind;

/* Shared types, numbered as in updates; a root type is YJ_UNKNOWN until it has been asked for as something. */
typedef enum yj_type_kind {
    YJ_ARRAY,
    YJ_MAP,
    YJ_TEXT,
    YJ_XML_ELEMENT,
    YJ_XML_FRAGMENT,
    YJ_XML_HOOK,
    YJ_XML_TEXT,
    YJ_UNKNOWN,
} yj_type_kind;

enum { YJ_V1 = 1, YJ_V2 = 2, YJ_DEPTH = 1000 };

typedef struct yj_doc yj_doc;
typedef struct yj_type yj_type;
typedef struct yj_item yj_item;

/* ---- Work that needs no document: results belong to it ---- */

typedef struct yj_work yj_work;

yj_work *yj_work_new(yj_allocator allocator); /* NULL: no memory */
void yj_work_free(yj_work *work);             /* frees its results, too */
yj_status yj_work_failure(const yj_work *work, const char **message);

/* One update with the content of all of them; a single one in the same encoding is copied as it is. */
bool yj_merge(yj_work *work, const yj_slice *updates, size_t count, int version, yj_slice *out);
/* What an update has beyond a state vector. */
bool yj_diff(yj_work *work, yj_slice update, yj_slice state_vector, int version, yj_slice *out);
bool yj_convert(yj_work *work, yj_slice update, int from, int to, yj_slice *out);
bool yj_update_state_vector(yj_work *work, yj_slice update, int version, yj_slice *out);
bool yj_check(yj_work *work, yj_slice update, int version); /* reads it to its end */
/* Are two snapshots (encoding v1) the same? */
bool yj_snapshot_equal(yj_work *work, yj_slice a, yj_slice b, bool *equal);
bool yj_snapshot_convert(yj_work *work, yj_slice snapshot, int from, int to, yj_slice *out);
/* Values from JSON texts to any bytes and back, as yj_any_from_json() and yj_json_from_any(). */
bool yj_convert_json(yj_work *work, yj_slice json, yj_slice *any);
bool yj_convert_any(yj_work *work, yj_slice any, yj_slice *json);

/* ---- Documents ---- */

typedef struct yj_options {
    uint64_t client; /* at most 2^53 - 1 */
    bool keep;       /* keep what is deleted (gc: false in Yjs), for snapshots */
    uint64_t seed;   /* of hashing: random, where updates come from people who may choose them badly */
} yj_options;

yj_doc *yj_open(yj_allocator allocator, yj_options options); /* NULL: no memory */
void yj_close(yj_doc *doc);
yj_status yj_failure(const yj_doc *doc, const char **message);
void yj_release(yj_doc *doc, const void *result); /* a result that "belongs to the document"; NULL is allowed */

uint64_t yj_client_id(const yj_doc *doc);
void yj_set_client_id(yj_doc *doc, uint64_t client);
bool yj_keeps(const yj_doc *doc);

/* Work done so far: items looked at, and allocations; to measure growth without a clock. */
uint64_t yj_steps(const yj_doc *doc);
uint64_t yj_allocations(const yj_doc *doc);

/* How many edits and updates there have been: what was read of a document is good as long as this stays the same. */
uint64_t yj_changes(const yj_doc *doc);

/* Transactions nest; what they did is tidied up at the end of the outermost. Every edit is one if none is open. */
bool yj_begin(yj_doc *doc);
bool yj_end(yj_doc *doc);

/* tidy: remove formats that have become superfluous, as Yjs does with what others send. */
bool yj_apply(yj_doc *doc, yj_slice update, int version, bool tidy);
bool yj_is_pending(const yj_doc *doc); /* something waits for what is missing */

/* These results belong to the document. A state vector may be { NULL, 0 }. */
bool yj_state_as_update(yj_doc *doc, yj_slice state_vector, int version, yj_slice *out);
bool yj_state_vector(yj_doc *doc, yj_slice *out);
/* What the edits were since the last call that forgot them; out->at is NULL when there were none. An update that was
 * applied by itself is none, one that was applied within a transaction is. forget: the next call begins after these. */
bool yj_edits(yj_doc *doc, int version, bool forget, yj_slice *out);
bool yj_root_is_edited(const yj_type *root); /* is it, or what is in it, among these edits? */
bool yj_snapshot(yj_doc *doc, int version, yj_slice *out);
/* The state of a document (which keeps what is deleted) at a snapshot (encoding v1), as an update v2. */
bool yj_snapshot_update(yj_doc *doc, yj_slice snapshot, yj_slice *out);

/* ---- Types. They live as long as their document; one that is gone has no content. ---- */

/* The root type of a name. A kind other than YJ_UNKNOWN says what it is from now on; YJ_USAGE when it is another. */
bool yj_root(yj_doc *doc, yj_slice name, yj_type_kind kind, yj_type **out);
size_t yj_root_count(const yj_doc *doc);
yj_type *yj_root_at(const yj_doc *doc, size_t index);

/* Types are numbered from 0 in the order in which they appeared. */
size_t yj_type_index(const yj_type *type);
yj_type *yj_type_at(const yj_doc *doc, size_t index); /* NULL: none */
yj_type_kind yj_type_kind_of(const yj_type *type);
yj_slice yj_type_name(const yj_type *type); /* of a root type, or of an XML element or hook */
bool yj_type_is_deleted(const yj_type *type);
yj_type *yj_type_parent(const yj_type *type);
yj_slice yj_type_key(const yj_type *type);        /* of a map's value; at is NULL in lists */
uint64_t yj_type_length(const yj_type *type);
yj_type *yj_type_sibling(yj_doc *doc, const yj_type *type, bool next); /* in its list; NULL: none or no type */
/* Where a type is in its list. */
bool yj_type_position(yj_doc *doc, const yj_type *type, uint64_t *index);

/* A value that a list or a map holds. */
typedef struct yj_value {
    yj_kind kind;  /* YJ_ANY (also for embeds), YJ_BINARY, YJ_STRING, YJ_TYPE, YJ_SUBDOC, YJ_FORMAT, YJ_JSON (its text) */
    yj_slice data; /* any bytes, bytes, text; of YJ_SUBDOC its options as any bytes */
    yj_slice name; /* of YJ_SUBDOC its guid, of YJ_FORMAT its key */
    yj_type *type;
} yj_value;

typedef struct yj_iterator {
    const yj_item *item;
    uint64_t offset; /* within the item */
    size_t byte;
    bool formats;    /* give formats, too, and texts whole */
} yj_iterator;

/* Begins at a position; valid until the next edit. */
bool yj_iterate(yj_doc *doc, yj_type *type, uint64_t index, yj_iterator *iterator);
void yj_iterate_all(const yj_type *type, yj_iterator *iterator); /* formats, and texts item by item */
bool yj_next(yj_doc *doc, yj_iterator *iterator, yj_value *value);

/* What is to be inserted. */
typedef struct yj_new {
    yj_kind kind;           /* YJ_ANY: `count` values in data; YJ_EMBED: one; YJ_STRING; YJ_BINARY; YJ_TYPE; YJ_SUBDOC */
    yj_slice data;
    size_t count;
    yj_type_kind type_kind; /* of YJ_TYPE */
    yj_slice name;          /* of an XML element or hook; guid of a subdocument */
} yj_new;

bool yj_list_insert(yj_doc *doc, yj_type *type, uint64_t index, const yj_new *content, yj_type **made);
bool yj_list_push(yj_doc *doc, yj_type *type, const yj_new *content, yj_type **made);
bool yj_list_delete(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length);

bool yj_map_set(yj_doc *doc, yj_type *type, yj_slice key, const yj_new *content, yj_type **made);
bool yj_map_delete(yj_doc *doc, yj_type *type, yj_slice key);
bool yj_map_get(yj_doc *doc, const yj_type *type, yj_slice key, yj_value *value); /* false, too, when there is none */
/* Iterates in the order in which keys appeared; *at begins as 0. */
bool yj_map_next(yj_doc *doc, const yj_type *type, size_t *at, yj_slice *key, yj_value *value);

/* Has a value all of its parts in JSON, too? Bytes and undefined have none there. */
bool yj_any_is_json(yj_slice any);
/* A copy of any bytes that come from outside. */
bool yj_any_copy(yj_doc *doc, yj_slice any, yj_slice *out);
/* Values from JSON texts and back, as JavaScript does it, save that an integer of more than 53 bits becomes a BigInt
 * rather than lose digits. The results belong to the document. */
bool yj_any_from_json(yj_doc *doc, yj_slice json, yj_slice *out);
bool yj_json_from_any(yj_doc *doc, yj_slice any, yj_slice *out);

/* ---- Texts ---- */

typedef struct yj_attribute {
    yj_slice key, value; /* value: any bytes */
} yj_attribute;

typedef struct yj_attributes {
    const yj_attribute *list;
    size_t count;
} yj_attributes;

/* attributes NULL: those that hold at the position. */
bool yj_text_insert(yj_doc *doc, yj_type *type, uint64_t index, const yj_new *content, const yj_attributes *attributes,
                    yj_type **made);
bool yj_text_delete(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length);
bool yj_text_format(yj_doc *doc, yj_type *type, uint64_t index, uint64_t length, const yj_attributes *attributes);

/* A delta is applied from a cursor, which has a number until the transaction ends. Nothing else may edit the document meanwhile,
 * but what fills a type that yj_cursor_insert() made: yj_cursor_settle() is called when that is done. */
typedef struct yj_cursor yj_cursor;
bool yj_cursor_open(yj_doc *doc, yj_type *type, uint64_t index, size_t *number);
yj_cursor *yj_cursor_at(const yj_doc *doc, size_t number); /* NULL: none */
bool yj_cursor_insert(yj_doc *doc, yj_cursor *cursor, const yj_new *content, const yj_attributes *attributes, yj_type **made);
bool yj_cursor_settle(yj_doc *doc, yj_cursor *cursor);
bool yj_cursor_retain(yj_doc *doc, yj_cursor *cursor, uint64_t length, const yj_attributes *attributes);
bool yj_cursor_delete(yj_doc *doc, yj_cursor *cursor, uint64_t length);

typedef struct yj_part {
    yj_value value; /* YJ_STRING, YJ_ANY (an embed) or YJ_TYPE */
    size_t first, count; /* of its attributes */
} yj_part;

typedef struct yj_delta {
    yj_part *parts;
    size_t count;
    yj_attribute *attributes;
} yj_delta;

/* A text as a delta, now or between snapshots (encoding v1; at NULL: none), with `ychange` as Yjs marks it. out, and
 * its texts, belong to the document: yj_release(doc, out). Its values last until the next edit. */
bool yj_text_delta(yj_doc *doc, yj_type *type, yj_slice snapshot, yj_slice before, yj_delta **out);

/* ---- Relative positions ---- */

typedef struct yj_position {
    bool has_item, has_type;
    yj_id item, type;
    yj_slice name; /* of a root type; at NULL: none */
    int association;
} yj_position;

bool yj_position_at(yj_doc *doc, yj_type *type, uint64_t index, int association, yj_position *out);
/* false, with yj_failure() YJ_OK, when the position is not (or no longer) known. */
bool yj_position_resolve(yj_doc *doc, const yj_position *position, yj_type **type, uint64_t *index);
bool yj_position_encode(yj_doc *doc, const yj_position *position, yj_slice *out); /* belongs to the document */
bool yj_position_decode(yj_doc *doc, yj_slice bytes, yj_position *out);           /* its name points into bytes */

#endif
