/*
 * transport_curl.c - HTTP transfers. With its neighbours, the only file that talks to libcurl.
 *
 * One multi handle a loop, driven by curl_multi_socket_action: a step costs what is ready, not what is in
 * flight. Easy handles are reused. libcurl's callbacks only append to buffers and flip state.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "transport_curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_HEADERS = 256 * 1024, EVENTS = LB_STARTS_A_STEP, UNWATCHED_MS = 10, NAMES_S = 60 };
static const long RECEIVE_BUFFER = 8000; /* taken for each transfer; with what surrounds it no more than 8 KiB */

struct lb_transport {
    lb_loop *loop;
    CURLM *multi; /* NULL until the first client is made */
    lb_poller *poller;
    lb_origin *origin;
    bool proxied;
    lb_transfer *idle, *spent;
    lb_transfer *ended; /* its outcome was taken; libcurl lets go of it when there is time */
    unsigned mails; /* transfers of e-mails */
    struct lb_socket *sockets; /* by descriptor */
    size_t socket_count;
    bool unwatched; /* a descriptor could not be watched: all transfers are looked after every UNWATCHED_MS */
    double timer; /* when libcurl wants to be called; 0 for now, -1 for never */
    double names_due; /* when the addresses it remembers are to be looked through */
};

struct lb_transfer {
    lb_transport *transport;
    lb_transfer *next; /* in the idle list */
    CURL *easy;
    lb_origin *origin;
    void *owner;
    lb_buffer body, headers;
    size_t max_reply;
    int fd;
    const char *data; /* instead of fd: the text of an e-mail */
    uint64_t offset, left;
    struct curl_slist *recipients;
    curl_socket_t socket;
    bool once; /* an e-mail's: its handle is not used again, and the three before are its */
    struct curl_slist host[2]; /* in front of the headers of the call */
    double names_due; /* of one that looks through the addresses: when the next one does; else 0 */
    bool too_large, no_memory, read_failed, repeatable, begun, repeated;
    struct { /* what the handle is set to: setting it again takes as long as a short header line */
        long pipewait, connect_timeout_ms, names_s;
        const void *headers, *origin; /* may be gone: only compared */
        bool not_get, ca_file;
    } known;
    char error[CURL_ERROR_SIZE];
};

/* ---- libcurl's callbacks ---------------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *user_data) {
    lb_transfer *t = user_data;
    size_t bytes = size * count;
    if (bytes > t->max_reply - t->body.size) {
        t->too_large = true;
        return 0;
    }
    if (!lb_buffer_add(&t->body, data, bytes)) {
        t->no_memory = true;
        return 0;
    }
    return bytes;
}

static size_t on_header(char *data, size_t size, size_t count, void *user_data) {
    lb_transfer *t = user_data;
    size_t bytes = size * count;
    if (bytes > 5 && memcmp(data, "HTTP/", 5) == 0) {
        t->headers.size = 0; /* an interim answer came before */
        return bytes;
    }
    if (bytes <= 2) return bytes;
    /* A refusal, or the answer to the whole e-mail: libcurl will end the connection. */
    bool last = t->once && t->begun && bytes > 3 && data[3] != '-';
    if (last && (*data == '4' || *data == '5' || t->left == 0)) lb_curl_end_mail(t->socket);
    if (bytes > MAX_HEADERS - t->headers.size) {
        t->too_large = true;
        return 0;
    }
    if (!lb_buffer_add(&t->headers, data, bytes)) {
        t->no_memory = true;
        return 0;
    }
    return bytes;
}

static size_t on_read(char *out, size_t size, size_t count, void *user_data) {
    lb_transfer *t = user_data;
    size_t room = size * count;
    if (room > t->left) room = (size_t)t->left;
    if (room == 0) return 0;
    ssize_t got = (ssize_t)room;
    if (t->data) memcpy(out, t->data + t->offset, room);
    else got = pread(t->fd, out, room, (off_t)t->offset);
    if (got <= 0) { /* the file became shorter, or the disk failed */
        t->read_failed = true;
        return CURL_READFUNC_ABORT;
    }
    t->offset += (uint64_t)got;
    t->left -= (uint64_t)got;
    return (size_t)got;
}

