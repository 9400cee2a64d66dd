/* transport_curl.h - what the files of the transport share: the functions of libcurl that they call, of the library
 * that is linked or of the one that is loaded when the first client is made (loading it with the some thirty
 * libraries that it needs takes longer than the rest of a program's start), transfers, and parsed origins. */
#ifndef LB_TRANSPORT_CURL_H
#define LB_TRANSPORT_CURL_H

#define CURL_DISABLE_TYPECHECK /* its macros call the linked functions */
#include <curl/curl.h>

#include "internal.h"

#define LB_CURL_FUNCTIONS(F)                                                                                  \
    F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_pause) F(easy_perform) F(easy_setopt) F(easy_strerror) \
    F(free) F(getdate) F(global_cleanup) F(global_init) F(global_init_mem)                                    \
    F(multi_add_handle) F(multi_cleanup) F(multi_info_read) F(multi_init) F(multi_perform)                    \
    F(multi_remove_handle) F(multi_setopt) F(multi_socket_action)                                             \
    F(slist_append) F(slist_free_all)                                                                         \
    F(url) F(url_cleanup) F(url_set)

typedef struct lb_curl_functions {
#define LB_CURL_FIELD(name) __typeof__(curl_##name) *name;
    LB_CURL_FUNCTIONS(LB_CURL_FIELD)
#undef LB_CURL_FIELD
} lb_curl_functions;

extern lb_curl_functions lb_curl; /* lb_curl_load() fills it in */

/* Sets an option, unless one before has failed. An option that libcurl does not know, being too old, fails too. */
#define SET(code, easy, option, value) \
    ((code) = (code) == CURLE_OK ? lb_curl.easy_setopt((easy), (option), (value)) : (code))

/* ---- transport_curl_load.c ---------------------------------------------------------------------- */

/* May be called again and from any thread. NULL, or what is wrong: a string that stays. */
const char *lb_curl_load(void);

/* ---- transport_curl_origin.c -------------------------------------------------------------------- */

/* Scheme, host and port of URLs, parsed. libcurl parses and writes again each URL that it is given; with this it gets the rest
 * as the target of the request. Without this (tests/bench/get_room.lua by callgrind, 29 November 2026): 89,500 instructions a
 * call in turn instead of 74,100. */
typedef struct lb_origin lb_origin;

/* The origin of a URL, to be released, and where the rest begins; NULL when libcurl has to see the URL itself.
 * *latest is used when it fits and else replaced. */
lb_origin *lb_origin_take(const lb_allocator *a, lb_origin **latest, const char *url, const char **target);
void lb_origin_release(const lb_allocator *a, lb_origin *origin); /* NULL: nothing */
CURLU *lb_origin_url(const lb_origin *origin);

/* ---- transport_curl.c and transport_curl_transfer.c ---------------------------------------------- */

typedef struct lb_socket {
    short wanted; /* what libcurl waits for */
    bool ours;    /* from on_open_socket(), so that on_close_socket() will be called */
} lb_socket;

struct lb_transport {
    lb_loop *loop;
    CURLM *multi; /* NULL until it is needed: lb_curl_need_multi() */
    bool opened;  /* for the first client */
    lb_origin *origin;
    bool proxied;
    char *ca_file, *ca_path; /* of clients without a ca_file; NULL: none */
    lb_transfer *idle;
    lb_transfer *running, *running_last; /* doubly linked, in the order in which they were started */
    lb_transfer *waiting; /* the first of them that libcurl does not have yet; NULL: none */
    unsigned paused;      /* how many of them have stopped reading, because a budget was spent */
    bool has_failed;      /* one or more are broken: lb_transport_finish() ends them */
    bool has_messages;    /* libcurl has ends of transfers that a budget has left */
    unsigned mails;       /* transfers of e-mails */
    unsigned unsafe;      /* running ones whose streams are looked after: see transport_curl_streams.c */
    lb_socket *sockets;   /* by descriptor */
    size_t socket_count;
    bool broken;    /* libcurl has lost track of its sockets: lb_transport_finish() ends all transfers */
    bool unwatched; /* a descriptor could not be watched: all transfers are looked after every UNWATCHED_MS */
    double timer;   /* when libcurl wants to be called; 0 for now, -1 for never */
};

