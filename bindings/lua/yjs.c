/* yjs.c - core.yjs: Yjs documents and updates. What the functions return and take is for lua/liveblocks/yjs alone. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"
#include "json.h"
#include "yjs.h"

#include <stdio.h>
#include <string.h>

#define DOC "liveblocks.yjs.doc"
#define WORK "liveblocks.yjs.work"

static const char on_failure_key;

/* core.yjs.on_failure(fn): what raises, with a kind and a message */
static int on_failure(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);                                           /* fn */
    lua_rawsetp(L, LUA_REGISTRYINDEX, (void *)&on_failure_key); /* */
    return 0;
}

int lblua_yjs_raise(lua_State *L, yj_status status, const char *message) {
    static const char *const kinds[] = { "yjs", "yjs", "usage", "usage", "memory" };
    lua_rawgetp(L, LUA_REGISTRYINDEX, (void *)&on_failure_key); /* ... fn */
    lua_pushstring(L, kinds[status]);                           /* ... fn kind */
    lua_pushstring(L, message);                                 /* ... fn kind message */
    lua_call(L, 2, 0);
    return luaL_error(L, "%s", message);
}

static yj_allocator allocator_of(lua_State *L) {
    yj_allocator allocator;
    allocator.allocate = lua_getallocf(L, &allocator.data);
    return allocator;
}

/* ---- Arguments ---- */

/* Not a number: to make a string of it allocates. */
yj_slice lblua_yjs_check_slice(lua_State *L, int index) {
    yj_slice slice;
    luaL_checktype(L, index, LUA_TSTRING);
    slice.at = lua_tolstring(L, index, &slice.size);
    return slice;
}

yj_slice lblua_yjs_optional_slice(lua_State *L, int index) {
    return lua_isnoneornil(L, index) ? (yj_slice){ NULL, 0 } : lblua_yjs_check_slice(L, index);
}

uint64_t lblua_yjs_check_count(lua_State *L, int index) {
    lua_Number value = luaL_checknumber(L, index);
    luaL_argcheck(L, value >= 0 && value < 9007199254740992.0, index, "out of range");
    return (uint64_t)value;
}

static int version_of(lua_State *L, int index) {
    return lua_isnoneornil(L, index) ? YJ_V1 : luaL_checkinteger(L, index) == YJ_V2 ? YJ_V2 : YJ_V1;
}

void lblua_yjs_push_count(lua_State *L, uint64_t count) {
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, (lua_Integer)count); /* count */
#else
    lua_pushnumber(L, (lua_Number)count); /* count */
#endif
}

/* ---- Without a document ---- */

static yj_work *new_work(lua_State *L) {
    yj_work **work = lua_newuserdatauv(L, sizeof *work, 0); /* work */
    *work = NULL;
    luaL_setmetatable(L, WORK);
    *work = yj_work_new(allocator_of(L));
    if (!*work) luaL_error(L, "not enough memory");
    return *work;
}

static int work_gc(lua_State *L) {
    yj_work **work = luaL_checkudata(L, 1, WORK);
    yj_work_free(*work);
    *work = NULL;
    return 0;
}

static int finish_work(lua_State *L, yj_work *work, bool done, yj_slice out) {
    const char *message;
    yj_status status = yj_work_failure(work, &message);
    if (!done) return lblua_yjs_raise(L, status, message);
    lua_pushlstring(L, out.at ? out.at : "", out.size); /* ... bytes */
    yj_work **box = luaL_checkudata(L, -2, WORK);
    yj_work_free(*box);
    *box = NULL;
    return 1;
}

