/* webhook.c - verification of webhooks, as the client does it. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <float.h>

#define WEBHOOK "liveblocks.webhook"
enum { MAX_SECRETS = 64 };

static int raise_error(lua_State *L, const lb_error *error) {
    lblua_push_error(L, error, NULL); /* ... error */
    return lua_error(L);
}

/* core.webhook({secret, ...}) -> a verifier */
static int create(lua_State *L) {
    const char *secrets[MAX_SECRETS + 1];
    lb_error error;
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t count = lua_rawlen(L, 1);
    if (count > MAX_SECRETS) return lblua_usage(L, "webhook: more than %d secrets", MAX_SECRETS);
    lblua_reserve(L, MAX_SECRETS + 4, "for the secrets");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1); /* secrets secret ... */
        if (lua_type(L, -1) != LUA_TSTRING) return lblua_usage(L, "webhook: a secret must be a string");
        secrets[i] = lua_tostring(L, -1);
    }
    secrets[count] = NULL;
    lb_webhook **webhook = lua_newuserdatauv(L, sizeof *webhook, 0); /* secrets secret ... webhook */
    *webhook = NULL;
    luaL_setmetatable(L, WEBHOOK);
    if (lb_webhook_create(secrets, webhook, &error) != LB_OK) return raise_error(L, &error);
    return 1;
}

static int gc(lua_State *L) {
    lb_webhook **webhook = luaL_checkudata(L, 1, WEBHOOK);
    lb_webhook_destroy(*webhook);
    *webhook = NULL;
    return 0;
}

/* What is not a string is not there. */
static lb_slice slice_at(lua_State *L, int index) {
    lb_slice slice = { NULL, 0 };
    if (lua_type(L, index) == LUA_TSTRING) slice.data = lua_tolstring(L, index, &slice.size);
    return slice;
}

/* core.webhook_verify(verifier, id, timestamp, signature, body, now, tolerance) -> true, or nil and an error */
static int verify(lua_State *L) {
    lb_webhook *webhook = *(lb_webhook **)luaL_checkudata(L, 1, WEBHOOK);
    lb_error error;
    double now = luaL_optnumber(L, 6, 0), tolerance = luaL_optnumber(L, 7, 0);
    if (!lua_isnoneornil(L, 6) && now <= 0) now = DBL_MIN; /* 0 is the default in C alone */
    if (!lua_isnoneornil(L, 7) && tolerance <= 0) tolerance = DBL_MIN;
    const lb_webhook_message message = {
        .id = slice_at(L, 2), .timestamp = slice_at(L, 3), .signature = slice_at(L, 4), .body = slice_at(L, 5),
        .now = now, .tolerance = tolerance,
    };
    int status = lb_webhook_verify(webhook, &message, &error);
    if (status == LB_OK) return lua_pushboolean(L, 1), 1;
    if (status != LB_EWEBHOOK) return raise_error(L, &error);
    lua_pushnil(L);                    /* ... nil */
    lblua_push_error(L, &error, NULL); /* ... nil error */
    return 2;
}

/* core.webhook_sign(secret, id, timestamp, body) -> "v1,..." */
static int sign(lua_State *L) {
    char out[LB_WEBHOOK_SIGNATURE_SIZE];
    lb_error error;
    size_t size;
    const char *body = luaL_checklstring(L, 4, &size);
    if (lb_webhook_sign(luaL_checkstring(L, 1), luaL_checkstring(L, 2), luaL_checkstring(L, 3), body, size, out, &error) != LB_OK)
        return raise_error(L, &error);
    lua_pushstring(L, out); /* ... signature */
    return 1;
}

static const luaL_Reg functions[] = {
    { "webhook", create }, { "webhook_verify", verify }, { "webhook_sign", sign }, { NULL, NULL },
};

void lblua_open_webhook(lua_State *L) { /* core */
    luaL_newmetatable(L, WEBHOOK); /* core mt */
    lua_pushcfunction(L, gc);      /* core mt f */
    lua_setfield(L, -2, "__gc");   /* core mt */
    lua_pop(L, 1);                 /* core */
    luaL_setfuncs(L, functions, 0);
    int count = 0;
    lua_newtable(L); /* core permissions */
    for (const char *const *name = lb_permissions(); *name; name++) {
        lua_pushstring(L, *name);       /* core permissions name */
        lua_rawseti(L, -2, ++count); /* core permissions */
    }
    lua_setfield(L, -2, "permissions"); /* core */
}
