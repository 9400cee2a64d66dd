/* pace.c - which requests may be on the wire: how many at once, how fast, and none for a while after a 429.
 *
 * A pace may be part of another one, with limits of its own: what waits for a turn in the part then waits for one in the
 * whole. The whole alone knows of 429. */
#include "internal.h"

#include <limits.h>
#include <math.h>

static void on_timer(void *user_data) {
    lb_pace_dispatch(user_data);
}

lb_pace *lb_pace_create(lb_loop *loop, lb_pace *whole, unsigned max_in_flight, double rate, void (*start)(void *owner)) {
    lb_pace *p = lb_alloc(&loop->allocator, sizeof *p);
    if (!p || !lb_timer_reserve(loop)) {
        lb_release(&loop->allocator, p);
        return NULL;
    }
    if (!max_in_flight) max_in_flight = UINT_MAX;
    *p = (lb_pace){
        .loop = loop, .whole = whole ? lb_pace_keep(whole) : NULL, .references = 1, .start = start, .max_in_flight = max_in_flight,
        .window = max_in_flight, .rate = rate, .tokens = 1, .tokens_at = lb_clock(), .timer = { .done = on_timer, .user_data = p },
    };
    return p;
}

lb_pace *lb_pace_keep(lb_pace *p) {
    p->references++;
    return p;
}

void lb_pace_release(lb_pace *p) {
    for (lb_pace *whole; p && --p->references == 0; p = whole) {
        whole = p->whole;
        lb_timer_drop(p->loop, &p->timer);
        lb_release(&p->loop->allocator, p);
    }
}

static lb_pace *outermost(lb_pace *p) {
    while (p->whole) p = p->whole;
    return p;
}

/* ---- The queue -------------------------------------------------------------------------------- */

/* In the order in which they came, to whatever part. */
static void push(lb_pace *p, lb_paced *item) {
    lb_paced *next = NULL;
    if (p->queue_last && item->order < p->queue_last->order)
        for (next = p->queue; next->order <= item->order;) next = next->next;
    item->queue = p;
    item->next = next;
    item->previous = next ? next->previous : p->queue_last;
    if (item->previous) item->previous->next = item;
    else p->queue = item;
    if (next) next->previous = item;
    else p->queue_last = item;
}

static void pull(lb_paced *item) {
    lb_pace *p = item->queue;
    if (item->previous) item->previous->next = item->next;
    else p->queue = item->next;
    if (item->next) item->next->previous = item->previous;
    else p->queue_last = item->previous;
    item->next = item->previous = NULL;
}

void lb_pace_add(lb_pace *p, lb_paced *item, bool first) {
    item->pace = p;
    item->order = first ? 0 : ++outermost(p)->arrivals;
    push(p, item);
}

/* Takes an item out of the queue in which it waits; no pace from `part` on has offered it any more. */
static void withdraw(lb_paced *item, lb_pace *part) {
    for (; part != item->queue; part = part->whole) part->offered = NULL;
    pull(item);
}

void lb_pace_drop(lb_paced *item) {
    withdraw(item, item->pace);
}

/* ---- The rate --------------------------------------------------------------------------------- */

/* Token bucket. Seconds until the next request may go; 0 for now. */
static double token_wait(lb_pace *p, double now) {
    if (p->rate <= 0) return 0;
    p->tokens += (now - p->tokens_at) * p->rate;
    p->tokens_at = now;
    double burst = p->rate > 50 ? p->rate / 50 : 1; /* makes up for a late timer, no more */
    if (p->tokens > burst) p->tokens = burst;
    return p->tokens >= 1 ? 0 : (1 - p->tokens) / p->rate;
}

static void take_token(lb_pace *p) {
    if (p->rate <= 0) return;
    token_wait(p, lb_clock());
    p->tokens -= 1;
}

/* Tokens that have accumulated at the old rate count, up to one: a lower rate makes the queue wait longer from now on. */
void lb_pace_set(lb_pace *p, double rate, unsigned max_in_flight) {
    double now = lb_clock();
    p->tokens = fmin(p->rate > 0 ? p->tokens + (now - p->tokens_at) * p->rate : 1, 1);
    p->tokens_at = now;
    p->rate = rate;
    if (!max_in_flight) max_in_flight = p->max_in_flight;
    p->window = p->window >= p->max_in_flight ? max_in_flight : fmin(p->window, max_in_flight);
    p->max_in_flight = max_in_flight;
    lb_paced *item = p->offered; /* by limits that hold no more */
    if (item) {
        withdraw(item, p);
        push(p, item);
    }
    lb_pace_dispatch(p);
}

/* ---- Turns ------------------------------------------------------------------------------------ */

/* When the next one of a part has its turn there, it waits for one in the whole. One at a time: so the part keeps its
 * rate, and what it may have in flight, however long they wait there. */
static void offer(lb_pace *p) {
    if (!p->queue || p->offered || p->in_flight >= p->max_in_flight) return;
    double now = p->rate > 0 ? lb_clock() : 0, wait = token_wait(p, now);
    if (wait > 0) {
        lb_timer_set(p->loop, &p->timer, now + wait);
        return;
    }
    p->offered = p->queue;
    pull(p->offered);
    push(p->whole, p->offered);
}

static void begin(lb_paced *item) {
    pull(item);
    for (lb_pace *p = item->pace; p; p = p->whole) {
        take_token(p);
        p->in_flight++;
        p->offered = NULL;
    }
    lb_pace *p = item->pace;
    for (; p->whole; p = p->whole) offer(p);
    p->loop->started++;
    p->start(item->owner);
}

void lb_pace_dispatch(lb_pace *p) {
    for (; p->whole; p = p->whole) offer(p);
    while (p->queue && p->in_flight < (unsigned)p->window) {
        bool enough = p->loop->started >= LB_STARTS_A_STEP || !lb_loop_may(p->loop, p->loop->started);
        double now = enough || p->paused_until > 0 || p->rate > 0 ? lb_clock() : 0; /* else not used */
        double wait = p->paused_until - now;
        if (wait <= 0 && !enough) wait = token_wait(p, now);
        if (wait > 0 || enough) {
            lb_timer_set(p->loop, &p->timer, now + fmax(wait, 0));
            return;
        }
        begin(p->queue);
    }
}

void lb_pace_ended(lb_pace *p) {
    for (; p; p = p->whole) p->in_flight--;
}

/* ---- 429 -------------------------------------------------------------------------------------- */

/* A 429 halves what may be in flight, at most once for each pause; responses let it grow again. */
void lb_pace_slow_down(lb_pace *part, double pause) {
    lb_pace *p = outermost(part);
    double now = lb_clock();
    if (p->paused_until <= now) p->window = fmax(1, floor(fmin(p->window, p->in_flight + 1) / 2));
    p->paused_until = fmax(p->paused_until, now + pause);
}

void lb_pace_speed_up(lb_pace *part) {
    lb_pace *p = outermost(part);
    if (p->window < p->max_in_flight) p->window = fmin(p->max_in_flight, p->window + 1 / p->window);
}

double lb_pace_paused(lb_pace *part) {
    return fmax(outermost(part)->paused_until - lb_clock(), 0);
}
