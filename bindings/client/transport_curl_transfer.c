/* transport_curl_transfer.c - one transfer: its easy handle, what that is set to, and what it brings. */
#define _GNU_SOURCE 1
#include "transport_curl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    MAX_HEADERS = 256 * 1024,
    READ_AT_LEAST = 32 * 1024, /* of responses in a step: most have no more */
};
/* Taken for each transfer; with what surrounds it no more than 8 KiB. For HTTP/2 as large as a frame: libcurl 7.88 loses the
 * rest of one that does not fit, when no other stream brings more, and the call ends at its deadline. */
static const long RECEIVE_BUFFER = 8000, FRAME_BUFFER = 16384;

/* ---- libcurl's callbacks ---------------------------------------------------------------------- */

/* libcurl reads a response in one go, as long as something comes. With a budget that is spent it stops; but not with HTTP/2,
 * where libcurl 7.84 to 8.0 and 8.16 may lose a stream that is paused. */
static bool pause_reading(lb_transfer *t) {
    lb_loop *loop = t->transport->loop;
    bool pauses = loop->deadline > 0 && t->http1 && !t->resumed && loop->read >= READ_AT_LEAST && !lb_loop_may(loop, 1);
    t->resumed = false;
    if (!pauses) return false;
    t->paused = true;
    t->transport->paused++;
    return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *user_data) {
    lb_transfer *t = user_data;
    size_t bytes = size * count;
    if (pause_reading(t)) return CURL_WRITEFUNC_PAUSE;
    t->transport->loop->read += bytes;
    if (bytes > t->max_response - t->body.size) {
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
        t->headers.size = 0; /* an interim response came before */
        t->http1 = data[5] == '1';
        return bytes;
    }
    if (bytes <= 2) return bytes;
    /* A refusal, or the response to the whole e-mail: libcurl will end the connection. */
    bool last = t->once && t->started && bytes > 3 && data[3] != '-';
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
    size_t max = size * count;
    if (max > t->left) max = (size_t)t->left;
    if (max == 0) return 0;
    ssize_t got = (ssize_t)max;
    if (t->data) memcpy(out, t->data + t->offset, max);
    else got = pread(t->fd, out, max, (off_t)t->offset);
    if (got <= 0) { /* the file became shorter, or the disk failed */
        t->read_failed = true;
        return CURL_READFUNC_ABORT;
    }
    t->offset += (uint64_t)got;
    t->left -= (uint64_t)got;
    return (size_t)got;
}

/* libcurl 8.13 to 8.16 take a kept https connection for an http URL of the same host and port. */
static bool is_crossed(const lb_transfer *t) {
    const char *scheme = NULL;
    if (t->tls || t->once) return false;
    return lb_curl.easy_getinfo(t->easy, CURLINFO_SCHEME, &scheme) == CURLE_OK && scheme &&
           strcasecmp(scheme, "https") == 0;
}

/* Called before each sending. libcurl sends a request again by itself when a kept connection breaks
 * before a response; what must not be repeated is stopped here. */
static int on_send(void *user_data, char *ip, char *local_ip, int port, int local_port) {
    lb_transfer *t = user_data;
    if (t->started) {
        t->repeated = true;
        if (!t->repeatable) return CURL_PREREQFUNC_ABORT;
    }
    if (is_crossed(t)) {
        t->crossed = !t->started; /* see lb_transfer_start_fresh() */
        return CURL_PREREQFUNC_ABORT;
    }
    t->started = true;
    if (t->tls) lb_stream_connected(t, ip, local_ip, port, local_port);
    return CURL_PREREQFUNC_OK;
}

/* ---- Handles ---------------------------------------------------------------------------------- */

