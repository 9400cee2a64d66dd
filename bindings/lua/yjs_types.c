/* yjs_types.c - the methods of a Yjs document that read and edit its shared types. A type is its number. */
#include "glue.h"
#include "json.h"
#include "yjs.h"

#include "../yjs/any.h"

#include <string.h>

yj_type *lblua_yjs_check_type(lua_State *L, const yj_doc *doc, int index) {
    yj_type *type = yj_type_at(doc, (size_t)lblua_yjs_check_count(L, index));
    if (!type) luaL_argerror(L, index, "not a shared type of this document");
    return type;
}

static void push_json(lua_State *L, yj_slice json) {
    lblua_json_error error;
    if (!lblua_json_decode(L, json.at, json.size, &error)) lblua_yjs_raise(L, YJ_INVALID, error.message); /* value */
}

/* JSON that is the document's, and may go while it is decoded. [-0, +1, v] */
static void push_own_json(lua_State *L, const yj_doc *doc, yj_slice json) {
    yj_slice copy;
    lblua_yjs_push_bytes(L, doc, json.at ? json : (yj_slice){ "", 0 }); /* json */
    copy.at = lua_tolstring(L, -1, &copy.size);
    push_json(L, copy); /* json value */
    lua_remove(L, -2);  /* value */
}

/* A value in the "any" encoding, as JSON has it; undefined is null. What Lua decodes is a copy, since the document may go
 * meanwhile. [-0, +1, v] */
static void push_json_of_any(lua_State *L, yj_doc *doc, yj_slice any) {
    char few[512];
    yj_slice json;
    if (any.size && (unsigned char)any.at[0] == YJ_ANY_UNDEFINED) {
        lua_pushlightuserdata(L, NULL); /* null */
        return;
    }
    if (!yj_json_from_any(doc, any, &json)) lblua_yjs_failed(L, doc);
    if (json.size <= sizeof few) {
        memcpy(few, json.at, json.size);
        yj_release(doc, json.at);
        push_json(L, (yj_slice){ few, json.size }); /* value */
        return;
    }
    lblua_yjs_push_result(L, doc, json); /* json */
    json.at = lua_tolstring(L, -1, &json.size);
    push_json(L, json); /* json value */
    lua_remove(L, -2);  /* value */
}

/* The same; of a value that JSON does not have its bytes, and "any". [-0, +(1|2), v] */
static int push_any(lua_State *L, yj_doc *doc, yj_slice any) {
    if (yj_any_is_json(any)) {
        push_json_of_any(L, doc, any); /* value */
        return 1;
    }
    lblua_yjs_push_bytes(L, doc, any); /* bytes */
    lua_pushliteral(L, "any");         /* bytes "any" */
    return 2;
}

static void push_kind(lua_State *L, const yj_doc *doc, const char *kind) {
    uint64_t changes = yj_changes(doc);
    lua_pushstring(L, kind); /* kind */
    lblua_yjs_check_unchanged(L, doc, changes);
}

