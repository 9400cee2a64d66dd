/*
 * http_server.c - lbhost.http_core: an HTTP/1.1 server on the loop of the Lua state; lua/lbhost/http_server.lua is what
 * scripts use. Here is what Lua calls; http_daemon.c is what libmicrohttpd calls.
 */
#define _GNU_SOURCE
#include "http_daemon.h"
#include "modules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <lauxlib.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER "lbhost.http.server"
#define REQUEST "lbhost.http.request"

static lua_Number number_option(lua_State *L, const char *name, lua_Number absent, lua_Number most) {
    lua_getfield(L, 1, name); /* value */
    lua_Number value = luaL_optnumber(L, -1, absent);
    lua_pop(L, 1); /* */
    if (!(value > 0 && value <= most)) lblua_usage(L, "http_server: '%s' must be greater than 0", name);
    return value;
}

/* What to do about it. */
static const char *advice(int number) {
    switch (number) {
    case EADDRINUSE: return "; choose another port, or end the program that listens there";
    case EACCES: return "; choose a port above 1023, those below are for root";
    case EADDRNOTAVAIL: return "; this machine does not have that address";
    default: return "";
    }
}

/* The listening socket: bound here, so that a failure can be told in the system's words. */
static int listen_on(lua_State *L, const char *host, int port) {
    struct addrinfo hints = { .ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *list = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    int problem = getaddrinfo(host, service, &hints, &list);
    if (problem) lblua_usage(L, "cannot listen on '%s': %s", host, gai_strerror(problem));
    int fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool good = fd >= 0 && bind(fd, list->ai_addr, list->ai_addrlen) == 0 && listen(fd, 1024) == 0;
    int number = errno;
    freeaddrinfo(list);
    if (good) return fd;
    if (fd >= 0) close(fd);
    lblua_usage(L, "cannot listen on %s port %d: %s%s", host, port, strerror(number), advice(number));
    return -1;
}

static int port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) return 0;
    if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
}

/* core.start { host, port, max_body, max_headers, max_memory, max_connections, timeout, idle_timeout } -> server, port */
static int start(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1); /* options */
    limits limit = {
        .body = (size_t)number_option(L, "max_body", 1 << 20, 1 << 30),
        .headers = (size_t)number_option(L, "max_headers", 16 << 10, 1 << 20),
        .memory = (size_t)number_option(L, "max_memory", 256 << 20, 1e12),
        .connections = (unsigned)number_option(L, "max_connections", 4096, 1 << 20),
        .time = number_option(L, "timeout", 10, 86400),
        .idle = number_option(L, "idle_timeout", 60, 86400),
    };
    lua_getfield(L, 1, "host"); /* options host */
    lua_getfield(L, 1, "port"); /* options host port */
    const char *host = luaL_optstring(L, 2, "127.0.0.1");
    lua_Integer port = luaL_optinteger(L, 3, 0);
    if (port < 0 || port > 65535) lblua_usage(L, "http_server: 'port' must be 0 to 65535");
    const char *problem = http_load();
    if (problem) lblua_usage(L, "%s", problem);
    server *s = lua_newuserdatauv(L, sizeof *s, 1); /* options host port server, which keeps its event */
    memset(s, 0, sizeof *s);
    s->listener = -1;
    s->limit = limit;
    luaL_setmetatable(L, SERVER);
    s->loop = lblua_loop(L);
    int fd = listen_on(L, host, (int)port);
    if (!http_open(s, fd)) {
        close(fd);
        return lblua_usage(L, "libmicrohttpd could not start on %s port %d", host, (int)port);
    }
    lua_pushinteger(L, port_of(fd)); /* options host port server port */
    return 2;
}

static server *check_server(lua_State *L) {
    return luaL_checkudata(L, 1, SERVER);
}

/* core.wake_on_work(server, event): sets the event when a request is ready, or, while stopping, when none is left */
static int wake_on_work(lua_State *L) {
    server *s = check_server(L);
    lblua_event *work = lblua_check_event(L, 2);
    lua_pushvalue(L, 2);        /* server event event */
    lua_setiuservalue(L, 1, 1); /* server event */
    s->work = work;
    if (s->ready || !s->daemon || (s->stopping && !s->active)) http_wake(s);
    return 0;
}

static enum MHD_Result add_header(void *user_data, enum MHD_ValueKind kind, const char *name, const char *value) {
    lua_State *L = user_data; /* headers */
    char lower[128];
    size_t size = strlen(name);
    (void)kind;
    if (size >= sizeof lower) return MHD_YES; /* no name of a header that anybody reads */
    for (size_t i = 0; i <= size; i++) lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    if (!value) value = "";
    if (lua_getfield(L, -1, lower) == LUA_TSTRING) { /* headers before */
        lua_pushfstring(L, "%s, %s", lua_tostring(L, -1), value); /* headers before both */
        lua_remove(L, -2);                                        /* headers both */
    } else {
        lua_pop(L, 1);            /* headers */
        lua_pushstring(L, value); /* headers value */
    }
    lua_setfield(L, -2, lower); /* headers */
    return MHD_YES;
}

