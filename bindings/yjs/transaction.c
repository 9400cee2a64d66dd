/* transaction.c - what is tidied up at the end of a transaction, as Yjs does it: deleted content is given up, and items
 * are joined with their neighbours. */
#include "internal.h"

#include <string.h>

uint64_t yj_before(const yj_doc *doc, const yj_client *client) {
    return client->stamp == doc->transaction ? client->before : client->state;
}

void yj_touch(yj_doc *doc, yj_client *client) {
    if (client->stamp == doc->transaction) return;
    client->stamp = doc->transaction;
    client->before = client->state;
    YJ_GROW(&doc->heap, &doc->now.touched);
    size_t at = doc->now.touched.count++;
    doc->now.touched.list[at].client = client;
    doc->now.touched.list[at].before = client->state;
}

static void begin(yj_doc *doc) {
    doc->transaction++;
    memset(&doc->now, 0, sizeof doc->now);
    doc->now.local = doc->now.noted = true;
    doc->changed.count = 0;
}

void yj_transact(yj_doc *doc) {
    yj_keep(&doc->heap);
    doc->changes++;
    if (doc->depth == 0) begin(doc);
    doc->depth++;
}

/* ---- Joining ---- */

static bool are_joinable(const yj_item *left, const yj_item *right) {
    if (left->kind != right->kind || (left->flags & YJ_IS_DELETED) != (right->flags & YJ_IS_DELETED)) return false;
    if (left->kind == YJ_GC) return true;
    bool kind = left->kind == YJ_STRING || left->kind == YJ_ANY || left->kind == YJ_JSON || left->kind == YJ_DELETED;
    return kind && left->right == right && right->origin_client == left->client &&
           right->origin_clock == left->clock + left->length - 1 && yj_same_right(left, right);
}

static void append_data(yj_doc *doc, yj_item *left, const yj_item *right, size_t more) {
    yj_bytes *owner = left->owner;
    if (!right->size) return;
    if (owner && owner == right->owner && right->data == left->data + left->size) {
        left->size += right->size;
        return;
    }
    bool at_end = owner && left->data + left->size == owner->at + owner->used;
    if (!at_end || owner->capacity - owner->used < right->size) {
        size_t need = left->size + more;
        yj_bytes *larger = yj_bytes_new(&doc->heap, need + need / 2 + 16);
        if (left->size) memcpy(larger->at, left->data, left->size);
        larger->used = left->size;
        yj_bytes_release(&doc->heap, owner);
        left->owner = owner = larger;
        left->data = larger->at;
    }
    memcpy(owner->at + owner->used, right->data, right->size);
    owner->used += right->size;
    left->size += right->size;
}

static void absorb(yj_doc *doc, yj_item *left, yj_item *right, size_t more) {
    if (left->kind != YJ_GC) {
        if (right->sub && yj_table_get(&right->parent->map, right->sub) == right)
            yj_table_set(doc, &right->parent->map, right->sub, left);
        yj_tree_remove(doc, right);
        if (yj_visible(left)) yj_tree_change(left, right->length, 0);
        append_data(doc, left, right, more);
        left->right = right->right;
        if (left->right) left->right->left = left;
    }
    left->length += right->length;
    yj_item_free(doc, right);
}

/* Joins the item at an index with as many before it as possible; returns how many were, and moves the index to the item
 * that holds them now. */
static size_t join_with_lefts(yj_doc *doc, yj_client *client, yj_index *index) {
    yj_index first = *index, at = first;
    size_t count = 0, bytes = yj_at(client, first)->size;
    while (yj_index_previous(client, &at) && are_joinable(yj_at(client, at), yj_at(client, first))) {
        first = at;
        count++;
        bytes += yj_at(client, at)->size;
    }
    doc->heap.steps += count + 1;
    yj_item *left = yj_at(client, first);
    yj_index next = first;
    for (size_t i = 0; i < count; i++) {
        yj_index_next(client, &next);
        yj_item *right = yj_at(client, next);
        absorb(doc, left, right, bytes);
    }
    /* `first` stays valid: what is removed comes after it. */
    for (size_t i = 0; i < count; i++) {
        next = first;
        yj_index_next(client, &next);
        yj_remove_at(doc, client, next);
    }
    *index = first;
    return count;
}

static void gc_deleted(yj_doc *doc, const yj_transaction *done) {
    for (size_t i = done->deletes.count; i > 0; i--) {
        const yj_range *range = &done->deletes.list[i - 1];
        yj_client *client = yj_known_client(doc, range->client);
        yj_index index = yj_find_index(doc, client, range->clock);
        do {
            yj_item *item = yj_at(client, index);
            if (item->clock >= range->clock + range->length) break;
            doc->heap.steps++;
            if (item->kind != YJ_GC && item->flags & YJ_IS_DELETED) yj_gc_item(doc, item, false);
        } while (yj_index_next(client, &index));
    }
}