int lblua_yjs_push_value(lua_State *L, yj_doc *doc, const yj_value *value) {
    uint64_t changes = yj_changes(doc);
    switch (value->kind) {
        case YJ_ANY:
        case YJ_EMBED:
            if (value->data.size && (unsigned char)value->data.at[0] == YJ_ANY_UNDEFINED) {
                push_kind(L, doc, "undefined"); /* kind */
                return 1;
            }
            if (value->data.size && (unsigned char)value->data.at[0] == YJ_ANY_BYTES) {
                yj_token token;
                yj_any_token(value->data.at, value->data.at + value->data.size, &token);
                push_kind(L, doc, "binary"); /* kind */
                lblua_yjs_push_bytes(L, doc, token.bytes); /* kind bytes */
                return 2;
            }
            push_kind(L, doc, value->kind == YJ_EMBED ? "embed" : "value"); /* kind */
            return 1 + push_any(L, doc, value->data); /* kind value ["any"] */
        case YJ_JSON:
            if (value->data.size == 9 && memcmp(value->data.at, "undefined", 9) == 0) {
                push_kind(L, doc, "undefined"); /* kind */
                return 1;
            }
            push_kind(L, doc, "value"); /* kind */
            push_own_json(L, doc, value->data); /* kind value */
            return 2;
        case YJ_BINARY:
            push_kind(L, doc, "binary"); /* kind */
            lblua_yjs_push_bytes(L, doc, value->data.at ? value->data : (yj_slice){ "", 0 }); /* kind bytes */
            return 2;
        case YJ_STRING:
            push_kind(L, doc, "text"); /* kind */
            lblua_yjs_push_bytes(L, doc, value->data); /* kind text */
            return 2;
        case YJ_TYPE:
            push_kind(L, doc, "type"); /* kind */
            lblua_yjs_push_count(L, yj_type_index(value->type)); /* kind type */
            return 2;
        case YJ_FORMAT:
            push_kind(L, doc, "format"); /* kind */
            push_json_of_any(L, doc, value->data); /* kind value */
            lblua_yjs_check_unchanged(L, doc, changes);
            lblua_yjs_push_bytes(L, doc, value->name); /* kind value key */
            return 3;
        case YJ_SUBDOC:
            push_kind(L, doc, "document"); /* kind */
            push_json_of_any(L, doc, value->data); /* kind options */
            lblua_yjs_check_unchanged(L, doc, changes);
            lblua_yjs_push_bytes(L, doc, value->name); /* kind options guid */
            return 3;
        default: return 0;
    }
}

/* doc:root(name, kind) -> type */
static int root(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type;
    if (!yj_root(doc, lblua_yjs_check_slice(L, 2), (yj_type_kind)luaL_optinteger(L, 3, YJ_UNKNOWN), &type))
        lblua_yjs_failed(L, doc);
    lblua_yjs_push_count(L, yj_type_index(type)); /* ... type */
    return 1;
}

/* doc:roots() -> types in the order in which they appeared */
static int roots(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    lua_newtable(L); /* ... list */
    lblua_yjs_check_open(L, doc);
    for (size_t i = 0; i < yj_root_count(doc); i++) {
        lblua_yjs_push_count(L, yj_type_index(yj_root_at(doc, i))); /* ... list type */
        lua_rawseti(L, -2, (lua_Integer)i + 1);                     /* ... list */
    }
    return 1;
}

/* doc:edited() -> root types that have been edited since the edits were asked for */
static int edited(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    lua_Integer count = 0;
    lua_newtable(L); /* ... list */
    lblua_yjs_check_open(L, doc);
    for (size_t i = 0; i < yj_root_count(doc); i++) {
        yj_type *type = yj_root_at(doc, i);
        if (!yj_root_is_edited(type)) continue;
        lblua_yjs_push_count(L, yj_type_index(type)); /* ... list type */
        lua_rawseti(L, -2, ++count);                  /* ... list */
    }
    return 1;
}

/* doc:kind(type) -> number, name */
static int kind(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    lua_pushinteger(L, yj_type_kind_of(type)); /* ... kind */
    lblua_yjs_push_bytes(L, doc, yj_type_name(type)); /* ... kind name */
    return 2;
}

static int length(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    lblua_yjs_push_count(L, yj_type_length(lblua_yjs_check_type(L, doc, 2))); /* ... length */
    return 1;
}

/* doc:place(type) -> deleted, parent | nil, key | nil, index | nil */
static int place(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2), *parent = yj_type_parent(type);
    uint64_t index;
    bool has_index = yj_type_position(doc, type, &index);
    lua_pushboolean(L, yj_type_is_deleted(type)); /* ... deleted */
    if (parent) lblua_yjs_push_count(L, yj_type_index(parent)); /* ... deleted parent */
    else lua_pushnil(L);
    lblua_yjs_push_bytes(L, doc, yj_type_key(type)); /* ... deleted parent key */
    if (has_index) lblua_yjs_push_count(L, index); /* ... deleted parent key index */
    else lua_pushnil(L);
    return 4;
}

