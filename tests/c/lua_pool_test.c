/* The program's allocator for Lua, against a plain record of what each block must contain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../host/pool.c"

enum { BLOCKS = 400, STEPS = 200000 };

static uint32_t seed = 1;

static uint32_t any(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void blocks_keep_their_contents_while_others_come_and_go(void **state) {
    static struct { unsigned char *memory; size_t size; unsigned char mark; } all[BLOCKS];
    (void)state;
    for (int step = 0; step < STEPS; step++) {
        int i = (int)any(BLOCKS);
        size_t old = all[i].size, size = any(8) == 0 ? 0 : any(5) == 0 ? any(4000) : any(560);
        unsigned char *memory = host_pool_resize(all[i].memory, old, size);
        assert_int_equal(memory == NULL, size == 0);
        assert_int_equal((uintptr_t)memory % sizeof(void *), 0);
        for (size_t n = 0; n < size && n < old; n++) assert_int_equal(memory[n], all[i].mark);
        all[i].mark = (unsigned char)step;
        if (size) memset(memory, all[i].mark, size);
        all[i].memory = memory;
        all[i].size = size;
    }
    for (int i = 0; i < BLOCKS; i++) host_pool_resize(all[i].memory, all[i].size, 0);
    host_pool_free();
}

static void what_was_given_back_is_used_again(void **state) {
    (void)state;
    if (LARGEST == 0) skip(); /* malloc()'s affair */
    void *first = host_pool_resize(NULL, 0, 33);
    assert_null(host_pool_resize(first, 33, 0));
    assert_ptr_equal(host_pool_resize(NULL, 0, 48), first);
    assert_ptr_equal(host_pool_resize(first, 48, 35), first);
    host_pool_free();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_keep_their_contents_while_others_come_and_go),
        cmocka_unit_test(what_was_given_back_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
