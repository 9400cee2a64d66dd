/* allocator.h - an allocator that counts what is alive, and refuses allocations from one on. */
#ifndef TESTS_ALLOCATOR_H
#define TESTS_ALLOCATOR_H

#include <stdlib.h>

#include "liveblocks.h"

/* Refuses the allocation number `refuse`, and those after it while `lasts` lasts. */
typedef struct budget {
    long asked, alive, refuse;
    int lasts;
} budget;

static inline void *give(void *user_data, void *block, size_t size) {
    budget *b = user_data;
    if (++b->asked >= b->refuse && b->lasts-- > 0) return NULL;
    void *out = realloc(block, size);
    if (out && !block) b->alive++;
    return out;
}

static inline void take(void *user_data, void *block) {
    budget *b = user_data;
    if (block) b->alive--;
    free(block);
}

#endif