/* Called before each sending. libcurl sends a request again by itself when a kept connection breaks
 * before an answer; what must not be repeated is stopped here. */
static int on_send(void *user_data, char *ip, char *local_ip, int port, int local_port) {
    lb_transfer *t = user_data;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    if (t->begun && !t->repeatable) {
        t->repeated = true;
        return CURL_PREREQFUNC_ABORT;
    }
    t->begun = true;
    return CURL_PREREQFUNC_OK;
}

/* What epoll watches and what libcurl wants of a descriptor. libcurl lets go of a connection after each
 * request; it stays registered until something happens on it or it closes, which saves two system calls a
 * request. */
typedef struct lb_socket {
    short registered, wanted;
} lb_socket;

static lb_socket *socket_of(lb_transport *t, curl_socket_t fd) {
    if (fd < 0) return NULL;
    if ((size_t)fd >= t->socket_count) {
        const lb_allocator *a = &t->loop->allocator;
        size_t count = (size_t)fd + 64;
        lb_socket *sockets = a->realloc(a->user_data, t->sockets, count * sizeof *sockets);
        if (!sockets) return NULL;
        memset(sockets + t->socket_count, 0, (count - t->socket_count) * sizeof *sockets);
        t->sockets = sockets;
        t->socket_count = count;
    }
    return &t->sockets[fd];
}

/* An e-mail knows its socket, so that it can be ended: see lb_curl_end_mail(). */
static void note_socket(CURL *easy, curl_socket_t fd, int what) {
    lb_transfer *transfer = NULL;
    lb_curl.easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
    if (transfer && transfer->once) transfer->socket = what == CURL_POLL_REMOVE ? CURL_SOCKET_BAD : fd;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user_data, void *known) {
    lb_transport *t = user_data;
    if (t->mails > 0) note_socket(easy, fd, what);
    lb_socket *w = socket_of(t, fd);
    (void)easy, (void)known;
    if (!w) { /* no memory; to fail here would end libcurl's multi handle with all of its transfers */
        t->unwatched = true;
        return 0;
    }
    w->wanted = 0;
    if (what == CURL_POLL_REMOVE) return 0;
    if (what & CURL_POLL_IN) w->wanted |= LB_POLLIN;
    if (what & CURL_POLL_OUT) w->wanted |= LB_POLLOUT;
    if (w->wanted == w->registered) return 0;
    if (lb_poller_set(t->poller, fd, w->wanted, w->registered != 0)) w->registered = w->wanted;
    else t->unwatched = true;
    return 0;
}

static int on_close(void *user_data, curl_socket_t fd) {
    lb_transport *t = user_data;
    lb_socket *w = socket_of(t, fd);
    if (w && w->registered) lb_poller_remove(t->poller, fd);
    if (w) w->registered = w->wanted = 0;
    return close(fd);
}

static int on_timer(CURLM *multi, long ms, void *user_data) {
    lb_transport *t = user_data;
    (void)multi;
    t->timer = ms < 0 ? -1 : ms == 0 ? 0 : lb_clock() + (double)ms * 1e-3;
    return 0;
}

/* ---- Transport -------------------------------------------------------------------------------- */

int lb_transport_create(lb_transport **out, lb_loop *loop) {
    const lb_allocator *a = &loop->allocator;
    lb_transport *t = lb_alloc(a, sizeof *t);
    if (!t) return LB_ENOMEM;
    t->loop = loop;
    t->timer = -1;
    t->poller = lb_poller_create(a);
    if (!t->poller) {
        lb_release(a, t);
        return LB_ENOMEM;
    }
    *out = t;
    return LB_OK;
}

static bool environment_names_proxy(void) {
    static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return true;
    }
    return false;
}

static CURLcode global_init(const lb_libcurl_memory *m) { /* counted by libcurl */
    if (!m) return lb_curl.global_init(CURL_GLOBAL_DEFAULT);
    return lb_curl.global_init_mem(CURL_GLOBAL_DEFAULT, m->allocate, m->release, m->resize, m->duplicate,
                                   m->allocate_zeroed);
}