static enum MHD_Result add_header_pair(void *user_data, enum MHD_ValueKind kind, const char *name, const char *value) {
    lua_State *L = user_data; /* list */
    (void)kind;
    lua_createtable(L, 2, 0);                           /* list pair */
    lua_pushstring(L, name);                            /* list pair name */
    lua_rawseti(L, -2, 1);                              /* list pair */
    lua_pushstring(L, value ? value : "");              /* list pair value */
    lua_rawseti(L, -2, 2);                              /* list pair */
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1); /* list */
    return MHD_YES;
}

static void set_text(lua_State *L, const char *name, const char *text, size_t size) { /* table */
    lua_pushlstring(L, text, size); /* table text */
    lua_setfield(L, -2, name);      /* table */
}

static void set_remote(lua_State *L, const request *r) { /* table */
    char text[INET6_ADDRSTRLEN] = "";
    const struct sockaddr *address =
        mhd.MHD_get_connection_info(r->connection->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, sizeof text);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text, sizeof text);
    set_text(L, "remote", text, strlen(text));
}

/* core.take(server, mt) -> request table, handle; nothing when none is ready. Raises only when out of memory: the request
 * is then answered by the collector, through its handle. */
static int take(lua_State *L) {
    server *s = check_server(L);
    request *r = s->ready;
    if (!r) return 0;
    request **handle = lua_newuserdatauv(L, sizeof *handle, 1); /* server mt handle, which keeps the server */
    *handle = NULL;
    luaL_setmetatable(L, REQUEST);
    lua_pushvalue(L, 1);         /* server mt handle server */
    lua_setiuservalue(L, -2, 1); /* server mt handle */
    s->ready = r->next;
    if (!s->ready) s->ready_last = NULL;
    r->next = NULL;
    r->state = TAKEN;
    r->holder = handle;
    *handle = r;
    lua_createtable(L, 0, 8); /* server mt handle request */
    const char *question = strchr(r->target, '?');
    set_text(L, "method", r->method, strlen(r->method));
    set_text(L, "path", r->target, question ? (size_t)(question - r->target) : strlen(r->target));
    if (question) set_text(L, "query", question + 1, strlen(question + 1));
    set_text(L, "body", r->body ? r->body : "", r->size);
    set_remote(L, r);
    lua_createtable(L, 0, 8); /* server mt handle request headers */
    mhd.MHD_get_connection_values(r->connection->mhd, MHD_HEADER_KIND, add_header, L);
    lua_setfield(L, -2, "headers"); /* server mt handle request */
    lua_pushvalue(L, -2);           /* server mt handle request handle */
    lua_setfield(L, -2, "handle");  /* server mt handle request */
    lua_pushvalue(L, 2);            /* server mt handle request mt */
    lua_setmetatable(L, -2);        /* server mt handle request */
    lua_pushvalue(L, -2);           /* server mt handle request handle */
    return 2;
}

/* core.header_list(handle) -> { { name, value }, ... } as they came; nil once the request is answered */
static int header_list(lua_State *L) {
    request *r = *(request **)luaL_checkudata(L, 1, REQUEST);
    if (!r || r->state != TAKEN) return luaL_pushfail(L), 1;
    lua_newtable(L); /* handle list */
    mhd.MHD_get_connection_values(r->connection->mhd, MHD_HEADER_KIND, add_header_pair, L);
    return 1;
}

static bool set_header(struct MHD_Response *response, const char *name, const char *value) {
    return mhd.MHD_add_response_header(response, name, value) == MHD_YES;
}

/* Copies the table of headers at `index`; a value may be a list. Returns the name of one that is none, or NULL. */
static const char *set_headers(lua_State *L, int index, struct MHD_Response *response) {
    lua_pushnil(L); /* nil */
    while (lua_next(L, index)) { /* name value */
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        if (!name) return "a name that is no text";
        bool good = true;
        if (lua_istable(L, -1)) {
            lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
            for (lua_Integer i = 1; good && i <= count; i++) {
                lua_rawgeti(L, -1, i); /* name value item */
                good = lua_isstring(L, -1) && set_header(response, name, lua_tostring(L, -1));
                lua_pop(L, 1); /* name value */
            }
        } else {
            good = lua_isstring(L, -1) && set_header(response, name, lua_tostring(L, -1));
        }
        if (!good) return name;
        lua_pop(L, 1); /* name */
    }
    return NULL;
}

