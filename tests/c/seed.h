/* seed.h - the seed of random tests, as in tests/support/seed.lua. */
#ifndef TESTS_SEED_H
#define TESTS_SEED_H

#include <stdint.h>
#include <stdlib.h>

static inline uint32_t test_seed(void) {
    const char *given = getenv("LBHOST_SEED");
    return given ? (uint32_t)strtoul(given, NULL, 10) : 1;
}

/* How far a sweep goes from one allocation to the next: 1, but under valgrind, which takes fifty times as long. */
static inline long test_step(void) {
    const char *given = getenv("LBHOST_TEST_STEP");
    return given ? atol(given) : 1;
}

#endif