int lb_transport_open(lb_transport *t, lb_error *error) {
    if (t->multi) return LB_OK;
    const char *problem = lb_curl_load();
    if (problem) return lb_fail(error, LB_ENETWORK, "%s", problem);
    if (global_init(t->loop->libcurl_memory) != CURLE_OK)
        return lb_fail(error, LB_ENETWORK, "libcurl could not be initialised");
    t->multi = lb_curl.multi_init();
    if (!t->multi) {
        lb_curl.global_cleanup();
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    t->proxied = environment_names_proxy();
    lb_curl.multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    lb_curl.multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
    lb_curl.multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    lb_curl.multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
    lb_curl.multi_setopt(t->multi, CURLMOPT_MAXCONNECTS, 256L);
    lb_curl.multi_setopt(t->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    return LB_OK;
}

static void transfer_free(lb_transfer *transfer) {
    lb_curl.slist_free_all(transfer->recipients); /* not before the handle lets go of it */
    lb_curl.easy_cleanup(transfer->easy);
    lb_buffer_free(&transfer->body);
    lb_buffer_free(&transfer->headers);
    lb_release(&transfer->transport->loop->allocator, transfer);
}

static void put_away(lb_transport *t);

void lb_transport_destroy(lb_transport *t) {
    put_away(t);
    while (t->idle) {
        lb_transfer *transfer = t->idle;
        t->idle = transfer->next;
        transfer_free(transfer);
    }
    if (t->spent) transfer_free(t->spent);
    if (t->multi) {
        lb_origin_release(&t->loop->allocator, t->origin);
        lb_curl.multi_cleanup(t->multi); /* closes connections: still calls on_socket and on_close */
        lb_curl.global_cleanup();
    }
    lb_release(&t->loop->allocator, t->sockets);
    lb_poller_destroy(t->poller);
    lb_release(&t->loop->allocator, t);
}

int lb_transport_fd(const lb_transport *t) {
    return lb_poller_fd(t->poller);
}

lb_poller *lb_transport_poller(const lb_transport *t) {
    return t->poller;
}

int lb_transport_timeout(const lb_transport *t) {
    if (t->timer < 0) return t->unwatched ? UNWATCHED_MS : -1;
    double ms = (t->timer - lb_clock()) * 1000, most = t->unwatched ? UNWATCHED_MS : 3600000;
    return ms <= 0 ? 0 : ms > most ? (int)most : (int)ms + 1;
}

void lb_transport_begin(lb_transport *t) {
    int running;
    if (t->timer < 0 || (t->timer > 0 && t->timer > lb_clock())) return;
    t->timer = -1;
    lb_curl.multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

int lb_transport_wait(lb_transport *t, int timeout_ms, lb_pollfd *fds, size_t count) {
    lb_event events[EVENTS];
    int running, ready;
    put_away(t);
    int n = lb_poller_wait(t->poller, timeout_ms, events, EVENTS, fds, count, &ready);
    if (n < 0) return n;
    for (int i = 0; i < n; i++) {
        int mask = 0;
        lb_socket *w = socket_of(t, events[i].fd);
        if (!w || !w->registered) {
            lb_watch_dispatch(t->loop, events[i].fd, events[i].events);
            continue;
        }
        if (!w->wanted) { /* an idle connection, closed by the server: libcurl finds out when it needs it */
            lb_poller_remove(t->poller, events[i].fd);
            w->registered = 0;
            continue;
        }
        if (events[i].events & LB_POLLIN) mask |= CURL_CSELECT_IN;
        if (events[i].events & LB_POLLOUT) mask |= CURL_CSELECT_OUT;
        if (events[i].events & LB_POLLERR) mask |= CURL_CSELECT_ERR;
        lb_curl.multi_socket_action(t->multi, events[i].fd, mask, &running);
    }
    lb_transport_begin(t);
    if (t->unwatched) {
        lb_curl.multi_perform(t->multi, &running);
        t->unwatched = running > 0;
    }
    return ready;
}

/* ---- Transfers -------------------------------------------------------------------------------- */

static lb_transfer *transfer_create(lb_transport *t) {
    lb_transfer *transfer = lb_alloc(&t->loop->allocator, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->transport = t;
    transfer->body.allocator = transfer->headers.allocator = &t->loop->allocator;
    CURL *e = transfer->easy = lb_curl.easy_init();
    if (!e) {
        lb_release(&t->loop->allocator, transfer);
        return NULL;
    }
    lb_curl.easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    lb_curl.easy_setopt(e, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
    lb_curl.easy_setopt(e, CURLOPT_PRIVATE, transfer);
    lb_curl.easy_setopt(e, CURLOPT_ERRORBUFFER, transfer->error);
    lb_curl.easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    lb_curl.easy_setopt(e, CURLOPT_WRITEDATA, transfer);
    lb_curl.easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    lb_curl.easy_setopt(e, CURLOPT_HEADERDATA, transfer);
    lb_curl.easy_setopt(e, CURLOPT_READFUNCTION, on_read);
    lb_curl.easy_setopt(e, CURLOPT_READDATA, transfer);
    lb_curl.easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    lb_curl.easy_setopt(e, CURLOPT_CLOSESOCKETDATA, t);
    lb_curl.easy_setopt(e, CURLOPT_PREREQFUNCTION, on_send);
    lb_curl.easy_setopt(e, CURLOPT_PREREQDATA, transfer);
    lb_curl.easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    lb_curl.easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    lb_curl.easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    lb_curl.easy_setopt(e, CURLOPT_ACCEPT_ENCODING, LB_ACCEPT_ENCODING);
    if (!t->proxied) lb_curl.easy_setopt(e, CURLOPT_NOPROXY, "*"); /* spares libcurl the search for each request */
    return transfer;
}

static void set_long(CURL *e, CURLoption option, long *known, long value) {
    if (*known != value) lb_curl.easy_setopt(e, option, value);
    *known = value;
}

/* libcurl keeps the pointer, and looks at what it points to during a transfer only. */
static void set_pointer(CURL *e, CURLoption option, const void **known, void *value) {
    if (*known != value) lb_curl.easy_setopt(e, option, value);
    *known = value;
}

static CURLcode set_ca_file(lb_transfer *transfer, const char *path) {
    if (!path && !transfer->known.ca_file) return CURLE_OK;
    transfer->known.ca_file = path != NULL;
    return lb_curl.easy_setopt(transfer->easy, CURLOPT_CAINFO, path);
}

static CURLcode set_body(lb_transfer *transfer, const lb_attempt *a) {
    CURL *e = transfer->easy;
    bool get = strcmp(a->method, "GET") == 0 && !a->data && a->fd < 0, head = strcmp(a->method, "HEAD") == 0;
    if (get && !transfer->known.not_get) return CURLE_OK;
    transfer->known.not_get = !get;
    CURLcode code = lb_curl.easy_setopt(e, CURLOPT_HTTPGET, 1L); /* undoes what an earlier use set */
    if (a->fd >= 0) {
        transfer->fd = a->fd;
        transfer->offset = a->offset;
        transfer->left = a->length;
        lb_curl.easy_setopt(e, CURLOPT_UPLOAD, 1L);
        code = lb_curl.easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)a->length);
    } else if (a->data || strcmp(a->method, "POST") == 0 || strcmp(a->method, "PUT") == 0 ||
               strcmp(a->method, "PATCH") == 0) {
        lb_curl.easy_setopt(e, CURLOPT_POST, 1L);
        lb_curl.easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(a->data ? a->size : 0));
        code = lb_curl.easy_setopt(e, CURLOPT_POSTFIELDS, a->data ? a->data : "");
    } else if (head) {
        code = lb_curl.easy_setopt(e, CURLOPT_NOBODY, 1L);
    }
    if (code != CURLE_OK) return code;
    return lb_curl.easy_setopt(e, CURLOPT_CUSTOMREQUEST, get ? NULL : a->method);
}

static CURLcode set_mail(lb_transfer *transfer, const lb_attempt *a) {
    CURL *e = transfer->easy;
    transfer->data = a->data;
    transfer->offset = 0;
    transfer->left = a->size;
    CURLcode code = lb_curl_set_mail(e, a->mail, &transfer->recipients);
    if (code == CURLE_OK) code = lb_curl.easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)a->size);
    return code == CURLE_OK ? lb_curl.easy_setopt(e, CURLOPT_URL, a->url) : code;
}

