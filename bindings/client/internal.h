/* internal.h - what the files of the C client share. Knows neither Lua nor libcurl.
 *
 * Order of calls, from the top: endpoints, blocking -> request -> client, pace -> loop -> transport, watch -> poller,
 * timers, clock. What goes the other way is a function that was handed down: the transport's `done`, the pace's
 * `start`, a timer's `done`, the poller's `ready`. One exception: lb_loop_destroy() and lb_client_destroy() cancel
 * the requests that are left.
 */
#ifndef LB_INTERNAL_H
#define LB_INTERNAL_H

#include "../liveblocks.h"

/* ---- Memory (memory.c) ------------------------------------------------------------------------ */

typedef struct lb_buffer {
    const lb_allocator *allocator;
    char *data; /* always NUL-terminated when not NULL */
    size_t size, capacity;
} lb_buffer;

extern const lb_allocator lb_default_allocator;
void *lb_alloc(const lb_allocator *a, size_t size); /* zeroed; NULL when out of memory */
void lb_release(const lb_allocator *a, void *block);
char *lb_copy(const lb_allocator *a, const char *text, size_t size); /* NUL added */
bool lb_buffer_reserve(lb_buffer *b, size_t more);
bool lb_buffer_add(lb_buffer *b, const void *data, size_t size);
bool lb_buffer_text(lb_buffer *b, const char *text);
void lb_buffer_free(lb_buffer *b);
void lb_wipe(void *block, size_t size);
/* A string in quotes, escaped as in JSON; false when out of memory. It must be UTF-8. */
bool lb_buffer_quoted(lb_buffer *b, const char *text, char quote);

/* ---- URLs (url.c) ----------------------------------------------------------------------------- */

bool lb_url_encode(lb_buffer *out, const char *text, bool form);
bool lb_url_query(lb_buffer *out, const lb_pair *query); /* ?a=b&c=d, or & when there is a ? already */
const char *lb_url_problem(const char *base_url);        /* NULL when it is an http(s) URL */
bool lb_url_has_scheme(const char *url, const char *scheme); /* "http"; schemes have no case */
void lb_url_lower_scheme(char *url);

/* ---- Errors (error.c) ------------------------------------------------------------------------- */

