/**
 * liveblocks.h - the Liveblocks REST API for C programs.
 *
 * Three kinds of objects:
 *
 *   lb_loop     owns the connections and the timers; serves any number of clients.
 *   lb_client   a base URL, a secret and limits; made on a loop.
 *   lb_request  a call in flight; ends with an lb_response, or an lb_error that says why there is none.
 *
 * Nothing here starts a thread, installs a signal handler, prints, exits or keeps process-wide state
 * of its own. (libcurl's global state is initialised when a loop gets its first client and released with
 * the last such loop; a program that does so while other threads use libcurl must call curl_global_init()
 * itself before.) The platform is Linux: a loop waits with epoll(7).
 *
 * Threads: a loop and all that is made on it (clients, requests, responses, timers, watches) is used by one thread at
 * a time; it may be handed from one thread to another between calls. Different loops share nothing, and may be used by
 * different threads at the same time. What takes neither a loop nor an object of one may be called by any thread.
 *
 * NULL where a value is required is a usage error, never a crash: functions that return a status return LB_EUSAGE and
 * set what they would have given out to NULL; functions that return a value return the one that says "nothing" (0, -1,
 * "" or NULL, as their comment says); functions that end or release something do nothing.
 *
 * Blocking:   int lb_get_room(client, room_id, &response, &error);
 * Submitted:  int lb_submit_get_room(client, room_id, done, user_data, &request, &error);
 *             and then lb_loop_step() until done() has been called.
 *
 * Each endpoint of the table in endpoints.def has these two functions. Path parameters are plain
 * strings and are percent-encoded whole; the query is a struct in which zero means "not sent"; a body
 * is an lb_body. Documentation of the calls: https://liveblocks.io/docs/api-reference/rest-api-endpoints
 */
#ifndef LIVEBLOCKS_H
#define LIVEBLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header; LB_VERSION_NUMBER has a byte for each part, for #if. */
#define LB_VERSION "0.1.0"
#define LB_VERSION_MAJOR 0
#define LB_VERSION_MINOR 1
#define LB_VERSION_PATCH 0
#define LB_VERSION_NUMBER ((LB_VERSION_MAJOR << 16) | (LB_VERSION_MINOR << 8) | LB_VERSION_PATCH)

#if defined(__GNUC__) && !defined(LB_API)
#define LB_API __attribute__((visibility("default")))
#elif !defined(LB_API)
#define LB_API
#endif

/** The version of the library that runs, in the form of LB_VERSION. Any thread. */
LB_API const char *lb_version(void);

/* ---- Status and errors: any thread ------------------------------------------------------------ */

/** What every function returns: LB_OK or the kind of failure. */
typedef enum lb_status {
    LB_OK = 0,
    LB_EHTTP = -1,      /**< the server responded with a status other than 2xx */
    LB_ENETWORK = -2,   /**< no connection, or it broke */
    LB_ETIMEOUT = -3,   /**< the deadline of the call passed */
    LB_ETLS = -4,       /**< the certificate or the TLS handshake was refused */
    LB_EJSON = -5,      /**< the response is not the JSON that was promised */
    LB_EUSAGE = -6,     /**< the arguments are wrong; nothing was sent */
    LB_ECANCELLED = -7, /**< lb_request_cancel(), or the client or loop was closed */
    LB_ENOMEM = -8,     /**< out of memory */
    LB_EWEBHOOK = -9    /**< lb_webhook_verify() does not take it for a webhook of Liveblocks */
} lb_status;

/**
 * The details of a failure, filled in by the function that failed. All strings are NUL-terminated, cut at
 * a character boundary where they do not fit, and never contain the secret.
 */
typedef struct lb_error {
    lb_status kind;
    int status;            /**< HTTP status, 0 when there was no response */
    int attempts;          /**< how often the request was sent */
    double retry_after;    /**< seconds the server asked to wait, -1 when it did not say */
    char method[8];        /**< "GET" */
    char path[512];        /**< "/v2/rooms/my-room" as sent, without the query */
    char code[96];         /**< the vendor's `error`, for example "ROOM_NOT_FOUND"; of a webhook why it is refused */
    char message[1024];    /**< what happened, for people */
    char reason[1024];     /**< the vendor's `reason` (validation) */
    char suggestion[1024]; /**< what to do: the vendor's `suggestion`, or ours when there was no response */
    char docs[512];        /**< the vendor's `docs` link */
    char warning[512];     /**< the X-LB-Warn header */
} lb_error;