static CURLcode set_url(lb_transport *t, lb_transfer *transfer, const char *url) {
    CURL *e = transfer->easy;
    const char *target = NULL;
    /* A proxy may want the whole URL as the target: libcurl knows. */
    transfer->origin = t->proxied ? NULL : lb_origin_take(&t->loop->allocator, &t->origin, url, &target);
    if (transfer->origin) {
        set_pointer(e, CURLOPT_CURLU, &transfer->known.origin, lb_origin_url(transfer->origin));
        return lb_curl.easy_setopt(e, CURLOPT_REQUEST_TARGET, target);
    }
    set_pointer(e, CURLOPT_CURLU, &transfer->known.origin, NULL);
    lb_curl.easy_setopt(e, CURLOPT_REQUEST_TARGET, NULL);
    return lb_curl.easy_setopt(e, CURLOPT_URL, url);
}

static void set_headers(lb_transfer *transfer, lb_headers *headers) {
    void *list = headers;
    char *host = transfer->origin ? lb_origin_host(transfer->origin) : NULL;
    if (host) list = lb_headers_with_host(list, host, transfer->host);
    set_pointer(transfer->easy, CURLOPT_HTTPHEADER, &transfer->known.headers, list);
}

/* After each transfer libcurl looks for addresses that it has known for too long, in a table that is mostly empty, unless
 * it is to know them for ever. Once in a minute is enough. */
