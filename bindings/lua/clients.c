/* clients.c - clients, as values of Lua and as what calls keep: a client that nobody knows any more lives until the last
 * of its calls has ended. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <stdlib.h>
#include <string.h>

struct lblua_client {
    lblua_state *state;
    lb_client *client; /* NULL: closed */
    size_t references; /* of the value of Lua, and of its calls */
    lblua_client *next, *previous; /* of the state */
};

/* What the value of Lua has. */
typedef struct box {
    lblua_state *state;
    lblua_client *client; /* not to be read once the loop of the state has ended */
} box;

lblua_client *lblua_keep_client(lblua_client *client) {
    client->references++;
    return client;
}

void lblua_release_client(lblua_client *client) {
    if (!client || --client->references > 0) return;
    if (client->next) client->next->previous = client->previous;
    if (client->previous) client->previous->next = client->next;
    else client->state->clients = client->next;
    lb_client_destroy(client->client);
    free(client);
}

void lblua_free_clients(lblua_state *state) {
    for (lblua_client *client = state->clients, *next; client; client = next) {
        next = client->next;
        lb_client_destroy(client->client);
        free(client);
    }
    state->clients = NULL;
}

static lblua_client *client_in(const box *b) {
    return b->state->loop ? b->client : NULL;
}

lb_client *lblua_client_of(const lblua_client *client) {
    return client->client;
}

lblua_state *lblua_client_state(const lblua_client *client) {
    return client->state;
}

lblua_client *lblua_check_client(lua_State *L, int index) {
    luaL_checkudata(L, index, LBLUA_CLIENT);
    return lblua_check_open(L, index);
}

lblua_client *lblua_check_open(lua_State *L, int index) {
    lblua_client *client = client_in(lua_touserdata(L, index));
    if (!client || !client->client) lblua_usage(L, "the client is closed");
    return client;
}

/* core.close(client): its calls in flight end with kind "cancelled" */
static int close_client(lua_State *L) {
    lblua_client *client = client_in(luaL_checkudata(L, 1, LBLUA_CLIENT));
    if (!client) return 0;
    lb_client *closed = client->client;
    client->client = NULL;
    lb_client_destroy(closed);
    return 0;
}

static int client_gc(lua_State *L) {
    box *value = luaL_checkudata(L, 1, LBLUA_CLIENT);
    lblua_client *client = client_in(value);
    value->client = NULL;
    lblua_release_client(client);
    return 0;
}

static const char *text_option(lua_State *L, const char *name) { /* options */
    lua_getfield(L, 1, name); /* options value; stays, so that the text lives */
    return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
}

static double number_option(lua_State *L, const char *name) { /* options */
    lua_getfield(L, 1, name);
    double value = lua_isnil(L, -1) ? 0 : luaL_checknumber(L, -1);
    lua_pop(L, 1);
    return value;
}

/* core.client(options [, base]) -> client. Names and types of the options have been checked in Lua. */
static int new_client(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    bool copied = !lua_isnoneornil(L, 2);
    lblua_state *state = lblua_get_state(L);
    lb_error error;
    lb_options o = {
        LB_OPTIONS_INIT,
        .secret = text_option(L, "secret"),
        .base_url = text_option(L, "base_url"),
        .ca_file = text_option(L, "ca_file"),
        .user_agent = text_option(L, "user_agent"),
        .timeout = number_option(L, "timeout"),
        .connect_timeout = number_option(L, "connect_timeout"),
        .rate = number_option(L, "rate"),
        .backoff = number_option(L, "backoff"),
        .max_backoff = number_option(L, "max_backoff"),
        .max_attempts = (unsigned)number_option(L, "max_attempts"),
        .max_in_flight = (unsigned)number_option(L, "max_in_flight"),
        .max_response = (size_t)number_option(L, "max_response"),
    };
    if (!state->loop) return lblua_usage(L, "the Lua state is closing");
    box *value = lua_newuserdatauv(L, sizeof(*value), 0); /* ... client */
    *value = (box){ state, NULL };
    luaL_getmetatable(L, LBLUA_CLIENT); /* ... client mt */
    lua_setmetatable(L, -2);            /* ... client */
    lblua_client *client = calloc(1, sizeof *client);
    if (!client) return luaL_error(L, "out of memory");
    client->state = state;
    client->references = 1;
    client->next = state->clients;
    if (client->next) client->next->previous = client;
    state->clients = client;
    value->client = client;
    lb_client *base = copied ? lblua_check_client(L, 2)->client : NULL; /* now: a finalizer may have closed it */
    int status = base ? lb_client_copy(base, &o, &client->client, &error)
                      : lb_client_create(state->loop, &o, &client->client, &error);
    if (status != LB_OK) {
        client->client = NULL;
        lblua_push_error(L, &error, NULL); /* ... client error */
        return lua_error(L);
    }
    return 1;
}

/* core.base_url(client) -> string */
static int base_url(lua_State *L) {
    size_t size = strlen(lb_client_base_url(lblua_check_client(L, 1)->client));
    char *copy = lua_newuserdatauv(L, size + 1, 0); /* ... copy */
    /* Looked at again: a finalizer may have closed it. Lua before 5.3 collects before it copies a string. */
    memcpy(copy, lb_client_base_url(lblua_check_client(L, 1)->client), size);
    lua_pushlstring(L, copy, size); /* ... copy url */
    return 1;
}

/* core.set_pace(client, rate, max_in_flight): 0 for any rate, and for max_in_flight as before */
static int set_pace(lua_State *L) {
    lua_Integer max = luaL_checkinteger(L, 3);
    if (max < 0 || max > 1000000 ||
        lb_client_set_pace(lblua_check_client(L, 1)->client, luaL_checknumber(L, 2), (unsigned)max) != LB_OK)
        return lblua_usage(L, "the rate and the number of requests must not be negative");
    return 0;
}

/* core.pause(client, seconds) */
static int pause_client(lua_State *L) {
    lb_client_pause(lblua_check_client(L, 1)->client, luaL_checknumber(L, 2));
    return 0;
}

/* core.paused(client) -> seconds */
static int paused(lua_State *L) {
    lua_pushnumber(L, lb_client_paused(lblua_check_client(L, 1)->client)); /* ... seconds */
    return 1;
}

void lblua_open_client(lua_State *L) { /* core */
    static const luaL_Reg functions[] = {
        { "client", new_client }, { "base_url", base_url }, { "close", close_client }, { "set_pace", set_pace },
        { "pause", pause_client }, { "paused", paused }, { NULL, NULL },
    };
    luaL_newmetatable(L, LBLUA_CLIENT); /* core mt */
    lua_pushcfunction(L, client_gc);    /* core mt f */
    lua_setfield(L, -2, "__gc");        /* core mt */
    lua_pop(L, 1);                      /* core */
    luaL_setfuncs(L, functions, 0);
}