static CURLcode set_up(lb_transport *t, lb_transfer *transfer) {
    CURL *e = transfer->easy;
    CURLcode code = CURLE_OK;
    SET(code, e, CURLOPT_NOSIGNAL, 1L);
    SET(code, e, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
    SET(code, e, CURLOPT_PRIVATE, transfer);
    SET(code, e, CURLOPT_ERRORBUFFER, transfer->error);
    SET(code, e, CURLOPT_WRITEFUNCTION, on_body);
    SET(code, e, CURLOPT_WRITEDATA, transfer);
    SET(code, e, CURLOPT_HEADERFUNCTION, on_header);
    SET(code, e, CURLOPT_HEADERDATA, transfer);
    SET(code, e, CURLOPT_READFUNCTION, on_read);
    SET(code, e, CURLOPT_READDATA, transfer);
    SET(code, e, CURLOPT_PREREQFUNCTION, on_send);
    SET(code, e, CURLOPT_PREREQDATA, transfer);
    SET(code, e, CURLOPT_OPENSOCKETFUNCTION, lb_curl_on_open_socket);
    SET(code, e, CURLOPT_OPENSOCKETDATA, t);
    SET(code, e, CURLOPT_CLOSESOCKETFUNCTION, lb_curl_on_close_socket);
    SET(code, e, CURLOPT_CLOSESOCKETDATA, t);
    SET(code, e, CURLOPT_DEBUGFUNCTION, lb_stream_on_log);
    SET(code, e, CURLOPT_DEBUGDATA, transfer);
    SET(code, e, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(code, e, CURLOPT_ACCEPT_ENCODING, LB_ACCEPT_ENCODING);
    SET(code, e, CURLOPT_CAINFO, t->ca_file);
    SET(code, e, CURLOPT_CAPATH, t->ca_path);
    /* Otherwise libcurl looks for a proxy in the environment for each request. Without this (tests/bench/get_room.lua by callgrind,
     * 29 November 2026): 78,400 instructions a call in turn instead of 75,500, 83,000 of 64 in flight instead of 77,000. */
    if (!t->proxied) SET(code, e, CURLOPT_NOPROXY, "*");
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name lookup that hangs blocks neither the end of its call nor of the program. */
    CURLcode known = lb_curl.easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    if (code == CURLE_OK && known != CURLE_UNKNOWN_OPTION) code = known;
#endif
    return code;
}

static lb_transfer *transfer_create(lb_transport *t) {
    lb_transfer *transfer = lb_alloc(&t->loop->allocator, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->transport = t;
    transfer->body.allocator = transfer->headers.allocator = &t->loop->allocator;
    transfer->easy = lb_curl.easy_init();
    if (transfer->easy && set_up(t, transfer) == CURLE_OK) return transfer;
    lb_transfer_free(transfer);
    return NULL;
}

void lb_transfer_free(lb_transfer *transfer) {
    if (transfer->easy) lb_curl.easy_cleanup(transfer->easy);
    lb_curl.slist_free_all(transfer->recipients); /* not before the handle lets go of it */
    lb_origin_release(&transfer->transport->loop->allocator, transfer->origin);
    lb_buffer_free(&transfer->body);
    lb_buffer_free(&transfer->headers);
    lb_release(&transfer->transport->loop->allocator, transfer);
}

static CURLcode set_ca_file(lb_transport *t, lb_transfer *transfer, const char *path) {
    CURLcode code = CURLE_OK;
    if (!path && !transfer->own_ca) return code;
    transfer->own_ca = path != NULL;
    SET(code, transfer->easy, CURLOPT_CAINFO, path ? path : t->ca_file);
    SET(code, transfer->easy, CURLOPT_CAPATH, path ? NULL : t->ca_path); /* instead of the system's, not besides */
    return code;
}

static CURLcode set_body(lb_transfer *transfer, const lb_attempt *a) {
    CURL *e = transfer->easy;
    CURLcode code = CURLE_OK;
    bool gets = strcmp(a->method, "GET") == 0 && !a->data && a->fd < 0;
    if (gets && transfer->gets) return code;
    transfer->gets = gets;
    SET(code, e, CURLOPT_HTTPGET, 1L); /* undoes what an earlier use set */
    if (a->fd >= 0) {
        transfer->fd = a->fd;
        transfer->offset = a->offset;
        transfer->left = a->length;
        SET(code, e, CURLOPT_UPLOAD, 1L);
        SET(code, e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)a->length);
    } else if (a->data || strcmp(a->method, "POST") == 0 || strcmp(a->method, "PUT") == 0 ||
               strcmp(a->method, "PATCH") == 0) {
        SET(code, e, CURLOPT_POST, 1L);
        SET(code, e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(a->data ? a->size : 0));
        SET(code, e, CURLOPT_POSTFIELDS, a->data ? a->data : "");
    } else if (strcmp(a->method, "HEAD") == 0) {
        SET(code, e, CURLOPT_NOBODY, 1L);
    }
    return SET(code, e, CURLOPT_CUSTOMREQUEST, gets ? NULL : a->method);
}

static CURLcode set_mail(lb_transfer *transfer, const lb_attempt *a) {
    CURL *e = transfer->easy;
    transfer->data = a->data;
    transfer->offset = 0;
    transfer->left = a->size;
    CURLcode code = lb_curl_set_mail(e, a->mail, &transfer->recipients);
    SET(code, e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)a->size);
    return SET(code, e, CURLOPT_URL, a->url);
}

/* Without the option libcurl gives up after 300 s. With it, it sets up a timer for each request. */
static CURLcode set_connect_timeout(lb_transfer *transfer, double seconds) {
    long milliseconds = seconds <= 300 ? 0 : seconds > 2e6 ? 2000000000 : (long)(seconds * 1000);
    if (milliseconds == transfer->connect_timeout) return CURLE_OK;
    transfer->connect_timeout = milliseconds;
    return lb_curl.easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
}

static CURLcode set_url(lb_transport *t, lb_transfer *transfer, const char *url) {
    CURL *e = transfer->easy;
    const char *target = NULL;
    CURLcode code = CURLE_OK;
    /* A proxy may want the whole URL as the target: libcurl knows. */
    transfer->origin = t->proxied ? NULL : lb_origin_take(&t->loop->allocator, &t->origin, url, &target);
    CURLU *parsed = transfer->origin ? lb_origin_url(transfer->origin) : NULL;
    if (parsed != transfer->parsed) SET(code, e, CURLOPT_CURLU, parsed);
    transfer->parsed = parsed;
    SET(code, e, CURLOPT_REQUEST_TARGET, transfer->origin ? target : NULL);
    if (!transfer->origin) SET(code, e, CURLOPT_URL, url);
    return code;
}

static CURLcode set_request(lb_transport *t, lb_transfer *transfer, const lb_attempt *a) {
    CURLcode code = set_url(t, transfer, a->url);
    if (transfer->tls != transfer->waits_for_pipe) SET(code, transfer->easy, CURLOPT_PIPEWAIT, transfer->tls ? 1L : 0L);
    transfer->waits_for_pipe = transfer->tls;
    if (transfer->tls && !transfer->takes_frames) {
        SET(code, transfer->easy, CURLOPT_BUFFERSIZE, FRAME_BUFFER);
        transfer->takes_frames = true;
    }
    if (a->headers != transfer->headers_set) SET(code, transfer->easy, CURLOPT_HTTPHEADER, (struct curl_slist *)(void *)a->headers);
    transfer->headers_set = a->headers;
    return code == CURLE_OK ? set_body(transfer, a) : code;
}

/* ---- Life ------------------------------------------------------------------------------------- */

static lb_transfer *transfer_take(lb_transport *t, bool once) {
    lb_transfer *transfer = once ? NULL : t->idle;
    if (transfer) {
        t->idle = transfer->next;
        return transfer;
    }
    transfer = transfer_create(t);
    if (transfer) transfer->once = once;
    return transfer;
}

static void enlist(lb_transport *t, lb_transfer *transfer) {
    transfer->next = NULL;
    transfer->previous = t->running_last;
    if (transfer->previous) transfer->previous->next = transfer;
    else t->running = transfer;
    t->running_last = transfer;
    if (!t->waiting) t->waiting = transfer;
    t->mails += transfer->once;
    lb_streams_start(t, transfer);
}

static void delist(lb_transport *t, lb_transfer *transfer) {
    if (transfer->next) transfer->next->previous = transfer->previous;
    if (transfer->previous) transfer->previous->next = transfer->next;
    if (t->running == transfer) t->running = transfer->next;
    if (t->running_last == transfer) t->running_last = transfer->previous;
    if (t->waiting == transfer) t->waiting = transfer->next;
    t->paused -= transfer->paused;
    transfer->paused = false;
    t->mails -= transfer->once;
    lb_streams_end(t, transfer);
}

static void put_back(lb_transport *t, lb_transfer *transfer) {
    lb_origin_release(&t->loop->allocator, transfer->origin);
    transfer->origin = NULL;
    transfer->next = t->idle;
    t->idle = transfer;
}

lb_transfer *lb_transfer_start(lb_transport *t, const lb_attempt *a) {
    lb_transfer *transfer = transfer_take(t, a->mail != NULL);
    if (!transfer) return NULL;
    transfer->done = a->done;
    transfer->owner = a->owner;
    transfer->max_response = a->max_response;
    transfer->repeatable = a->repeatable;
    transfer->tls = strncmp(a->url, "https:", 6) == 0;
    transfer->socket = CURL_SOCKET_BAD;
    transfer->too_large = transfer->no_memory = transfer->read_failed = false;
    transfer->started = transfer->repeated = transfer->crossed = transfer->fresh = false;
    transfer->http1 = transfer->resumed = false;
    transfer->error[0] = '\0';
    CURLcode code = set_connect_timeout(transfer, a->connect_timeout);
    if (code == CURLE_OK) code = a->mail ? set_mail(transfer, a) : set_request(t, transfer, a);
    if (code == CURLE_OK) code = set_ca_file(t, transfer, a->ca_file);
    if (code != CURLE_OK) { /* it is set to something in between: not to be used again */
        lb_transfer_free(transfer);
        return NULL;
    }
    enlist(t, transfer);
    return transfer;
}

/* Gives libcurl the first transfer that waits for it. */
void lb_transfer_add(lb_transport *t) {
    lb_transfer *transfer = t->waiting;
    t->waiting = transfer->next;
    transfer->added = lb_curl_need_multi(t) && lb_curl.multi_add_handle(t->multi, transfer->easy) == CURLM_OK;
    if (!transfer->added) lb_transfer_break(transfer, CURLE_OUT_OF_MEMORY);
}

void lb_transfer_break(lb_transfer *transfer, CURLcode failure) {
    transfer->no_memory = transfer->no_memory || failure == CURLE_OUT_OF_MEMORY;
    transfer->failure = failure;
    transfer->broken = transfer->transport->has_failed = true;
}

bool lb_transfer_start_fresh(lb_transport *t, lb_transfer *transfer) {
    transfer->crossed = false;
    if (transfer->fresh || lb_curl.easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L) != CURLE_OK) return false;
    transfer->fresh = true;
    if (lb_curl.multi_remove_handle(t->multi, transfer->easy) != CURLM_OK) return false;
    transfer->error[0] = '\0';
    return lb_curl.multi_add_handle(t->multi, transfer->easy) == CURLM_OK;
}