static void set_names(lb_transport *t, lb_transfer *transfer, double now) {
    transfer->names_due = now >= t->names_due ? now + (double)NAMES_S : 0;
    set_long(transfer->easy, CURLOPT_DNS_CACHE_TIMEOUT, &transfer->known.names_s, transfer->names_due > 0 ? NAMES_S : -1);
}

static CURLcode set_request(lb_transport *t, lb_transfer *transfer, const lb_attempt *a) {
    set_long(transfer->easy, CURLOPT_PIPEWAIT, &transfer->known.pipewait, strncmp(a->url, "https:", 6) == 0 ? 1L : 0L);
    set_names(t, transfer, a->now);
    CURLcode code = set_url(t, transfer, a->url);
    set_headers(transfer, a->headers);
    return code == CURLE_OK ? set_body(transfer, a) : code;
}

static lb_transfer *transfer_take(lb_transport *t, bool once) {
    lb_transfer *transfer = once ? NULL : t->idle;
    if (transfer) {
        t->idle = transfer->next;
        return transfer;
    }
    transfer = transfer_create(t);
    if (transfer && once) {
        transfer->once = true;
        transfer->socket = CURL_SOCKET_BAD;
        t->mails++;
    }
    return transfer;
}

static void transfer_give_back(lb_transport *t, lb_transfer *transfer) {
    lb_origin_release(&t->loop->allocator, transfer->origin);
    transfer->origin = NULL;
    transfer->owner = NULL;
    if (transfer->once) {
        lb_curl.easy_cleanup(transfer->easy);
        transfer->easy = NULL;
        if (t->spent) transfer_free(t->spent);
        t->spent = transfer; /* an outcome may still point to its message */
        t->mails--;
        return;
    }
    transfer->next = t->idle;
    t->idle = transfer;
}

lb_transfer *lb_transfer_start(lb_transport *t, const lb_attempt *a, void *owner) {
    lb_transfer *transfer = transfer_take(t, a->mail != NULL);
    if (!transfer) return NULL;
    transfer->owner = owner;
    transfer->max_reply = a->max_reply;
    transfer->repeatable = a->repeatable;
    transfer->too_large = transfer->no_memory = transfer->read_failed = false;
    transfer->begun = transfer->repeated = false;
    transfer->error[0] = '\0';
    bool ok = (a->mail ? set_mail(transfer, a) : set_request(t, transfer, a)) == CURLE_OK &&
              set_ca_file(transfer, a->ca_file) == CURLE_OK;
    /* Without an option it gives up after 300 s. With one it sets up a timer for each request. */
    set_long(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, &transfer->known.connect_timeout_ms,
             a->connect_timeout <= 300 ? 0L : a->connect_timeout > 2e6 ? 2000000000L : (long)(a->connect_timeout * 1000));
    if (!ok || lb_curl.multi_add_handle(t->multi, transfer->easy) != CURLM_OK) {
        transfer_give_back(t, transfer);
        return NULL;
    }
    return transfer;
}

