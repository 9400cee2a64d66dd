/* poller.c - waiting for descriptors: epoll for ours, poll for ours and the caller's together. */
#define _GNU_SOURCE 1
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = LB_STARTS_A_STEP };

/* The watch of a descriptor. */
typedef struct lb_watcher {
    short events; /* 0: not registered */
    lb_poller_ready ready;
    void *owner;
    unsigned turn; /* the round in which it had its last one: see lb_poller_next() */
} lb_watcher;

struct lb_poller {
    const lb_allocator *allocator;
    int fd;
    lb_watcher *watchers; /* by descriptor */
    size_t count;
    unsigned round;
};

lb_poller *lb_poller_create(const lb_allocator *a) {
    lb_poller *p = lb_alloc(a, sizeof *p);
    if (!p) return NULL;
    p->allocator = a;
    p->fd = epoll_create1(EPOLL_CLOEXEC);
    if (p->fd < 0) {
        lb_release(a, p);
        return NULL;
    }
    return p;
}

void lb_poller_destroy(lb_poller *p) {
    if (!p) return;
    close(p->fd);
    lb_release(p->allocator, p->watchers);
    lb_release(p->allocator, p);
}

static lb_watcher *watcher_of(const lb_poller *p, int fd) {
    return fd >= 0 && (size_t)fd < p->count ? &p->watchers[fd] : NULL;
}

static bool reserve(lb_poller *p, int fd) {
    size_t count = (size_t)fd + 64;
    if ((size_t)fd < p->count) return true;
    lb_watcher *watchers = p->allocator->realloc(p->allocator->user_data, p->watchers, count * sizeof *watchers);
    if (!watchers) return false;
    memset(watchers + p->count, 0, (count - p->count) * sizeof *watchers);
    p->watchers = watchers;
    p->count = count;
    return true;
}

int lb_poller_set(lb_poller *p, int fd, short events, lb_poller_ready ready, void *owner) {
    if (!reserve(p, fd)) return LB_ENOMEM;
    lb_watcher *w = &p->watchers[fd];
    bool known = w->events != 0;
    if (w->events != events || w->owner != owner) {
        struct epoll_event e = { .data.fd = fd };
        if (events & LB_POLLIN) e.events |= EPOLLIN;
        if (events & LB_POLLOUT) e.events |= EPOLLOUT;
        /* A descriptor closed and opened again under the same number is not what the kernel remembers. */
        if (epoll_ctl(p->fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) != 0 &&
            epoll_ctl(p->fd, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e) != 0) {
            *w = (lb_watcher){ 0 };
            return errno == ENOMEM || errno == ENOSPC ? LB_ENOMEM : LB_EUSAGE;
        }
    }
    *w = (lb_watcher){ events, ready, owner, w->turn };
    return LB_OK;
}

void lb_poller_remove(lb_poller *p, int fd, const void *owner) {
    lb_watcher *w = watcher_of(p, fd);
    struct epoll_event e = { 0 };
    if (!w || !w->events || w->owner != owner) return;
    *w = (lb_watcher){ 0 };
    epoll_ctl(p->fd, EPOLL_CTL_DEL, fd, &e); /* fails when it is closed already, which is as good */
}

int lb_poller_fd(const lb_poller *p) {
    return p->fd;
}

static short from_poll(short revents) {
    short events = 0;
    if (revents & (POLLIN | POLLHUP)) events |= LB_POLLIN;
    if (revents & POLLOUT) events |= LB_POLLOUT;
    if (revents & (POLLERR | POLLNVAL)) events |= LB_POLLERR;
    return events;
}

/* Waits on the caller's descriptors and ours; returns how many of the caller's are ready. */
static int wait_all(lb_poller *p, int timeout_ms, lb_pollfd *fds, size_t count) {
    struct pollfd few[16], *set = few;
    if (count > 15) {
        if (count > SIZE_MAX / sizeof *set - 1) return LB_ENOMEM;
        set = lb_alloc(p->allocator, (count + 1) * sizeof *set);
        if (!set) return LB_ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        short events = 0;
        if (fds[i].events & LB_POLLIN) events |= POLLIN;
        if (fds[i].events & LB_POLLOUT) events |= POLLOUT;
        set[i] = (struct pollfd){ .fd = fds[i].fd, .events = events };
        fds[i].revents = 0;
    }
    set[count] = (struct pollfd){ .fd = p->fd, .events = POLLIN };
    int ready = 0;
    if (poll(set, (nfds_t)(count + 1), timeout_ms) > 0) {
        for (size_t i = 0; i < count; i++) {
            fds[i].revents = from_poll(set[i].revents);
            if (fds[i].revents) ready++;
        }
    }
    if (set != few) lb_release(p->allocator, set);
    return ready;
}

static void dispatch(const lb_watcher *w, const struct epoll_event *got) {
    short flags = 0;
    if (got->events & (EPOLLIN | EPOLLHUP)) flags |= LB_POLLIN;
    if (got->events & EPOLLOUT) flags |= LB_POLLOUT;
    if (got->events & EPOLLERR) flags |= LB_POLLERR;
    if (w && w->events) w->ready(w->owner, got->data.fd, flags);
}

int lb_poller_wait(lb_poller *p, int timeout_ms, lb_pollfd *fds, size_t count, int *ready) {
    struct epoll_event got[EVENTS];
    *ready = 0;
    if (count) {
        *ready = wait_all(p, timeout_ms, fds, count);
        if (*ready < 0) return *ready;
        timeout_ms = 0;
    }
    int n = epoll_wait(p->fd, got, EVENTS, timeout_ms);
    if (n < 0) return errno == EINTR ? LB_OK : LB_ENETWORK;
    /* Looked up for each event: what was called before may have ended this one. */
    for (int i = 0; i < n; i++) dispatch(watcher_of(p, got[i].data.fd), &got[i]);
    return LB_OK;
}

/* The kernel reports what stays ready in turn, so that one that has had its turn says that all have. */
int lb_poller_next(lb_poller *p, bool first) {
    struct epoll_event got;
    if (first) p->round++;
    int n = epoll_wait(p->fd, &got, 1, 0);
    if (n < 0) return errno == EINTR ? 0 : LB_ENETWORK;
    lb_watcher *w = n ? watcher_of(p, got.data.fd) : NULL;
    if (!w || w->turn == p->round) return 0;
    w->turn = p->round;
    dispatch(w, &got);
    return 1;
}