/* core.yjs.merge(updates, version) */
static int merge(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t count = lua_rawlen(L, 1);
    lua_createtable(L, (int)count, 0); /* kept: a finalizer may take them out of the list, but knows nothing of this one */
    yj_slice *updates = lua_newuserdatauv(L, (count + 1) * sizeof *updates, 0); /* kept updates */
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1); /* kept updates update */
        if (lua_type(L, -1) != LUA_TSTRING) return luaL_error(L, "an update is not a string");
        updates[i].at = lua_tolstring(L, -1, &updates[i].size);
        lua_rawseti(L, -3, (lua_Integer)i + 1); /* kept updates */
    }
    yj_work *work = new_work(L); /* kept updates work */
    yj_slice out = { NULL, 0 };
    bool done = yj_merge(work, updates, count, version_of(L, 2), &out);
    return finish_work(L, work, done, out);
}

/* core.yjs.diff(update, state_vector, version) */
static int diff(lua_State *L) {
    yj_slice update = lblua_yjs_check_slice(L, 1), vector = lblua_yjs_check_slice(L, 2), out = { NULL, 0 };
    yj_work *work = new_work(L);
    return finish_work(L, work, yj_diff(work, update, vector, version_of(L, 3), &out), out);
}

/* core.yjs.convert(update, from, to) */
static int convert(lua_State *L) {
    yj_slice update = lblua_yjs_check_slice(L, 1), out = { NULL, 0 };
    yj_work *work = new_work(L);
    return finish_work(L, work, yj_convert(work, update, version_of(L, 2), version_of(L, 3), &out), out);
}

/* core.yjs.state_vector(update, version) */
static int update_state_vector(lua_State *L) {
    yj_slice update = lblua_yjs_check_slice(L, 1), out = { NULL, 0 };
    yj_work *work = new_work(L);
    return finish_work(L, work, yj_update_state_vector(work, update, version_of(L, 2), &out), out);
}

/* core.yjs.any(json) -> bytes in the "any" encoding */
static int any(lua_State *L) {
    yj_slice json = lblua_yjs_check_slice(L, 1), out = { NULL, 0 };
    yj_work *work = new_work(L);
    return finish_work(L, work, yj_convert_json(work, json, &out), out);
}

/* core.yjs.json(bytes in the "any" encoding) -> JSON text */
static int json(lua_State *L) {
    yj_slice bytes = lblua_yjs_check_slice(L, 1), out = { NULL, 0 };
    yj_work *work = new_work(L);
    return finish_work(L, work, yj_convert_any(work, bytes, &out), out);
}

/* core.yjs.check(update, version) */
static int check(lua_State *L) {
    yj_slice update = lblua_yjs_check_slice(L, 1);
    yj_work *work = new_work(L);
    finish_work(L, work, yj_check(work, update, version_of(L, 2)), (yj_slice){ NULL, 0 });
    return 0;
}

/* core.yjs.snapshot_equal(a, b) -> boolean */
static int snapshot_equal(lua_State *L) {
    yj_slice a = lblua_yjs_check_slice(L, 1), b = lblua_yjs_check_slice(L, 2);
    yj_work *work = new_work(L);
    bool equal = false;
    finish_work(L, work, yj_snapshot_equal(work, a, b, &equal), (yj_slice){ NULL, 0 });
    lua_pushboolean(L, equal);
    return 1;
}

/* core.yjs.snapshot_convert(snapshot, from, to) */
static int snapshot_convert(lua_State *L) {
    yj_slice bytes = lblua_yjs_check_slice(L, 1), out = { NULL, 0 };
    yj_work *work = new_work(L);
    int from = version_of(L, 2), to = version_of(L, 3);
    return finish_work(L, work, yj_snapshot_convert(work, bytes, from, to, &out), out);
}

/* ---- Documents ---- */

/* core.yjs.open(client | nil, keep) -> document */
static int open(lua_State *L) {
    yj_options options = { .keep = lua_toboolean(L, 2) };
    uint32_t random[3];
    lblua_random_bytes(L, random, sizeof random);
    options.client = lua_isnoneornil(L, 1) ? random[0] : lblua_yjs_check_count(L, 1);
    options.seed = (uint64_t)random[1] << 32 | random[2];
    yj_doc **doc = lua_newuserdatauv(L, sizeof *doc, 0); /* ... doc */
    *doc = NULL;
    luaL_setmetatable(L, DOC);
    *doc = yj_open(allocator_of(L), options);
    return *doc ? 1 : luaL_error(L, "not enough memory");
}