/* doc:sibling(type, next) -> type or nil */
static int sibling(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *found = yj_type_sibling(doc, lblua_yjs_check_type(L, doc, 2), lua_toboolean(L, 3));
    if (found) lblua_yjs_push_count(L, yj_type_index(found)); /* ... type */
    else lua_pushnil(L);
    return 1;
}

/* doc:list(type, first, count) -> { kind, value, kind, value, ... }: kinds and values in turn, name third where there is
 * one is left out; doc:list(type) -> whole texts and formats, three for each */
static int list(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    bool all = lua_isnoneornil(L, 3);
    uint64_t count = all ? UINT64_MAX : lblua_yjs_check_count(L, 4);
    yj_iterator iterator;
    yj_value value;
    uint64_t changes = yj_changes(doc);
    if (all) yj_iterate_all(type, &iterator);
    else yj_iterate(doc, type, lblua_yjs_check_count(L, 3), &iterator);
    lua_newtable(L); /* ... list */
    for (lua_Integer at = 1; count; count--, at += 3) {
        lblua_yjs_check_unchanged(L, doc, changes);
        if (!yj_next(doc, &iterator, &value)) {
            lblua_yjs_failed(L, doc);
            break;
        }
        int pushed = lblua_yjs_push_value(L, doc, &value); /* ... list kind [value [name]] */
        for (; pushed; pushed--) lua_rawseti(L, -1 - pushed, at + pushed - 1); /* ... list */
    }
    return 1;
}

static bool as_kind(const char *name, yj_kind *out) {
    static const struct {
        const char *name;
        yj_kind kind;
    } kinds[] = { { "any", YJ_ANY }, { "undefined", YJ_ANY }, { "text", YJ_STRING }, { "binary", YJ_BINARY },
        { "embed", YJ_EMBED }, { "type", YJ_TYPE }, { "document", YJ_SUBDOC } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(name, kinds[i].name) != 0) continue;
        *out = kinds[i].kind;
        return true;
    }
    return false;
}

bool lblua_yjs_read_any(yj_doc *doc, yj_slice given, yj_slice *any) {
    bool is_json = given.size == 0 || given.at[0] != '\0';
    return is_json ? yj_any_from_json(doc, given, any) : yj_any_copy(doc, (yj_slice){ given.at + 1, given.size - 1 }, any);
}

void lblua_yjs_check_new(lua_State *L, yj_doc *doc, int index, yj_new *out, const void **release) {
    static const char undefined[] = { (char)YJ_ANY_UNDEFINED };
    const char *name = lblua_yjs_check_slice(L, index).at;
    *out = (yj_new){ .count = 1 };
    *release = NULL;
    if (!as_kind(name, &out->kind)) luaL_argerror(L, index, "no kind of content");
    if (strcmp(name, "undefined") == 0) {
        out->data = (yj_slice){ undefined, 1 };
    } else if (out->kind == YJ_TYPE) {
        out->type_kind = (yj_type_kind)luaL_checkinteger(L, index + 1);
        luaL_argcheck(L, out->type_kind <= YJ_XML_TEXT, index + 1, "no kind of shared type");
        out->name = lblua_yjs_optional_slice(L, index + 2);
    } else if (out->kind == YJ_STRING || out->kind == YJ_BINARY) {
        out->data = lblua_yjs_check_slice(L, index + 1);
    } else {
        if (out->kind == YJ_SUBDOC) out->name = lblua_yjs_check_slice(L, index + 2);
        yj_slice any;
        if (!lblua_yjs_read_any(doc, lblua_yjs_check_slice(L, index + 1), &any)) lblua_yjs_failed(L, doc);
        *release = any.at;
        out->data = any;
        if (out->kind == YJ_ANY) { /* the elements of an array */
            yj_token token;
            const char *first = yj_any_token(any.at, any.at + any.size, &token);
            luaL_argcheck(L, first && token.kind == YJ_ANY_ARRAY && token.count, index + 1, "no values");
            out->data = (yj_slice){ first, any.size - (size_t)(first - any.at) };
            out->count = (size_t)token.count;
        }
    }
}