static void transfer_detach(lb_transport *t, lb_transfer *transfer) {
    if (transfer->once) lb_curl_end_mail(transfer->socket);
    lb_curl.multi_remove_handle(t->multi, transfer->easy);
}

/* The next request is sent before libcurl clears up behind the last one: a caller that makes one call after the other
 * would wait for that. */
static void put_away(lb_transport *t) {
    lb_transfer *transfer = t->ended;
    if (!transfer) return;
    t->ended = NULL;
    transfer_detach(t, transfer);
    transfer_give_back(t, transfer);
}

void lb_transfer_stop(lb_transport *t, lb_transfer *transfer) {
    transfer_detach(t, transfer);
    lb_buffer_free(&transfer->body);
    lb_buffer_free(&transfer->headers);
    transfer_give_back(t, transfer);
}

bool lb_transfer_begun(const lb_transfer *transfer) {
    return transfer->begun;
}

void lb_transfer_expire(lb_transport *t, lb_transfer *transfer, bool call, double seconds, lb_outcome *out) {
    const char *missed = transfer->begun ? (transfer->headers.size ? "the answer did not end" : "no answer")
                         : transfer->once ? "the mail server did not answer" : "no connection";
    long sent = 0;
    lb_curl.easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    *out = (lb_outcome){
        .status = call ? LB_ETIMEOUT : LB_ENETWORK,
        .sent = transfer->begun || sent > 0,
        .message = transfer->error,
        .suggestion = call ? "the option timeout allows more" : "check the URL and the network; the option connect_timeout "
                      "allows more",
        .body = { .allocator = &t->loop->allocator },
        .headers = { .allocator = &t->loop->allocator },
    };
    lb_transfer_stop(t, transfer); /* libcurl may say something of it, too */
    snprintf(transfer->error, sizeof transfer->error, "%s within %g s", missed, seconds);
}

static lb_status status_of(const lb_transfer *t, CURLcode code) {
    if (t->no_memory || (code == CURLE_OUT_OF_MEMORY && !t->begun)) return LB_ENOMEM;
    switch (code) {
    case CURLE_OK: return LB_OK;
    case CURLE_URL_MALFORMAT: return LB_EUSAGE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return LB_ETLS;
    default: return LB_ENETWORK;
    }
}

static const char *message_of(const lb_transfer *t, CURLcode code) {
    if (t->too_large) return "the answer is larger than max_reply allows";
    if (t->read_failed) return "the file to upload could not be read to its end";
    if (t->repeated) return "the connection closed before an answer; the server may have acted on the call";
    if (code == CURLE_OUT_OF_MEMORY && t->begun) /* libcurl says so also of a header line of over 100 KB */
        return "the answer has a header that is too large, or memory ran out";
    if (code == CURLE_GOT_NOTHING) return "the server closed the connection without an answer";
    return t->error[0] ? t->error : lb_curl.easy_strerror(code);
}

static const char *suggestion_of(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return "check the network, and the name in the URL";
    case CURLE_COULDNT_CONNECT: return "check that a server listens there, and the URL";
    case CURLE_PEER_FAILED_VERIFICATION: return "the option ca_file takes certificates of a private authority";
    default: return "";
    }
}

void *lb_transport_finished(lb_transport *t, lb_outcome *out) {
    CURLMsg *message;
    int left;
    if (!t->multi) return NULL;
    do {
        message = lb_curl.multi_info_read(t->multi, &left);
        if (!message) return NULL;
    } while (message->msg != CURLMSG_DONE);
    CURLcode code = message->data.result;
    lb_transfer *transfer = NULL;
    long status = 0, sent = 0;
    lb_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
    lb_curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) lb_curl.easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    else if (transfer->names_due > 0) t->names_due = transfer->names_due;
    void *owner = transfer->owner;
    *out = (lb_outcome){
        .status = status_of(transfer, code),
        .http_status = (int)status,
        .sent = code == CURLE_OK || sent > 0 || transfer->begun,
        .message = code == CURLE_OK ? "" : message_of(transfer, code),
        .suggestion = suggestion_of(code),
        .body = transfer->body,
        .headers = transfer->headers,
    };
    transfer->body = transfer->headers = (lb_buffer){ .allocator = &t->loop->allocator };
    put_away(t);
    t->ended = transfer;
    return owner;
}
