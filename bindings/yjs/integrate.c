/* integrate.c - where an item goes (YATA, as in Yjs), how it is deleted, and how its content is discarded. */
#include "internal.h"

#include <string.h>

/* ---- Items that are not integrated yet ---- */

yj_item *yj_loose_item(yj_doc *doc, const yj_struct *from, yj_bytes *source) {
    yj_item *item = yj_item_new(doc);
    item->client = yj_client_of(doc, from->client);
    item->clock = from->clock;
    item->length = from->length;
    item->kind = (uint8_t)from->kind;
    item->flags = YJ_IS_LOOSE;
    if (from->kind == YJ_GC || from->kind == YJ_SKIP) {
        item->flags |= YJ_IS_DELETED;
        return item;
    }
    if (from->has_origin) {
        item->origin_client = yj_client_of(doc, from->origin.client);
        item->origin_clock = from->origin.clock;
    }
    if (from->has_right) {
        item->right_client = yj_client_of(doc, from->right.client);
        item->right_clock = from->right.clock;
    }
    if (from->has_parent_name) item->parent = yj_root_type(doc, from->parent_name);
    if (from->has_parent_id) {
        item->flags |= YJ_HAS_PARENT_ID;
        item->origin_client = yj_client_of(doc, from->parent.client);
        item->origin_clock = from->parent.clock;
    }
    if (from->has_sub && !from->has_origin && !from->has_right) item->sub = yj_intern(doc, from->sub);
    if (from->json) {
        yj_buffer any = { .heap = &doc->heap };
        yj_json_to_any(&doc->heap, from->data, &any);
        yj_own(doc, item, (yj_slice){ any.at, any.size }, NULL);
        yj_free(&doc->heap, any.at);
    } else {
        yj_own(doc, item, from->data, source);
    }
    if (from->kind == YJ_TYPE) item->visit = from->type_kind;
    bool named = from->kind == YJ_FORMAT || from->kind == YJ_SUBDOC ||
                 (from->kind == YJ_TYPE && (from->type_kind == YJ_XML_ELEMENT || from->type_kind == YJ_XML_HOOK));
    if (named) item->of.name = yj_intern(doc, from->name);
    return item;
}

static bool is_to_come(const yj_client *client, uint64_t clock) {
    return client && clock >= client->state;
}

yj_client *yj_missing(const yj_item *item) {
    if (item->origin_client != item->client && is_to_come(item->origin_client, item->origin_clock)) return item->origin_client;
    if (item->right_client != item->client && is_to_come(item->right_client, item->right_clock)) return item->right_client;
    return NULL;
}

static yj_item *holder_of(yj_doc *doc, yj_client *client, uint64_t clock) {
    return yj_at(client, yj_find_index(doc, client, clock));
}

/* The neighbours and the parent; no parent when they are gone. */
void yj_resolve(yj_doc *doc, yj_item *item) {
    if (item->flags & YJ_HAS_PARENT_ID) {
        yj_item *holder = holder_of(doc, item->origin_client, item->origin_clock);
        item->parent = holder->kind == YJ_TYPE ? holder->of.type : NULL;
        item->origin_client = NULL;
        item->flags &= (uint8_t)~YJ_HAS_PARENT_ID;
        return;
    }
    if (item->origin_client) {
        item->left = yj_ending_at(doc, item->origin_client, item->origin_clock);
        item->origin_clock = item->left->clock + item->left->length - 1;
    }
    if (item->right_client) {
        item->right = yj_starting_at(doc, item->right_client, item->right_clock);
        item->right_clock = item->right->clock;
    }
    const yj_item *neighbour = item->left ? item->left : item->right;
    if ((item->left && item->left->kind == YJ_GC) || (item->right && item->right->kind == YJ_GC)) {
        item->parent = NULL;
    } else if (neighbour) {
        item->parent = neighbour->parent;
        item->sub = neighbour->sub;
    }
}

/* ---- Placing ---- */

static yj_item *first_of(const yj_item *item) {
    if (!item->sub) return item->parent->start;
    const yj_entry *entry = yj_table_entry(&item->parent->map, item->sub);
    return entry ? entry->first : NULL;
}

