/*
 * transport_curl.c - the multi handle: what it waits for, and when it wants to be called. The files transport_curl*.c
 * alone talk to libcurl.
 *
 * One multi handle a loop, driven by curl_multi_socket_action: a step costs what is ready, not what is in
 * flight. Easy handles are reused. libcurl's callbacks only append to buffers and flip state.
 */
#define _GNU_SOURCE 1
#include "internal.h"
#include "transport_curl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNWATCHED_MS = 10 };

/* ---- Sockets ---------------------------------------------------------------------------------- */

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

int lb_curl_on_open_socket(void *user_data, curlsocktype purpose, struct curl_sockaddr *address) {
    lb_transport *t = user_data;
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    lb_socket *s = socket_of(t, fd);
    if (s) *s = (lb_socket){ .ours = true };
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* libcurl 8.14 closes a socket without a call of on_socket(), and the next one may get its number. */
static void forget_socket(lb_transport *t, curl_socket_t fd) {
    for (lb_transfer *transfer = t->mails > 0 ? t->running : NULL; transfer; transfer = transfer->next)
        if (transfer->socket == fd) transfer->socket = CURL_SOCKET_BAD;
}

int lb_curl_on_close_socket(void *user_data, curl_socket_t fd) {
    lb_transport *t = user_data;
    lb_socket *s = socket_of(t, fd);
    forget_socket(t, fd);
    lb_poller_remove(t->loop->poller, fd, t);
    if (s) *s = (lb_socket){ 0 };
    return close(fd);
}

/* libcurl has lost track of the sockets of a transfer, for want of memory: that transfer would never be called again, and a
 * later one may make libcurl divide by zero (7.88, in the table of a socket's transfers). */
static void check(lb_transport *t, CURLMcode code) {
    if (code == CURLM_OUT_OF_MEMORY || code == CURLM_INTERNAL_ERROR) t->broken = true;
}

static void on_ready(void *owner, int fd, short events) {
    lb_transport *t = owner;
    lb_socket *s = socket_of(t, fd);
    int mask = 0, running;
    if (!s || !s->wanted) { /* an idle connection, closed by the server: libcurl finds out when it needs it */
        lb_poller_remove(t->loop->poller, fd, t);
        return;
    }
    if (events & LB_POLLIN) mask |= CURL_CSELECT_IN;
    if (events & LB_POLLOUT) mask |= CURL_CSELECT_OUT;
    if (events & LB_POLLERR) mask |= CURL_CSELECT_ERR;
    check(t, lb_curl.multi_socket_action(t->multi, fd, mask, &running));
}

/* An e-mail knows its socket, so that it can be ended: see lb_curl_end_mail(). */
static void note_socket(CURL *easy, curl_socket_t fd, int what) {
    lb_transfer *transfer = NULL;
    if (lb_curl.easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer) != CURLE_OK) return;
    if (transfer && transfer->once) transfer->socket = what == CURL_POLL_REMOVE ? CURL_SOCKET_BAD : fd;
}

/* libcurl lets go of a connection after each request. It stays registered until something happens on it or it closes; but not
 * a descriptor that libcurl closes without a word, such as those by which its resolver wakes it. Without this (get_room in
 * turn, of a server that takes 3 ms, by strace -c, 29 November 2026): 8.4 system calls a call instead of 6.4. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user_data, void *known) {
    lb_transport *t = user_data;
    (void)known;
    if (t->mails > 0) note_socket(easy, fd, what);
    lb_socket *s = socket_of(t, fd);
    if (what == CURL_POLL_REMOVE) {
        if (s) s->wanted = 0;
        if (!s || !s->ours) lb_poller_remove(t->loop->poller, fd, t);
        return 0;
    }
    if (s) {
        s->wanted = (short)((what & CURL_POLL_IN ? LB_POLLIN : 0) | (what & CURL_POLL_OUT ? LB_POLLOUT : 0));
        if (lb_poller_set(t->loop->poller, fd, s->wanted, on_ready, t) == LB_OK) return 0;
    }
    t->unwatched = true; /* to fail here would end libcurl's multi handle with all of its transfers */
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *user_data) {
    lb_transport *t = user_data;
    (void)multi;
    t->timer = ms < 0 ? -1 : ms == 0 ? 0 : lb_clock() + (double)ms * 1e-3;
    return 0;
}

/* ---- Transport -------------------------------------------------------------------------------- */

