/* yjs_texts.c - the methods of a Yjs document that read and edit texts, and relative positions. */
#include "glue.h"
#include "yjs.h"

#include <string.h>

/* Attributes: { key, value, key, value, ... }, in that order, or nil: none. Their values belong to the document. */
typedef struct given {
    yj_attributes set;
    yj_attribute *list; /* a userdata on the stack */
    bool any;
} given;

/* Space for them, which is all of Lua's memory that they need: what the document gives is not lost to an error. Afterwards the
 * document is open. [-0, +1, v] */
static given make_attributes(lua_State *L, const yj_doc *doc, int index) {
    given out = { .any = !lua_isnoneornil(L, index) };
    size_t count = out.any ? lua_rawlen(L, index) / 2 : 0;
    if (!count) {
        lua_pushnil(L); /* ... nil */
        return out;
    }
    out.list = lua_newuserdatauv(L, count * sizeof *out.list, 0); /* ... list */
    lblua_yjs_check_open(L, doc);
    for (size_t i = 0; i < count; i++) out.list[i] = (yj_attribute){ { NULL, 0 }, { NULL, 0 } };
    out.set = (yj_attributes){ out.list, count };
    return out;
}

static void release_attributes(yj_doc *doc, const given *from) {
    for (size_t i = 0; i < from->set.count; i++) yj_release(doc, from->list[i].value.at);
}

/* Reads them. `release` belongs to the document as well, and is given back when a value is not valid. [-0, +0, v] */
static void read_attributes(lua_State *L, yj_doc *doc, int index, given *out, const void *release) {
    for (size_t i = 0; i < out->set.count; i++) {
        lua_rawgeti(L, index, (lua_Integer)(2 * i + 1)); /* key */
        lua_rawgeti(L, index, (lua_Integer)(2 * i + 2)); /* key value */
        out->list[i].key = lblua_yjs_check_slice(L, -2); /* the table keeps it */
        if (!lblua_yjs_read_any(doc, lblua_yjs_check_slice(L, -1), &out->list[i].value)) {
            release_attributes(doc, out);
            yj_release(doc, release);
            lblua_yjs_failed(L, doc);
        }
        lua_pop(L, 2); /* */
    }
}

/* doc:text_insert(type, index, attributes | nil, content...) -> type made, if it is one */
static int text_insert(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2), *made = NULL;
    uint64_t index = lblua_yjs_check_count(L, 3);
    yj_new content;
    const void *release;
    lua_settop(L, 7);
    given with = make_attributes(L, doc, 4); /* ... list */
    lblua_yjs_check_new(L, doc, 5, &content, &release);
    read_attributes(L, doc, 4, &with, release);
    bool done = yj_text_insert(doc, type, index, &content, with.any ? &with.set : NULL, &made);
    release_attributes(doc, &with);
    yj_release(doc, release);
    return lblua_yjs_finish(L, doc, done, made);
}

/* doc:text_delete(type, index, length) */
static int text_delete(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    return lblua_yjs_finish(L, doc, yj_text_delete(doc, type, lblua_yjs_check_count(L, 3), lblua_yjs_check_count(L, 4)), NULL);
}

/* doc:text_format(type, index, length, attributes) */
static int text_format(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    uint64_t index = lblua_yjs_check_count(L, 3), length = lblua_yjs_check_count(L, 4);
    lua_settop(L, 5);
    given with = make_attributes(L, doc, 5); /* ... list */
    read_attributes(L, doc, 5, &with, NULL);
    bool done = yj_text_format(doc, type, index, length, &with.set);
    release_attributes(doc, &with);
    return lblua_yjs_finish(L, doc, done, NULL);
}

/* ---- Deltas: a cursor is a number, which is good until the transaction ends ---- */

static yj_cursor *check_cursor(lua_State *L, const yj_doc *doc, int index) {
    yj_cursor *cursor = yj_cursor_at(doc, (size_t)lblua_yjs_check_count(L, index));
    if (!cursor) luaL_argerror(L, index, "the transaction of the cursor has ended");
    return cursor;
}

/* doc:cursor(type, index) -> cursor */
static int cursor(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    size_t number;
    if (!yj_cursor_open(doc, type, lblua_yjs_check_count(L, 3), &number)) lblua_yjs_failed(L, doc);
    lblua_yjs_push_count(L, number); /* ... cursor */
    return 1;
}

/* doc:cursor_insert(cursor, attributes | nil, content...) -> type made, if it is one: it is filled, then comes cursor_settle */
static int cursor_insert(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *made = NULL;
    yj_new content;
    const void *release;
    lua_settop(L, 6);
    given with = make_attributes(L, doc, 3); /* ... list */
    yj_cursor *at = check_cursor(L, doc, 2);
    lblua_yjs_check_new(L, doc, 4, &content, &release);
    read_attributes(L, doc, 3, &with, release);
    bool done = yj_cursor_insert(doc, at, &content, &with.set, &made);
    release_attributes(doc, &with);
    yj_release(doc, release);
    return lblua_yjs_finish(L, doc, done, made);
}

/* doc:cursor_settle(cursor) */
static int cursor_settle(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    return lblua_yjs_finish(L, doc, yj_cursor_settle(doc, check_cursor(L, doc, 2)), NULL);
}