/* Among items that were inserted at the same position: the one after which this one goes, NULL for the begin of the list. The
 * YATA algorithm as Yjs has it in Item.integrate(); its two sets are numbers of visits here: itemsBeforeOrigin are the items with
 * visit > start, conflictingItems those with visit > settled. */
static yj_item *find_left(yj_doc *doc, const yj_item *item) {
    yj_item *left = item->left, *other = left ? left->right : first_of(item);
    uint64_t start = doc->visit, settled = start;
    for (; other && other != item->right; other = other->right) {
        doc->heap.steps++;
        other->visit = ++doc->visit;
        if (yj_same_origin(item, other)) {
            if (other->client->id < item->client->id) {
                left = other;
                settled = doc->visit;
            } else if (yj_same_right(item, other)) {
                break;
            }
        } else {
            const yj_item *origin =
                other->origin_client ? holder_of(doc, other->origin_client, other->origin_clock) : NULL;
            if (!origin || origin->visit <= start) break;
            if (origin->visit <= settled) {
                left = other;
                settled = doc->visit;
            }
        }
    }
    return left;
}

static void link_item(yj_doc *doc, yj_item *item) {
    yj_type *parent = item->parent;
    if (item->left) {
        item->right = item->left->right;
        item->left->right = item;
    } else {
        item->right = first_of(item);
        if (!item->sub) parent->start = item;
    }
    if (item->right) {
        item->right->left = item;
    } else if (item->sub) {
        yj_table_set(doc, &parent->map, item->sub, item);
        if (item->left) yj_delete_item(doc, item->left);
    }
    if (item->sub && !item->left) yj_table_entry(&parent->map, item->sub)->first = item;
}

static void note_deleted(yj_doc *doc, const yj_item *item) {
    yj_client *client = item->client;
    yj_ranges_add(&doc->heap, &doc->now.deletes, client->id, item->clock, item->length);
    if (client->deleted_in == doc->transaction) return;
    client->deleted_in = doc->transaction;
    YJ_GROW(&doc->heap, &doc->now.deleting);
    doc->now.deleting.list[doc->now.deleting.count++] = client;
}

static void mark_changed(yj_doc *doc, yj_type *type) {
    const yj_item *holder = type->item;
    bool known = type->root || (holder && holder->clock < yj_before(doc, holder->client) && !(holder->flags & YJ_IS_DELETED));
    if (!known || type->changed == doc->transaction) return;
    type->changed = doc->transaction;
    YJ_GROW(&doc->heap, &doc->changed);
    doc->changed.list[doc->changed.count++] = type;
}

static void become_gc(yj_doc *doc, yj_item *item) {
    yj_bytes_release(&doc->heap, item->owner);
    item->owner = NULL;
    item->data = NULL;
    item->size = 0;
    item->kind = YJ_GC;
    item->flags = YJ_IS_DELETED;
    item->left = item->right = NULL;
    item->parent = NULL;
    item->sub = NULL;
    item->leaf = NULL;
    item->origin_client = item->right_client = NULL;
    item->of.type = NULL;
}

static void integrate_content(yj_doc *doc, yj_item *item) {
    if (item->kind == YJ_DELETED) {
        note_deleted(doc, item);
        item->flags |= YJ_IS_DELETED;
    } else if (item->kind == YJ_FORMAT) {
        item->parent->has_formats = true;
    } else if (item->kind == YJ_TYPE) {
        yj_type *type = yj_type_new(doc, (yj_type_kind)item->visit, item->of.name);
        type->item = item;
        item->of.type = type;
    }
}

static bool is_deleted_type(const yj_type *type) {
    return type->gone || (type->item && type->item->flags & YJ_IS_DELETED);
}