static int doc_gc(lua_State *L) {
    yj_doc **doc = luaL_checkudata(L, 1, DOC);
    yj_close(*doc);
    *doc = NULL;
    return 0;
}

yj_doc *lblua_yjs_check_doc(lua_State *L, int index) {
    yj_doc **doc = luaL_checkudata(L, index, DOC);
    if (!*doc) luaL_error(L, "the document is closed");
    return *doc;
}

void lblua_yjs_failed(lua_State *L, const yj_doc *doc) {
    char copy[200]; /* the message is the document's */
    const char *message;
    yj_status status = yj_failure(doc, &message);
    if (status == YJ_OK) return;
    snprintf(copy, sizeof copy, "%s", message);
    lblua_yjs_raise(L, status, copy);
}

static bool is_open(lua_State *L, const yj_doc *doc) {
    yj_doc *const *box = lua_touserdata(L, 1);
    return *box == doc;
}

void lblua_yjs_check_open(lua_State *L, const yj_doc *doc) {
    if (!is_open(L, doc)) lblua_yjs_raise(L, YJ_USAGE, "the document was collected while it was read");
}

void lblua_yjs_check_unchanged(lua_State *L, const yj_doc *doc, uint64_t changes) {
    lblua_yjs_check_open(L, doc);
    if (yj_changes(doc) != changes) lblua_yjs_raise(L, YJ_USAGE, "the document was edited while it was read");
}

void lblua_yjs_release(lua_State *L, yj_doc *doc, const void *result) {
    if (is_open(L, doc)) yj_release(doc, result);
}

/* Lua before 5.3 collects before it copies the bytes: those that a finalizer may free or change are copied here first.
 * changes NULL: they stay as they are while the document does. [-0, +1, v] */
static void push_copied(lua_State *L, const yj_doc *doc, yj_slice bytes, const uint64_t *changes) {
#if LUA_VERSION_NUM >= 503
    (void)doc, (void)changes;
    lua_pushlstring(L, bytes.at, bytes.size); /* bytes */
#else
    char few[256];
    if (bytes.size <= sizeof few) {
        memcpy(few, bytes.at, bytes.size);
        lua_pushlstring(L, few, bytes.size); /* bytes */
        return;
    }
    char *copy = lua_newuserdata(L, bytes.size); /* copy */
    lblua_yjs_check_open(L, doc);
    if (changes) lblua_yjs_check_unchanged(L, doc, *changes);
    memcpy(copy, bytes.at, bytes.size);
    lua_pushlstring(L, copy, bytes.size); /* copy bytes */
    lua_remove(L, -2);                    /* bytes */
#endif
}

void lblua_yjs_push_bytes(lua_State *L, const yj_doc *doc, yj_slice bytes) {
    uint64_t changes = yj_changes(doc);
    if (bytes.at) push_copied(L, doc, bytes, &changes); /* bytes */
    else lua_pushnil(L);                                /* nil */
}

int lblua_yjs_push_result(lua_State *L, yj_doc *doc, yj_slice result) {
    if (!result.at) return luaL_pushfail(L), 1;
    push_copied(L, doc, result, NULL); /* ... bytes */
    lblua_yjs_release(L, doc, result.at);
    return 1;
}

static int finish(lua_State *L, yj_doc *doc, bool done, yj_slice out) {
    if (!done) lblua_yjs_failed(L, doc);
    return lblua_yjs_push_result(L, doc, out);
}

/* doc:apply(update, version, tidy) */
static int apply(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    if (!yj_apply(doc, lblua_yjs_check_slice(L, 2), version_of(L, 3), lua_toboolean(L, 4))) lblua_yjs_failed(L, doc);
    return 0;
}

