/* clock.c - the clock of timers and deadlines. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <time.h>

double lb_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double lb_loop_now(const lb_loop *loop) {
    (void)loop;
    return lb_clock();
}
