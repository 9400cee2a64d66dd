/* lua_memory_test.c - a Lua state that runs out of memory anywhere: errors are raised, nothing is lost or freed twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liveblocks_lua.h"
#include "seed.h"

/* Refuses `lasts` allocations from number `refuse` on; with `every`, one in so many. Lua collects garbage and asks once more:
 * two in a row make it an error. Memory that shrinks is never refused: Lua counts on that. */
typedef struct budget {
    long asked, refuse, lasts, every;
    long refused; /* the number of the last one */
} budget;

static bool refuses(budget *b) {
    if (++b->asked < b->refuse || b->lasts == 0) return false;
    if (b->every && (b->asked - b->refuse) % b->every) return false;
    b->refused = b->asked;
    b->lasts--;
    return true;
}

static void *allocate(void *user_data, void *block, size_t old, size_t size) {
    budget *b = user_data;
    if (size == 0) {
        free(block);
        return NULL;
    }
    if ((!block || size > old) && refuses(b)) return NULL;
    return realloc(block, size);
}

static const char code[] =
    "local client, task, lb = client, task, liveblocks\n"
    "local one = task.spawn(function(a) return client:get_room(a) end, 'r')\n"
    "local page = client:get_rooms { limit = 5, metadata = { color = 'blue' } }\n"
    "local ok, err = client.try:request('GET', '/v2/x', { query = { a = 1 }, headers = { A = 'b' } })\n"
    "local gone, problem = broken.try:get_room('gone')\n"
    "local text = gone == nil and tostring(problem)\n"
    "task.map({ 'a', 'b' }, function(id) return client:create_room { id = id, defaultAccesses = {}, idempotent = true } end)\n"
    "pcall(task.timeout, 0.001, task.sleep, 1)\n"
    "for room in client:iter_rooms() do text = room.id end\n"
    "local handle <close> = client:submit('get_room', 'h')\n"
    "one:wait()\n"
    "done = lb.json.encode { list = lb.array {}, text = text, n = 1.5 }\n";

