/* lua_sweep.h - a Lua state whose allocator refuses, for tests that let each allocation of a piece of Lua fail in turn. */
#ifndef TESTS_LUA_SWEEP_H
#define TESTS_LUA_SWEEP_H

#include <lauxlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "lua_state.h"
#include "seed.h"

/* Refuses `lasts` allocations from number `refuse` on. Lua collects garbage and asks once more: two make it an error. */
static struct {
    long asked, refuse, lasts;
    long held; /* bytes */
} budget = { .refuse = LONG_MAX };

static inline bool refused(void) {
    return ++budget.asked >= budget.refuse && budget.lasts > 0 && budget.lasts-- > 0;
}

/* Memory that shrinks is never refused: Lua counts on that. */
static inline void *sweep_allocate(void *user_data, void *block, size_t old, size_t size) {
    (void)user_data;
    if (size == 0) {
        if (block) budget.held -= (long)old;
        free(block);
        return NULL;
    }
    if ((!block || size > old) && refused()) return NULL;
    void *memory = realloc(block, size);
    if (memory) budget.held += (long)size - (block ? (long)old : 0);
    return memory;
}

static inline void begin_refusing(long n, long times) {
    budget.asked = 0;
    budget.refuse = n;
    budget.lasts = times;
}

/* How many are left to refuse. */
static inline long end_refusing(void) {
    budget.refuse = LONG_MAX;
    return budget.lasts;
}

/* What is left over is finished and collected. */
static inline void settle(lua_State *L) {
    for (int i = 0; i < 3; i++) {
        lua_gc(L, LUA_GCCOLLECT);
        for (int j = 0; j < 10; j++) assert_true(lblua_step(L, 0) >= 0);
    }
}

/* Calls the global function once with an allocator that refuses, which it may say, and once with one that does not. True when
 * nothing was refused. */
static inline bool sweep_once(lua_State *L, const char *name, long n, long times) {
    lua_getglobal(L, name); /* f */
    begin_refusing(n, times);
    int status = lua_pcall(L, 0, 0, 0);
    bool untouched = end_refusing() == times;
    if (status != LUA_OK) {
        const char *text = luaL_tolstring(L, -1, NULL);
        if (untouched || !strstr(text, "memory")) fail_msg("%s, %ld allocations refused from %ld on: %s", name, times, n, text);
    }
    lua_settop(L, 0);
    settle(L);
    lua_getglobal(L, name); /* f */
    if (lua_pcall(L, 0, 0, 0) != LUA_OK)
        fail_msg("%s, after %ld allocations were refused from %ld on: %s", name, times, n, luaL_tolstring(L, -1, NULL));
    lua_settop(L, 0);
    return untouched;
}

/* Every n, until nothing is refused. No descriptor is lost. */
static inline void sweep(lua_State *L, const char *name, long times) {
    for (int i = 0; i < 2; i++) assert_true(sweep_once(L, name, LONG_MAX, times)); /* what stays open for good is open now */
    settle(L);
    int descriptors = open_descriptors();
    for (long n = 1; !sweep_once(L, name, n, times); n += test_step()) {
        assert_true(n < 100000);
        settle(L);
        if (open_descriptors() != descriptors)
            fail_msg("%s: %d descriptors are lost when %ld allocations are refused from %ld on", name,
                     open_descriptors() - descriptors, times, n);
    }
}

/* Sweeps the global functions of a list that ends with NULL, in one state, with one allocation refused, with two in a row, and so
 * on up to `most`. */
static inline void sweep_each(lua_State *(*new_state)(void), const char *const *names, long most) {
    lua_State *L = new_state();
    for (; *names; names++)
        for (long times = 1; times <= most; times++) sweep(L, *names, times);
    lua_close(L);
}

static inline void sweep_one(lua_State *(*new_state)(void), const char *name, long most) {
    sweep_each(new_state, (const char *const[]){ name, NULL }, most);
}

#endif
