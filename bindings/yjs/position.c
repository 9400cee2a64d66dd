/* position.c - relative positions: they name an item, so that edits elsewhere do not move them. */
#include "internal.h"

#include <string.h>

static void set_type(const yj_type *type, yj_position *out) {
    if (type->root) {
        out->name = (yj_slice){ type->name->text, type->name->size };
    } else if (type->item) {
        out->has_type = true;
        out->type = (yj_id){ type->item->client->id, type->item->clock };
    }
}

static void set_item(yj_position *out, const yj_item *item, uint64_t offset) {
    out->has_item = true;
    out->item = (yj_id){ item->client->id, item->clock + offset };
}

bool yj_position_at(yj_doc *doc, yj_type *type, uint64_t index, int association, yj_position *out) {
    YJ_ENTER(&doc->heap);
    if (type->gone) yj_fail(&doc->heap, YJ_USAGE, "the shared type has been deleted");
    *out = (yj_position){ .association = association };
    set_type(type, out);
    if (association < 0 && index == 0) return true;
    const uint64_t at = association < 0 ? index - 1 : index;
    uint64_t begins = 0;
    const yj_item *item = yj_tree_find(doc, type, at, &begins);
    const yj_item *last = item ? NULL : yj_tree_last(type);
    if (item) set_item(out, item, at - begins);
    else if (association < 0 && last) set_item(out, last, last->length - 1);
    return true;
}

static bool resolve_item(yj_doc *doc, const yj_position *position, yj_type **type, uint64_t *index) {
    const yj_client *client = yj_known_client(doc, position->item.client);
    if (!client || client->state <= position->item.clock) return false;
    const yj_item *item = yj_at(client, yj_find_index(doc, client, position->item.clock));
    if (item->kind == YJ_GC) return false;
    *type = item->parent;
    *index = 0;
    if (yj_type_is_deleted(item->parent)) return true;
    *index = item->sub ? 0 : yj_tree_position(doc, item);
    if (yj_visible(item)) *index += position->item.clock - item->clock + (position->association >= 0 ? 0 : 1);
    return true;
}

static bool resolve_type(yj_doc *doc, const yj_position *position, yj_type **type) {
    if (position->name.at) {
        *type = yj_root_type(doc, position->name);
        return true;
    }
    const yj_client *client = yj_known_client(doc, position->type.client);
    if (!position->has_type || !client || client->state <= position->type.clock) return false;
    const yj_item *item = yj_at(client, yj_find_index(doc, client, position->type.clock));
    if (item->kind != YJ_TYPE) return false;
    *type = item->of.type;
    return true;
}

bool yj_position_resolve(yj_doc *doc, const yj_position *position, yj_type **type, uint64_t *index) {
    YJ_ENTER(&doc->heap);
    if (position->has_item) return resolve_item(doc, position, type, index);
    if (!resolve_type(doc, position, type)) return false;
    *index = position->association >= 0 ? (*type)->length : 0;
    return true;
}

static void put_id(yj_buffer *out, yj_id id) {
    yj_put_uint(out, id.client);
    yj_put_uint(out, id.clock);
}

bool yj_position_encode(yj_doc *doc, const yj_position *position, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_buffer bytes = { .heap = &doc->heap };
    if (position->has_item) {
        yj_put_byte(&bytes, 0);
        put_id(&bytes, position->item);
    } else if (position->name.at) {
        yj_put_byte(&bytes, 1);
        yj_put_string(&bytes, position->name);
    } else {
        yj_put_byte(&bytes, 2);
        put_id(&bytes, position->type);
    }
    int size = position->association;
    yj_put_int(&bytes, size < 0, (uint64_t)(size < 0 ? -(int64_t)size : size));
    *out = (yj_slice){ bytes.at, bytes.size };
    return true;
}

static yj_id get_id(yj_reader *reader) {
    yj_id id;
    id.client = yj_get_uint(reader);
    id.clock = yj_get_uint(reader);
    return id;
}

bool yj_position_decode(yj_doc *doc, yj_slice bytes, yj_position *out) {
    YJ_ENTER(&doc->heap);
    yj_reader reader = { &doc->heap, bytes.at, bytes.at, bytes.at + bytes.size };
    *out = (yj_position){ .association = 0 };
    uint64_t form = yj_get_uint(&reader);
    if (form == 0) out->item = get_id(&reader);
    else if (form == 1) out->name = yj_get_string(&reader);
    else if (form == 2) out->type = get_id(&reader);
    else yj_fail(&doc->heap, YJ_INVALID, "there is no relative position of that form");
    out->has_item = form == 0;
    out->has_type = form == 2;
    if (reader.at < reader.end) {
        bool negative;
        uint64_t size = yj_get_int(&reader, &negative);
        int value = size > 1000 ? 1000 : (int)size;
        out->association = negative ? -value : value;
    }
    if (reader.at < reader.end) yj_fail(&doc->heap, YJ_INVALID, "more bytes after a relative position");
    return true;
}