static lua_State *new_state(budget *b) {
    char setup[512];
    lua_State *L = lua_newstate(allocate, b);
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    snprintf(setup, sizeof setup,
             "task = liveblocks.task\n"
             "client = liveblocks.new { secret = 'sk_x', base_url = '%s', retries = 0 }\n"
             "broken = liveblocks.new { secret = 'sk_x', base_url = '%s/do/status,code=404/m', retries = 0 }\n"
             "for _, name in ipairs { 'get_room', 'get_rooms', 'create_room', 'request' } do local _ = client[name] end\n",
             getenv("LBHOST_TEST_SERVER"), getenv("LBHOST_TEST_SERVER"));
    if (luaL_dostring(L, setup) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    lua_settop(L, 0);
    return L;
}

static void begin_refusing(budget *b, long refuse, long lasts) {
    b->asked = b->refused = 0;
    b->refuse = refuse;
    b->lasts = lasts;
}

/* How many are left to refuse. */
static long end_refusing(budget *b) {
    b->refuse = LONG_MAX;
    return b->lasts;
}

/* Runs the function on the top, which stays. True when nothing was refused. */
static bool run(lua_State *L, budget *b, long refuse, long lasts) { /* f */
    lua_pushvalue(L, 1);
    begin_refusing(b, refuse, lasts);
    int status = lua_pcall(L, 0, 0, 0);
    bool untouched = end_refusing(b) == lasts;
    if (untouched && status != LUA_OK) fail_msg("%s", luaL_tolstring(L, -1, NULL));
    lua_settop(L, 1);
    /* What went wrong harms nothing that comes later. */
    for (int i = 0; i < 20; i++) assert_true(lblua_step(L, 0) >= 0);
    if (luaL_dostring(L, "assert(client:get_room('later'))") != LUA_OK) fail_msg("%ld: %s", refuse, luaL_tolstring(L, -1, NULL));
    lua_settop(L, 1);
    return untouched;
}

enum { OF_ONE_STATE = 25 }; /* runs, after which it is closed as it is */

static void walk(long first, long step, long lasts) {
    bool done = false;
    for (long n = first; !done;) {
        budget b = { .refuse = LONG_MAX };
        lua_State *L = new_state(&b);
        if (luaL_loadstring(L, code) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
        for (int i = 0; i < OF_ONE_STATE && !done; i++, n += step) done = run(L, &b, n, lasts);
        lua_close(L);
        assert_true(n < 100000);
    }
}

static void one_refused_allocation_harms_nothing_else(void **state) {
    (void)state;
    walk(1, test_step(), 1);
}

static void two_refused_allocations_in_a_row_harm_nothing_else(void **state) {
    (void)state;
    walk(1, test_step(), 2);
}

/* In steps, from another number with another seed: those above are of each. */
static void no_memory_for_a_while_harms_nothing_else(void **state) {
    (void)state;
    enum { STEP = 10 };
    walk(1 + (long)(test_seed() % STEP), STEP, 1000);
}

/* ---- Opening the module ---- */

static lua_State *new_state_without_module(budget *b) {
    lua_State *L = lua_newstate(allocate, b);
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE); /* preload */
    lua_pushcfunction(L, luaopen_liveblocks);                  /* preload f */
    lua_setfield(L, -2, "liveblocks");                         /* preload */
    lua_settop(L, 0);                                          /* */
    return L;
}

static int require_module(lua_State *L) {
    return luaL_dostring(L, "return require('liveblocks').task.run(function() end)");
}

/* The module works, once there is memory. */
static void check_module(lua_State *L, long refused) {
    char again[512];
    snprintf(again, sizeof again,
             "package.loaded.liveblocks = nil\n"
             "local liveblocks = require 'liveblocks'\n"
             "local client <close> = liveblocks.new { secret = 'sk_x', base_url = '%s', retries = 0 }\n"
             "assert(liveblocks.task.run(function() return client:get_room 'r' end))\n"
             "assert(tostring(select(2, client.try:get_room '')):find 'empty')",
             getenv("LBHOST_TEST_SERVER"));
    if (luaL_dostring(L, again) != LUA_OK) fail_msg("%ld: %s", refused, luaL_tolstring(L, -1, NULL));
}

/* Single ones, each of which Lua makes up for by collecting: many in one go, so far apart that they are single ones. One that is
 * an error all the same ends the go, and the next one begins after it. */
static void a_module_opens_whichever_single_allocation_is_refused(void **state) {
    (void)state;
    enum { APART = 60 };
    for (long first = 1; first <= APART; first += test_step()) {
        for (long n = first; n;) {
            budget b = { .refuse = LONG_MAX };
            lua_State *L = new_state_without_module(&b);
            b.every = APART;
            begin_refusing(&b, n, LONG_MAX);
            int status = require_module(L);
            n = status == LUA_OK ? 0 : b.refused + APART;
            assert_true(status == LUA_OK || b.refused > 0);
            b.every = 0;
            end_refusing(&b);
            check_module(L, b.refused);
            lua_close(L);
        }
    }
}

static lua_Integer count_loaded(lua_State *L) {
    lua_settop(L, 0);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE); /* loaded */
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        count++;
        lua_pop(L, 1);
    }
    lua_settop(L, 0);
    return count;
}

/* One try, with an error where memory is refused. A part of the module that is loaded stays, so that what is left to load begins
 * with the one that failed. True: all is loaded. */
static bool load_more(lua_State *L, budget *b, long refuse, long lasts, bool *untouched) {
    begin_refusing(b, refuse, lasts);
    bool done = require_module(L) == LUA_OK;
    *untouched = end_refusing(b) == lasts;
    return done;
}

