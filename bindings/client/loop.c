/* loop.c - the loop: it owns the poller, the timers and the clock; one function advances everything. */
#include "internal.h"

/* xorshift64: only for the jitter of backoffs. */
double lb_random(lb_loop *loop) {
    loop->random ^= loop->random << 13;
    loop->random ^= loop->random >> 7;
    loop->random ^= loop->random << 17;
    return (double)(loop->random >> 11) / 9007199254740992.0;
}

int lb_loop_create(lb_loop **loop) {
    return lb_loop_create_with(&lb_default_allocator, loop);
}

int lb_loop_create_with(const lb_allocator *allocator, lb_loop **out) {
    if (!out) return LB_EUSAGE;
    *out = NULL;
    if (!allocator || !allocator->realloc || !allocator->free) return LB_EUSAGE;
    lb_loop *loop = lb_alloc(allocator, sizeof *loop);
    if (!loop) return LB_ENOMEM;
    loop->allocator = *allocator;
    loop->references = 1;
    loop->random = (uint64_t)(lb_clock() * 1e9) ^ (uint64_t)(uintptr_t)loop ^ 0x9E3779B97F4A7C15u;
    loop->poller = lb_poller_create(&loop->allocator);
    if (!loop->poller || lb_transport_create(&loop->transport, loop) != LB_OK) {
        lb_poller_destroy(loop->poller);
        lb_release(allocator, loop);
        return LB_ENOMEM;
    }
    *out = loop;
    return LB_OK;
}

void lb_loop_set_libcurl_memory(lb_loop *loop, const lb_libcurl_memory *memory) {
    if (!loop) return;
    bool whole = memory && memory->allocate && memory->release && memory->resize && memory->duplicate &&
                 memory->allocate_zeroed;
    loop->libcurl_memory = whole ? memory : NULL;
}

/* Memory is released with the last reference: clients and kept responses may outlive lb_loop_destroy(). */
void lb_loop_unref(lb_loop *loop) {
    if (--loop->references > 0) return;
    lb_allocator allocator = loop->allocator;
    lb_release(&allocator, loop);
}

void lb_loop_destroy(lb_loop *loop) {
    if (!loop || loop->closed) return;
    loop->closed = true;
    for (lb_client *client = loop->clients; client;) {
        if (client->requests) {
            lb_request_cancel(client->requests); /* its `done` may destroy clients: begin again */
            client = loop->clients;
        } else {
            client = client->next;
        }
    }
    lb_timers_clear(loop);
    while (loop->watches) lb_watch_stop(loop, loop->watches);
    lb_transport_destroy(loop->transport);
    loop->transport = NULL;
    lb_poller_destroy(loop->poller);
    loop->poller = NULL;
    lb_loop_unref(loop);
}

size_t lb_loop_pending(const lb_loop *loop) {
    return !loop ? 0 : loop->requests + loop->owned_timers + loop->counted_watches;
}

int lb_loop_fd(const lb_loop *loop) {
    return !loop || loop->closed ? -1 : lb_poller_fd(loop->poller);
}

static int sooner(int a, int b) {
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

int lb_loop_timeout(const lb_loop *loop) {
    if (!loop || loop->closed) return -1;
    return loop->unfinished ? 0 : sooner(lb_transport_timeout(loop->transport), lb_timers_timeout(loop));
}

/* What is ready, as far as the budget goes: nothing is waited for then. */
static int handle_ready(lb_loop *loop) {
    int status = 1;
    for (int turns = 0; status > 0 && lb_loop_may(loop, turns); turns++) status = lb_poller_next(loop->poller, turns == 0);
    loop->unfinished = status > 0;
    return status;
}

int lb_loop_step(lb_loop *loop, int timeout_ms, lb_pollfd *fds, size_t count) {
    if (!loop || loop->closed || loop->depth || (count && !fds)) return LB_EUSAGE;
    if (!loop->requests && !loop->timers && !count && !loop->counted_watches && timeout_ms < 0) return 0;
    int ready = 0;
    loop->depth = 1;
    loop->unfinished = false;
    loop->finished = loop->started = loop->added = loop->resumed = loop->taken = 0;
    loop->read = 0;
    lb_transport_begin(loop->transport);
    lb_transport_finish(loop->transport);
    int status = loop->deadline > 0 ? handle_ready(loop)
                                    : lb_poller_wait(loop->poller, loop->finished ? 0 : sooner(timeout_ms, lb_loop_timeout(loop)),
                                                     fds, count, &ready);
    lb_transport_begin(loop->transport);
    lb_transport_finish(loop->transport); /* before the timers: a response that is here is not too late */
    lb_timers_run(loop);
    loop->depth = 0;
    return status < 0 ? status : ready + loop->finished;
}

int lb_loop_step_for(lb_loop *loop, unsigned microseconds) {
    if (!loop || loop->closed || loop->depth) return LB_EUSAGE;
    loop->deadline = lb_clock() + microseconds * 1e-6;
    int n = lb_loop_step(loop, 0, NULL, 0);
    loop->deadline = 0;
    return n;
}
