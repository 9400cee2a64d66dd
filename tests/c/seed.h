/* seed.h - the seed of random tests, as in tests/support/seed.lua. */
#ifndef TESTS_SEED_H
#define TESTS_SEED_H

#include <stdint.h>
#include <stdlib.h>

static inline uint32_t test_seed(void) {
    const char *given = getenv("LBHOST_SEED");
    return given ? (uint32_t)strtoul(given, NULL, 10) : 1;
}

#endif