/** The name of a status: "ok", "http", "network", "timeout", "tls", "json", "usage", "cancelled", "memory",
 *  "webhook"; "unknown" for another number. */
LB_API const char *lb_status_name(lb_status status);

/** Writes the one-line form of an error into out, at most size bytes with the NUL; "" for NULL. Returns out. */
LB_API char *lb_error_text(const lb_error *error, char *out, size_t size);

/* ---- Loop: the thread that uses the loop; lb_loop_create() and lb_loop_now() any thread -------- */

typedef struct lb_loop lb_loop;
typedef struct lb_client lb_client;
typedef struct lb_request lb_request;
typedef struct lb_response lb_response;
typedef struct lb_timer lb_timer;

/** Memory functions with the meaning of malloc, realloc and free. */
typedef struct lb_allocator {
    void *(*realloc)(void *user_data, void *block, size_t size); /**< block NULL: allocate */
    void (*free)(void *user_data, void *block);                  /**< block NULL: nothing */
    void *user_data;
} lb_allocator;

/**
 * Creates a loop.
 * @param[out] loop  yours; release it with lb_loop_destroy()
 * @return LB_OK, LB_ENOMEM, or LB_EUSAGE
 */
LB_API int lb_loop_create(lb_loop **loop);

/** The same with memory functions of your own (copied), which serve everything made on the loop, but not what
 *  libcurl itself allocates: lb_loop_set_libcurl_memory(). */
LB_API int lb_loop_create_with(const lb_allocator *allocator, lb_loop **loop);

/** Memory functions with the meaning of malloc, free, realloc, strdup and calloc. */
typedef struct lb_libcurl_memory {
    void *(*allocate)(size_t size);
    void (*release)(void *block);
    void *(*resize)(void *block, size_t size);
    char *(*duplicate)(const char *text);
    void *(*allocate_zeroed)(size_t count, size_t size);
} lb_libcurl_memory;

/**
 * What libcurl shall allocate with, for the whole process, if it is initialised for the first client of this loop
 * (another part of the program may have done that before, and then this has no effect).
 * @param memory  stays yours; the functions serve until the process ends, and are also called by libcurl's threads
 */
LB_API void lb_loop_set_libcurl_memory(lb_loop *loop, const lb_libcurl_memory *memory);

/**
 * Ends the loop: requests in flight are cancelled (their `done` is called with LB_ECANCELLED), timers are
 * dropped. Clients of the loop stay valid as objects but refuse to send. NULL is allowed.
 * Not from inside a callback of the same loop.
 */
LB_API void lb_loop_destroy(lb_loop *loop);

/** A descriptor of the caller's that lb_loop_step() shall wait on, too; as poll(2). */
typedef struct lb_pollfd {
    int fd;
    short events;  /**< LB_POLLIN, LB_POLLOUT */
    short revents; /**< set by lb_loop_step() */
} lb_pollfd;
#define LB_POLLIN 1
#define LB_POLLOUT 2
#define LB_POLLERR 4

/**
 * The one function that advances transfers: moves bytes, starts what is due and calls `done` of what has
 * finished.
 * @param timeout_ms  how long to wait for something to do: 0 not at all, -1 until something happens
 *                    (returns at once when there is nothing to wait for)
 * @param fds,count   descriptors to wait on as well; NULL, 0 for none
 * @return the number of requests and timers that have finished and of descriptors that are ready (0 or
 *         more), or a negative lb_status. LB_EUSAGE when called from inside a callback.
 */
LB_API int lb_loop_step(lb_loop *loop, int timeout_ms, lb_pollfd *fds, size_t count);

/**
 * For a program that has so much time: as lb_loop_step(loop, 0, NULL, 0), but once that much time has passed no further
 * transfer is started, descriptor handled, response taken or timer called. One of each kind is done in each step, however
 * little time is given, so that it always gets on. What is left is due at once: lb_loop_timeout() is 0. A step takes
 * the time given and, of each kind, at most one unit more; what your callbacks do is a part of their unit.
 * @param microseconds  0: one unit of each kind
 * @return as lb_loop_step()
 */
LB_API int lb_loop_step_for(lb_loop *loop, unsigned microseconds);

