/* pace.c - which requests may be on the wire: how many at once, how fast, and none for a while after a 429. */
#include "internal.h"

#include <math.h>

static void on_timer(void *user_data) {
    lb_pace_dispatch(user_data);
}

bool lb_pace_init(lb_pace *p, lb_loop *loop, unsigned max_in_flight, double rate, void (*start)(void *owner)) {
    if (!lb_timer_reserve(loop)) return false;
    *p = (lb_pace){
        .loop = loop, .start = start, .max_in_flight = max_in_flight, .window = max_in_flight, .rate = rate, .tokens = 1, .tokens_at = lb_clock(),
        .timer = { .done = on_timer, .user_data = p },
    };
    return true;
}

void lb_pace_free(lb_pace *p) {
    lb_timer_drop(p->loop, &p->timer);
}

/* ---- The queue -------------------------------------------------------------------------------- */

void lb_pace_add(lb_pace *p, lb_paced *item, bool first) {
    item->previous = first ? NULL : p->queue_last;
    item->next = first ? p->queue : NULL;
    if (item->previous) item->previous->next = item;
    else p->queue = item;
    if (item->next) item->next->previous = item;
    else p->queue_last = item;
}

void lb_pace_drop(lb_pace *p, lb_paced *item) {
    if (item->previous) item->previous->next = item->next;
    else p->queue = item->next;
    if (item->next) item->next->previous = item->previous;
    else p->queue_last = item->previous;
    item->next = item->previous = NULL;
}

/* ---- The rate --------------------------------------------------------------------------------- */

/* Token bucket. Seconds until the next request may go; 0 for now, and then the token is taken. */
static double take_token(lb_pace *p, double now) {
    if (p->rate <= 0) return 0;
    p->tokens += (now - p->tokens_at) * p->rate;
    p->tokens_at = now;
    double burst = p->rate > 50 ? p->rate / 50 : 1; /* makes up for a late timer, no more */
    if (p->tokens > burst) p->tokens = burst;
    if (p->tokens >= 1) {
        p->tokens -= 1;
        return 0;
    }
    return (1 - p->tokens) / p->rate;
}

/* Tokens that have accumulated at the old rate count, up to one: a lower rate makes the queue wait longer from now on. */
void lb_pace_set(lb_pace *p, double rate, unsigned max_in_flight) {
    double now = lb_clock();
    p->tokens = fmin(p->rate > 0 ? p->tokens + (now - p->tokens_at) * p->rate : 1, 1);
    p->tokens_at = now;
    p->rate = rate;
    p->window = p->window >= p->max_in_flight ? max_in_flight : fmin(p->window, max_in_flight);
    p->max_in_flight = max_in_flight;
    lb_pace_dispatch(p);
}

/* ---- Turns ------------------------------------------------------------------------------------ */

void lb_pace_dispatch(lb_pace *p) {
    while (p->queue && p->in_flight < (unsigned)p->window) {
        bool enough = p->loop->started >= LB_STARTS_A_STEP || !lb_loop_may(p->loop, p->loop->started);
        double now = enough || p->paused_until > 0 || p->rate > 0 ? lb_clock() : 0; /* else not used */
        double wait = p->paused_until - now;
        if (wait <= 0 && !enough) wait = take_token(p, now);
        if (wait > 0 || enough) {
            lb_timer_set(p->loop, &p->timer, now + fmax(wait, 0));
            return;
        }
        lb_paced *item = p->queue;
        lb_pace_drop(p, item);
        p->loop->started++;
        p->in_flight++;
        p->start(item->owner);
    }
}

void lb_pace_ended(lb_pace *p) {
    p->in_flight--;
}

/* A 429 halves what may be in flight, at most once for each pause; responses let it grow again. */
void lb_pace_slow_down(lb_pace *p, double pause) {
    double now = lb_clock();
    if (p->paused_until <= now) p->window = fmax(1, floor(fmin(p->window, p->in_flight + 1) / 2));
    p->paused_until = fmax(p->paused_until, now + pause);
}

void lb_pace_speed_up(lb_pace *p) {
    if (p->window < p->max_in_flight) p->window = fmin(p->max_in_flight, p->window + 1 / p->window);
}