/* A handle that libcurl has used more than once for one transfer may remember the first time: see
 * transport_curl_streams.c. One that had no connection may have the name of a lookup, which libcurl 8.14 does not free before the
 * next one (curl issue 17602). */
void lb_transfer_end(lb_transport *t, lb_transfer *transfer) {
    if (transfer->once) lb_curl_end_mail(transfer->socket);
    bool loose = !transfer->added || lb_curl.multi_remove_handle(t->multi, transfer->easy) == CURLM_OK;
    transfer->added = false;
    delist(t, transfer);
    if (!transfer->started || transfer->once || transfer->repeated || transfer->fresh || transfer->broken || !loose)
        lb_transfer_free(transfer);
    else put_back(t, transfer);
}

void lb_transfer_stop(lb_transport *t, lb_transfer *transfer) {
    lb_buffer_free(&transfer->body);
    lb_buffer_free(&transfer->headers);
    lb_transfer_end(t, transfer);
}

bool lb_transfer_started(const lb_transfer *transfer) {
    return transfer->started;
}

void lb_transfer_expire(lb_transport *t, lb_transfer *transfer, bool call, double seconds, lb_outcome *out) {
    const char *missed = transfer->started ? (transfer->headers.size ? "the response did not end" : "no response")
                         : transfer->once ? "no response from the mail server" : "no connection";
    bool sent = transfer->added && lb_curl_has_sent(transfer); /* else the count is of its last use */
    *out = (lb_outcome){
        .status = call ? LB_ETIMEOUT : LB_ENETWORK,
        .sent = transfer->started || sent,
        .suggestion = call ? "the option timeout allows more" : "check the URL and the network; the option connect_timeout "
                      "allows more",
        .body = { .allocator = &t->loop->allocator },
        .headers = { .allocator = &t->loop->allocator },
    };
    snprintf(out->message, sizeof out->message, "%s within %g s", missed, seconds);
    lb_transfer_stop(t, transfer);
}