/** How many requests, timers and counted watches the loop is working on; 0 for NULL. */
LB_API size_t lb_loop_pending(const lb_loop *loop);

/** One descriptor that becomes readable when lb_loop_step(loop, 0, ...) has work, for use in a poll set of
 *  your own together with lb_loop_timeout(): an epoll(7) descriptor, which stays the loop's. -1 for NULL and for a loop
 *  that was destroyed. */
LB_API int lb_loop_fd(const lb_loop *loop);

/** Milliseconds until the loop needs a step even if its descriptor stays quiet; -1 for never, and for NULL. */
LB_API int lb_loop_timeout(const lb_loop *loop);

/** Seconds on the clock of timers and deadlines: CLOCK_MONOTONIC, the same for all loops, so that loop may be NULL. Only
 *  differences mean something. */
LB_API double lb_loop_now(const lb_loop *loop);

typedef void (*lb_timer_done)(void *user_data);

/**
 * Calls done(user_data) once from lb_loop_step(), `seconds` from now at the earliest.
 * @param seconds     0 or less: in the next step; LB_EUSAGE when it is not a number
 * @param[out] timer  valid until done() has been called or lb_timer_cancel(); may be NULL
 */
LB_API int lb_timer_start(lb_loop *loop, double seconds, lb_timer_done done, void *user_data,
                          lb_timer **timer);

/** Forgets a timer that has not fired. NULL is allowed. */
LB_API void lb_timer_cancel(lb_loop *loop, lb_timer *timer);

typedef struct lb_watch lb_watch;
typedef void (*lb_watch_ready)(void *user_data, short revents);

/**
 * Watches a descriptor in every step until lb_watch_stop(): for what lives longer than one step, such as a
 * server's socket. lb_loop_step() calls ready(user_data, revents) as long as the descriptor is ready.
 * @param events     LB_POLLIN, LB_POLLOUT; LB_POLLERR is always reported
 * @param counted    does it keep a program going, that is, does lb_loop_pending() count it?
 * @param ready      may start and stop watches, also this one; must not step the loop
 * @param[out] watch yours until lb_watch_stop(); the end of the loop stops it as well
 * @return LB_OK, LB_ENOMEM, or LB_EUSAGE when the descriptor is watched already or cannot be (a regular file)
 */
LB_API int lb_watch_start(lb_loop *loop, int fd, short events, bool counted, lb_watch_ready ready,
                          void *user_data, lb_watch **watch);

/** Ends a watch; before its descriptor is closed. NULL is allowed. */
LB_API void lb_watch_stop(lb_loop *loop, lb_watch *watch);

/* ---- Client: the thread that uses the loop ---------------------------------------------------- */

/**
 * Options of a client; zero means the default everywhere. Strings are copied. Begin with LB_OPTIONS_INIT or
 * lb_options_init(), which set `size`: by it a library knows the options of a program that was compiled with another
 * version of this header. Fields that the program's version lacks have their default; those that the library's lacks
 * must be zero. New fields are added at the end.
 */
typedef struct lb_options {
    size_t size;               /**< sizeof(lb_options) of the program */
    const char *secret;        /**< "sk_...", "lbs_..." or another token; NULL: LIVEBLOCKS_SECRET_KEY */
    const char *base_url;      /**< NULL: LIVEBLOCKS_BASE_URL, else https://api.liveblocks.io; may have a path */
    const char *ca_file;       /**< PEM file of root certificates instead of the system's */
    const char *user_agent;    /**< default "lbhost/VERSION" */
    double timeout;            /**< seconds for a call with all its attempts; default 30 */
    double connect_timeout;    /**< seconds for a connection; default 10 */
    double rate;               /**< requests a second; default unlimited */
    double backoff;            /**< seconds before the first retry, doubled for each next; default 0.25 */
    double max_backoff;        /**< longest pause before a retry, Retry-After included; default 60 */
    unsigned max_attempts;     /**< 1: no retries; default 4 */
    unsigned max_in_flight;    /**< requests on the wire at once; default 100 */
    size_t max_response;          /**< bytes of a response's body; default 64 MiB */
} lb_options;
/** The beginning of an initialiser, in C and C++20: lb_options o = { LB_OPTIONS_INIT, .timeout = 5 }; */
#define LB_OPTIONS_INIT .size = sizeof(lb_options)

