/* http_connection.h - what http_server.c (for Lua), http_accept.c, http_connection.c (sockets) and http_stream.c (streamed responses)
 * share. */
#ifndef LBHOST_HTTP_CONNECTION_H
#define LBHOST_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "../bindings/liveblocks_lua.h"
#include "http_message.h"

typedef struct server server;
typedef struct connection connection;

typedef struct limits {
    size_t body, headers; /* bytes of a request */
    size_t memory;        /* bytes of all buffers */
    size_t stream;        /* bytes of a streamed response that may wait for its reader */
    unsigned connections, streams;
    unsigned of_address;  /* connections of one address */
    double time;          /* seconds to send a request in, and to take its response */
    double idle;          /* seconds between requests */
} limits;

enum { HTTP_BUCKETS = 1024 };

struct server {
    lb_loop *loop; /* NULL: it has ended before the server */
    lb_watch *watch;
    lb_timer *sweep, *more;
    connection *connections, *closed; /* closed: freed when nobody looks at them any more */
    connection *ready, *ready_last; /* with a complete request that is not yet taken */
    connection *buckets[HTTP_BUCKETS]; /* by address */
    lblua_event *work; /* set when a request is ready or the last one has ended */
    size_t open;    /* connections */
    size_t active;  /* requests whose head has come, and whose response is not sent yet */
    size_t streams; /* streamed responses that are not complete */
    size_t bytes;   /* of the buffers of all connections */
    size_t refused; /* connections that were refused or closed because their address had too many */
    limits limit;
    int epoll, listener;
    bool stopping, paused, dispatching; /* paused: no connection is accepted for now */
};

/* WRITING: a response that is known; STREAMING: one that comes in parts. */
typedef enum connection_state {
    READING_HEAD, READING_BODY, QUEUED, TAKEN, WRITING, STREAMING, LINGERING, CLOSED
} connection_state;

struct connection {
    server *server;
    connection *next, *previous, *next_ready, *next_of_address;
    connection **holder; /* the userdata that has taken the request */
    connection_state state;
    int fd;
    bool readable;  /* there may be more to read */
    bool ended;     /* the other side sends no more */
    bool keep;      /* the connection goes on after the response */
    bool refused;   /* the response says that the request is refused; the connection ends with it */
    bool chunked;   /* the parts of a streamed response are chunks */
    bool last;      /* no further part of a streamed response comes */
    double deadline; /* seconds on the loop's clock; 0: none */
    double since;    /* when it began to wait for a request, on the same clock */
    unsigned char address[16];      /* IPv4 mapped into IPv6 */
    char *in;
    size_t in_size, in_capacity;
    size_t seen;    /* bytes that were searched for the end of the head */
    size_t head_size, body_size;
    size_t decoded; /* bytes of `in` up to which a chunked body is decoded */
    http_head *head; /* of the request in progress */
    http_chunks chunks;
    char *out; /* what is left of the response */
    size_t out_size, out_sent, out_capacity; /* out_capacity: of a streamed response */
    lblua_event *drained; /* set when the reader of a streamed response has taken all of it, or has gone */
};

/* Serves what arrives at the listening socket, which is the server's from then on. False: the system refuses, and the socket
 * is still the caller's. */
bool http_open(server *s, int listener);

/* Takes no more connections and requests. */
void http_quiesce(server *s);

/* Ends everything at once. */
void http_close(server *s);

/* The next complete request, or NULL. It is in progress until it has its response or is dropped. */
connection *http_take(server *s);

/* Sends the response to a request that was taken: a head with its last, empty line, and a body. What the socket does not
 * take at once is copied. False: out of memory, and the connection is closed. */
bool http_send(connection *c, const char *head, size_t head_size, const char *body, size_t body_size, bool keep);

/* Begins a streamed response: sends its head. It goes on until http_end, or until the other side
 * ends its side, or takes what waits for it for longer than the time of a request. False: there are as many as there may be, and
 * the request has no response yet. */
bool http_begin(connection *c, const char *head, size_t head_size, bool chunked);

/* Adds a part. Full: more waits for the reader than may, and nothing was added. A reader that has read all gets a part of any size. */
typedef enum http_added { HTTP_ADDED, HTTP_FULL, HTTP_GONE } http_added;
http_added http_add(connection *c, const char *bytes, size_t size);

/* Ends a streamed response; what waits for its reader is sent. */
void http_end(connection *c);

/* Bytes of a streamed response that wait for its reader. */
size_t http_unsent(const connection *c);

/* Closes the connection of a request that was taken, without a response; reset: so that the other side sees an error. */
void http_drop(connection *c, bool reset);

/* Wakes the task that waits for requests. */
void http_wake(server *s);

/* ---- Between http_accept.c, http_connection.c and http_stream.c ---------------------------------- */

/* Takes connections that have come, as many as may be. */
void http_accept(server *s);

/* Takes connections again, after there were too many or no descriptors. */
void http_listen_again(server *s);

/* The connections of an address, among those of others; of IPv6 by /64: who has one address of it has all. */
connection **http_connections_of(server *s, const unsigned char address[16]);

/* Is the address one of IPv4, mapped into IPv6? */
bool http_is_ipv4(const unsigned char address[16]);

/* Allows descriptors for that many connections; returns for how many the system does. */
unsigned http_raise_descriptors(unsigned connections);

double http_now(const server *s);

/* Ends a connection; it is freed when nobody looks at it any more. */
void http_connection_close(connection *c);

/* Sends what is left. False: the socket takes no more now, or the connection is closed. */
bool http_send_left(connection *c);

/* The socket takes more of a streamed response. */
void http_flush_stream(connection *c);

/* Lets the task go on that waits for the reader of a streamed response. */
void http_wake_writer(connection *c);

/* Looks after deadlines in a while. */
void http_plan_sweep(server *s);

#endif