/* What the server has said of the HTTP/2 stream of a request. */
typedef struct lb_stream {
    bool watched;        /* libcurl's log is on */
    uint64_t connection; /* which it is; 0 before there is one */
    unsigned id;         /* 0: none was opened */
    bool refused;        /* not processed */
} lb_stream;

struct lb_transfer {
    lb_transport *transport;
    lb_transfer *next, *previous;
    CURL *easy;
    lb_origin *origin;
    lb_transfer_done done;
    void *owner;
    lb_buffer body, headers;
    size_t max_response;
    int fd;
    const char *data; /* instead of fd: the text of an e-mail */
    uint64_t offset, left;
    struct curl_slist *recipients;
    curl_socket_t socket;
    lb_stream stream;
    bool tls, once, too_large, no_memory, read_failed, repeatable, started, repeated;
    bool added;  /* libcurl has it */
    bool http1;  /* the response is not of HTTP/2 */
    bool paused; /* it reads no further before lb_transport_begin() */
    bool resumed; /* and takes one piece then, whatever time it is */
    bool broken; /* it is to be ended, with `failure`, and its handle not to be used again */
    CURLcode failure;
    bool crossed; /* libcurl has chosen a connection of the other scheme; nothing was sent */
    bool fresh;   /* set to open a connection of its own */
    /* What the handle is set to, and keeps for its next use. It keeps the addresses, not what is there. */
    CURLU *parsed;
    const lb_headers *headers_set;
    bool takes_frames; /* its buffer is one for HTTP/2 */
    bool waits_for_pipe, gets;
    bool own_ca;          /* the client's ca_file */
    long connect_timeout; /* milliseconds; 0: libcurl's own */
    char error[CURL_ERROR_SIZE];
};

bool lb_curl_need_multi(lb_transport *t); /* false: out of memory */
int lb_curl_on_open_socket(void *user_data, curlsocktype purpose, struct curl_sockaddr *address);
int lb_curl_on_close_socket(void *user_data, curl_socket_t fd);
void lb_transfer_free(lb_transfer *transfer);
void lb_transfer_add(lb_transport *t); /* one waits */
void lb_transfer_break(lb_transfer *transfer, CURLcode failure); /* lb_transport_finish() ends it */
bool lb_transfer_start_fresh(lb_transport *t, lb_transfer *transfer); /* once, after `crossed`; false: it has failed */
void lb_transfer_end(lb_transport *t, lb_transfer *transfer); /* it is idle, or gone */

/* ---- transport_curl_outcome.c -------------------------------------------------------------------- */

void lb_curl_outcome(lb_transfer *transfer, CURLcode code, lb_outcome *out); /* moves the response out */
bool lb_curl_has_sent(const lb_transfer *transfer); /* has a part of the request left, or may it have? */

/* ---- transport_curl_streams.c -------------------------------------------------------------------- */

void lb_streams_start(lb_transport *t, lb_transfer *transfer);
void lb_streams_end(lb_transport *t, lb_transfer *transfer);
bool lb_stream_was_refused(lb_transfer *transfer); /* uses up the handle of one that was repeated */
void lb_stream_connected(lb_transfer *transfer, const char *ip, const char *local_ip, int port, int local_port);
int lb_stream_on_log(CURL *easy, curl_infotype type, char *data, size_t size, void *user_data);

/* ---- transport_curl_mail.c ----------------------------------------------------------------------- */

/* Makes a fresh handle one that sends an e-mail, but for its text. *recipients, NULL before, is to be freed when the
 * transfer has ended. */
CURLcode lb_curl_set_mail(CURL *e, const lb_mail *mail, struct curl_slist **recipients);
/* Before libcurl closes the connection. `fd` is the socket that the handle waits for, or CURL_SOCKET_BAD. */
void lb_curl_end_mail(curl_socket_t fd);

#endif