void yj_integrate(yj_doc *doc, yj_item *item, uint64_t offset) {
    yj_touch(doc, item->client);
    if (item->kind == YJ_GC) {
        item->clock += offset;
        item->length -= offset;
    } else if (offset) {
        item->clock += offset;
        item->left = yj_ending_at(doc, item->client, item->clock - 1);
        item->origin_client = item->client;
        item->origin_clock = item->clock - 1;
        yj_cut(doc, item, offset);
        if (item->left->kind == YJ_GC) item->parent = NULL;
    }
    if (item->kind == YJ_GC || !item->parent) { /* what it was in is gone for good */
        become_gc(doc, item);
        yj_append(doc, item->client, item);
        return;
    }
    yj_item *left = item->left, *right = item->right;
    if ((!left && (!right || right->left)) || (left && left->right != right)) item->left = find_left(doc, item);
    link_item(doc, item);
    item->flags &= (uint8_t)~YJ_IS_LOOSE;
    if (!item->sub && yj_visible(item)) item->parent->length += item->length;
    yj_append(doc, item->client, item);
    integrate_content(doc, item);
    item->visit = 0;
    if (!item->sub) yj_tree_insert(doc, item);
    mark_changed(doc, item->parent);
    if (is_deleted_type(item->parent) || (item->sub && item->right)) yj_delete_item(doc, item);
}

/* ---- Deleting ---- */

void yj_add_merge(yj_doc *doc, const yj_item *item) {
    YJ_GROW(&doc->heap, &doc->now.merges);
    doc->now.merges.list[doc->now.merges.count++] = (yj_id){ item->client->id, item->clock };
}

static void push_frame(yj_doc *doc, yj_type *type) {
    YJ_GROW(&doc->heap, &doc->frames);
    doc->frames.list[doc->frames.count++] = (yj_frame){ type, type->start, 0 };
}

/* The next item of the type on the top, first of its list, then of its map; NULL: all done. */
static yj_item *next_in_frame(yj_frame *frame) {
    yj_item *item = frame->next;
    if (item) frame->next = item->right;
    else if (frame->entry < frame->type->map.count) item = frame->type->map.list[frame->entry++].item;
    return item;
}

static void mark_deleted(yj_doc *doc, yj_item *item) {
    yj_type *parent = item->parent;
    if (!item->sub && yj_countable(item)) parent->length -= item->length;
    yj_tree_hide(item);
    item->flags |= YJ_IS_DELETED;
    note_deleted(doc, item);
    mark_changed(doc, parent);
    if (item->kind == YJ_TYPE) push_frame(doc, item->of.type);
}

void yj_delete_item(yj_doc *doc, yj_item *item) {
    if (item->flags & YJ_IS_DELETED) return;
    size_t bottom = doc->frames.count;
    mark_deleted(doc, item);
    while (doc->frames.count > bottom) {
        yj_frame *frame = &doc->frames.list[doc->frames.count - 1];
        yj_item *inner = next_in_frame(frame);
        doc->heap.steps++;
        if (!inner) {
            frame->type->changed = 0;
            doc->frames.count--;
        } else if (!(inner->flags & YJ_IS_DELETED)) {
            mark_deleted(doc, inner);
        } else if (inner->clock < yj_before(doc, inner->client)) {
            yj_add_merge(doc, inner); /* it may be joined with what is deleted now */
        }
    }
}

/* ---- Giving up content ---- */

static void give_up(yj_doc *doc, yj_item *item, bool parent_gone) {
    if (item->kind == YJ_TYPE) push_frame(doc, item->of.type);
    if (parent_gone) {
        become_gc(doc, item);
    } else {
        yj_bytes_release(&doc->heap, item->owner);
        item->owner = NULL;
        item->data = NULL;
        item->size = 0;
        item->kind = YJ_DELETED;
        item->of.type = NULL;
    }
}

void yj_gc_item(yj_doc *doc, yj_item *item, bool parent_gone) {
    size_t bottom = doc->frames.count;
    give_up(doc, item, parent_gone);
    while (doc->frames.count > bottom) {
        yj_frame *frame = &doc->frames.list[doc->frames.count - 1];
        yj_type *type = frame->type;
        if (!type->gone) {
            type->gone = true;
            type->item = NULL;
            type->start = NULL;
            yj_tree_free(doc, type);
        }
        yj_item *inner = next_in_frame(frame);
        doc->heap.steps++;
        if (!inner) {
            yj_table_clear(doc, &type->map);
            doc->frames.count--;
        } else if (inner->sub) { /* the last value of a key, with those before it */
            for (yj_item *before; inner; inner = before) {
                before = inner->left;
                give_up(doc, inner, true);
            }
        } else {
            give_up(doc, inner, true);
        }
    }
}
