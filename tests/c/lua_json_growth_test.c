/* lua_json_growth_test.c - the work of reading and writing JSON, for documents of the worst kinds: with four times as much of it,
 * four times the work, or a little more (a buffer that doubles may be twice as large as it need be; 16 times is quadratic). The
 * compiler has put a call into each basic block of these sources (tests/job.sh), and what the C library and Lua do in one go is
 * counted by its bytes: no clock is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/json.h"

enum { SMALL = 2000, LARGE = 4 * SMALL, BYTES = 16 /* that are moved at the cost of a block */ };

static volatile uint64_t work; /* the compiler takes it that memcpy() calls nothing of this file */

void __sanitizer_cov_trace_pc(void);
__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void) {
    work++;
}

#define COUNTED(type, name, parameters, arguments, size) \
    type __real_##name parameters;                       \
    type __wrap_##name parameters;                       \
    __attribute__((no_sanitize_coverage)) type __wrap_##name parameters { \
        work += (size) / BYTES;                          \
        return __real_##name arguments;                  \
    }

COUNTED(void *, memcpy, (void *to, const void *from, size_t n), (to, from, n), n)
COUNTED(void *, memmove, (void *to, const void *from, size_t n), (to, from, n), n)
COUNTED(void *, memset, (void *to, int c, size_t n), (to, c, n), n)
COUNTED(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n), n)
COUNTED(void *, memchr, (const void *a, int c, size_t n), (a, c, n), n)
COUNTED(size_t, strlen, (const char *s), (s), __real_strlen(s))

static void *allocate(void *user_data, void *block, size_t old, size_t size) {
    (void)user_data;
    if (size == 0) {
        free(block);
        return NULL;
    }
    work += (block ? old + size : size) / BYTES;
    return realloc(block, size);
}

/* ---- Texts: `size` times what the worst of each kind is made of ---- */

typedef struct text {
    char *bytes;
    size_t size, capacity;
} text;

static void add(text *t, const char *format, ...) {
    char piece[128];
    va_list arguments;
    va_start(arguments, format);
    size_t n = (size_t)vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (t->size + n + 1 > t->capacity) {
        t->capacity = 2 * (t->capacity + n + 1);
        t->bytes = realloc(t->bytes, t->capacity);
        assert_non_null(t->bytes);
    }
    memcpy(t->bytes + t->size, piece, n + 1);
    t->size += n;
}

typedef struct kind {
    const char *name;
    const char *before, *each, *between, *after; /* each may have a %zu */
    bool refused;
} kind;

static const kind kinds[] = {
    { "numbers", "[", "%zu", ",", "]", false },
    { "objects", "[", "{\"id\":%zu,\"a\":{\"b\":[]}}", ",", "]", false },
    { "one object with many keys", "{", "\"key%zu\":true", ",", "}", false },
    { "keys that look alike", "{", "\"same%08zusame\":1", ",", "}", false },
    { "one key again and again", "{", "\"k\":%zu", ",", "}", false },
    { "keys in the wrong order", "{", "\"\\uffff%zu\":0,\"a%1$zu\":0", ",", "}", false },
    { "a long string", "\"", "text %zu", " ", "\"", false },
    { "a long string of escapes", "\"", "\\n\\u00e9\\ud83d\\ude00", "", "\"", false },
    { "halves of pairs", "\"", "\\ud83d", "", "\"", false },
    { "a long key", "{\"", "key%zu\\t", "", "\":1}", false },
    { "a long number", "[1", "23456", "", "]", false },
    { "a long fraction", "[0.", "23456", "", "]", false },
    { "a number with a long exponent", "[1e-", "00000", "", "1]", false },
    { "whitespace", "[", "1 \n\t ", ",", "]", false },
    { "only whitespace", " ", "\n \t\r", " ", "1", false },
    { "deep things side by side", "[", "[[[[[[[[{\"a\":[[[[%zu]]]]}]]]]]]]]", ",", "]", false },
    { "an end that is missing", "[", "[%zu]", ",", "", true },
    { "a string without an end", "[\"", "text\\n", "", "", true },
    { "a wrong byte at the end", "{\"a\":[", "\"%zu\"", ",", "\xff]}", true },
    { "a wrong escape at the end", "[\"", "\\u00e9x", "", "\\x\"]", true },
};

