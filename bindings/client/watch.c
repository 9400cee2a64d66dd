/* watch.c - descriptors of the embedder's that the loop watches all the time. */
#include "internal.h"

static lb_watch *find(lb_loop *loop, int fd) {
    lb_watch *w = loop->watches;
    while (w && w->fd != fd) w = w->next;
    return w;
}

int lb_watch_start(lb_loop *loop, int fd, short events, bool counted, lb_watch_ready ready, void *user_data,
                   lb_watch **out) {
    if (loop->closed || fd < 0 || !events || !ready || find(loop, fd)) return LB_EUSAGE;
    lb_watch *w = lb_alloc(&loop->allocator, sizeof *w);
    if (!w) return LB_ENOMEM;
    *w = (lb_watch){ .fd = fd, .counted = counted, .ready = ready, .user_data = user_data };
    if (!lb_poller_set(lb_transport_poller(loop->transport), fd, events, false)) {
        lb_release(&loop->allocator, w); /* a regular file, for example */
        return LB_EUSAGE;
    }
    w->next = loop->watches;
    loop->watches = w;
    loop->counted_watches += counted;
    *out = w;
    return LB_OK;
}

void lb_watch_stop(lb_loop *loop, lb_watch *watch) {
    if (!watch) return;
    for (lb_watch **at = &loop->watches; *at; at = &(*at)->next) {
        if (*at != watch) continue;
        *at = watch->next;
        loop->counted_watches -= watch->counted;
        lb_poller_remove(lb_transport_poller(loop->transport), watch->fd);
        lb_release(&loop->allocator, watch);
        return;
    }
}

/* Looks the watch up anew for each event: a callback may have stopped it. */
void lb_watch_dispatch(lb_loop *loop, int fd, short events) {
    lb_watch *w = find(loop, fd);
    if (!w) return;
    loop->finished++;
    w->ready(w->user_data, events);
}
