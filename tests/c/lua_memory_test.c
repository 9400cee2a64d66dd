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

/* Refuses `lasts` allocations from number `refuse` on. Memory that shrinks is never refused: Lua counts on that. */
typedef struct budget {
    long asked, refuse, lasts;
} budget;

static void *allocate(void *user_data, void *block, size_t old, size_t size) {
    budget *b = user_data;
    if (size == 0) {
        free(block);
        return NULL;
    }
    if ((!block || size > old) && ++b->asked >= b->refuse && b->lasts-- > 0) return NULL;
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
    if (luaL_loadstring(L, code) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    return L;
}

/* True when nothing was refused. */
static bool run(long refuse, long lasts) {
    budget b = { .refuse = LONG_MAX };
    lua_State *L = new_state(&b);
    b.asked = 0;
    b.refuse = refuse;
    b.lasts = lasts;
    int status = lua_pcall(L, 0, 0, 0);
    bool untouched = b.lasts == lasts;
    b.refuse = LONG_MAX;
    if (untouched && status != LUA_OK) fail_msg("%s", luaL_tolstring(L, -1, NULL));
    lua_settop(L, 0);
    /* What went wrong harms nothing that comes later. */
    for (int i = 0; i < 20; i++) assert_true(lblua_step(L, 0) >= 0);
    if (luaL_dostring(L, "assert(client:get_room('later'))") != LUA_OK) fail_msg("%ld: %s", refuse, luaL_tolstring(L, -1, NULL));
    lua_close(L);
    return untouched;
}

static void walk(long lasts) {
    for (long n = 1; n < 100000; n += n < 150 ? 1 : 11)
        if (run(n, lasts)) return;
    fail_msg("no end");
}

static void one_refused_allocation_harms_nothing_else(void **state) {
    (void)state;
    walk(1);
}

static void no_memory_for_a_while_harms_nothing_else(void **state) {
    (void)state;
    walk(1000);
}

/* The module opened with too little memory, then once more with enough. True when nothing was refused. */
static bool open_twice(long refuse, long lasts) {
    budget b = { .refuse = LONG_MAX };
    lua_State *L = lua_newstate(allocate, &b);
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE); /* preload */
    lua_pushcfunction(L, luaopen_liveblocks);                  /* preload f */
    lua_setfield(L, -2, "liveblocks");                         /* preload */
    lua_pop(L, 1);                                             /* */
    if (luaL_loadstring(L, "local ok, module = pcall(require, 'liveblocks') return ok and module.task.run(function() end)"))
        fail_msg("%s", lua_tostring(L, -1));
    b.asked = 0;
    b.refuse = refuse;
    b.lasts = lasts;
    lua_pcall(L, 0, 0, 0);
    bool untouched = b.lasts == lasts;
    b.refuse = LONG_MAX;
    char again[512];
    snprintf(again, sizeof again,
             "package.loaded.liveblocks = nil\n"
             "local liveblocks = require 'liveblocks'\n"
             "local client <close> = liveblocks.new { secret = 'sk_x', base_url = '%s', retries = 0 }\n"
             "assert(liveblocks.task.run(function() return client:get_room 'r' end))\n"
             "assert(tostring(select(2, client.try:get_room '')):find 'empty')",
             getenv("LBHOST_TEST_SERVER"));
    if (luaL_dostring(L, again) != LUA_OK) fail_msg("%ld: %s", refuse, luaL_tolstring(L, -1, NULL));
    lua_close(L);
    return untouched;
}

static void a_module_that_could_not_be_opened_can_be_opened_later(void **state) {
    (void)state;
    static const long lasts[] = { 1, 3, 1000 };
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++)
        for (long n = 1; !open_twice(n, lasts[i]); n += n < 300 ? 1 : 23) assert_true(n < 100000);
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
    lua_settop(L, 0);
    if (luaL_loadstring(L, tasks) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    b.asked = 0;
    b.refuse = refuse;
    b.lasts = lasts;
    lua_pcall(L, 0, 0, 0);
    bool untouched = b.lasts == lasts;
    b.refuse = LONG_MAX;
    lua_settop(L, 0);
    if (luaL_dostring(L, check) != LUA_OK) fail_msg("%ld of %ld: %s", refuse, lasts, luaL_tolstring(L, -1, NULL));
    lua_close(L);
    return untouched;
}

static void whatever_a_task_dies_of_who_waits_for_it_is_woken(void **state) {
    (void)state;
    for (long lasts = 1; lasts <= 30; lasts += lasts < 6 ? 1 : 8)
        for (long n = 1; !wait_for_tasks(n, lasts); n++) assert_true(n < 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_refused_allocation_harms_nothing_else),
        cmocka_unit_test(no_memory_for_a_while_harms_nothing_else),
        cmocka_unit_test(a_module_that_could_not_be_opened_can_be_opened_later),
        cmocka_unit_test(whatever_a_task_dies_of_who_waits_for_it_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
