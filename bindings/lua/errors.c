/* errors.c - error objects: tables with the fields of lb_error and a __tostring of one line. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_text(lua_State *L, const char *name, const char *text) { /* error */
    if (!text[0]) return;
    lua_pushstring(L, text);   /* error text */
    lua_setfield(L, -2, name); /* error */
}

void lblua_set_error(lua_State *L) {
    luaL_getmetatable(L, LBLUA_ERROR); /* error mt */
    lua_setmetatable(L, -2);           /* error */
}

void lblua_push_error(lua_State *L, const lb_error *e, const lb_response *response) {
    lblua_reserve(L, 4, "for an error");
    lua_createtable(L, 0, 12); /* error */
    set_text(L, "kind", lb_status_name(e->kind));
    set_text(L, "message", e->message);
    set_text(L, "method", e->method);
    set_text(L, "path", e->path);
    set_text(L, "code", e->code);
    set_text(L, "reason", e->reason);
    set_text(L, "suggestion", e->suggestion);
    set_text(L, "docs", e->docs);
    set_text(L, "warning", e->warning);
    if (e->status) {
        lua_pushinteger(L, e->status); /* error status */
        lua_setfield(L, -2, "status"); /* error */
    }
    lua_pushinteger(L, e->attempts); /* error attempts */
    lua_setfield(L, -2, "attempts"); /* error */
    if (e->retry_after >= 0) {
        lua_pushnumber(L, e->retry_after);  /* error seconds */
        lua_setfield(L, -2, "retry_after"); /* error */
    }
    if (response) {
        size_t size;
        const char *body = lb_response_body(response, &size);
        lua_pushlstring(L, body, size); /* error body */
        lua_setfield(L, -2, "body");    /* error */
    }
    lblua_set_error(L);
}

int lblua_usage(lua_State *L, const char *format, ...) {
    lb_error error;
    memset(&error, 0, sizeof error);
    error.kind = LB_EUSAGE;
    error.retry_after = -1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.message, sizeof error.message, format, arguments);
    va_end(arguments);
    lblua_push_error(L, &error, NULL); /* error */
    return lua_error(L);
}

int lblua_raise_cancelled(lua_State *L, const char *message) {
    lb_error error;
    memset(&error, 0, sizeof error);
    error.kind = LB_ECANCELLED;
    error.retry_after = -1;
    snprintf(error.message, sizeof error.message, "%s", message);
    lblua_push_error(L, &error, NULL); /* ... error */
    return lua_error(L);
}

static void get_text(lua_State *L, const char *name, char *out, size_t size) { /* error */
    lua_pushstring(L, name); /* error name */
    lua_rawget(L, -2);       /* error value */
    if (lua_type(L, -1) == LUA_TSTRING) snprintf(out, size, "%s", lua_tostring(L, -1));
    lua_pop(L, 1); /* error */
}

static int get_integer(lua_State *L, const char *name) { /* error */
    lua_pushstring(L, name); /* error name */
    lua_rawget(L, -2);       /* error value */
    int value = (int)lua_tointeger(L, -1);
    lua_pop(L, 1); /* error */
    return value;
}

/* tostring(error): the same line as lb_error_text() writes. */
static int error_tostring(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lb_error e;
    char text[4096];
    memset(&e, 0, sizeof e);
    lua_settop(L, 1); /* error */
    get_text(L, "method", e.method, sizeof e.method);
    get_text(L, "path", e.path, sizeof e.path);
    get_text(L, "code", e.code, sizeof e.code);
    get_text(L, "message", e.message, sizeof e.message);
    get_text(L, "suggestion", e.suggestion, sizeof e.suggestion);
    e.status = get_integer(L, "status");
    e.attempts = get_integer(L, "attempts");
    lua_pushstring(L, lb_error_text(&e, text, sizeof text)); /* error text */
    return 1;
}

void lblua_open_errors(lua_State *L) { /* core */
    luaL_newmetatable(L, LBLUA_ERROR);   /* core mt */
    lua_pushcfunction(L, error_tostring); /* core mt f */
    lua_setfield(L, -2, "__tostring");    /* core mt */
    lua_setfield(L, -2, "error_mt");      /* core */
}
