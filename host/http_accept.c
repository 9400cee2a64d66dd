/*
 * http_accept.c - which connections the HTTP server takes: as many as there may be, of each address no more than its share, and
 * none while the system has no descriptors.
 */
#define _GNU_SOURCE 1
#include "http_connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SPARE_DESCRIPTORS = 256, MAX_ACCEPTED = 64 };

bool http_is_ipv4(const unsigned char address[16]) {
    static const unsigned char prefix[12] = { [10] = 0xFF, [11] = 0xFF }; /* ::ffff:0:0/96, RFC 4291 2.5.5.2 */
    return memcmp(address, prefix, sizeof prefix) == 0;
}

/* The bytes of an address that name its network: all of an IPv4 address, /64 of IPv6. */
static size_t network_size(const unsigned char address[16]) {
    return http_is_ipv4(address) ? 16 : 8;
}

connection **http_connections_of(server *s, const unsigned char address[16]) {
    size_t size = network_size(address);
    unsigned hash = 2166136261u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ address[i]) * 16777619u;
    return &s->buckets[hash % HTTP_BUCKETS];
}

static bool same_address(const unsigned char a[16], const unsigned char b[16]) {
    return memcmp(a, b, network_size(a)) == 0;
}

void http_listen_again(server *s) {
    if (!s->paused || s->listener < 0) return;
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
    s->paused = epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &e) != 0;
}

static void pause_listening(server *s) {
    if (s->paused) return;
    epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->listener, NULL);
    s->paused = true;
}

static void set_address(const struct sockaddr_storage *from, unsigned char address[16]) {
    memset(address, 0, 16);
    if (from->ss_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
    } else if (from->ss_family == AF_INET) {
        address[10] = address[11] = 0xFF;
        memcpy(address + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    }
}

/* May this address have one more connection? Of those that have sent no request, the one that is silent for longest is
 * closed for it. */
static bool admit(server *s, const unsigned char address[16]) {
    unsigned count = 0;
    connection *oldest = NULL;
    for (connection *c = *http_connections_of(s, address); c; c = c->next_of_address) {
        if (!same_address(c->address, address)) continue;
        count++;
        if ((c->state == READING_HEAD || c->state == LINGERING) && (!oldest || c->since < oldest->since)) oldest = c;
    }
    if (count < s->limit.of_address) return true;
    s->refused++;
    if (!oldest) return false;
    http_connection_close(oldest);
    return true;
}

static void add_connection(server *s, int fd, const struct sockaddr_storage *from) {
    unsigned char address[16];
    int one = 1;
    set_address(from, address);
    connection *c = admit(s, address) ? calloc(1, sizeof *c) : NULL;
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
    if (!c || epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) != 0) {
        free(c);
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->server = s;
    c->fd = fd;
    memcpy(c->address, address, sizeof address);
    c->since = http_now(s);
    c->deadline = c->since + s->limit.time;
    c->next = s->connections;
    if (c->next) c->next->previous = c;
    s->connections = c;
    connection **bucket = http_connections_of(s, address);
    c->next_of_address = *bucket;
    *bucket = c;
    s->open++;
}

void http_accept(server *s) {
    for (int i = 0; i < MAX_ACCEPTED; i++) {
        if (s->open >= s->limit.connections) {
            pause_listening(s);
            return;
        }
        struct sockaddr_storage from = { 0 };
        socklen_t size = sizeof from;
        int fd = accept4(s->listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            add_connection(s, fd, &from);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (errno != EAGAIN && errno != EWOULDBLOCK) pause_listening(s); /* no descriptors: until the next sweep */
            return;
        }
    }
}

unsigned http_raise_descriptors(unsigned connections) {
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
