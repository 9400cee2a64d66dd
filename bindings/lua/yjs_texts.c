/* yjs_texts.c - the methods of a Yjs document that read and edit texts, and relative positions. */
#include "glue.h"
#include "yjs.h"

#include <string.h>

/* Attributes: { key, JSON text, key, JSON text, ... }, in that order; nil: none. Their values belong to the document until
 * release_attributes(). [-0, +1, v] */
typedef struct given {
    yj_attributes set;
    yj_attribute *list; /* a userdata on the stack */
    bool any;
} given;

static given check_attributes(lua_State *L, yj_doc *doc, int index) {
    given out = { .any = !lua_isnoneornil(L, index) };
    size_t count = out.any ? lua_rawlen(L, index) / 2 : 0;
    out.list = lua_newuserdatauv(L, (count + 1) * sizeof *out.list, 0); /* ... list */
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, index, (lua_Integer)(2 * i + 1)); /* ... list key */
        lua_rawgeti(L, index, (lua_Integer)(2 * i + 2)); /* ... list key json */
        out.list[i].key = lblua_yjs_check_slice(L, -2);
        if (!yj_any_from_json(doc, lblua_yjs_check_slice(L, -1), &out.list[i].value)) lblua_yjs_failed(L, doc);
        lua_pop(L, 2); /* ... list */
    }
    out.set = (yj_attributes){ out.list, count };
    return out;
}

static void release_attributes(yj_doc *doc, const given *from) {
    for (size_t i = 0; i < from->set.count; i++) yj_release(doc, from->list[i].value.at);
}

/* doc:text_insert(type, index, attributes | nil, content...) -> type made, if it is one */
static int text_insert(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2), *made = NULL;
    uint64_t index = lblua_yjs_check_count(L, 3);
    yj_new content;
    const void *release;
    lblua_yjs_check_new(L, doc, 5, &content, &release);
    given with = check_attributes(L, doc, 4);
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
    given with = check_attributes(L, doc, 5);
    bool done = yj_text_format(doc, type, index, length, &with.set);
    release_attributes(doc, &with);
    return lblua_yjs_finish(L, doc, done, NULL);
}

/* A cursor is a light userdata, known to Lua within doc:delta alone. */

/* doc:delta(type, next): applies what next() returns until it returns nothing: "insert", attributes, content... /
 * "retain", length, attributes / "delete", length; next(type) is called for a type that was made, to fill it. In a
 * transaction. */
static int delta(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2), *made = NULL;
    yj_cursor *cursor;
    luaL_checktype(L, 3, LUA_TFUNCTION);
    if (!yj_cursor_open(doc, type, &cursor)) lblua_yjs_failed(L, doc);
    uint64_t changes = yj_changes(doc);
    for (;;) {
        bool done;
        lua_settop(L, 3);
        if (made) {
            lua_pushvalue(L, 3);                           /* doc type next next */
            lblua_yjs_push_count(L, yj_type_index(made)); /* doc type next next made */
            lua_call(L, 1, 0);                             /* doc type next */
            changes = yj_changes(doc); /* within the transaction all that the cursor points at stays */
        }
        lua_pushvalue(L, 3); /* doc type next next */
        lua_call(L, 0, 6);   /* doc type next what a b c d e */
        if (lua_isnil(L, 4)) return 0;
        const char *what = luaL_checkstring(L, 4);
        made = NULL;
        if (strcmp(what, "insert") == 0) {
            yj_new content;
            const void *release;
            lblua_yjs_check_new(L, doc, 6, &content, &release);
            given with = check_attributes(L, doc, 5);
            lblua_yjs_check_unchanged(L, doc, changes);
            done = yj_cursor_insert(doc, cursor, &content, &with.set, &made);
            release_attributes(doc, &with);
            yj_release(doc, release);
        } else if (strcmp(what, "retain") == 0) {
            given with = check_attributes(L, doc, 6);
            uint64_t length = lblua_yjs_check_count(L, 5);
            lblua_yjs_check_unchanged(L, doc, changes);
            done = yj_cursor_retain(doc, cursor, length, &with.set);
            release_attributes(doc, &with);
        } else {
            lblua_yjs_check_unchanged(L, doc, changes);
            done = yj_cursor_delete(doc, cursor, lblua_yjs_check_count(L, 5));
        }
        if (!done) lblua_yjs_failed(L, doc);
        changes = yj_changes(doc);
    }
}

/* doc:to_delta(type, snapshot | nil, before | nil) -> { { kind, value, attributes | nil }, ... } */
static int to_delta(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    yj_delta *found;
    if (!yj_text_delta(doc, type, lblua_yjs_optional_slice(L, 3), lblua_yjs_optional_slice(L, 4), &found))
        lblua_yjs_failed(L, doc);
    uint64_t changes = yj_changes(doc);
    lua_createtable(L, 0, 0); /* ... parts */
    for (size_t i = 0; i < found->count; i++) {
        const yj_part *part = &found->parts[i];
        lua_createtable(L, 3, 0);                                /* ... parts part */
        lblua_yjs_check_unchanged(L, doc, changes);
        int pushed = lblua_yjs_push_value(L, doc, &part->value); /* ... parts part kind [value] */
        for (; pushed; pushed--) lua_rawseti(L, -1 - pushed, pushed);
        if (part->count) {
            lua_createtable(L, 0, (int)part->count); /* ... parts part attributes */
            for (size_t k = part->first; k < part->first + part->count; k++) {
                const yj_attribute *attribute = &found->attributes[k];
                yj_value value = { .kind = YJ_ANY, .data = attribute->value };
                lblua_yjs_check_unchanged(L, doc, changes);
                lua_pushlstring(L, attribute->key.at, attribute->key.size); /* ... attributes key */
                lblua_yjs_check_unchanged(L, doc, changes);
                pushed = lblua_yjs_push_value(L, doc, &value);              /* ... attributes key kind [value] */
                if (pushed == 2) {
                    lua_remove(L, -2); /* ... attributes key value */
                    lua_rawset(L, -3); /* ... attributes */
                } else {
                    lua_pop(L, 1 + pushed); /* ... attributes */
                }
            }
            lua_rawseti(L, -2, 3); /* ... parts part */
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1); /* ... parts */
    }
    yj_release(doc, found);
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
    { "delta", delta },             { "to_delta", to_delta },       { "position", position },
    { "resolve", resolve },         { NULL, NULL },
};

void lblua_yjs_open_texts(lua_State *L) {
    luaL_setfuncs(L, methods, 0);
}
