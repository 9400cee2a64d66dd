/*
 * transport_curl_streams.c - what has become of an HTTP/2 request that got no response.
 *
 * A server that ends a connection says up to which stream it has processed requests (GOAWAY, RFC 9113, 6.8); of a single
 * stream it says REFUSED_STREAM (8.7). What it has not processed may be sent again, whatever it does. libcurl sends it
 * again by itself, but also what merely got no response, and does not say which of the two it is: on_send() stops both.
 *
 * What can be known for certain:
 * - libcurl's log names the stream of each request, and the last one of a GOAWAY. It writes the latter to the transfer for
 *   which it happens to read. So the log of all transfers is on while there is one that must not be repeated, and only
 *   then: it takes a tenth of a call.
 * - It also says when it repeats a request because the stream was refused, but only when the connection was new. Else it
 *   leaves a mark in the handle, by which it repeats the next transfer, too, when that gets a response of no bytes: what
 *   it does is found out with a socket that is closed at its other end. A handle that may be marked is not used again.
 */
#define _GNU_SOURCE 1
#include "transport_curl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- The log ---------------------------------------------------------------------------------- */

static void watch(lb_transfer *transfer, bool on) {
    if (transfer->stream.watched == on) return;
    if (lb_curl.easy_setopt(transfer->easy, CURLOPT_VERBOSE, on ? 1L : 0L) == CURLE_OK) transfer->stream.watched = on;
}

void lb_streams_start(lb_transport *t, lb_transfer *transfer) {
    bool unsafe = transfer->tls && !transfer->repeatable;
    if (unsafe && t->unsafe++ == 0)
        for (lb_transfer *other = t->running; other; other = other->next) watch(other, other->tls);
    watch(transfer, transfer->tls && t->unsafe > 0);
    transfer->stream = (lb_stream){ .watched = transfer->stream.watched };
}

void lb_streams_end(lb_transport *t, lb_transfer *transfer) {
    t->unsafe -= transfer->tls && !transfer->repeatable;
}

static uint64_t hash(uint64_t h, const char *text) { /* FNV-1a */
    for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001B3u;
    return (h ^ '\n') * 0x100000001B3u;
}

void lb_stream_connected(lb_transfer *transfer, const char *ip, const char *local_ip, int port, int local_port) {
    char ports[32];
    snprintf(ports, sizeof ports, "%d %d", port, local_port);
    transfer->stream.connection = hash(hash(hash(0xCBF29CE484222325u, ip), local_ip), ports);
    transfer->stream.id = 0;
    transfer->stream.refused = false;
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* The streams of this connection that were opened after that one. */
static void on_goaway(const lb_transfer *by, unsigned long last) {
    for (lb_transfer *t = by->transport->running; t; t = t->next)
        if (t->stream.connection == by->stream.connection && t->stream.id > last) t->stream.refused = true;
}

int lb_stream_on_log(CURL *easy, curl_infotype type, char *data, size_t size, void *user_data) {
    static const char opened[] = "[HTTP/2] [";
    lb_transfer *t = user_data;
    char text[128], *end;
    (void)easy;
    if (type != CURLINFO_TEXT || !t->stream.connection) return 0;
    size_t length = size < sizeof text ? size : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (begins(text, "Using Stream ID: ")) {
        t->stream.id = (unsigned)strtoul(text + 17, NULL, 10);
    } else if (begins(text, opened)) {
        unsigned long id = strtoul(text + sizeof opened - 1, &end, 10);
        if (begins(end, "] OPENED stream")) t->stream.id = (unsigned)id;
    } else if (begins(text, "REFUSED_STREAM, retrying")) {
        t->stream.refused = true;
    } else if (begins(text, "received GOAWAY, error=") || begins(text, "recveived GOAWAY, error=")) {
        const char *last = strstr(text, "last_stream=");
        if (last) on_goaway(t, strtoul(last + 12, NULL, 10));
    }
    return 0;
}

/* ---- The mark --------------------------------------------------------------------------------- */

typedef struct probe {
    int listener, accepted;
    int connections;
} probe;

/* libcurl has connected: what it will read is the end. */
static int on_probe_send(void *user_data, char *ip, char *local_ip, int port, int local_port) {
    probe *p = user_data;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    if (p->connections++ > 0) return CURL_PREREQFUNC_ABORT;
    p->accepted = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (p->accepted >= 0) shutdown(p->accepted, SHUT_WR);
    return p->accepted < 0 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static bool listen_at(int fd, char *url, size_t size) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) return false;
    snprintf(url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return true;
}

/* Nothing leaves the process, and nothing is waited for. The handle is not to be used again. */
static bool is_marked(CURL *e) {
    char url[64];
    probe p = { .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), .accepted = -1 };
    if (p.listener >= 0 && listen_at(p.listener, url, sizeof url) &&
        lb_curl.easy_setopt(e, CURLOPT_CURLU, NULL) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_URL, url) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_NOPROXY, "*") == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_REQUEST_TARGET, NULL) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_HTTPHEADER, NULL) == CURLE_OK && /* the secret is among them */
        lb_curl.easy_setopt(e, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_CUSTOMREQUEST, NULL) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_TIMEOUT_MS, 100L) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, NULL) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, NULL) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_PREREQFUNCTION, on_probe_send) == CURLE_OK &&
        lb_curl.easy_setopt(e, CURLOPT_PREREQDATA, &p) == CURLE_OK)
        (void)lb_curl.easy_perform(e); /* it fails either way: how often it has connected is the result */
    if (p.accepted >= 0) close(p.accepted);
    if (p.listener >= 0) close(p.listener);
    return p.connections > 1;
}

bool lb_stream_was_refused(lb_transfer *t) {
    if (!t->tls || t->headers.size > 0 || t->body.size > 0) return false;
    if (t->stream.refused) return true;
    if (!t->stream.id || !t->repeated || t->repeatable) return false;
    if (lb_curl.multi_remove_handle(t->transport->multi, t->easy) != CURLM_OK) return false; /* it is not known */
    t->added = false;
    return is_marked(t->easy);
}
