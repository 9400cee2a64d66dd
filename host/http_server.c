/*
 * http_server.c - lbhost.http_core: an HTTP/1.1 server on the loop of the Lua state; lua/lbhost/http_server.lua is what
 * scripts use. Here is what Lua calls; http_connection.c has the sockets, http_message.c the protocol.
 */
#define _GNU_SOURCE 1
#include "http_connection.h"
#include "modules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <lauxlib.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SERVER "lbhost.http.server"
#define REQUEST "lbhost.http.request"

static lua_Integer count_option(lua_State *L, const char *name, lua_Integer absent, lua_Integer max) {
    int is_integer = 1;
    lua_Integer value = absent;
    if (lua_getfield(L, 1, name) != LUA_TNIL) value = lua_tointegerx(L, -1, &is_integer); /* value */
    lua_pop(L, 1);                                                                        /* */
    if (!is_integer || value < 1 || value > max) lblua_usage(L, "http_server: '%s' must be an integer from 1 to %lld", name, (long long)max);
    return value;
}

static lua_Number seconds_option(lua_State *L, const char *name, lua_Number absent) {
    enum { MAX = 86400 };
    lua_getfield(L, 1, name); /* value */
    lua_Number value = luaL_optnumber(L, -1, absent);
    lua_pop(L, 1); /* */
    if (!(value > 0 && value <= (lua_Number)MAX)) lblua_usage(L, "http_server: '%s' must be more than 0 and at most %d seconds", name, MAX);
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

/* The listening socket: bound here, so that a failure has the message of the system. */
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

/* core.start { host, port, max_body, max_headers, max_memory, max_connections, max_of_address, max_streams, max_unsent, timeout,
 * idle_timeout } -> server, port */
static int start(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1); /* options */
    limits limit = {
        .body = (size_t)count_option(L, "max_body", 1 << 20, 1 << 30),
        .headers = (size_t)count_option(L, "max_headers", 16 << 10, 1 << 20),
        .memory = (size_t)count_option(L, "max_memory", 256 << 20, (lua_Integer)1 << 40),
        .stream = (size_t)count_option(L, "max_unsent", 256 << 10, 1 << 30),
        .connections = (unsigned)count_option(L, "max_connections", 4096, 1 << 20),
        .streams = (unsigned)count_option(L, "max_streams", 256, 1 << 20),
        .of_address = (unsigned)count_option(L, "max_of_address", 1 << 20, 1 << 20),
        .time = seconds_option(L, "timeout", 10),
        .idle = seconds_option(L, "idle_timeout", 60),
    };
    lua_getfield(L, 1, "host"); /* options host */
    lua_getfield(L, 1, "port"); /* options host port */
    const char *host = luaL_optstring(L, 2, "127.0.0.1");
    int is_integer = 1;
    lua_Integer port = lua_isnil(L, 3) ? 0 : lua_tointegerx(L, 3, &is_integer);
    if (!is_integer || port < 0 || port > 65535) lblua_usage(L, "http_server: 'port' must be an integer from 0 to 65535");
    server *s = lua_newuserdatauv(L, sizeof *s, 1); /* options host port server, which keeps its event */
    memset(s, 0, sizeof *s);
    s->listener = s->epoll = -1;
    s->limit = limit;
    luaL_setmetatable(L, SERVER);
    s->loop = lblua_loop(L);
    int fd = listen_on(L, host, (int)port);
    if (!http_open(s, fd)) {
        close(fd);
        return lblua_usage(L, "cannot listen on %s port %d: no descriptors or no memory", host, (int)port);
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
    if (s->ready || s->epoll < 0 || (s->stopping && !s->active)) http_wake(s);
    return 0;
}

/* Adds a field to the table of headers on the top: by lower-case name, the values of a doubled one joined. */
static void add_header(lua_State *L, const char *bytes, const http_field *f) { /* headers */
    char lower[128];
    if (f->name.size >= sizeof lower) return; /* not the name of a header that anybody reads */
    for (uint32_t i = 0; i < f->name.size; i++) {
        char c = bytes[f->name.at + i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    lower[f->name.size] = '\0';
    lua_pushlstring(L, bytes + f->value.at, f->value.size); /* headers value */
    if (lua_getfield(L, -2, lower) == LUA_TSTRING) {        /* headers value before */
        lua_pushliteral(L, ", ");                           /* headers value before comma */
        lua_rotate(L, -3, 2);                               /* headers before comma value */
        lua_concat(L, 3);                                   /* headers both */
    } else {
        lua_pop(L, 1); /* headers value */
    }
    lua_setfield(L, -2, lower); /* headers */
}

/* The fields of a request. Each looks again whether the connection is there: setting the one before has allocated memory, so
 * that a finalizer may have closed it. */

typedef http_part part_getter(const connection *c);

static http_part method_of(const connection *c) {
    return c->head->method;
}

static http_part path_of(const connection *c) {
    return c->head->path;
}

static http_part query_of(const connection *c) {
    return c->head->query;
}

static http_part body_of(const connection *c) {
    return (http_part){ (uint32_t)c->head_size, (uint32_t)c->body_size };
}

static void set_part(lua_State *L, const char *name, connection *const *holder, part_getter *get) { /* table */
    const connection *c = *holder;
    if (!c) return;
    http_part part = get(c);
    if (get == path_of && !part.size) lua_pushliteral(L, "/"); /* table text */
    else lua_pushlstring(L, c->in + part.at, part.size);       /* table text */
    lua_setfield(L, -2, name);                                 /* table */
}

static void set_remote(lua_State *L, connection *const *holder) { /* table */
    const connection *c = *holder;
    char text[INET6_ADDRSTRLEN] = "";
    if (!c) return;
    if (http_is_ipv4(c->address)) inet_ntop(AF_INET, c->address + 12, text, sizeof text);
    else inet_ntop(AF_INET6, c->address, text, sizeof text);
    lua_pushstring(L, text);        /* table text */
    lua_setfield(L, -2, "remote");  /* table */
}

/* core.take(server, mt) -> request table, handle; nothing when none is ready. Raises only when out of memory: the request
 * is then dropped by the collector, through its handle. */
static int take(lua_State *L) {
    server *s = check_server(L);
    if (!s->ready) return 0;
    int count = (int)s->ready->head->count;
    connection **handle = lua_newuserdatauv(L, sizeof *handle, 2); /* server mt handle, which keeps the server and an event */
    *handle = NULL;
    luaL_setmetatable(L, REQUEST);
    lua_pushvalue(L, 1);         /* server mt handle server */
    lua_setiuservalue(L, -2, 1); /* server mt handle */
    lua_createtable(L, 0, 8);    /* server mt handle request */
    lua_createtable(L, 0, count); /* server mt handle request headers */
    connection *c = http_take(s);
    if (!c) return 0; /* a finalizer has stopped the server */
    *handle = c;
    c->holder = handle;
    bool has_query = c->head->has_query;
    for (unsigned i = 0; *handle && i < (*handle)->head->count; i++) add_header(L, (*handle)->in, &(*handle)->head->fields[i]);
    lua_setfield(L, -2, "headers"); /* server mt handle request */
    set_part(L, "method", handle, method_of);
    set_part(L, "path", handle, path_of);
    if (has_query) set_part(L, "query", handle, query_of);
    set_part(L, "body", handle, body_of);
    set_remote(L, handle);
    if (!*handle) return 0;
    lua_pushvalue(L, -2);          /* server mt handle request handle */
    lua_setfield(L, -2, "handle"); /* server mt handle request */
    lua_pushvalue(L, 2);           /* server mt handle request mt */
    lua_setmetatable(L, -2);       /* server mt handle request */
    lua_pushvalue(L, -2);          /* server mt handle request handle */
    return 2;
}

/* core.header_list(handle) -> { { name, value }, ... } as they came; nil once the request has its response */
static int header_list(lua_State *L) {
    connection **handle = luaL_checkudata(L, 1, REQUEST);
    lua_createtable(L, *handle ? (int)(*handle)->head->count : 0, 0); /* handle list */
    for (unsigned i = 0; *handle && i < (*handle)->head->count; i++) {
        lua_createtable(L, 2, 0);                       /* handle list pair */
        for (int j = 1; *handle && j <= 2; j++) {       /* allocating may run a finalizer that responds */
            const http_field *f = &(*handle)->head->fields[i];
            http_part part = j == 1 ? f->name : f->value;
            lua_pushlstring(L, (*handle)->in + part.at, part.size); /* handle list pair text */
            lua_rawseti(L, -2, j);                                  /* handle list pair */
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1); /* handle list */
    }
    if (!*handle) luaL_pushfail(L); /* handle list nil */
    return 1;
}

/* ---- Responses -------------------------------------------------------------------------------- */

/* The lines of a head: measured first (at is NULL), then written. Meanwhile memory is allocated, so that a finalizer may run:
 * it may change the table of headers, respond, or stop the server. */
typedef struct lines {
    char *at;
    size_t size, capacity;
    bool close, date;
    bool full; /* there was more to write than was measured */
} lines;

static void add_text(lines *l, const char *text, size_t size) {
    if (l->at && size > l->capacity - l->size) {
        l->full = true;
        return;
    }
    if (l->at) memcpy(l->at + l->size, text, size);
    l->size += size;
}

static bool is_name(const char *name, const char *lower) {
    return strcasecmp(name, lower) == 0;
}

/* Adds the field whose value is on the top. False: it is not one. What frames the message is the server's own. */
static bool add_field(lua_State *L, lines *l, const char *name, size_t name_size) { /* value */
    size_t size;
    if (!lua_isstring(L, -1)) return false;
    lua_pushvalue(L, -1);                             /* value copy: a number becomes a string */
    const char *value = lua_tolstring(L, -1, &size);
    bool good = http_is_token(name, name_size) && http_is_value(value, size);
    if (good && !is_name(name, "content-length") && !is_name(name, "transfer-encoding")) {
        if (is_name(name, "connection")) l->close = l->close || strcasecmp(value, "close") == 0;
        if (is_name(name, "date")) l->date = true;
        if (!is_name(name, "connection")) {
            add_text(l, name, name_size);
            add_text(l, ": ", 2);
            add_text(l, value, size);
            add_text(l, "\r\n", 2);
        }
    }
    lua_pop(L, 1); /* value */
    return good;
}

/* Adds the table of headers at `index`; a value may be a list. Returns the name of one that is not a valid header, or NULL. */
static const char *add_fields(lua_State *L, int index, lines *l) {
    lua_pushnil(L); /* nil */
    while (lua_next(L, index)) { /* name value */
        size_t size;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &size) : NULL;
        if (!name) return "a name that is not a string";
        bool good = true;
        if (lua_istable(L, -1)) {
            lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
            for (lua_Integer i = 1; good && i <= count; i++) {
                lua_rawgeti(L, -1, i); /* name value item */
                good = add_field(L, l, name, size);
                lua_pop(L, 1); /* name value */
            }
        } else {
            good = add_field(L, l, name, size);
        }
        if (!good) return name;
        lua_pop(L, 1); /* name */
    }
    return NULL;
}

/* "Date: ...\r\n", made once a second. */
static const char *date_line(void) {
    static char line[64];
    static time_t made;
    time_t now = time(NULL);
    struct tm parts;
    if (now == made || !gmtime_r(&now, &parts)) return line;
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    snprintf(line, sizeof line, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", days + 3 * parts.tm_wday, parts.tm_mday,
             months + 3 * parts.tm_mon, parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    made = now;
    return line;
}

static bool has_body(int status) {
    return status != 204 && status != 304;
}

static const char responded[] = "the request has its response already";

/* The connection of a request that has no response yet, or NULL. */
static connection *awaiting_response(connection **handle) {
    return *handle && (*handle)->state == TAKEN ? *handle : NULL;
}

/* What a response begins with. */
typedef struct beginning {
    int status;
    const char *framing; /* the line of the head that says where the body ends; "" for none */
    bool keep; /* the connection goes on */
} beginning;

/* Pushes the head of a response with the headers at the index, and stores its size. On failure it pushes why not, and
 * returns NULL. */
static const char *push_head(lua_State *L, connection **handle, int headers, beginning *b, size_t *size) {
    lines measured = { 0 };
    const char *bad = add_fields(L, headers, &measured);
    if (bad) return lua_pushfstring(L, "'%s' is not a valid header", bad), NULL; /* message */
    connection *c = awaiting_response(handle);
    if (!c) return lua_pushstring(L, responded), NULL; /* message */
    b->keep = b->keep && c->head->keep_alive && !measured.close && !c->server->stopping;
    char first[128];
    int first_size = snprintf(first, sizeof first, "HTTP/1.1 %d %s\r\n", b->status, http_reason(b->status));
    const char *connection_line = !b->keep ? "Connection: close\r\n" : c->head->minor == 0 ? "Connection: keep-alive\r\n" : "";
    const char *date = measured.date ? "" : date_line();
    size_t needed = (size_t)first_size + measured.size + strlen(b->framing) + strlen(connection_line) + strlen(date) + 2;
    lines head = { .at = lua_newuserdatauv(L, needed, 0), .capacity = needed }; /* head */
    add_text(&head, first, (size_t)first_size);
    add_text(&head, date, strlen(date));
    bad = add_fields(L, headers, &head);
    add_text(&head, b->framing, strlen(b->framing));
    add_text(&head, connection_line, strlen(connection_line));
    add_text(&head, "\r\n", 2);
    if (bad || head.full || head.size != needed)
        return lua_pushliteral(L, "a finalizer has changed the headers while they were written"), NULL; /* head message */
    if (!awaiting_response(handle)) return lua_pushstring(L, responded), NULL; /* head message */
    *size = needed;
    return head.at;
}

/* nil and the message on the top, for a function that ends with it */
static int refuse_response(lua_State *L) { /* message */
    luaL_pushfail(L); /* message nil */
    lua_insert(L, -2); /* nil message */
    return 2;
}

static int check_status(lua_State *L) {
    lua_Integer status = luaL_checkinteger(L, 2);
    if (status >= 200 && status <= 599) return (int)status;
    lua_pushfstring(L, "%d is not a valid status", (int)status); /* message */
    return 0;
}

static bool is_head_request(const connection *c) {
    return c->head->method.size == 4 && memcmp(c->in, "HEAD", 4) == 0;
}

/* core.respond(handle, status, headers, body) -> true, or nil and why not; a request has one response */
static int respond(lua_State *L) {
    connection **handle = luaL_checkudata(L, 1, REQUEST);
    size_t size, head_size;
    const char *body = luaL_checklstring(L, 4, &size);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 4); /* handle status headers body */
    int status = check_status(L);
    if (!status) return refuse_response(L);
    char length[64] = "";
    if (has_body(status)) snprintf(length, sizeof length, "Content-Length: %zu\r\n", size);
    beginning b = { status, length, true };
    const char *head = push_head(L, handle, 3, &b, &head_size); /* handle status headers body head */
    if (!head) return refuse_response(L);
    bool without = !has_body(status) || is_head_request(*handle);
    if (!http_send(*handle, head, head_size, body, without ? 0 : size, b.keep))
        return luaL_pushfail(L), lua_pushliteral(L, "out of memory"), 2;
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- Streamed responses ------------------------------------------------------------------------ */

/* core.stream(handle, status, headers) -> true, or nil, why not, and whether the request has no response yet because there
 * are as many of these as there may be. For HEAD it is all of the response. */
static int stream(lua_State *L) {
    connection **handle = luaL_checkudata(L, 1, REQUEST);
    size_t head_size;
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3); /* handle status headers */
    int status = check_status(L);
    if (!status) return refuse_response(L);
    if (!has_body(status)) return luaL_pushfail(L), lua_pushliteral(L, "a response with this status has no body"), 2;
    bool chunked = *handle && (*handle)->head && (*handle)->head->minor > 0;
    beginning b = { status, chunked ? "Transfer-Encoding: chunked\r\n" : "", false };
    const char *head = push_head(L, handle, 3, &b, &head_size); /* handle status headers head */
    if (!head) return refuse_response(L);
    connection *c = *handle;
    if (is_head_request(c)) {
        http_send(c, head, head_size, "", 0, false);
    } else if (!http_begin(c, head, head_size, chunked)) {
        luaL_pushfail(L);                                                 /* ... nil */
        lua_pushliteral(L, "too many responses are being streamed"); /* ... nil message */
        lua_pushboolean(L, 1);                                            /* ... nil message busy */
        return 3;
    }
    if (*handle && (*handle)->server->stopping) http_end(*handle);
    lua_pushboolean(L, 1);
    return 1;
}

/* The connection of a streamed response that runs, or NULL. */
static connection *check_stream(lua_State *L) {
    connection *c = *(connection **)luaL_checkudata(L, 1, REQUEST);
    return c && c->state == STREAMING && !c->last ? c : NULL;
}

/* core.add(handle, bytes) -> true; false when too much waits for the reader, and nothing was added; nil when it has gone */
static int add(lua_State *L) {
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    connection *c = check_stream(L);
    http_added added = c ? http_add(c, bytes, size) : HTTP_GONE;
    if (added == HTTP_GONE) luaL_pushfail(L);
    else lua_pushboolean(L, added == HTTP_ADDED);
    return 1;
}

/* core.unsent(handle) -> bytes that wait for the reader, or nil when it has gone */
static int unsent(lua_State *L) {
    connection *c = check_stream(L);
    if (c) lua_pushinteger(L, (lua_Integer)http_unsent(c));
    else luaL_pushfail(L);
    return 1;
}

/* core.wake_on_drained(handle, event): sets the event when the reader has taken all, or has gone */
static int wake_on_drained(lua_State *L) {
    connection *c = check_stream(L);
    lblua_event *event = lblua_check_event(L, 2);
    lua_pushvalue(L, 2);        /* handle event event */
    lua_setiuservalue(L, 1, 2); /* handle event */
    if (c && http_unsent(c)) c->drained = event;
    else lblua_set_event(event);
    return 0;
}

/* core.finish(handle): ends a streamed response */
static int finish(lua_State *L) {
    connection *c = check_stream(L);
    if (c) http_end(c);
    return 0;
}

/* core.drop(handle, reset): closes the connection without a response */
static int drop(lua_State *L) {
    connection *c = *(connection **)luaL_checkudata(L, 1, REQUEST);
    if (c) http_drop(c, lua_toboolean(L, 2));
    return 0;
}

/* When the loop has ended before the server, its watches and timers have, too. */
static void forget_loop(lua_State *L, server *s) {
    if (!lblua_is_closing(L)) return;
    s->loop = NULL;
    s->watch = NULL;
    s->sweep = s->more = NULL;
}

static int request_gc(lua_State *L) {
    connection *c = *(connection **)luaL_checkudata(L, 1, REQUEST);
    if (!c) return 0;
    forget_loop(L, c->server);
    http_drop(c, false);
    return 0;
}

/* core.quiesce(server): takes no more connections and requests */
static int quiesce(lua_State *L) {
    http_quiesce(check_server(L));
    return 0;
}

/* core.counts(server) -> open connections, requests in progress, bytes of buffers, connections that were closed or refused
 * because their address had too many, streamed responses */
static int counts(lua_State *L) {
    server *s = check_server(L);
    lua_pushinteger(L, (lua_Integer)s->open);
    lua_pushinteger(L, (lua_Integer)s->active);
    lua_pushinteger(L, (lua_Integer)s->bytes);
    lua_pushinteger(L, (lua_Integer)s->refused);
    lua_pushinteger(L, (lua_Integer)s->streams);
    return 5;
}

/* core.close(server): ends it at once; what is in progress gets no response */
static int server_close(lua_State *L) {
    server *s = check_server(L);
    forget_loop(L, s);
    http_close(s);
    return 0;
}

int luaopen_lbhost_http_core(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "start", start },     { "take", take },       { "respond", respond }, { "drop", drop },
        { "quiesce", quiesce }, { "counts", counts },   { "close", server_close }, { "wake_on_work", wake_on_work },
        { "header_list", header_list }, { "stream", stream }, { "add", add }, { "unsent", unsent },
        { "wake_on_drained", wake_on_drained }, { "finish", finish }, { NULL, NULL },
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