/** The same as a function, for any C++: lb_options o = lb_options_init(); o.timeout = 5; */
static inline lb_options lb_options_init(void) {
    lb_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    return options;
}

/** The name of the default server. */
#define LB_DEFAULT_BASE_URL "https://api.liveblocks.io"

/**
 * Creates a client on a loop.
 * @param[out] client  yours; release it with lb_client_destroy()
 * @param options      NULL for the defaults
 * @param[out] error   may be NULL
 * @return LB_OK; LB_EUSAGE for a base URL, secret or limit that is not valid (a missing secret is not an error
 *         here: the first call says what to set); LB_ENOMEM
 */
LB_API int lb_client_create(lb_loop *loop, const lb_options *options, lb_client **client, lb_error *error);

/**
 * A client with other options over the same connections: fields of `options` that are zero keep the
 * value of `client`. The pace is that of `client`: requests of both wait for a turn in it, and a 429 of either
 * stops both. A `rate` or `max_in_flight` in `options` is a limit of the copy within it. Either may be destroyed first.
 */
LB_API int lb_client_copy(lb_client *client, const lb_options *options, lb_client **copy, lb_error *error);

/** Cancels the client's requests (their `done` is called with LB_ECANCELLED) and releases it; its copy of
 *  the secret is overwritten. NULL is allowed. */
LB_API void lb_client_destroy(lb_client *client);

/** The loop of a client; NULL for NULL. */
LB_API lb_loop *lb_client_loop(const lb_client *client);

/** The base URL in use, without a trailing slash; "" for NULL. Valid as long as the client. */
LB_API const char *lb_client_base_url(const lb_client *client);

/**
 * Changes the pace of a client and of the copies that share it, from the next request on that waits for its turn; of a copy
 * with limits of its own, these limits.
 * @param rate           requests a second; 0: any number
 * @param max_in_flight  at the same time; 0: as before
 * @return LB_OK; LB_EUSAGE for NULL or a negative rate
 */
LB_API int lb_client_set_pace(lb_client *client, double rate, unsigned max_in_flight);

/** Sends no further request for so many seconds, as after a 429. NULL is allowed. */
LB_API void lb_client_pause(lb_client *client, double seconds);

/** For how many seconds no further request is sent, since there was a 429; 0 when there was none, and for NULL. */
LB_API double lb_client_paused(const lb_client *client);

/* ---- Calls: the thread that uses the loop ----------------------------------------------------- */

/** A name and a value of a query or a header. A list of them ends with a NULL name. */
typedef struct lb_pair {
    const char *name;
    const char *value;
} lb_pair;

/** The body of a call: bytes in memory (copied by a submit) or a stretch of a file (streamed). */
typedef struct lb_body {
    const void *data;
    size_t size;              /**< bytes of data */
    const char *file;         /**< path; used when data is NULL */
    uint64_t offset, length;  /**< the stretch; length 0: to the end of the file */
    const char *content_type; /**< NULL: what the endpoint says */
} lb_body;

/** The envelope of an e-mail, which is sent by SMTP instead of a request by HTTP. Copied by a submit. */
typedef struct lb_mail {
    const char *from;              /**< an address alone: "notify@app.example" */
    const char *const *recipients; /**< addresses; the last one is NULL */
    const char *user, *password;   /**< NULL: the server asks for none */
    bool plain;                    /**< smtp:// without TLS; else the server must offer STARTTLS */
} lb_mail;

/* Where there are neither bytes nor a file: a size without data, which calls refuse. */
static inline lb_body lb_body_make(const void *data, size_t size, const char *file) {
    lb_body body;
    memset(&body, 0, sizeof body);
    body.data = data;
    body.size = data || file ? size : SIZE_MAX;
    body.file = file;
    return body;
}
/** The body of a NUL-terminated string. The string, the bytes and the path stay yours, until the submit. */
static inline lb_body lb_body_text(const char *text) {
    return lb_body_make(text, text ? strlen(text) : 0, NULL);
}
/** The body of bytes; none at all are an empty body. */
static inline lb_body lb_body_bytes(const void *bytes, size_t count) {
    return lb_body_make(bytes || count ? bytes : "", count, NULL);
}
/** The body of a whole file. */
static inline lb_body lb_body_file(const char *path) {
    return lb_body_make(NULL, 0, path);
}

