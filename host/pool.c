/* pool.c - memory for Lua, the client and libcurl: small blocks come from lists of free ones of their size.
 *
 * Lua gives the size back with each block, so nothing has to be kept beside them; the others do not, and their blocks
 * begin with the size. Taking or returning one is a few instructions, and what was returned last, which the
 * processor's caches still hold, is taken first. A call allocates some eighty times. Memory is used again, but never returned
 * to the system. Without this (tests/bench/get_room.lua by callgrind, 29 November 2026): 84,600 instructions a call in turn
 * instead of 74,100, 88,500 of 64 in flight instead of 74,800; decoding 100 rooms takes 22 % more.
 *
 * The lists belong to the thread of the Lua state. libcurl resolves names in threads of its own: these allocate with
 * malloc(), and put what they free of ours on a list that the owner takes over. */
#define _POSIX_C_SOURCE 200809L
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { GRAIN = 16, STEP = 2048, CHUNK = 32768 };
enum { SMALL = 1024, LARGEST = 4 * STEP }; /* libcurl's receive buffer, once for each transfer, is nearly LARGEST */
enum { SMALL_CLASSES = SMALL / GRAIN + 1, CLASSES = SMALL_CLASSES + LARGEST / STEP };
#ifdef __SANITIZE_ADDRESS__ /* which is to see each block */
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
enum { LARGEST_OF_LUA = SANITIZED ? 0 : 512 };

typedef union block {
    union block *next;
    char bytes[GRAIN];
} block;

/* In front of a block for the client or libcurl. */
typedef union header {
    struct {
        size_t size; /* with the header */
        void *link;  /* NULL: from malloc(); else its list of free ones, or in the list of returned ones: the next */
    } of;
    max_align_t aligned;
} header;

/* Of the one Lua state of the process. */
static struct {
    block *idle[CLASSES];
    block *chunks;              /* each begins with a link to the one before: so that a leak checker finds all of them */
    char *unused, *end;         /* of the latest chunk */
    _Atomic(header *) returned; /* by other threads */
    size_t used;                /* bytes, by Lua */
    host_refuses *refuses;      /* NULL: Lua gets all it asks for */
} pool;

static _Thread_local bool owner;

/* Up to SMALL by grains, then by steps. */
static size_t class_of(size_t size) {
    return size <= SMALL ? (size + GRAIN - 1) / GRAIN : SMALL_CLASSES - 1 + (size + STEP - 1) / STEP;
}

static size_t size_of(size_t class) {
    return class < SMALL_CLASSES ? class * GRAIN : (class - (SMALL_CLASSES - 1)) * STEP;
}

static void put_on(block **list, void *memory) {
    block *b = memory;
    b->next = *list;
    *list = b;
}

static void put_back(void *memory, size_t class) {
    put_on(&pool.idle[class], memory);
}

static void take_over(void) {
    for (header *h = atomic_exchange(&pool.returned, NULL), *next; h; h = next) {
        next = h->of.link;
        put_back(h, class_of(h->of.size));
    }
}

/* Cuts a small block off the latest chunk. What is left of a chunk that is too short becomes a block, too. */
HOST_COLD static void *carve(size_t class) {
    size_t left = (size_t)(pool.end - pool.unused) / GRAIN;
    if (class >= SMALL_CLASSES) return malloc(size_of(class));
    if (left < class) {
        char *chunk = malloc(CHUNK);
        if (!chunk) return NULL;
        if (left) put_back(pool.unused, left);
        ((block *)(void *)chunk)->next = pool.chunks;
        pool.chunks = (block *)(void *)chunk;
        pool.unused = chunk + GRAIN;
        pool.end = chunk + CHUNK;
        take_over();
    }
    void *memory = pool.unused;
    pool.unused += class * GRAIN;
    return memory;
}

static void *take(size_t class) {
    block *b = pool.idle[class];
    if (!b) return carve(class);
    pool.idle[class] = b->next;
    return b;
}

/* ---- For Lua ------------------------------------------------------------------------------------ */

static void *take_for_lua(size_t size) {
    return size > LARGEST_OF_LUA ? malloc(size) : take(class_of(size));
}

static void give_of_lua(void *memory, size_t size) {
    if (size > LARGEST_OF_LUA) free(memory);
    else if (size) put_back(memory, class_of(size));
}

static void *resize_for_lua(void *memory, size_t old_size, size_t size) {
    if (old_size > LARGEST_OF_LUA && size > LARGEST_OF_LUA) return realloc(memory, size);
    if (old_size <= LARGEST_OF_LUA && class_of(size) == class_of(old_size)) return memory;
    void *moved = take_for_lua(size);
    if (!moved) return size < old_size ? memory : NULL; /* Lua counts on it that shrinking succeeds */
    memcpy(moved, memory, old_size < size ? old_size : size);
    give_of_lua(memory, old_size);
    return moved;
}

