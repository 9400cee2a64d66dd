/* call_meta.c - response metadata: the second result of each call, and the headers of its response.
 *
 * One block for everything; a field becomes a Lua value when it is read. A table with the same fields costs a call as much as
 * the rest of what this module does for it, and the metadata of most calls is never read. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <stdio.h>
#include <string.h>

#define META "liveblocks.meta"
#define HEADERS "liveblocks.headers"

typedef struct meta {
    int status, attempts;
    double seconds;
    size_t size;
    char headers[]; /* lines, as they were sent */
} meta;

/* ---- Response headers: a value that reads them by name, any case -------------------------------- */

static int headers_index(lua_State *L) {
    size_t length;
    const char *lines = luaL_checkudata(L, 1, HEADERS);
    const char *value = lb_header_find(lines, lua_rawlen(L, 1), luaL_checkstring(L, 2), &length);
    if (!value) return 0;
    lua_pushlstring(L, value, length); /* ... value */
    return 1;
}

static int headers_tostring(lua_State *L) {
    const char *lines = luaL_checkudata(L, 1, HEADERS);
    lua_pushlstring(L, lines, lua_rawlen(L, 1)); /* ... text */
    return 1;
}

/* ---- Fields ------------------------------------------------------------------------------------- */

static int push_status(lua_State *L, const meta *m) {
    lua_pushinteger(L, m->status); /* status */
    return 1;
}

static int push_attempts(lua_State *L, const meta *m) {
    lua_pushinteger(L, m->attempts); /* attempts */
    return 1;
}

static int push_seconds(lua_State *L, const meta *m) {
    lua_pushnumber(L, m->seconds); /* seconds */
    return 1;
}

static int push_headers(lua_State *L, const meta *m) {
    memcpy(lua_newuserdatauv(L, m->size, 0), m->headers, m->size); /* headers */
    luaL_setmetatable(L, HEADERS);
    return 1;
}

static int push_warning_in(lua_State *L, const char *headers, size_t size) {
    size_t length;
    const char *warning = lb_header_find(headers, size, "X-LB-Warn", &length);
    if (!warning) return 0;
    lua_pushlstring(L, warning, length); /* warning */
    return 1;
}

static int push_warning(lua_State *L, const meta *m) {
    return push_warning_in(L, m->headers, m->size);
}

static const struct {
    const char *name;
    int (*push)(lua_State *L, const meta *m); /* [-0, +1|0, m]; returns how many */
} fields[] = {
    { "warning", push_warning }, { "status", push_status },   { "seconds", push_seconds },
    { "headers", push_headers }, { "attempts", push_attempts },
};
enum { FIELDS = sizeof fields / sizeof *fields };

static int meta_index(lua_State *L) {
    const meta *m = luaL_checkudata(L, 1, META);
    const char *name = lua_tostring(L, 2);
    for (int i = 0; name && i < FIELDS; i++)
        if (strcmp(name, fields[i].name) == 0) return fields[i].push(L, m); /* ... value */
    return 0;
}

static int meta_next(lua_State *L) {
    const meta *m = luaL_checkudata(L, 1, META);
    int i = 0;
    for (const char *name = lua_tostring(L, 2); name && i < FIELDS; i++)
        if (strcmp(name, fields[i].name) == 0) name = NULL;
    for (; i < FIELDS; i++) {
        lua_pushstring(L, fields[i].name);      /* ... name */
        if (fields[i].push(L, m) > 0) return 2; /* ... name value */
        lua_pop(L, 1);
    }
    return 0;
}

static int meta_pairs(lua_State *L) {
    luaL_checkudata(L, 1, META);
    lua_pushcfunction(L, meta_next); /* ... next */
    lua_pushvalue(L, 1);             /* ... next meta */
    return 2;
}

static int meta_tostring(lua_State *L) {
    const meta *m = luaL_checkudata(L, 1, META);
    char text[96];
    snprintf(text, sizeof text, "HTTP %d, %.1f ms, %d attempt%s", m->status, m->seconds * 1000, m->attempts,
             m->attempts == 1 ? "" : "s");
    lua_pushstring(L, text); /* ... text */
    return 1;
}

/* ---- For call.c --------------------------------------------------------------------------------- */

void lblua_push_meta(lua_State *L, const lblua_state *state, const lb_response *response) {
    size_t size;
    const char *lines = lb_response_headers(response, &size);
    meta *m = lua_newuserdatauv(L, sizeof *m + size, 0); /* meta */
    m->status = lb_response_status(response);
    m->attempts = lb_response_attempts(response);
    m->seconds = lb_response_seconds(response);
    m->size = size;
    if (size) memcpy(m->headers, lines, size);
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->meta_mt); /* meta mt */
    lua_setmetatable(L, -2);                           /* meta */
}

int lblua_push_warning(lua_State *L, const lb_response *response) {
    size_t size;
    const char *lines = lb_response_headers(response, &size);
    return push_warning_in(L, lines, size);
}

static void make_metatable(lua_State *L, const char *name, const luaL_Reg *functions) {
    luaL_newmetatable(L, name); /* mt */
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1); /* */
}

void lblua_open_meta(lua_State *L) {
    static const luaL_Reg of_meta[] = {
        { "__index", meta_index }, { "__pairs", meta_pairs }, { "__tostring", meta_tostring }, { NULL, NULL },
    };
    static const luaL_Reg of_headers[] = {
        { "__index", headers_index }, { "__tostring", headers_tostring }, { NULL, NULL },
    };
    make_metatable(L, META, of_meta);
    make_metatable(L, HEADERS, of_headers);
    lblua_state *state = lblua_get_state(L);
    if (state->meta_mt) return; /* opened before */
    luaL_getmetatable(L, META); /* mt */
    state->meta_mt = luaL_ref(L, LUA_REGISTRYINDEX); /* */
}