int lblua_yjs_finish(lua_State *L, yj_doc *doc, bool done, const yj_type *made) {
    if (!done) lblua_yjs_failed(L, doc);
    if (!made) return 0;
    lblua_yjs_push_count(L, yj_type_index(made)); /* ... type */
    return 1;
}

static int finish(lua_State *L, yj_doc *doc, bool done, const void *release, const yj_type *made) {
    yj_release(doc, release);
    return lblua_yjs_finish(L, doc, done, made);
}

/* doc:list_insert(type, index | nil for the end, content...) -> type made, if it is one */
static int list_insert(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2), *made = NULL;
    bool push = lua_isnil(L, 3);
    uint64_t index = push ? 0 : lblua_yjs_check_count(L, 3);
    yj_new content;
    const void *release;
    lblua_yjs_check_new(L, doc, 4, &content, &release);
    bool done = push ? yj_list_push(doc, type, &content, &made) : yj_list_insert(doc, type, index, &content, &made);
    return finish(L, doc, done, release, made);
}

/* doc:list_delete(type, index, length) */
static int list_delete(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    if (!yj_list_delete(doc, type, lblua_yjs_check_count(L, 3), lblua_yjs_check_count(L, 4))) lblua_yjs_failed(L, doc);
    return 0;
}

/* doc:map_set(type, key, content...) -> type made, if it is one */
static int map_set(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2), *made = NULL;
    yj_slice key = lblua_yjs_check_slice(L, 3);
    yj_new content;
    const void *release;
    lblua_yjs_check_new(L, doc, 4, &content, &release);
    bool done = yj_map_set(doc, type, key, &content, &made);
    return finish(L, doc, done, release, made);
}

static int map_delete(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    if (!yj_map_delete(doc, lblua_yjs_check_type(L, doc, 2), lblua_yjs_check_slice(L, 3))) lblua_yjs_failed(L, doc);
    return 0;
}

/* doc:map_get(type, key) -> kind, value, name; nothing when there is none */
static int map_get(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_value value;
    if (yj_map_get(doc, lblua_yjs_check_type(L, doc, 2), lblua_yjs_check_slice(L, 3), &value))
        return lblua_yjs_push_value(L, doc, &value);
    lblua_yjs_failed(L, doc);
    return 0;
}

/* doc:map_next(type, at) -> at, key, kind, value, name; nothing at the end. at begins as 0 */
static int map_next(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_type *type = lblua_yjs_check_type(L, doc, 2);
    size_t at = (size_t)lblua_yjs_check_count(L, 3);
    yj_slice key;
    yj_value value;
    if (!yj_map_next(doc, type, &at, &key, &value)) {
        lblua_yjs_failed(L, doc);
        return 0;
    }
    uint64_t changes = yj_changes(doc);
    lblua_yjs_push_count(L, at); /* ... at */
    lblua_yjs_push_bytes(L, doc, key); /* ... at key */
    lblua_yjs_check_unchanged(L, doc, changes);
    return 2 + lblua_yjs_push_value(L, doc, &value);
}

static const luaL_Reg methods[] = {
    { "root", root },         { "roots", roots },             { "kind", kind },
    { "length", length },     { "place", place },             { "sibling", sibling },
    { "list", list },         { "list_insert", list_insert }, { "list_delete", list_delete },
    { "map_set", map_set },   { "map_delete", map_delete },   { "map_get", map_get },
    { "map_next", map_next }, { "edited", edited },           { NULL, NULL },
};

void lblua_yjs_open_types(lua_State *L) {
    luaL_setfuncs(L, methods, 0);
}
