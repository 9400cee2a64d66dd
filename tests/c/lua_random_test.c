/* lua_random_test.c - tasks, cancellations, closed coroutines and clients, collections, coroutines that others resume with any
 * values, finalizers and <close>, in any order (lua_random.lua), in the Lua it is compiled for: the sanitizers say whether
 * memory is read that has been freed, and each task must come to its end. LBHOST_SEED is the seed, LBHOST_TEST_ROUNDS how many
 * Lua states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lua_state.h"
#include "seed.h"

enum { ROUNDS = 4 };

static void call(lua_State *L, const char *name, int argument, uint32_t seed) {
    lua_getglobal(L, name);
    lua_pushinteger(L, argument);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) fail_msg("seed %u: %s: %s", seed, name, shown(L));
}

static void one_state(uint32_t seed) {
    lua_State *L = new_module_state();
    lua_pushnumber(L, seed);
    lua_setglobal(L, "SEED");
    run_lua(L, "assert(loadfile 'tests/c/lua_random.lua')()");
    call(L, "work", 150, seed);
    if (seed % 2) call(L, "drain", 0, seed); /* the others are closed as they are */
    lua_close(L);
}

static void whatever_happens_in_whatever_order(void **state) {
    (void)state;
    const char *rounds = getenv("LBHOST_TEST_ROUNDS");
    long count = rounds ? atol(rounds) : ROUNDS;
    for (long i = 0; i < count; i++) one_state(test_seed() * 1000003u + (uint32_t)i);
}

/* Lua 5.2 and 5.3 do not finalize what is made then: the sanitizer says whether the response is freed. */
static void a_call_that_a_finalizer_makes_while_the_state_is_closed(void **state) {
    (void)state;
    lua_State *L = new_module_state();
    run_lua(L, "local proxy = newproxy and newproxy(true) or setmetatable({}, {})\n"
               "local client = liveblocks.new { secret = 'sk_x', base_url = SERVER, retries = 0 }\n"
               "getmetatable(proxy).__gc = function()\n"
               "  kept = client:submit('get_room', 'r')\n"
               "  for _ = 1, 1000 do if kept:done() then break end liveblocks.step(nil, 0.01) end\n"
               "end\n"
               "if not newproxy then setmetatable(proxy, getmetatable(proxy)) end\n"
               "left_alone = proxy\n");
    lua_close(L);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_a_finalizer_makes_while_the_state_is_closed),
        cmocka_unit_test(whatever_happens_in_whatever_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