/* The same as pointers for the arguments of a call: LB_TEXT("{\"id\":\"r\"}"). In C they are valid to the end of the
 * block, in C++ to the end of the call. */
#ifdef __cplusplus
static inline const lb_body *lb_body_pointer(const lb_body &body) {
    return &body;
}
#define LB_BODY_POINTER(body) lb_body_pointer(body)
#else
#define LB_BODY_POINTER(body) ((const lb_body[]){ body })
#endif
#define LB_TEXT(text) LB_BODY_POINTER(lb_body_text(text))
#define LB_BYTES(bytes, count) LB_BODY_POINTER(lb_body_bytes((bytes), (count)))
#define LB_FILE(path) LB_BODY_POINTER(lb_body_file(path))

/**
 * Called once from lb_loop_step() (or lb_request_cancel(), lb_client_destroy(), lb_loop_destroy()) when a request
 * has ended. `response` is that of the server, also that of an HTTP error; NULL when there was none. It and `error`
 * (NULL on success) live until the function returns; lb_response_keep() keeps the response. New requests may
 * be submitted here.
 */
typedef void (*lb_done)(void *user_data, lb_status status, lb_response *response, const lb_error *error);

/** May a request be sent again when it is unknown whether the server has acted on it? (RFC 9110, 9.2.2) */
typedef enum lb_idempotency {
    LB_IDEMPOTENCY_DEFAULT = 0, /**< as the method says: GET, PUT and DELETE yes, others no */
    LB_IDEMPOTENT,
    LB_NOT_IDEMPOTENT
} lb_idempotency;

/** Any HTTP request, for what the table lacks. */
typedef struct lb_call {
    const char *method;      /**< "GET" */
    const char *path;        /**< "/v2/rooms", already percent-encoded; appended to the base URL */
    const char *url;         /**< instead of path: a whole http(s) URL of another service; no secret is sent */
    const lb_pair *query;    /**< encoded and appended; NULL for none */
    const lb_pair *headers;  /**< further headers; one of a default name replaces the default */
    const lb_body *body;     /**< NULL for none */
    double timeout;          /**< seconds, 0: the client's */
    unsigned max_attempts;   /**< 0: the client's */
    lb_idempotency idempotency;
    /** An e-mail: url is smtp[s]://host[:port], the body its text (RFC 5322). `method` is only for errors. A refusal
     *  is LB_ENETWORK with the code of SMTP as status (550). */
    const lb_mail *mail;
} lb_call;

/**
 * Sends a request and waits for it, pumping the loop (other requests go on, their `done` is called).
 * @param[out] response  also with LB_EHTTP; NULL when there was none. Yours: lb_response_free(). May be NULL.
 * @param[out] error     may be NULL
 * @return LB_OK, or what went wrong; LB_EUSAGE inside a callback of the same loop, which cannot wait
 */
LB_API int lb_request_perform(lb_client *client, const lb_call *call, lb_response **response, lb_error *error);

/**
 * Starts a request; `done` is called from lb_loop_step(). done may be NULL: how the call ends is of no interest.
 * @param[out] request  valid until `done` returns; may be NULL
 * @return LB_OK, or LB_EUSAGE or LB_ENOMEM (nothing was sent and `done` will not be called)
 */
LB_API int lb_request_submit(lb_client *client, const lb_call *call, lb_done done, void *user_data,
                             lb_request **request, lb_error *error);

/** Ends a request now; `done` is called with LB_ECANCELLED before this returns. NULL is allowed. */
LB_API void lb_request_cancel(lb_request *request);

/* ---- Responses: the thread that uses the loop; lb_header_find() any thread --------------------- */

/** HTTP status; 0 for NULL. */
LB_API int lb_response_status(const lb_response *response);
/** The body, with a NUL after its `size` bytes (size may be NULL); "" for NULL. Valid as long as the response. */
LB_API const char *lb_response_body(const lb_response *response, size_t *size);
/** The value of a header (any case; the first of several) copied into out, at most size bytes with
 *  the NUL, or NULL when there is none. */
LB_API const char *lb_response_header(const lb_response *response, const char *name, char *out, size_t size);
/** All header lines as received, each ending in CRLF, without the status line; "" for NULL. */
LB_API const char *lb_response_headers(const lb_response *response, size_t *size);
/**
 * Finds a header in lines as lb_response_headers() returns them; of several the first.
 * @param name         any case
 * @param[out] length  bytes of the value; may be NULL
 * @return the value within lines, or NULL when there is none
 */
