/* loop.c - the loop: timers in a heap, and the one function that advances everything. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <math.h>
#include <time.h>

double lb_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* xorshift64: only for the jitter of backoffs. */
double lb_random(lb_loop *loop) {
    loop->random ^= loop->random << 13;
    loop->random ^= loop->random >> 7;
    loop->random ^= loop->random << 17;
    return (double)(loop->random >> 11) / 9007199254740992.0;
}

/* ---- Timers ----------------------------------------------------------------------------------- */

static void place(lb_loop *loop, size_t i, lb_timer_entry entry) {
    loop->heap[i] = entry;
    entry.timer->place = i + 1;
}

static void sift_up(lb_loop *loop, size_t i, lb_timer_entry entry) {
    while (i > 0 && loop->heap[(i - 1) / 2].due > entry.due) {
        place(loop, i, loop->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(loop, i, entry);
}

static void sift_down(lb_loop *loop, size_t i, lb_timer_entry entry) {
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= loop->timers) break;
        if (child + 1 < loop->timers && loop->heap[child + 1].due < loop->heap[child].due) child++;
        if (loop->heap[child].due >= entry.due) break;
        place(loop, i, loop->heap[child]);
        i = child;
    }
    place(loop, i, entry);
}

/* Makes room for the timer of one more owner (a request, a client, lb_timer_start), so that setting it
 * cannot fail when it matters. */
bool lb_timer_reserve(lb_loop *loop) {
    if (loop->timer_owners == loop->heap_capacity) {
        size_t capacity = loop->heap_capacity ? loop->heap_capacity * 2 : 64;
        if (capacity > SIZE_MAX / sizeof(lb_timer_entry)) return false;
        lb_timer_entry *heap = loop->allocator.realloc(loop->allocator.user_data, loop->heap,
                                                       capacity * sizeof(lb_timer_entry));
        if (!heap) return false;
        loop->heap = heap;
        loop->heap_capacity = capacity;
    }
    loop->timer_owners++;
    return true;
}

void lb_timer_drop(lb_loop *loop, lb_timer *timer) {
    lb_timer_unset(loop, timer);
    loop->timer_owners--;
}

void lb_timer_set(lb_loop *loop, lb_timer *timer, double due) {
    lb_timer_unset(loop, timer);
    sift_up(loop, loop->timers++, (lb_timer_entry){ due, timer });
}

void lb_timer_unset(lb_loop *loop, lb_timer *timer) {
    if (!timer->place) return;
    size_t i = timer->place - 1;
    lb_timer_entry last = loop->heap[--loop->timers];
    timer->place = 0;
    if (last.timer == timer) return;
    if (i > 0 && loop->heap[(i - 1) / 2].due > last.due)
        sift_up(loop, i, last);
    else
        sift_down(loop, i, last);
}

int lb_timer_start(lb_loop *loop, double seconds, lb_timer_done done, void *user_data,
                   lb_timer **timer) {
    if (loop->closed || !done || isnan(seconds)) return LB_EUSAGE;
    lb_timer *t = lb_alloc(&loop->allocator, sizeof *t);
    if (!t) return LB_ENOMEM;
    t->done = done;
    t->user_data = user_data;
    t->owned = true;
    if (!lb_timer_reserve(loop)) {
        lb_release(&loop->allocator, t);
        return LB_ENOMEM;
    }
    loop->owned_timers++;
    lb_timer_set(loop, t, lb_clock() + seconds);
    if (timer) *timer = t;
    return LB_OK;
}

void lb_timer_cancel(lb_loop *loop, lb_timer *timer) {
    if (!timer) return;
    lb_timer_drop(loop, timer);
    loop->owned_timers--;
    lb_release(&loop->allocator, timer);
}

