/* watch.c - descriptors of the embedder's that the loop watches all the time. */
#include "internal.h"

static lb_watch *find(lb_loop *loop, int fd) {
    lb_watch *w = loop->watches;
    while (w && w->fd != fd) w = w->next;
    return w;
}

static void on_ready(void *owner, int fd, short events) {
    lb_watch *w = owner;
    (void)fd;
    w->loop->finished++;
    w->ready(w->user_data, events); /* may stop the watch */
}

int lb_watch_start(lb_loop *loop, int fd, short events, bool counted, lb_watch_ready ready, void *user_data,
                   lb_watch **out) {
    if (!out) return LB_EUSAGE;
    *out = NULL;
    if (!loop || loop->closed || fd < 0 || !events || !ready || find(loop, fd)) return LB_EUSAGE;
    lb_watch *w = lb_alloc(&loop->allocator, sizeof *w);
    if (!w) return LB_ENOMEM;
    *w = (lb_watch){ .loop = loop, .fd = fd, .counted = counted, .ready = ready, .user_data = user_data };
    int status = lb_poller_set(loop->poller, fd, events, on_ready, w);
    if (status != LB_OK) { /* LB_EUSAGE: a regular file, for example */
        lb_release(&loop->allocator, w);
        return status;
    }
    w->next = loop->watches;
    loop->watches = w;
    loop->counted_watches += counted;
    *out = w;
    return LB_OK;
}

void lb_watch_stop(lb_loop *loop, lb_watch *watch) {
    if (!loop || !watch) return;
    for (lb_watch **at = &loop->watches; *at; at = &(*at)->next) {
        if (*at != watch) continue;
        *at = watch->next;
        loop->counted_watches -= watch->counted;
        lb_poller_remove(loop->poller, watch->fd, watch);
        lb_release(&loop->allocator, watch);
        return;
    }
}