HOST_COLD static void *allocate_any(void *memory, size_t old_size, size_t size) {
    if (size == 0) {
        give_of_lua(memory, old_size);
        pool.used -= old_size;
        return NULL;
    }
    if (pool.refuses && size > old_size && pool.refuses(memory, old_size, size)) return NULL;
    void *moved = old_size == 0 ? take_for_lua(size) : resize_for_lua(memory, old_size, size);
    if (moved) pool.used += size - old_size;
    return moved;
}

/* Takes a small block from its list, or puts one back; all else is allocate_any()'s, called last, so that nothing is saved on
 * the stack for it. The same holds for allocate() and release(). */
void *host_allocate(void *user_data, void *memory, size_t old_size, size_t size) {
    (void)user_data;
    if (!memory) {
        old_size = 0; /* Lua passes a type there */
        block **list = &pool.idle[size <= LARGEST_OF_LUA ? class_of(size) : 0], *b = *list; /* no block has class 0 */
        if (b && !pool.refuses) {
            *list = b->next;
            pool.used += size;
            return b;
        }
    } else if (size == 0 && old_size <= LARGEST_OF_LUA && old_size > 0) {
        put_back(memory, class_of(old_size));
        pool.used -= old_size;
        return NULL;
    }
    return allocate_any(memory, old_size, size);
}

size_t host_pool_used(void) {
    return pool.used;
}

void host_pool_limit(host_refuses *refuses) {
    pool.refuses = refuses;
}

/* ---- For the client and libcurl -------------------------------------------------------------------------------- */

HOST_COLD static void *allocate_header(size_t size) {
    if (size > SIZE_MAX - sizeof(header)) return NULL;
    size += sizeof(header);
    bool pooled = owner && size <= LARGEST;
    size_t class = pooled ? class_of(size) : 0;
    header *h = pooled ? take(class) : malloc(size);
    if (!h) return NULL;
    h->of.size = size;
    h->of.link = pooled ? &pool.idle[class] : NULL;
    return h + 1;
}

static void *allocate(size_t size) {
    if (!owner || size > LARGEST - sizeof(header)) return allocate_header(size);
    size_t whole = size + sizeof(header);
    block **list = &pool.idle[class_of(whole)], *b = *list;
    if (!b) return allocate_header(size);
    *list = b->next;
    header *h = (header *)(void *)b;
    h->of.size = whole;
    h->of.link = list;
    return h + 1;
}

HOST_COLD static void release_elsewhere(header *h) {
    if (!h->of.link) {
        free(h);
        return;
    }
    header *first = atomic_load(&pool.returned);
    do h->of.link = first;
    while (!atomic_compare_exchange_weak(&pool.returned, &first, h));
}

static void release(void *memory) {
    if (!memory) return;
    header *h = (header *)memory - 1;
    if (owner && h->of.link) put_on(h->of.link, h);
    else release_elsewhere(h);
}

static void *resize(void *memory, size_t size) {
    if (!memory) return allocate(size);
    if (size > SIZE_MAX - sizeof(header)) return NULL;
    header *h = (header *)memory - 1;
    size_t old_size = h->of.size, new_size = size + sizeof(header);
    if (h->of.link ? new_size <= LARGEST && class_of(new_size) == class_of(old_size) : new_size > LARGEST) {
        if (!h->of.link && !(h = realloc(h, new_size))) return NULL;
        h->of.size = new_size;
        return h + 1;
    }
    void *moved = allocate(size);
    if (!moved) return NULL;
    memcpy(moved, memory, (old_size < new_size ? old_size : new_size) - sizeof(header));
    release(memory);
    return moved;
}

static char *duplicate(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = allocate(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static void *allocate_zeroed(size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) return NULL;
    void *memory = allocate(count * size);
    return memory ? memset(memory, 0, count * size) : NULL;
}

static void *resize_for_client(void *user_data, void *memory, size_t size) {
    (void)user_data;
    return resize(memory, size);
}

static void release_for_client(void *user_data, void *memory) {
    (void)user_data;
    release(memory);
}

lb_loop *host_pool_loop(void) {
    static const lb_allocator of_client = { resize_for_client, release_for_client, NULL };
    static const lb_libcurl_memory of_libcurl = { allocate, release, resize, duplicate, allocate_zeroed };
    lb_loop *loop = NULL;
    if (SANITIZED) {
        lb_loop_create(&loop);
        return loop;
    }
    owner = true;
    if (lb_loop_create_with(&of_client, &loop) == LB_OK) lb_loop_set_libcurl_memory(loop, &of_libcurl);
    return loop;
}