LB_API const char *lb_header_find(const char *lines, size_t size, const char *name, size_t *length);
/** How often the request was sent; 0 for NULL. */
LB_API int lb_response_attempts(const lb_response *response);
/** Seconds from the submit to the end of the response; 0 for NULL. */
LB_API double lb_response_seconds(const lb_response *response);
/**
 * Fills in the error of a response that turned out to be unusable, such as one that is not JSON: which call it was, and
 * `message`, what is wrong with it.
 * @return kind, or LB_EUSAGE when the response is NULL
 */
LB_API int lb_response_fail(const lb_response *response, lb_status kind, const char *message, lb_error *error);
/** Inside `done`: makes the response yours; release it with lb_response_free(). Returns it, also when it is NULL. */
LB_API lb_response *lb_response_keep(lb_response *response);
/** NULL is allowed. */
LB_API void lb_response_free(lb_response *response);

/* ---- Endpoints and their pages: the thread that uses the loop; lb_endpoints() any thread -------- */

#include "liveblocks_endpoints.h"

/* ---- The query language: any thread ----------------------------------------------------------- */

/** How a term compares. LB_STARTS_WITH is for strings; the last four are for numbers. */
typedef enum lb_comparison {
    LB_EQUAL, LB_STARTS_WITH, LB_LESS, LB_GREATER, LB_GREATER_EQUAL, LB_LESS_EQUAL
} lb_comparison;

typedef enum lb_term_type { LB_TERM_TEXT, LB_TERM_NUMBER, LB_TERM_INTEGER, LB_TERM_BOOLEAN, LB_TERM_NULL } lb_term_type;

/** A term of a query such as metadata['color']:'blue'. A list of them ends with a NULL field. */
typedef struct lb_term {
    const char *field;        /**< "roomId", "metadata", "resolved" */
    const char *key;          /**< of "metadata": metadata['key']; NULL: the field itself */
    lb_comparison comparison;
    lb_term_type type;        /**< which of these is the value */
    const char *text;
    double number;
    int64_t integer;
    bool boolean;
} lb_term;

static inline lb_term lb_term_make(const char *field, const char *key, lb_comparison comparison, lb_term_type type) {
    lb_term term;
    memset(&term, 0, sizeof term);
    term.field = field;
    term.key = key;
    term.comparison = comparison;
    term.type = type;
    return term;
}
static inline lb_term lb_term_text(const char *field, const char *key, lb_comparison comparison, const char *text) {
    lb_term term = lb_term_make(field, key, comparison, LB_TERM_TEXT);
    term.text = text;
    return term;
}
static inline lb_term lb_term_number(const char *field, const char *key, lb_comparison comparison, double number) {
    lb_term term = lb_term_make(field, key, comparison, LB_TERM_NUMBER);
    term.number = number;
    return term;
}
static inline lb_term lb_term_integer(const char *field, const char *key, lb_comparison comparison, int64_t integer) {
    lb_term term = lb_term_make(field, key, comparison, LB_TERM_INTEGER);
    term.integer = integer;
    return term;
}
static inline lb_term lb_term_boolean(const char *field, const char *key, bool boolean) {
    lb_term term = lb_term_make(field, key, LB_EQUAL, LB_TERM_BOOLEAN);
    term.boolean = boolean;
    return term;
}
static inline lb_term lb_term_null(const char *field, const char *key) {
    return lb_term_make(field, key, LB_EQUAL, LB_TERM_NULL);
}
/** The end of a list. */
static inline lb_term lb_term_end(void) {
    return lb_term_make(NULL, NULL, LB_EQUAL, LB_TERM_NULL);
}

/**
 * Writes a query, whose terms must all hold, with its strings quoted: for the parameter `query` of lb_get_rooms(),
 * lb_get_threads() and lb_get_inbox_notifications().
 * Documentation: https://liveblocks.io/docs/guides/how-to-filter-rooms-using-query-language
 * @param terms       a list; an empty one is "", which everything matches
 * @param[out] out    at most size bytes with the NUL; "" when it fails: do not send that
 * @param[out] error  may be NULL
 * @return LB_OK; LB_EUSAGE when a term cannot be written or does not fit; LB_ENOMEM
 */
LB_API int lb_query_format(const lb_term *terms, char *out, size_t size, lb_error *error);