static text text_of(const kind *k, size_t count) {
    text t = { NULL, 0, 0 };
    add(&t, "%s", k->before);
    for (size_t i = 0; i < count; i++) {
        if (i) add(&t, "%s", k->between);
        add(&t, k->each, i);
    }
    add(&t, "%s", k->after);
    return t;
}

static lua_State *new_state(void) {
    lua_State *L = lua_newstate(allocate, NULL);
    assert_non_null(L);
    lua_gc(L, LUA_GCSTOP);
    lua_pushcfunction(L, luaopen_liveblocks_json);
    lua_call(L, 0, 1); /* json */
    return L;
}

/* Pushes what the function makes of what is on the top, which stays; returns the work. */
static uint64_t work_of(lua_State *L, const char *function, bool pretty) { /* argument */
    lua_getfield(L, 1, function); /* argument f */
    lua_pushvalue(L, -2);         /* argument f argument */
    if (pretty) {
        lua_createtable(L, 0, 1);
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "pretty"); /* argument f argument options */
    }
    uint64_t before = work;
    assert_int_equal(lua_pcall(L, pretty ? 2 : 1, 1, 0), LUA_OK);
    return work - before;
}

typedef struct cost {
    uint64_t decode, encode, pretty;
} cost;

static cost cost_of(const kind *k, size_t count) {
    cost c = { 0, 0, 0 };
    text t = text_of(k, count);
    lua_State *L = new_state();
    lua_pushlstring(L, t.bytes, t.size); /* json text */
    c.decode = work_of(L, "try_decode", false); /* json text value */
    assert_int_equal(lua_isnil(L, -1), k->refused);
    if (!k->refused) {
        c.encode = work_of(L, "encode", false); /* json text value text */
        lua_pop(L, 1);
        c.pretty = work_of(L, "encode", true);
    }
    lua_close(L);
    free(t.bytes);
    return c;
}

static void must_grow_linearly(const kind *k, const char *what, uint64_t small, uint64_t large) {
    if (large >= 8 * small)
        fail_msg("%s: %s takes %llu steps, and %llu for four times as much", k->name, what, (unsigned long long)small,
                 (unsigned long long)large);
}

static void documents_of_all_kinds_take_work_that_grows_with_them(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cost small = cost_of(&kinds[i], SMALL), large = cost_of(&kinds[i], LARGE);
        assert_true(small.decode > SMALL / BYTES); /* it is counted */
        must_grow_linearly(&kinds[i], "reading", small.decode, large.decode);
        if (kinds[i].refused) continue;
        must_grow_linearly(&kinds[i], "writing", small.encode, large.encode);
        must_grow_linearly(&kinds[i], "writing with line breaks", small.pretty, large.pretty);
    }
}

static uint64_t depth_cost(size_t depth) {
    text t = { NULL, 0, 0 };
    for (size_t i = 0; i < depth; i++) add(&t, "{\"a\":[");
    for (size_t i = 0; i < depth; i++) add(&t, "]}");
    lua_State *L = new_state();
    lua_pushlstring(L, t.bytes, t.size);
    uint64_t cost = work_of(L, "decode", false);
    cost += work_of(L, "encode", false);
    lua_close(L);
    free(t.bytes);
    return cost;
}

static void the_work_grows_with_the_depth(void **state) {
    (void)state;
    uint64_t small = depth_cost(120), large = depth_cost(480);
    if (large >= 8 * small) fail_msg("%llu steps, %llu for four times the depth", (unsigned long long)small, (unsigned long long)large);
}

/* What must be seen is seen: joining pieces one after the other is quadratic. */
static void what_is_quadratic_is_counted_as_such(void **state) {
    (void)state;
    uint64_t costs[2];
    for (int i = 0; i < 2; i++) {
        size_t count = i ? LARGE : SMALL;
        char *bytes = malloc(count * 8), *copy = malloc(count * 8);
        assert_true(bytes && copy);
        memset(bytes, 'x', count * 8);
        uint64_t before = work;
        for (size_t n = 1; n <= count; n++) memcpy(copy, bytes, n * 8);
        costs[i] = work - before;
        free(bytes), free(copy);
    }
    assert_true(costs[1] > 10 * costs[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_all_kinds_take_work_that_grows_with_them),
        cmocka_unit_test(the_work_grows_with_the_depth),
        cmocka_unit_test(what_is_quadratic_is_counted_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