/* doc:cursor_retain(cursor, length, attributes | nil) */
static int cursor_retain(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    uint64_t length = lblua_yjs_check_count(L, 3);
    lua_settop(L, 4);
    given with = make_attributes(L, doc, 4); /* ... list */
    yj_cursor *at = check_cursor(L, doc, 2);
    read_attributes(L, doc, 4, &with, NULL);
    bool done = yj_cursor_retain(doc, at, length, &with.set);
    release_attributes(doc, &with);
    return lblua_yjs_finish(L, doc, done, NULL);
}

/* doc:cursor_delete(cursor, length) */
static int cursor_delete(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    uint64_t length = lblua_yjs_check_count(L, 3);
    return lblua_yjs_finish(L, doc, yj_cursor_delete(doc, check_cursor(L, doc, 2), length), NULL);
}

/* Sets an attribute; of a value that JSON does not have key, kind, value or false, name or false are appended to a list, made at
 * index + 1. attributes, on the top or below the list, are at index. [-n, +0, v] */
static void set_attribute(lua_State *L, int index, int pushed) { /* ... key kind [value [name]] */
    int key = lua_gettop(L) - pushed;
    if (pushed == 2 && strcmp(lua_tostring(L, key + 1), "value") == 0) {
        lua_remove(L, key + 1);   /* ... key value */
        lua_rawset(L, index);     /* ... */
        return;
    }
    if (pushed > 1) {
        if (lua_isnil(L, index + 1)) {
            lua_newtable(L);
            lua_replace(L, index + 1);
        }
        for (; pushed < 3; pushed++) lua_pushboolean(L, 0); /* ... key kind value name */
        int count = (int)lua_rawlen(L, index + 1);
        for (int i = 4; i >= 1; i--) lua_rawseti(L, index + 1, count + i); /* ... */
    }
    lua_settop(L, key - 1);
}

/* doc:to_delta(type, snapshot | nil, before | nil) -> { { kind, value, name | nil, attributes | nil, others | nil }, ... }: others
 * are attributes that JSON does not have */
static int to_delta(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    yj_delta *found;
    if (!yj_text_delta(doc, type, lblua_yjs_optional_slice(L, 3), lblua_yjs_optional_slice(L, 4), &found))
        lblua_yjs_failed(L, doc);
    uint64_t changes = yj_changes(doc);
    size_t count = found->count;
    lua_createtable(L, 0, 0); /* ... parts */
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 4, 0); /* ... parts part */
        lblua_yjs_check_unchanged(L, doc, changes);
        const yj_part part = found->parts[i];
        int pushed = lblua_yjs_push_value(L, doc, &part.value); /* ... parts part kind [value [name]] */
        for (; pushed; pushed--) lua_rawseti(L, -1 - pushed, pushed);
        if (part.count) {
            lua_createtable(L, 0, (int)part.count); /* ... parts part attributes */
            lua_pushnil(L);                          /* ... parts part attributes others */
            int attributes = lua_gettop(L) - 1;
            for (size_t k = part.first; k < part.first + part.count; k++) {
                lblua_yjs_check_unchanged(L, doc, changes);
                const yj_attribute attribute = found->attributes[k];
                yj_value value = { .kind = YJ_ANY, .data = attribute.value };
                lblua_yjs_push_bytes(L, doc, attribute.key); /* ... others key */
                lblua_yjs_check_unchanged(L, doc, changes);
                set_attribute(L, attributes, lblua_yjs_push_value(L, doc, &value)); /* ... others */
            }
            if (lua_isnil(L, -1)) lua_pop(L, 1);
            else lua_rawseti(L, -3, 5); /* ... parts part attributes */
            lua_rawseti(L, -2, 4); /* ... parts part */
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1); /* ... parts */
    }
    lblua_yjs_release(L, doc, found);
    return 1;
}

/* doc:position(type, index, association) -> bytes */
static int position(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    yj_position found;
    yj_slice out = { NULL, 0 };
    int association = luaL_optinteger(L, 4, 0) < 0 ? -1 : 0;
    if (!yj_position_at(doc, type, lblua_yjs_check_count(L, 3), association, &found) ||
        !yj_position_encode(doc, &found, &out))
        lblua_yjs_failed(L, doc);
    return lblua_yjs_push_result(L, doc, out);
}

/* doc:resolve(bytes) -> type, index, association; nothing when the position is not known */
static int resolve(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_position place;
    yj_type *type;
    uint64_t index;
    if (!yj_position_decode(doc, lblua_yjs_check_slice(L, 2), &place)) lblua_yjs_failed(L, doc);
    if (!yj_position_resolve(doc, &place, &type, &index)) {
        lblua_yjs_failed(L, doc);
        return 0;
    }
    lblua_yjs_push_count(L, yj_type_index(type)); /* ... type */
    lblua_yjs_push_count(L, index);               /* ... type index */
    lua_pushinteger(L, place.association);        /* ... type index association */
    return 3;
}

static const luaL_Reg methods[] = {
    { "text_insert", text_insert }, { "text_delete", text_delete }, { "text_format", text_format },
    { "cursor", cursor },           { "cursor_insert", cursor_insert }, { "cursor_retain", cursor_retain },
    { "cursor_delete", cursor_delete }, { "cursor_settle", cursor_settle }, { "to_delta", to_delta },
    { "position", position },       { "resolve", resolve },         { NULL, NULL },
};

void lblua_yjs_open_texts(lua_State *L) {
    luaL_setfuncs(L, methods, 0);
}
