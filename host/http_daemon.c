/*
 * http_daemon.c - the side of the HTTP server that libmicrohttpd calls: connections, their time, and requests until they
 * are complete.
 *
 * The library does the protocol, in this thread, driven by one watch of its epoll descriptor. Its callbacks only collect
 * bytes and flip state: Lua never runs in one. A complete request is suspended and queued; its answer resumes it. Time is
 * bounded per request, not per byte: whoever sends slowly is cut off.
 * Documentation: https://www.gnu.org/software/libmicrohttpd/manual/
 */
#define _GNU_SOURCE
#include "http_daemon.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { SPARE_DESCRIPTORS = 256, MOST_TURNS = 8 };
static const double SWEEP_EVERY = 0.25; /* seconds between looks at the deadlines */

/* ---- libmicrohttpd, loaded late --------------------------------------------------------------- */

struct http_library mhd;

const char *http_load(void) {
    if (mhd.MHD_run) return NULL;
    void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (!library) return "libmicrohttpd.so.12 is missing: apt-get install libmicrohttpd12";
#define FIND(name)                                                                                         \
    if (!(*(void **)(void *)&mhd.name = dlsym(library, #name))) return "libmicrohttpd lacks " #name;
    MHD_FUNCTIONS(FIND)
    return NULL;
}

/* ---- Connections and their time --------------------------------------------------------------- */

static void on_sweep(void *user_data);

static void plan_sweep(server *s) {
    if (s->sweep || !s->connections || !s->loop) return;
    lb_timer_start(s->loop, SWEEP_EVERY, on_sweep, s, &s->sweep); /* out of memory: planned again with the next event */
}

/* Ends a connection from outside: libmicrohttpd sees it closed. */
static void cut(connection *c) {
    c->deadline = 0;
    shutdown(c->fd, SHUT_RDWR);
}

static void on_sweep(void *user_data) {
    server *s = user_data;
    double now = lb_loop_now(s->loop);
    s->sweep = NULL;
    for (connection *c = s->connections; c; c = c->next)
        if (c->deadline > 0 && c->deadline < now) cut(c);
    plan_sweep(s);
}

static void on_connection(void *user_data, struct MHD_Connection *mhd_connection, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    server *s = user_data;
    connection *c = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        c = calloc(1, sizeof *c);
        *context = c;
        if (!c) return; /* its requests are refused */
        c->server = s;
        c->mhd = mhd_connection;
        c->fd = mhd.MHD_get_connection_info(mhd_connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        c->deadline = lb_loop_now(s->loop) + s->limit.time;
        c->next = s->connections;
        if (c->next) c->next->previous = c;
        s->connections = c;
        s->open++;
        plan_sweep(s);
    } else if (c) {
        if (c->previous) c->previous->next = c->next;
        else s->connections = c->next;
        if (c->next) c->next->previous = c->previous;
        s->open--;
        free(c);
        *context = NULL;
    }
}

/* ---- Requests --------------------------------------------------------------------------------- */

/* The first line has come: the request's time begins. */
static void *on_request_line(void *user_data, const char *target, struct MHD_Connection *mhd_connection) {
    server *s = user_data;
    const union MHD_ConnectionInfo *info =
        mhd.MHD_get_connection_info(mhd_connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    connection *c = info ? info->socket_context : NULL;
    if (!c) return NULL;
    request *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->target = strdup(target);
    if (!r->target) {
        free(r);
        return NULL;
    }
    r->connection = c;
    c->request = r;
    c->deadline = lb_loop_now(s->loop) + s->limit.time;
    s->active++;
    return r;
}

static bool add_body(server *s, request *r, const char *data, size_t size) {
    if (r->size + size > r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 4096;
        while (capacity < r->size + size) capacity *= 2;
        if (capacity > s->limit.body + 1) capacity = s->limit.body + 1;
        char *body = realloc(r->body, capacity);
        if (!body) return false;
        s->bytes += capacity - r->capacity;
        r->body = body;
        r->capacity = capacity;
    }
    memcpy(r->body + r->size, data, size);
    r->size += size;
    return true;
}

static enum MHD_Result answer_plainly(struct MHD_Connection *mhd_connection, unsigned status) {
    const char *name = status == 413 ? "Payload Too Large" : "Service Unavailable";
    char body[64];
    int size = snprintf(body, sizeof body, "{\"error\":\"%s\"}", name);
    struct MHD_Response *response =
        mhd.MHD_create_response_from_buffer((size_t)size, body, MHD_RESPMEM_MUST_COPY);
    if (!response) return MHD_NO;
    mhd.MHD_add_response_header(response, "Content-Type", "application/json");
    mhd.MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = mhd.MHD_queue_response(mhd_connection, status, response);
    mhd.MHD_destroy_response(response);
    return result;
}

static unsigned long long declared_length(void *user_data, const char *value) {
    (void)user_data;
    return strtoull(value, NULL, 10);
}

static enum MHD_Result find_length(void *user_data, enum MHD_ValueKind kind, const char *name, const char *value) {
    (void)kind;
    if (value && strcasecmp(name, "content-length") == 0)
        *(unsigned long long *)user_data = declared_length(NULL, value);
    return MHD_YES;
}

void http_wake(server *s) {
    lblua_event *work = s->work;
    s->work = NULL;
    if (work) lblua_set_event(work);
}

static enum MHD_Result on_request(void *user_data, struct MHD_Connection *mhd_connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *size,
                                  void **context) {
    server *s = user_data;
    request *r = *context;
    (void)url, (void)version;
    if (!r) return MHD_NO;
    if (!r->called) { /* the headers are here */
        unsigned long long length = 0;
        r->called = true;
        r->method = method;
        mhd.MHD_get_connection_values(mhd_connection, MHD_HEADER_KIND, find_length, &length);
        if (length > s->limit.body) return answer_plainly(mhd_connection, 413);
        if (s->bytes + length > s->limit.memory) return answer_plainly(mhd_connection, 503);
        return MHD_YES;
    }
    if (*size) {
        if (r->state == RECEIVING && *size > s->limit.body - r->size) r->state = REFUSED, r->refusal = 413;
        if (r->state == RECEIVING && s->bytes + *size > s->limit.memory) r->state = REFUSED, r->refusal = 503;
        if (r->state == RECEIVING && !add_body(s, r, data, *size)) r->state = REFUSED, r->refusal = 503;
        *size = 0; /* the rest of what is refused is read and forgotten */
        return MHD_YES;
    }
    switch (r->state) {
    case REFUSED: return answer_plainly(mhd_connection, r->refusal);
    case RECEIVING:
        if (s->stopping) return answer_plainly(mhd_connection, 503);
        r->connection->deadline = 0;
        r->state = QUEUED;
        if (s->ready_last) s->ready_last->next = r;
        else s->ready = r;
        s->ready_last = r;
        mhd.MHD_suspend_connection(mhd_connection);
        return MHD_YES;
    case ANSWERED: {
        enum MHD_Result result = mhd.MHD_queue_response(mhd_connection, r->status, r->response);
        /* Whoever does not read its answer is cut off as well. */
        r->connection->deadline = lb_loop_now(s->loop) + s->limit.time;
        return result;
    }
    default: return MHD_NO;
    }
}

static void on_completed(void *user_data, struct MHD_Connection *mhd_connection, void **context,
                         enum MHD_RequestTerminationCode code) {
    server *s = user_data;
    request *r = *context;
    (void)mhd_connection, (void)code;
    *context = NULL;
    if (!r) return;
    r->connection->request = NULL;
    r->connection->deadline = lb_loop_now(s->loop) + s->limit.idle;
    if (r->holder) *r->holder = NULL;
    if (r->response) mhd.MHD_destroy_response(r->response);
    s->bytes -= r->capacity;
    s->active--;
    if (s->stopping && !s->active) http_wake(s);
    free(r->body);
    free(r->target);
    free(r);
}

/* ---- Running ---------------------------------------------------------------------------------- */

static void on_more(void *user_data);

/* libmicrohttpd does not notice by itself that a connection was resumed. */
static void run_soon(server *s) {
    if (!s->more && s->loop) lb_timer_start(s->loop, 0, on_more, s, &s->more);
}

/* libmicrohttpd may have more to do than its descriptor tells. It gets a few turns, then others have theirs. */
static void run(server *s) {
    MHD_UNSIGNED_LONG_LONG wait = 0;
    int turns = 0;
    do mhd.MHD_run(s->daemon);
    while (++turns < MOST_TURNS && mhd.MHD_get_timeout(s->daemon, &wait) == MHD_YES && wait == 0);
    if (turns == MOST_TURNS) run_soon(s);
    plan_sweep(s);
    if (s->ready) http_wake(s);
}

static void on_more(void *user_data) {
    server *s = user_data;
    s->more = NULL;
    run(s);
}

static void on_readable(void *user_data, short revents) {
    (void)revents;
    run(user_data);
}

static size_t keep_raw(void *user_data, struct MHD_Connection *mhd_connection, char *text) {
    (void)user_data, (void)mhd_connection;
    return strlen(text);
}

/* Room for that many connections; as many as the system allows. */
static unsigned raise_descriptors(unsigned connections) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
    rlim_t wanted = (rlim_t)connections + SPARE_DESCRIPTORS;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted) return connections;
    return limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? (unsigned)limit.rlim_cur - SPARE_DESCRIPTORS : (unsigned)limit.rlim_cur / 2;
}

bool http_open(server *s, int listener) {
    s->limit.connections = raise_descriptors(s->limit.connections);
    s->daemon = mhd.MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL, on_request, s,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, s->limit.connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->limit.headers + 2048,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, s, MHD_OPTION_UNESCAPE_CALLBACK, keep_raw, s, MHD_OPTION_END);
    if (!s->daemon) return false;
    int epoll = mhd.MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    if (lb_watch_start(s->loop, epoll, LB_POLLIN, true, on_readable, s, &s->watch) == LB_OK) return true;
    s->listener = mhd.MHD_quiesce_daemon(s->daemon); /* the caller's again */
    mhd.MHD_stop_daemon(s->daemon);
    s->daemon = NULL;
    s->listener = -1;
    return false;
}

void http_finish(request *r, request_state state) {
    r->state = state;
    if (r->holder) *r->holder = NULL;
    r->holder = NULL;
    free(r->body);
    r->connection->server->bytes -= r->capacity;
    r->body = NULL;
    r->capacity = r->size = 0;
    mhd.MHD_resume_connection(r->connection->mhd);
    run_soon(r->connection->server);
}