int lb_transport_create(lb_transport **out, lb_loop *loop) {
    lb_transport *t = *out = lb_alloc(&loop->allocator, sizeof *t);
    if (!t) return LB_ENOMEM;
    t->loop = loop;
    t->timer = -1;
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

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool keep(const lb_allocator *a, char **slot, const char *text) {
    return !text || (*slot = lb_copy(a, text, strlen(text))) != NULL;
}

/*
 * The root certificates, as curl's tool finds them: the file CURL_CA_BUNDLE or SSL_CERT_FILE instead of the system's, and
 * the directory SSL_CERT_DIR, which CURL_CA_BUNDLE overrules. Without a directory, as the system's file has what is in the
 * system's directory: with one libcurl reads the file again for each connection (40 ms) instead of once.
 */
static bool find_certificates(lb_transport *t) {
    CURL *e = lb_curl.easy_init();
    char *system_file = NULL, *system_path = NULL;
    if (!e) return false;
    CURLcode code = lb_curl.easy_getinfo(e, CURLINFO_CAINFO, &system_file);
    if (code == CURLE_OK) code = lb_curl.easy_getinfo(e, CURLINFO_CAPATH, &system_path);
    if (code != CURLE_OK) system_file = system_path = NULL; /* without certificates TLS connections fail, which is safe */
    const char *bundle = setting("CURL_CA_BUNDLE");
    const char *file = bundle ? bundle : setting("SSL_CERT_FILE"), *path = bundle ? NULL : setting("SSL_CERT_DIR");
    bool need_path = !file && !path && (!system_file || access(system_file, R_OK) != 0);
    bool ok = keep(&t->loop->allocator, &t->ca_file, file ? file : system_file) &&
              keep(&t->loop->allocator, &t->ca_path, need_path ? system_path : path);
    lb_curl.easy_cleanup(e);
    return ok;
}

static CURLcode global_init(const lb_libcurl_memory *m) { /* counted by libcurl */
    if (!m) return lb_curl.global_init(CURL_GLOBAL_DEFAULT);
    return lb_curl.global_init_mem(CURL_GLOBAL_DEFAULT, m->allocate, m->release, m->resize, m->duplicate,
                                   m->allocate_zeroed);
}

static bool set_up(lb_transport *t) {
    CURLM *m = t->multi;
    return lb_curl.multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           lb_curl.multi_setopt(m, CURLMOPT_SOCKETDATA, t) == CURLM_OK &&
           lb_curl.multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
           lb_curl.multi_setopt(m, CURLMOPT_TIMERDATA, t) == CURLM_OK &&
           lb_curl.multi_setopt(m, CURLMOPT_MAXCONNECTS, 256L) == CURLM_OK &&
           lb_curl.multi_setopt(m, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) == CURLM_OK;
}

static void close_multi(lb_transport *t) {
    /* Closes connections: still calls on_socket and on_close_socket. It refuses only what is not a multi handle. */
    if (t->multi) (void)lb_curl.multi_cleanup(t->multi);
    t->multi = NULL;
    t->timer = -1;
    t->unwatched = false;
}

bool lb_curl_need_multi(lb_transport *t) {
    if (t->multi) return true;
    t->multi = lb_curl.multi_init();
    if (t->multi && set_up(t)) return true;
    close_multi(t);
    return false;
}

static void release(lb_transport *t) {
    const lb_allocator *a = &t->loop->allocator;
    close_multi(t);
    lb_curl.global_cleanup();
    lb_release(a, t->ca_file);
    lb_release(a, t->ca_path);
    t->ca_file = t->ca_path = NULL;
}

int lb_transport_open(lb_transport *t, lb_error *error) {
    if (t->opened) return LB_OK;
    const char *problem = lb_curl_load();
    if (problem) return lb_fail(error, LB_ENETWORK, "%s", problem);
    CURLcode code = global_init(t->loop->libcurl_memory);
    if (code == CURLE_OUT_OF_MEMORY) return lb_fail(error, LB_ENOMEM, "out of memory");
    if (code != CURLE_OK)
        return lb_fail(error, LB_ENETWORK, "libcurl could not be initialised: %s", lb_curl.easy_strerror(code));
    if (!lb_curl_need_multi(t) || !find_certificates(t)) {
        release(t);
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    t->proxied = environment_names_proxy();
    t->opened = true;
    return LB_OK;
}

void lb_transport_destroy(lb_transport *t) {
    const lb_allocator *a = &t->loop->allocator;
    while (t->idle) {
        lb_transfer *transfer = t->idle;
        t->idle = transfer->next;
        lb_transfer_free(transfer);
    }
    lb_origin_release(a, t->origin);
    if (t->opened) release(t);
    lb_release(a, t->sockets);
    lb_release(a, t);
}

int lb_transport_timeout(const lb_transport *t) {
    if (t->waiting || t->paused || t->has_failed || t->has_messages) return 0;
    if (t->timer < 0) return t->unwatched ? UNWATCHED_MS : -1;
    double ms = (t->timer - lb_clock()) * 1000, max = t->unwatched ? UNWATCHED_MS : 3600000;
    return ms <= 0 ? 0 : ms > max ? (int)max : (int)ms + 1;
}

static void run_timer(lb_transport *t) {
    int running;
    if (t->timer < 0 || (t->timer > 0 && t->timer > lb_clock())) return;
    t->timer = -1;
    check(t, lb_curl.multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running));
}

/* Resumes, in turn, the transfers that a budget has paused: libcurl calls on_body() with what it had kept, and then reads. */
static void resume_paused(lb_transport *t) {
    for (lb_transfer *one = t->running; one && t->paused && lb_loop_may(t->loop, t->loop->resumed); one = one->next) {
        if (!one->paused) continue;
        t->loop->resumed++;
        t->paused--;
        one->paused = false;
        one->resumed = true;
        CURLcode code = lb_curl.easy_pause(one->easy, CURLPAUSE_CONT);
        if (code != CURLE_OK) lb_transfer_break(one, code); /* libcurl would go on without the bytes it had kept */
        run_timer(t);
    }
}

/* With a budget a transfer begins before the next one is given to libcurl, or libcurl would connect all of them in one go. */
void lb_transport_begin(lb_transport *t) {
    int running;
    for (; t->waiting && lb_loop_may(t->loop, t->loop->added); t->loop->added++) {
        lb_transfer_add(t);
        if (t->loop->deadline > 0) run_timer(t);
    }
    if (t->paused) resume_paused(t);
    run_timer(t);
    if (t->unwatched) {
        check(t, lb_curl.multi_perform(t->multi, &running));
        t->unwatched = running > 0;
    }
}

/* Takes all transfers from libcurl, and the multi handle with them. Those that wait have a new one. */
static void break_all(lb_transport *t) {
    for (lb_transfer *transfer = t->running; transfer != t->waiting; transfer = transfer->next) {
        (void)lb_curl.multi_remove_handle(t->multi, transfer->easy); /* what it does not let go of, the end of the multi handle does */
        transfer->added = false;
        lb_transfer_break(transfer, CURLE_OUT_OF_MEMORY);
    }
    close_multi(t);
    t->broken = t->has_messages = false;
}

static void end_broken(lb_transport *t) {
    t->has_failed = false;
    for (lb_transfer *transfer = t->running; transfer;) {
        if (!transfer->broken) {
            transfer = transfer->next;
            continue;
        }
        lb_outcome outcome;
        lb_transfer_done done = transfer->done;
        void *owner = transfer->owner;
        lb_curl_outcome(transfer, transfer->failure, &outcome);
        lb_transfer_end(t, transfer);
        done(owner, &outcome);
        transfer = t->running; /* which `done` may have changed */
    }
}

/* Whose handle it is; NULL: of none that runs. */
static lb_transfer *transfer_of(const lb_transport *t, CURL *easy) {
    lb_transfer *transfer = NULL;
    if (lb_curl.easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer) == CURLE_OK) return transfer;
    for (transfer = t->running; transfer && transfer->easy != easy;) transfer = transfer->next;
    return transfer;
}

void lb_transport_finish(lb_transport *t) {
    CURLMsg *message;
    int left = t->has_messages;
    for (; t->multi && lb_loop_may(t->loop, t->loop->taken); t->loop->taken++) {
        if (!(message = lb_curl.multi_info_read(t->multi, &left))) break;
        lb_outcome outcome;
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result;
        lb_transfer *transfer = transfer_of(t, message->easy_handle);
        if (!transfer) continue;
        if (transfer->crossed && lb_transfer_start_fresh(t, transfer)) continue;
        lb_transfer_done done = transfer->done;
        void *owner = transfer->owner;
        lb_curl_outcome(transfer, code, &outcome);
        lb_transfer_end(t, transfer);
        done(owner, &outcome);
    }
    t->has_messages = left > 0;
    if (t->broken) break_all(t);
    if (t->has_failed) end_broken(t);
}
