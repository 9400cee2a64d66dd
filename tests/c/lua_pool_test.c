/* The program's allocator for Lua and libcurl, against a plain record of what each block must contain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "../../host/pool.c"
#include "seed.h"

enum { BLOCKS = 400, STEPS = 200000 };

static uint32_t last;

static uint32_t any(uint32_t below) {
    last = last * 1664525u + 1013904223u;
    return (last >> 8) % below;
}

static void blocks_keep_their_contents_while_others_come_and_go(void **state) {
    static struct { unsigned char *memory; size_t size; unsigned char mark; } all[BLOCKS];
    (void)state;
    last = test_seed();
    for (int step = 0; step < STEPS; step++) {
        int i = (int)any(BLOCKS);
        size_t old = all[i].size, size = any(8) == 0 ? 0 : any(5) == 0 ? any(4000) : any(560);
        unsigned char *memory = host_allocate(NULL, all[i].memory, old, size);
        assert_int_equal(memory == NULL, size == 0);
        assert_int_equal((uintptr_t)memory % sizeof(void *), 0);
        for (size_t n = 0; n < size && n < old; n++) assert_int_equal(memory[n], all[i].mark);
        all[i].mark = (unsigned char)step;
        if (size) memset(memory, all[i].mark, size);
        all[i].memory = memory;
        all[i].size = size;
    }
    for (int i = 0; i < BLOCKS; i++) host_allocate(NULL, all[i].memory, all[i].size, 0);
}

static void what_was_given_back_is_used_again(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* malloc()'s affair */
    void *first = host_allocate(NULL, NULL, 0, 33);
    assert_null(host_allocate(NULL, first, 33, 0));
    assert_ptr_equal(host_allocate(NULL, NULL, 0, 48), first);
    assert_ptr_equal(host_allocate(NULL, first, 48, 35), first);
}

static void libcurls_blocks_keep_their_contents(void **state) {
    static struct { unsigned char *memory; size_t size; unsigned char mark; } all[BLOCKS];
    (void)state;
    owner = true;
    for (int step = 0; step < STEPS; step++) {
        int i = (int)any(BLOCKS);
        size_t size = any(6) == 0 ? any(20000) : any(1200);
        if (any(3) == 0) {
            release(all[i].memory);
            all[i].memory = NULL;
            all[i].size = 0;
        }
        if (step % 1000 == 0) owner = !owner; /* as if another thread went on */
        unsigned char *memory = resize(all[i].memory, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t n = 0; n < size && n < all[i].size; n++) assert_int_equal(memory[n], all[i].mark);
        all[i].mark = (unsigned char)step;
        memset(memory, all[i].mark, size);
        all[i].memory = memory;
        all[i].size = size;
    }
    owner = true;
    for (int i = 0; i < BLOCKS; i++) release(all[i].memory);
    release(NULL);
}

static void texts_and_zeroed_blocks_are_what_they_say(void **state) {
    static const unsigned char zeros[300];
    (void)state;
    char *copy = duplicate("a string");
    assert_string_equal(copy, "a string");
    copy = resize(copy, 300);
    memset(copy, 'x', 300); /* dirties what is taken next */
    release(copy);
    unsigned char *zeroed = allocate_zeroed(3, 100);
    assert_memory_equal(zeroed, zeros, 300);
    release(zeroed);
    assert_null(allocate_zeroed(SIZE_MAX / 2, 3));
    assert_null(allocate(SIZE_MAX - 3));
}

static void *release_all(void *list) {
    for (void **memory = list; *memory; memory++) release(*memory);
    return duplicate("of another thread");
}

static void what_another_thread_frees_comes_back_to_the_owner(void **state) {
    void *list[101] = { NULL };
    pthread_t thread;
    char *text = NULL;
    (void)state;
    owner = true;
    for (int i = 0; i < 100; i++) list[i] = allocate(900);
    size_t taken = class_of(900 + sizeof(header));
    pool.idle[taken] = NULL;
    assert_int_equal(pthread_create(&thread, NULL, release_all, list), 0);
    assert_int_equal(pthread_join(thread, (void **)&text), 0);
    assert_string_equal(text, "of another thread");
    release(text);
    assert_null(pool.idle[taken]); /* nobody but the owner touches the lists */
    take_over();
    int count = 0;
    for (block *b = pool.idle[taken]; b; b = b->next) count++;
    assert_int_equal(count, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_keep_their_contents_while_others_come_and_go),
        cmocka_unit_test(what_was_given_back_is_used_again),
        cmocka_unit_test(libcurls_blocks_keep_their_contents),
        cmocka_unit_test(texts_and_zeroed_blocks_are_what_they_say),
        cmocka_unit_test(what_another_thread_frees_comes_back_to_the_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