/* ---- Access tokens: the thread that uses the loop; lb_permissions() any thread ------------------ */

/** What an access token is asked for. */
typedef struct lb_session {
    const char *user_id;
    /** { { "eng:*", "room:write" }, { "plan", "room:read comments:write" }, { NULL, NULL } }: at most 10 patterns (an id, a
     *  prefix followed by *, or *), each with permissions that are separated by spaces. NULL for none. */
    const lb_pair *permissions;
    const char *user_info;       /**< a JSON object, sent as it is; NULL for none */
    const char *organization_id; /**< NULL for none */
} lb_session;

/** The permissions that there are; ended by NULL. */
LB_API const char *const *lb_permissions(void);

/**
 * Asks for an access token. The response is {"token": "..."}, which goes to the browser as it is.
 * Documentation: https://liveblocks.io/docs/api-reference/authentication/access-token
 * @param[out] response,error  as lb_request_perform()
 * @return as lb_request_perform(); LB_EUSAGE for a pattern or permission that is not valid
 */
LB_API int lb_session_authorize(lb_client *client, const lb_session *session, lb_response **response, lb_error *error);

/** The same as lb_request_submit(). */
LB_API int lb_session_submit(lb_client *client, const lb_session *session, lb_done done, void *user_data,
                             lb_request **request, lb_error *error);

/* ---- Webhooks: a verifier is used by one thread at a time; lb_webhook_sign() any thread ---------- */

/** Bytes that need no NUL. data NULL: there are none. */
typedef struct lb_slice {
    const char *data;
    size_t size;
} lb_slice;

/** The slice of a NUL-terminated string, or of NULL. */
static inline lb_slice lb_slice_text(const char *text) {
    lb_slice slice;
    slice.data = text;
    slice.size = text ? strlen(text) : 0;
    return slice;
}

/** A request that may be a webhook. Begin it with zeros. */
typedef struct lb_webhook_message {
    lb_slice id, timestamp, signature; /**< the headers webhook-id, webhook-timestamp and webhook-signature */
    lb_slice body;                     /**< as received, every byte */
    double now;                        /**< Unix seconds; 0: the system's clock */
    double tolerance;                  /**< how old, or from how far in the future, it may be, in seconds; 0: 300 */
} lb_webhook_message;

/** Prepared secrets, which verify any number of webhooks. */
typedef struct lb_webhook lb_webhook;

/**
 * Prepares secrets. Its memory comes from malloc() and libcrypto.
 * @param secrets       "whsec_...", any of which may have signed; ended by NULL. Copied.
 * @param[out] webhook  yours; release it with lb_webhook_destroy()
 * @param[out] error    may be NULL
 * @return LB_OK; LB_EUSAGE when a secret is not valid or there is none; LB_ENOMEM
 */
LB_API int lb_webhook_create(const char *const *secrets, lb_webhook **webhook, lb_error *error);

/** Releases a verifier and overwrites its keys. NULL is allowed. */
LB_API void lb_webhook_destroy(lb_webhook *webhook);

/**
 * Does a request come from Liveblocks, and is it of now? Compares signatures in constant time. Verify the body before it is
 * parsed; the same webhook may come more than once, with the same id.
 * Documentation: https://liveblocks.io/docs/platform/webhooks
 * @param[out] error  of kind LB_EWEBHOOK, with code MISSING_HEADER, MALFORMED_HEADER, TOO_OLD, FROM_FUTURE or
 *                    WRONG_SIGNATURE; may be NULL
 * @return LB_OK: it does; LB_EWEBHOOK, LB_EUSAGE or LB_ENOMEM: do not act on it
 */
LB_API int lb_webhook_verify(lb_webhook *webhook, const lb_webhook_message *message, lb_error *error);

/** Bytes of a signature with its NUL. */
#define LB_WEBHOOK_SIGNATURE_SIZE 48

/**
 * The signature of a webhook, "v1,...", for tests and for programs that send events.
 * @param id,timestamp  the other two headers
 * @return LB_OK, or as lb_webhook_create(); out is "" then
 */
LB_API int lb_webhook_sign(const char *secret, const char *id, const char *timestamp, const void *body, size_t size,
                           char out[LB_WEBHOOK_SIGNATURE_SIZE], lb_error *error);

#ifdef __cplusplus
}
#endif
#endif