static void join_deleted(yj_doc *doc, const yj_transaction *done) {
    for (size_t i = done->deletes.count; i > 0; i--) {
        const yj_range *range = &done->deletes.list[i - 1];
        yj_client *client = yj_known_client(doc, range->client);
        yj_index index = yj_find_index(doc, client, range->clock + range->length - 1);
        yj_index_next(client, &index);
        while (yj_at(client, index)->clock >= range->clock) {
            join_with_lefts(doc, client, &index);
            if (!yj_index_previous(client, &index)) break;
        }
    }
}

static void join_new(yj_doc *doc, const yj_transaction *done) {
    for (size_t i = 0; i < done->touched.count; i++) {
        yj_client *client = done->touched.list[i].client;
        uint64_t before = done->touched.list[i].before;
        if (client->state == before) continue;
        yj_index index = { client->count - 1, client->chunks[client->count - 1]->count - 1 };
        uint64_t from = yj_at(client, yj_find_index(doc, client, before))->clock;
        while (yj_at(client, index)->clock >= from) {
            join_with_lefts(doc, client, &index);
            if (!yj_index_previous(client, &index)) break;
        }
    }
}

static void join_divided(yj_doc *doc, const yj_transaction *done) {
    for (size_t i = done->merges.count; i > 0; i--) {
        yj_id id = done->merges.list[i - 1];
        yj_client *client = yj_known_client(doc, id.client);
        yj_index index = yj_find_index(doc, client, id.clock), next = index;
        if (yj_index_next(client, &next) && join_with_lefts(doc, client, &next) > 1) continue;
        index = yj_find_index(doc, client, id.clock);
        join_with_lefts(doc, client, &index);
    }
}

/* Marks the root types that the changed ones are in. */
static void note_edited_roots(yj_doc *doc) {
    for (size_t i = 0; i < doc->changed.count; i++) {
        yj_type *type = doc->changed.list[i];
        while (type && type->edited_in != doc->transaction) {
            type->edited_in = doc->transaction;
            type->edited = type->root;
            type = type->item ? type->item->parent : NULL;
        }
    }
}

static void note_edits(yj_doc *doc, const yj_transaction *done) {
    if (!done->noted) return;
    for (size_t i = 0; i < done->touched.count; i++) {
        yj_client *client = done->touched.list[i].client;
        if (client->edited_from > done->touched.list[i].before) client->edited_from = done->touched.list[i].before;
    }
    for (size_t i = 0; i < done->deletes.count; i++) {
        const yj_range *range = &done->deletes.list[i];
        yj_ranges_add(&doc->heap, &doc->edits, range->client, range->clock, range->length);
    }
}

static void clean_up(yj_doc *doc, yj_transaction *done) {
    if (!doc->keep) gc_deleted(doc, done);
    join_deleted(doc, done);
    join_new(doc, done);
    join_divided(doc, done);
    note_edits(doc, done);
    yj_client *own = yj_known_client(doc, doc->client);
    bool taken = false;
    for (size_t i = 0; i < done->touched.count; i++)
        taken = taken || (done->touched.list[i].client == own && own->state != done->touched.list[i].before);
    if (!done->local && taken) { /* another client has this id */
        uint64_t made[2] = { doc->client, doc->transaction };
        doc->client = yj_hash(doc->hash_key, made, sizeof made) & UINT32_MAX;
    }
    yj_free(&doc->heap, done->deletes.list);
    yj_free(&doc->heap, done->merges.list);
    yj_free(&doc->heap, done->touched.list);
    yj_free(&doc->heap, done->deleting.list);
}

static bool has_untidy_texts(const yj_doc *doc) {
    for (size_t i = 0; i < doc->changed.count; i++) {
        const yj_type *type = doc->changed.list[i];
        bool text = type->kind == YJ_TEXT || type->kind == YJ_XML_TEXT;
        bool deleted = type->gone || (type->item && type->item->flags & YJ_IS_DELETED);
        if (type->changed == doc->transaction && text && type->has_formats && !deleted) return true;
    }
    return false;
}

void yj_transact_end(yj_doc *doc) {
    if (doc->depth > 1) {
        doc->depth--;
        return;
    }
    yj_ranges_sort(&doc->heap, &doc->now.deletes, true);
    yj_transaction done = doc->now;
    bool tidy = doc->tidy && !done.local && has_untidy_texts(doc);
    if (done.noted) note_edited_roots(doc);
    begin(doc);
    doc->now.noted = done.noted;
    if (tidy) yj_tidy_texts(doc, &done);
    yj_transaction tidied = doc->now;
    yj_ranges_sort(&doc->heap, &tidied.deletes, true);
    memset(&doc->now, 0, sizeof doc->now);
    clean_up(doc, &done);
    clean_up(doc, &tidied);
    doc->tidy = false;
    doc->depth = 0;
    doc->offsets.data = NULL;
    yj_cursors_free(doc);
}