/* doc:state(state_vector | nil, version) -> update */
static int state(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_slice out = { NULL, 0 };
    return finish(L, doc, yj_state_as_update(doc, lblua_yjs_optional_slice(L, 2), version_of(L, 3), &out), out);
}

/* doc:state_vector() -> bytes */
static int state_vector(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_slice out = { NULL, 0 };
    return finish(L, doc, yj_state_vector(doc, &out), out);
}

/* doc:edits(version, forget) -> update or nil */
static int edits(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_slice out = { NULL, 0 };
    return finish(L, doc, yj_edits(doc, version_of(L, 2), lua_toboolean(L, 3), &out), out);
}

/* doc:snapshot(version) -> bytes */
static int snapshot(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_slice out = { NULL, 0 };
    return finish(L, doc, yj_snapshot(doc, version_of(L, 2), &out), out);
}

/* doc:snapshot_update(snapshot) -> update v2 */
static int snapshot_update(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    yj_slice out = { NULL, 0 };
    return finish(L, doc, yj_snapshot_update(doc, lblua_yjs_check_slice(L, 2), &out), out);
}

/* doc:begin(), doc:finish(): of a transaction */
static int begin(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    if (!yj_begin(doc)) lblua_yjs_failed(L, doc);
    return 0;
}

static int end(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    if (!yj_end(doc)) lblua_yjs_failed(L, doc);
    return 0;
}

/* doc:client([id]) -> id */
static int client(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    if (!lua_isnoneornil(L, 2)) yj_set_client_id(doc, lblua_yjs_check_count(L, 2));
    lblua_yjs_push_count(L, yj_client_id(doc)); /* ... id */
    return 1;
}

/* doc:facts() -> pending, keeps, steps, allocations */
static int facts(lua_State *L) {
    yj_doc *doc = lblua_yjs_check_doc(L, 1);
    lua_pushboolean(L, yj_is_pending(doc));          /* ... pending */
    lua_pushboolean(L, yj_keeps(doc));               /* ... keeps */
    lblua_yjs_push_count(L, yj_steps(doc));          /* ... steps */
    lblua_yjs_push_count(L, yj_allocations(doc));    /* ... allocations */
    return 4;
}

static const luaL_Reg methods[] = {
    { "apply", apply },       { "state", state },       { "state_vector", state_vector },
    { "edits", edits },       { "snapshot", snapshot }, { "snapshot_update", snapshot_update },
    { "begin", begin },       { "finish", end },        { "client", client },
    { "facts", facts },       { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "on_failure", on_failure }, { "merge", merge },
    { "diff", diff },             { "convert", convert },
    { "check", check },           { "state_vector", update_state_vector },
    { "open", open },             { "snapshot_equal", snapshot_equal },
    { "snapshot_convert", snapshot_convert }, { "any", any },
    { "json", json },             { NULL, NULL },
};

void lblua_open_yjs(lua_State *L) {    /* core */
    luaL_newmetatable(L, WORK);        /* core mt */
    lua_pushcfunction(L, work_gc);     /* core mt f */
    lua_setfield(L, -2, "__gc");       /* core mt */
    luaL_newmetatable(L, DOC);         /* core mt mt */
    lua_pushcfunction(L, doc_gc);      /* core mt mt f */
    lua_setfield(L, -2, "__gc");       /* core mt mt */
    lua_newtable(L);                   /* core mt mt methods */
    luaL_setfuncs(L, methods, 0);
    lblua_yjs_open_types(L);
    lblua_yjs_open_texts(L);
    lua_setfield(L, -2, "__index");    /* core mt mt */
    lua_pop(L, 2);                     /* core */
    lua_newtable(L);                   /* core yjs */
    luaL_setfuncs(L, functions, 0);
    lua_setfield(L, -2, "yjs");        /* core */
}
