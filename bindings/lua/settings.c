/* settings.c - the settings of a request, from a Lua table that the Lua half has checked. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <string.h>

/* What is read here stays on the stack until the call has been submitted: a string that a table has is not kept by it when a
 * finalizer changes the table, and of a number the string is nobody's. */

static void reserve(lua_State *L, int count) {
    lblua_reserve(L, count + LUA_MINSTACK, "for the settings of a request");
}

/* The list {name, value, name, value} at the top. [-0, +n, v] */
static void read_pairs(lua_State *L, const char *what, lb_pair *out, int capacity) { /* list */
    int n = 0, list = lua_gettop(L);
    if (lua_isnil(L, list)) return;
    luaL_checktype(L, list, LUA_TTABLE);
    int count = (int)lua_rawlen(L, list);
    if (count / 2 > capacity) lblua_usage(L, "more than %d %s", capacity, what);
    reserve(L, count);
    for (int i = 1; i + 1 <= count; i += 2, n++) {
        lua_rawgeti(L, list, i);     /* list ... name */
        lua_rawgeti(L, list, i + 1); /* list ... name value */
        if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING)
            lblua_usage(L, "%s must be strings", what);
        size_t length;
        out[n].name = lua_tostring(L, -2);
        out[n].value = lua_tolstring(L, -1, &length);
        if (strlen(out[n].value) != length) lblua_usage(L, "%s '%s' contains a NUL character", what, out[n].name);
    }
    out[n] = (lb_pair){ NULL, NULL };
}

static uint64_t size_field(lua_State *L, int index, const char *name) {
    lua_getfield(L, index, name);
    lua_Integer value = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    if (value < 0) lblua_usage(L, "'%s' must not be negative", name);
    return (uint64_t)value;
}

/* [-0, +1, v] */
static const char *text_field(lua_State *L, int index, const char *name) {
    size_t length = 0;
    lua_getfield(L, index, name); /* text */
    const char *text = lua_tolstring(L, -1, &length);
    if (text && strlen(text) != length) lblua_usage(L, "'%s' contains a NUL character", name);
    return text;
}

/* settings = {query, headers, body = text | file = path, offset, length, content_type, timeout, max_attempts,
 * idempotent, method, path, url} */
void lblua_read_settings(lua_State *L, int index, lblua_settings *a) {
    memset(&a->body, 0, sizeof a->body);
    memset(&a->call, 0, sizeof a->call);
    a->query[0] = a->headers[0] = (lb_pair){ NULL, NULL };
    if (lua_isnoneornil(L, index)) return;
    luaL_checktype(L, index, LUA_TTABLE);
    lua_getfield(L, index, "timeout"); /* timeout */
    a->call.timeout = luaL_optnumber(L, -1, 0);
    lua_getfield(L, index, "max_attempts"); /* timeout attempts */
    a->call.max_attempts = (unsigned)luaL_optinteger(L, -1, 0);
    lua_getfield(L, index, "idempotent"); /* timeout attempts idempotent */
    if (!lua_isnil(L, -1)) a->call.idempotency = lua_toboolean(L, -1) ? LB_IDEMPOTENT : LB_NOT_IDEMPOTENT;
    lua_pop(L, 3); /* */
    a->body.offset = size_field(L, index, "offset");
    a->body.length = size_field(L, index, "length");
    a->body.file = text_field(L, index, "file");                 /* file */
    a->body.content_type = text_field(L, index, "content_type"); /* file type */
    a->call.method = text_field(L, index, "method");             /* file type method */
    a->call.path = text_field(L, index, "path");                 /* file type method path */
    a->call.url = text_field(L, index, "url");                   /* file type method path url */
    lua_getfield(L, index, "body");                              /* file type method path url body */
    a->body.data = lua_tolstring(L, -1, &a->body.size);
    lua_getfield(L, index, "query"); /* ... query */
    read_pairs(L, "query values", a->query, LBLUA_MAX_QUERY);
    lua_getfield(L, index, "headers"); /* ... headers */
    read_pairs(L, "headers", a->headers, LBLUA_MAX_HEADERS);
    a->call.query = a->query;
    a->call.headers = a->headers[0].name ? a->headers : NULL;
    a->call.body = a->body.data || a->body.file ? &a->body : NULL;
}

/* settings.mail = {from, recipients = list, user, password, plain} */
void lblua_read_mail(lua_State *L, int index, lblua_envelope *e, lb_call *call) {
    reserve(L, 0);
    lua_getfield(L, index, "mail"); /* mail */
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1); /* */
        return;
    }
    int mail = lua_gettop(L);
    lua_getfield(L, mail, "plain"); /* mail plain */
    e->mail = (lb_mail){ .plain = lua_toboolean(L, -1), .recipients = e->recipients };
    e->mail.from = text_field(L, mail, "from");         /* mail plain from */
    e->mail.user = text_field(L, mail, "user");         /* mail plain from user */
    e->mail.password = text_field(L, mail, "password"); /* mail plain from user password */
    lua_getfield(L, mail, "recipients");                /* mail plain from user password list */
    int list = lua_gettop(L);
    luaL_checktype(L, list, LUA_TTABLE);
    size_t count = lua_rawlen(L, list);
    if (count > LBLUA_MAX_RECIPIENTS) lblua_usage(L, "more than %d recipients", LBLUA_MAX_RECIPIENTS);
    reserve(L, (int)count);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1); /* mail plain from user password list ... text */
        size_t length;
        e->recipients[i] = luaL_checklstring(L, -1, &length);
        if (strlen(e->recipients[i]) != length) lblua_usage(L, "a recipient contains a NUL character");
    }
    e->recipients[count] = NULL;
    call->mail = &e->mail;
}