/* A state in which so many modules are loaded. */
static lua_State *load_up_to(budget *b, lua_Integer wanted) {
    bool untouched;
    lua_State *L = new_state_without_module(b);
    lua_Integer loaded = count_loaded(L);
    for (long n = 1; loaded < wanted; n++) {
        assert_false(load_more(L, b, n, LONG_MAX, &untouched));
        if (count_loaded(L) > loaded) n = 0;
        loaded = count_loaded(L);
    }
    return L;
}

/* Several in a row: each allocation of each part is refused in turn. */
static void a_module_that_could_not_be_opened_can_be_opened_later(void **state) {
    (void)state;
    static const long lasts[] = { 2, 3, 1000 };
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        budget b = { .refuse = LONG_MAX };
        lua_State *L = new_state_without_module(&b);
        long tries = 0;
        bool untouched = false;
        for (long n = 1; !untouched; n += test_step()) {
            lua_Integer loaded = count_loaded(L);
            bool done = load_more(L, &b, n, lasts[i], &untouched);
            assert_true(++tries < 100000 && (done || !untouched));
            if (done && !untouched) { /* Lua does without some: its table of strings grows later, say */
                lua_close(L);
                L = load_up_to(&b, loaded);
            } else if (!done && count_loaded(L) > loaded) {
                n = 1 - test_step();
            }
        }
        assert_true(tries > 1500 / test_step());
        check_module(L, tries);
        lua_close(L);
    }
}

/* Tasks that wait for one another, of which any may die: each has ended, and nobody waits for ever. */
static bool wait_for_tasks(long refuse, long lasts) {
    static const char tasks[] =
        "local core, task = require 'liveblocks.core', task\n"
        "local one = task.spawn(function() task.sleep(0.001) return 1 end)\n"
        "local two = task.spawn(function() return one:wait() + 1 end)\n"
        "outcomes = {}\n"
        "for i = 1, 3 do\n"
        "  local ok, value = pcall(task.run, function() return two:wait() + i end)\n"
        "  outcomes[i] = { ok = ok, value = value }\n"
        "end\n";
    static const char check[] =
        "local core = require 'liveblocks.core'\n"
        "for _ = 1, 2000 do if core.pending() == 0 then break end core.step(nil, 0.001) end\n"
        "assert(core.pending() == 0, 'a task is left')\n"
        "for _, one in ipairs(outcomes or {}) do\n"
        "  assert(one.value ~= nil, 'neither a value nor an error')\n"
        "  assert(one.ok or not tostring(one.value):find('cannot happen', 1, true), one.value)\n"
        "end\n"
        "assert(not task.any_left())";
    budget b = { .refuse = LONG_MAX };
    lua_State *L = new_state(&b);
    if (luaL_loadstring(L, tasks) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    begin_refusing(&b, refuse, lasts);
    lua_pcall(L, 0, 0, 0);
    bool untouched = end_refusing(&b) == lasts;
    lua_settop(L, 0);
    if (luaL_dostring(L, check) != LUA_OK) fail_msg("%ld of %ld: %s", refuse, lasts, luaL_tolstring(L, -1, NULL));
    lua_close(L);
    return untouched;
}

static void whatever_a_task_dies_of_who_waits_for_it_is_woken(void **state) {
    (void)state;
    for (long lasts = 1; lasts <= 30; lasts += lasts < 6 ? 1 : 8)
        for (long n = 1; !wait_for_tasks(n, lasts); n += test_step()) assert_true(n < 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_refused_allocation_harms_nothing_else),
        cmocka_unit_test(two_refused_allocations_in_a_row_harm_nothing_else),
        cmocka_unit_test(no_memory_for_a_while_harms_nothing_else),
        cmocka_unit_test(a_module_opens_whichever_single_allocation_is_refused),
        cmocka_unit_test(a_module_that_could_not_be_opened_can_be_opened_later),
        cmocka_unit_test(whatever_a_task_dies_of_who_waits_for_it_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