void lb_error_clear(lb_error *error);
int lb_fail(lb_error *error, lb_status kind, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
void lb_set_text(char *out, size_t size, const char *text, size_t length);
void lb_error_from_body(lb_error *error, const char *body, size_t size);

/* ---- E-mails (mail.c) ------------------------------------------------------------------------- */

int lb_mail_check(const lb_mail *mail, lb_error *error);
lb_mail *lb_mail_copy(const lb_allocator *a, const lb_mail *mail); /* of a checked one */
void lb_mail_free(const lb_allocator *a, lb_mail *mail);           /* overwrites the password */

/* ---- Transport (transport_curl*.c): the only user of libcurl ----------------------------------- */

typedef struct lb_transport lb_transport;
typedef struct lb_poller lb_poller;
typedef struct lb_headers lb_headers; /* a list of header lines */

/* As a header line of the client: libcurl would compose its own for each request. */
#define LB_ACCEPT_ENCODING "gzip"

bool lb_headers_add(lb_headers **list, const char *line);
void lb_headers_free(lb_headers *list); /* overwrites the lines */

/* How an attempt ended. */
typedef struct lb_transfer lb_transfer;
typedef struct lb_outcome {
    lb_status status; /* LB_OK: an HTTP response of any status */
    int http_status;
    bool sent;    /* some of the request has left; the server may have acted on it */
    bool refused; /* the server has said that it has not processed the request: it may be sent again, whatever it is */
    bool final;   /* sending it again cannot help */
    const char *suggestion; /* what to do, "" when that is plain */
    lb_buffer body, headers; /* moved out: free with lb_buffer_free() */
    char message[512]; /* what happened; "" with LB_OK */
} lb_outcome;

typedef void (*lb_transfer_done)(void *owner, lb_outcome *outcome);

/* One attempt: what to send. */
typedef struct lb_attempt {
    const char *method, *url, *ca_file;
    lb_headers *headers;
    const char *data; /* NULL: no data */
    size_t size;
    int fd;           /* -1: no file */
    uint64_t offset, length;
    size_t max_response;
    double connect_timeout; /* seconds */
    bool repeatable; /* may libcurl send it again over another connection? */
    const lb_mail *mail; /* NULL: HTTP */
    lb_transfer_done done;
    void *owner;
} lb_attempt;

int lb_transport_create(lb_transport **out, lb_loop *loop);
int lb_transport_open(lb_transport *t, lb_error *error); /* before anything else is asked of libcurl */
void lb_transport_destroy(lb_transport *t);
lb_transfer *lb_transfer_start(lb_transport *t, const lb_attempt *attempt); /* NULL: out of memory */
bool lb_transfer_started(const lb_transfer *transfer); /* it has a connection, and sends or has sent */
void lb_transfer_stop(lb_transport *t, lb_transfer *transfer);
/* Stops what took too long: the call, or else the connection. */
void lb_transfer_expire(lb_transport *t, lb_transfer *transfer, bool call, double seconds, lb_outcome *outcome);
void lb_transport_begin(lb_transport *t); /* sends what was started since, and whatever else libcurl is due to do */
void lb_transport_finish(lb_transport *t); /* calls `done` of what has ended */
int lb_transport_timeout(const lb_transport *t); /* 0 also when a budget has left something to do */
double lb_http_date(const char *text); /* Unix seconds, -1 when it is not a date */

/* ---- Poller (poller.c) ------------------------------------------------------------------------ */

typedef void (*lb_poller_ready)(void *owner, int fd, short events);

lb_poller *lb_poller_create(const lb_allocator *a);
void lb_poller_destroy(lb_poller *p);
/* Watches a descriptor, or changes how; LB_EUSAGE when it cannot be watched. One that was closed without
 * lb_poller_remove() may be watched again under its number. */
int lb_poller_set(lb_poller *p, int fd, short events, lb_poller_ready ready, void *owner);
void lb_poller_remove(lb_poller *p, int fd, const void *owner); /* nothing when another watches it */
int lb_poller_fd(const lb_poller *p);
/* Waits, and calls `ready` of what is. *ready counts the caller's descriptors. */
int lb_poller_wait(lb_poller *p, int timeout_ms, lb_pollfd *fds, size_t count, int *ready);
/* Without waiting, one at a time: calls `ready` of a descriptor that has not had its turn since `first`. 1; 0 when there is
 * none; or a negative status. */
int lb_poller_next(lb_poller *p, bool first);

/* ---- Watches (watch.c) ------------------------------------------------------------------------ */

struct lb_watch {
    lb_loop *loop;
    lb_watch *next;
    int fd;
    bool counted;
    lb_watch_ready ready;
    void *user_data;
};

/* ---- Clock, timers and loop (clock.c, timers.c, loop.c) ---------------------------------------- */

/* More would hold up a frame: a new connection costs about 40 microseconds. */
enum { LB_STARTS_A_STEP = 32 };

struct lb_timer {
    size_t index; /* in the heap, + 1; 0 when not in it */
    lb_timer_done done;
    void *user_data;
    bool owned; /* made by lb_timer_start: freed by the loop */
};

/* An entry of the heap of timers. With the time in the timer alone, so that each comparison follows a pointer (29 November
 * 2026): 156 ns for each of 10,000 timers instead of 140, 232 to 288 for each of 100,000 instead of 204 to 225. */
typedef struct lb_timer_entry {
    double due; /* by lb_clock() */
    lb_timer *timer;
} lb_timer_entry;

struct lb_loop {
    lb_allocator allocator;
    const lb_libcurl_memory *libcurl_memory; /* NULL: libcurl's default */
    lb_poller *poller;
    lb_transport *transport;
    lb_timer_entry *heap;
    size_t timers, heap_capacity;
    size_t timer_owners; /* at most that many timers are set at once */
    size_t owned_timers; /* how many of them lb_timer_start() made */
    lb_client *clients; /* doubly linked */
    size_t requests;    /* unfinished ones */
    lb_watch *watches;
    size_t counted_watches;
    double deadline;    /* of the current step, by lb_clock(); 0: none */
    bool unfinished;    /* the last step has left descriptors that are ready */
    int finished;       /* in the current step */
    int started;        /* requests since the last step began */
    int added, resumed, taken; /* transfers that start, that read on, that have ended, in the current step */
    size_t read;        /* bytes of responses, in the current step */
    int depth;          /* inside a step */
    uint64_t random;
    int references; /* the creator's and one for each client */
    bool closed;
};

double lb_clock(void);
/* May the current step go on with another unit of work of a kind, after so many? One may always be done, so that each step
 * gets on. */
static inline bool lb_loop_may(const lb_loop *loop, int done) {
    return done == 0 || loop->deadline <= 0 || lb_clock() < loop->deadline;
}
double lb_random(lb_loop *loop); /* [0, 1) */
bool lb_timer_reserve(lb_loop *loop);
void lb_timer_drop(lb_loop *loop, lb_timer *timer); /* gives its space back */
void lb_timer_set(lb_loop *loop, lb_timer *timer, double due);
void lb_timer_unset(lb_loop *loop, lb_timer *timer);
void lb_timers_run(lb_loop *loop);
void lb_timers_clear(lb_loop *loop);
int lb_timers_timeout(const lb_loop *loop); /* milliseconds until the next is due, -1 without one */
void lb_loop_unref(lb_loop *loop);

/* ---- Pace (pace.c): which requests may be on the wire ------------------------------------------- */

typedef struct lb_pace lb_pace;

/* Part of what waits for its turn. */
typedef struct lb_paced {
    struct lb_paced *next, *previous;
    lb_pace *pace, *queue; /* whose it is; where it waits: there, or in one that it is part of */
    uint64_t order; /* 0: the first */
    void *owner;
} lb_paced;

struct lb_pace {
    lb_loop *loop;
    lb_pace *whole;    /* what this is part of, or NULL */
    lb_paced *offered; /* of this, in the queue of the whole */
    size_t references; /* of clients and parts */
    void (*start)(void *owner); /* its turn has come; that of the outermost */
    lb_paced *queue, *queue_last;
    uint64_t arrivals; /* of the outermost */
    unsigned in_flight, max_in_flight;
    double window;            /* of them, lowered by a 429; of the outermost */
    double rate;              /* a second; 0: any number */
    double tokens, tokens_at, paused_until;
    lb_timer timer; /* wakes the queue */
};

lb_pace *lb_pace_create(lb_loop *loop, lb_pace *whole, unsigned max_in_flight, double rate,
                        void (*start)(void *owner)); /* max_in_flight 0: any number; NULL when out of memory */
lb_pace *lb_pace_keep(lb_pace *p);
void lb_pace_release(lb_pace *p); /* of one who keeps it; nothing of his waits */
void lb_pace_add(lb_pace *p, lb_paced *item, bool first);
void lb_pace_drop(lb_paced *item);             /* one that waits; it does so no longer */
void lb_pace_dispatch(lb_pace *p);             /* starts as many as may, also of what it is part of */
void lb_pace_ended(lb_pace *p);                /* one of those that were started; lb_pace_dispatch() is to follow */
void lb_pace_slow_down(lb_pace *p, double pause); /* after a 429 */
void lb_pace_set(lb_pace *p, double rate, unsigned max_in_flight); /* from now on; max_in_flight 0: as before */
void lb_pace_speed_up(lb_pace *p);                /* after another response */
double lb_pace_paused(lb_pace *p);                /* seconds */

/* ---- Client (client.c), its header lines (headers.c) and requests (request.c) ------------------ */

struct lb_client {
    lb_loop *loop;
    lb_client *next, *previous;
    char *secret, *base_url, *ca_file, *user_agent;
    lb_options options; /* numbers only, without those of the pace */
    lb_headers *bare_headers, *plain_headers, *json_headers;
    lb_request *requests; /* all, doubly linked */
    lb_pace *pace; /* may be that of other clients, too */
    bool closing;
};

bool lb_client_make_headers(lb_client *client); /* those of calls without headers of their own */
lb_headers *lb_client_headers(const lb_client *client, bool secret, bool may_have_body, const char *content_type,
                              const lb_pair *extra);
const char *lb_header_value(const lb_buffer *headers, const char *name, size_t *length);
lb_response *lb_response_make(lb_request *request, lb_outcome *outcome); /* takes the bytes; NULL when out of memory */
void lb_request_begin(void *request); /* its turn has come */
int lb_endpoint_target(const lb_endpoint *e, const char *const *path_args, const lb_pair *query, lb_buffer *out,
                       lb_error *error); /* the path, without the query, of arguments that it checks */
int lb_endpoint_perform(lb_client *client, lb_endpoint_id id, const char *const *path_args,
                        const lb_pair *query, const lb_body *body, lb_response **response, lb_error *error);

typedef enum lb_request_state { LB_QUEUED, LB_RUNNING, LB_BACKOFF, LB_UNSTARTED, LB_ENDED } lb_request_state;

struct lb_request {
    lb_client *client;
    lb_request *next, *previous; /* of the client */
    lb_paced paced;
    lb_done done;
    void *user_data;
    lb_request_state state;
    lb_transfer *transfer;
    lb_timer timer; /* backoff, or the deadline while queued */
    double started, deadline;
    unsigned attempts, max_attempts, refusals;
    bool idempotent;
    char method[8];
    char *url;
    const char *path; /* within url */
    size_t path_size;
    lb_headers *own_headers; /* NULL: the client's */
    lb_headers *headers;
    char *data;
    size_t size;
    int fd;
    uint64_t offset, length;
    lb_mail *mail; /* NULL: HTTP */
};

/* An iteration over pages (pages.c). */
struct lb_pages {
    lb_client *client;
    const lb_endpoint *endpoint;
    lb_buffer target; /* the path with the query, but for the cursor */
    lb_buffer cursor; /* of the next page; of size 0 for the first */
    bool ended, destroying;
    lb_request *request; /* under way */
    lb_done done;
    void *user_data;
};

struct lb_response {
    const lb_allocator *allocator;
    lb_loop *loop; /* keeps the allocator alive */
    lb_buffer body, headers;
    int status, attempts;
    double seconds;
    char method[8];
    char *url;
    const char *path; /* within url */
    size_t path_size;
    bool kept;
};

#endif
