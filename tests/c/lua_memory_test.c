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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_refused_allocation_harms_nothing_else),
        cmocka_unit_test(no_memory_for_a_while_harms_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
