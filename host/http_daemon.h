/* http_daemon.h - what http_server.c (for Lua) and http_daemon.c (libmicrohttpd's side) share. */
#ifndef LBHOST_HTTP_DAEMON_H
#define LBHOST_HTTP_DAEMON_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "../bindings/liveblocks_lua.h"

/* The library is loaded when the first server starts, so that other commands do not pay for it. */
#define MHD_FUNCTIONS(F)                                                                                   \
    F(MHD_start_daemon) F(MHD_stop_daemon) F(MHD_quiesce_daemon) F(MHD_run) F(MHD_get_timeout)             \
    F(MHD_get_daemon_info)                                                                                 \
    F(MHD_get_connection_info) F(MHD_get_connection_values) F(MHD_suspend_connection)                      \
    F(MHD_resume_connection) F(MHD_create_response_from_buffer) F(MHD_add_response_header)                 \
    F(MHD_queue_response) F(MHD_destroy_response)

#define MHD_MEMBER(name) __typeof__(name) *name;
extern struct http_library { MHD_FUNCTIONS(MHD_MEMBER) } mhd;

typedef struct server server;
typedef struct connection connection;
typedef struct request request;

typedef struct limits {
    size_t body, headers, memory;
    unsigned connections;
    double time, idle; /* seconds to send a request in; between requests */
} limits;

struct server {
    struct MHD_Daemon *daemon;
    lb_loop *loop;
    lb_watch *watch;
    lb_timer *sweep, *more;
    connection *connections;
    request *ready, *ready_last; /* complete, not yet taken */
    lblua_event *work;           /* set when a request is ready or the last one has ended */
    size_t open, active, bytes;  /* connections; requests between start and end; of bodies */
    limits limit;
    int listener; /* after quiescing, ours to close */
    bool stopping;
};

struct connection {
    server *server;
    connection *next, *previous;
    struct MHD_Connection *mhd;
    request *request;
    double deadline; /* on the loop's clock; 0 for none */
    int fd;
};

typedef enum request_state { RECEIVING, REFUSED, QUEUED, TAKEN, ANSWERED, DROPPED } request_state;

struct request {
    connection *connection;
    request *next; /* in the queue */
    request **holder; /* the userdata that has taken it */
    request_state state;
    char *target;
    const char *method;
    char *body;
    size_t size, capacity;
    bool called;
    unsigned refusal; /* status */
    struct MHD_Response *response;
    unsigned status;
};

/* Loads the library; returns why it cannot, or NULL. */
const char *http_load(void);

/* Serves what arrives at the listening socket, which is the daemon's from then on, by callbacks on the server's loop.
 * False: it did not start, and the socket is still the caller's. */
bool http_open(server *s, int listener);

/* Answers (with r->response) or drops a request that was taken, and lets its connection go on. */
void http_finish(request *r, request_state state);

/* Wakes who waits for requests. */
void http_wake(server *s);

#endif
