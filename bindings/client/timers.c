/* timers.c - timers, in a heap by the time at which they are due. */
#include "internal.h"

#include <math.h>

static void set(lb_loop *loop, size_t i, lb_timer_entry entry) {
    loop->heap[i] = entry;
    entry.timer->index = i + 1;
}

static void sift_up(lb_loop *loop, size_t i, lb_timer_entry entry) {
    while (i > 0 && loop->heap[(i - 1) / 2].due > entry.due) {
        set(loop, i, loop->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    set(loop, i, entry);
}

static void sift_down(lb_loop *loop, size_t i, lb_timer_entry entry) {
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= loop->timers) break;
        if (child + 1 < loop->timers && loop->heap[child + 1].due < loop->heap[child].due) child++;
        if (loop->heap[child].due >= entry.due) break;
        set(loop, i, loop->heap[child]);
        i = child;
    }
    set(loop, i, entry);
}

/* Reserves space for the timer of one more owner (a request, a client, lb_timer_start), so that setting it
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
    if (!timer->index) return;
    size_t i = timer->index - 1;
    lb_timer_entry last = loop->heap[--loop->timers];
    timer->index = 0;
    if (last.timer == timer) return;
    if (i > 0 && loop->heap[(i - 1) / 2].due > last.due)
        sift_up(loop, i, last);
    else
        sift_down(loop, i, last);
}

int lb_timer_start(lb_loop *loop, double seconds, lb_timer_done done, void *user_data,
                   lb_timer **timer) {
    if (timer) *timer = NULL;
    if (!loop || loop->closed || !done || isnan(seconds)) return LB_EUSAGE;
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
    if (!loop || !timer) return;
    lb_timer_drop(loop, timer);
    loop->owned_timers--;
    lb_release(&loop->allocator, timer);
}

/* Timers started while others fire wait for the next step, or a timer of zero would never let the step end. */
void lb_timers_run(lb_loop *loop) {
    double now = loop->timers ? lb_clock() : 0;
    for (int called = 0; loop->timers && loop->heap[0].due <= now && lb_loop_may(loop, called); called++) {
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

/* Forgets all timers: the loop ends. */
void lb_timers_clear(lb_loop *loop) {
    while (loop->timers) {
        lb_timer *timer = loop->heap[0].timer;
        lb_timer_unset(loop, timer);
        if (timer->owned) {
            loop->timer_owners--;
            loop->owned_timers--;
            lb_release(&loop->allocator, timer);
        }
    }
    lb_release(&loop->allocator, loop->heap);
    loop->heap = NULL;
    loop->heap_capacity = 0;
}

int lb_timers_timeout(const lb_loop *loop) {
    if (!loop->timers) return -1;
    double ms = ceil((loop->heap[0].due - lb_clock()) * 1000);
    return ms <= 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}