/* core.respond(handle, status, headers, body) -> true, or nil and why not; an answered request cannot be answered again */
static int respond(lua_State *L) {
    request *r = *(request **)luaL_checkudata(L, 1, REQUEST);
    lua_Integer status = luaL_checkinteger(L, 2);
    size_t size;
    const char *body = luaL_checklstring(L, 4, &size);
    luaL_checktype(L, 3, LUA_TTABLE);
    if (status < 200 || status > 599) return luaL_pushfail(L), lua_pushfstring(L, "%d is no status", (int)status), 2;
    if (!r) return luaL_pushfail(L), lua_pushliteral(L, "the request is answered already"), 2;
    struct MHD_Response *response =
        mhd.MHD_create_response_from_buffer(size, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    if (!response) return luaL_pushfail(L), lua_pushliteral(L, "out of memory"), 2;
    const char *bad = set_headers(L, 3, response);
    if (bad) {
        lua_pushfstring(L, "'%s' is no header", bad); /* ... message */
        mhd.MHD_destroy_response(response);
        return luaL_pushfail(L), lua_insert(L, -2), 2;
    }
    if (r->connection->server->stopping) set_header(response, "Connection", "close");
    r->response = response;
    r->status = (unsigned)status;
    http_finish(r, ANSWERED);
    lua_pushboolean(L, 1);
    return 1;
}

/* core.drop(handle, reset): closes the connection without an answer */
static int drop(lua_State *L) {
    request *r = *(request **)luaL_checkudata(L, 1, REQUEST);
    if (!r) return 0;
    if (lua_toboolean(L, 2)) {
        struct linger hard = { 1, 0 };
        setsockopt(r->connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    http_finish(r, DROPPED);
    return 0;
}

static int request_gc(lua_State *L) {
    request *r = *(request **)luaL_checkudata(L, 1, REQUEST);
    if (r && lblua_is_closing(L)) r->connection->server->loop = NULL;
    if (r) http_finish(r, DROPPED);
    return 0;
}

/* core.quiesce(server): takes no more connections and requests */
static int quiesce(lua_State *L) {
    server *s = check_server(L);
    if (s->stopping || !s->daemon) return 0;
    s->stopping = true;
    s->listener = mhd.MHD_quiesce_daemon(s->daemon);
    if (s->listener >= 0) close(s->listener);
    s->listener = -1;
    return 0;
}

/* core.counts(server) -> open connections, requests in progress, bytes of bodies */
static int counts(lua_State *L) {
    server *s = check_server(L);
    lua_pushinteger(L, (lua_Integer)s->open);
    lua_pushinteger(L, (lua_Integer)s->active);
    lua_pushinteger(L, (lua_Integer)s->bytes);
    return 3;
}

/* core.close(server): ends it at once; what is in progress gets no answer */
static int server_close(lua_State *L) {
    server *s = check_server(L);
    if (!s->daemon) return 0;
    struct MHD_Daemon *daemon = s->daemon;
    s->stopping = true;
    if (lblua_is_closing(L)) { /* it has ended before us, and its watches with it */
        s->loop = NULL;
        s->watch = NULL;
        s->sweep = s->more = NULL;
    }
    for (connection *c = s->connections; c; c = c->next) {
        request *r = c->request;
        if (r && (r->state == QUEUED || r->state == TAKEN)) http_finish(r, DROPPED);
    }
    s->ready = s->ready_last = NULL;
    if (s->loop) {
        lb_watch_stop(s->loop, s->watch);
        lb_timer_cancel(s->loop, s->sweep);
        lb_timer_cancel(s->loop, s->more);
    }
    s->watch = NULL;
    s->sweep = s->more = NULL;
    mhd.MHD_run(daemon); /* sends what is answered */
    mhd.MHD_stop_daemon(daemon);
    s->daemon = NULL;
    http_wake(s);
    return 0;
}

int luaopen_lbhost_http_core(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "start", start },     { "take", take },       { "respond", respond }, { "drop", drop },
        { "quiesce", quiesce }, { "counts", counts },   { "close", server_close }, { "wake_on_work", wake_on_work },
        { "header_list", header_list }, { NULL, NULL },
    };
    luaL_newmetatable(L, SERVER);       /* mt */
    lua_pushcfunction(L, server_close); /* mt f */
    lua_setfield(L, -2, "__gc");        /* mt */
    luaL_newmetatable(L, REQUEST);      /* mt mt */
    lua_pushcfunction(L, request_gc);   /* mt mt f */
    lua_setfield(L, -2, "__gc");        /* mt mt */
    lua_pop(L, 2);                      /* */
    luaL_newlib(L, functions);          /* core */
    return 1;
}
