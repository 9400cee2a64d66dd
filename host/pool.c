/* pool.c - memory for Lua: small blocks come from lists of free ones of their size.
 *
 * Lua gives the size back with each block, so nothing has to be kept beside them, and taking or returning one is a few
 * instructions; a third of what a call costs outside of libcurl was malloc() and free(). Memory of small blocks is used
 * again, but returned to the system only at the end. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#ifdef __SANITIZE_ADDRESS__ /* which is to see each block */
enum { LARGEST = 0 };
#else
enum { LARGEST = 512 };
#endif
enum { GRAIN = 16, CHUNK = 32768 };

typedef union block {
    union block *next;
    char bytes[GRAIN];
} block;

typedef struct chunk {
    struct chunk *next;
    _Alignas(GRAIN) char bytes[CHUNK];
} chunk;

/* Of the one Lua state of the process. */
static struct {
    block *idle[LARGEST / GRAIN + 1]; /* by size in grains */
    chunk *chunks;
    char *unused, *end; /* of the latest chunk */
} pool;

static size_t grains(size_t size) {
    return (size + GRAIN - 1) / GRAIN;
}

static void put_back(void *memory, size_t count) {
    block *b = memory;
    b->next = pool.idle[count];
    pool.idle[count] = b;
}

static void *carve(size_t count) {
    size_t left = (size_t)(pool.end - pool.unused) / GRAIN;
    if (left < count) {
        chunk *c = malloc(sizeof *c);
        if (!c) return NULL;
        if (left) put_back(pool.unused, left);
        c->next = pool.chunks;
        pool.chunks = c;
        pool.unused = c->bytes;
        pool.end = c->bytes + CHUNK;
    }
    void *memory = pool.unused;
    pool.unused += count * GRAIN;
    return memory;
}

static void *take(size_t size) {
    if (size > LARGEST) return malloc(size);
    block *b = pool.idle[grains(size)];
    if (!b) return carve(grains(size));
    pool.idle[grains(size)] = b->next;
    return b;
}

static void give(void *memory, size_t size) {
    if (size > LARGEST) free(memory);
    else if (size) put_back(memory, grains(size));
}

void *host_pool_resize(void *memory, size_t old_size, size_t size) {
    if (size == 0) {
        give(memory, old_size);
        return NULL;
    }
    if (old_size == 0) return take(size);
    if (old_size > LARGEST && size > LARGEST) return realloc(memory, size);
    if (old_size <= LARGEST && grains(size) == grains(old_size)) return memory;
    void *moved = take(size);
    if (!moved) return size < old_size ? memory : NULL; /* Lua counts on it that shrinking succeeds */
    memcpy(moved, memory, old_size < size ? old_size : size);
    give(memory, old_size);
    return moved;
}

void host_pool_free(void) {
    while (pool.chunks) {
        chunk *c = pool.chunks;
        pool.chunks = c->next;
        free(c);
    }
    memset(&pool, 0, sizeof pool);
}