/* Timers started while others fire wait for the next step, or a timer of zero could keep us here. */
static void run_timers(lb_loop *loop) {
    double now = loop->timers ? lb_clock() : 0;
    while (loop->timers && loop->heap[0].due <= now) {
        lb_timer *timer = loop->heap[0].timer;
        lb_timer_unset(loop, timer);
        lb_timer_done done = timer->done;
        void *user_data = timer->user_data;
        if (timer->owned) {
            loop->timer_owners--;
            loop->owned_timers--;
            lb_release(&loop->allocator, timer);
            loop->finished++;
        }
        done(user_data);
    }
}

/* ---- Loop ------------------------------------------------------------------------------------- */

int lb_loop_create(lb_loop **loop) {
    return lb_loop_create_with(loop, &lb_default_allocator);
}

int lb_loop_create_with(lb_loop **out, const lb_allocator *allocator) {
    *out = NULL;
    lb_loop *loop = lb_alloc(allocator, sizeof *loop);
    if (!loop) return LB_ENOMEM;
    loop->allocator = *allocator;
    loop->references = 1;
    loop->random = (uint64_t)(lb_clock() * 1e9) ^ (uint64_t)(uintptr_t)loop ^ 0x9E3779B97F4A7C15u;
    int status = lb_transport_create(&loop->transport, loop);
    if (status != LB_OK) {
        lb_release(allocator, loop);
        return status;
    }
    *out = loop;
    return LB_OK;
}

void lb_loop_set_libcurl_memory(lb_loop *loop, const lb_libcurl_memory *memory) {
    loop->libcurl_memory = memory;
}

/* Memory is released with the last reference: clients and kept replies may outlive lb_loop_destroy(). */
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
            lb_cancel(client->requests); /* its `done` may destroy clients: begin again */
            client = loop->clients;
        } else {
            client = client->next;
        }
    }
    while (loop->timers) {
        lb_timer *timer = loop->heap[0].timer;
        lb_timer_unset(loop, timer);
        if (timer->owned) {
            loop->timer_owners--;
            loop->owned_timers--;
            lb_release(&loop->allocator, timer);
        }
    }
    while (loop->watches) lb_watch_stop(loop, loop->watches);
    lb_transport_destroy(loop->transport);
    loop->transport = NULL;
    lb_release(&loop->allocator, loop->heap);
    loop->heap = NULL;
    loop->heap_capacity = 0;
    lb_loop_unref(loop);
}

size_t lb_loop_pending(const lb_loop *loop) {
    return loop->requests + loop->owned_timers + loop->counted_watches;
}

int lb_loop_fd(const lb_loop *loop) {
    return loop->closed ? -1 : lb_transport_fd(loop->transport);
}

int lb_loop_timeout(const lb_loop *loop) {
    if (loop->closed) return -1;
    int wait = lb_transport_timeout(loop->transport);
    if (loop->timers) {
        double ms = ceil((loop->heap[0].due - lb_clock()) * 1000);
        int due = ms <= 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
        if (wait < 0 || due < wait) wait = due;
    }
    return wait;
}

double lb_loop_now(const lb_loop *loop) {
    (void)loop;
    return lb_clock();
}

static void take_finished(lb_loop *loop) {
    lb_outcome outcome;
    lb_request *request;
    loop->answered = 0;
    while ((request = lb_transport_finished(loop->transport, &outcome))) lb_request_finished(request, &outcome);
}

int lb_loop_step(lb_loop *loop, int timeout_ms, lb_pollfd *fds, size_t count) {
    if (loop->closed || loop->depth) return LB_EUSAGE;
    if (!loop->requests && !loop->timers && !count && !loop->counted_watches && timeout_ms < 0) return 0;
    loop->depth = 1;
    loop->finished = loop->started = 0;
    lb_transport_begin(loop->transport);
    take_finished(loop);
    if (loop->finished) timeout_ms = 0;
    int due = lb_loop_timeout(loop);
    if (due >= 0 && (timeout_ms < 0 || due < timeout_ms)) timeout_ms = due;
    int ready = lb_transport_wait(loop->transport, timeout_ms, fds, count);
    take_finished(loop); /* before the timers: an answer that is here is not too late */
    run_timers(loop);
    loop->depth = 0;
    return ready < 0 ? ready : ready + loop->finished;
}
