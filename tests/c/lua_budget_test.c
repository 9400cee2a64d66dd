/* lua_budget_test.c - lblua_step_for(): how many units of work fit into the time that is given, on a clock that the tests
 * move: by a millisecond with each turn of a task, or with each look at it. Uses the test server in LBHOST_TEST_SERVER. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "liveblocks_lua.h"

enum { BUDGET = 2500, FIT = 3 /* milliseconds that begin within it */ };

static struct timespec clock_now = { .tv_sec = 1000 };
static int looks;      /* at the clock */
static bool each_look; /* moves it */

static void work(void) {
    clock_now.tv_nsec += 1000000;
    if (clock_now.tv_nsec < 1000000000) return;
    clock_now.tv_nsec -= 1000000000;
    clock_now.tv_sec++;
}

int clock_gettime(clockid_t id, struct timespec *now) { /* timed: the clock that the tests move */
    (void)id;
    looks++;
    if (each_look) work();
    *now = clock_now;
    return 0;
}

static int lua_work(lua_State *L) {
    (void)L;
    work();
    return 0;
}

static lua_State *new_state(void) {
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    lua_pushstring(L, getenv("LBHOST_TEST_SERVER"));
    lua_setglobal(L, "SERVER");
    lua_register(L, "work", lua_work);
    lua_settop(L, 0);
    each_look = false;
    return L;
}

static void run(lua_State *L, const char *code) {
    if (luaL_dostring(L, code) != LUA_OK) fail_msg("%s", luaL_tolstring(L, -1, NULL));
    lua_settop(L, 0);
}

static lua_Integer global(lua_State *L, const char *name) {
    lua_getglobal(L, name);
    lua_Integer value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* One step; by how much the global has grown. */
static lua_Integer step(lua_State *L, unsigned microseconds, const char *name) {
    lua_Integer before = global(L, name);
    assert_true(lblua_step_for(L, microseconds) >= 0);
    return global(L, name) - before;
}

static void tasks_that_do_not_fit_have_their_turn_in_the_next_step(void **state) {
    (void)state;
    lua_State *L = new_state();
    run(L, "done = 0 for i = 1, 10 do liveblocks.task.spawn(function() work() done = done + 1 end) end");
    assert_int_equal(lblua_timeout(L), 0);
    assert_int_equal(step(L, BUDGET, "done"), FIT);
    assert_int_equal(lblua_timeout(L), 0);
    assert_int_equal(step(L, 0, "done"), 1);
    assert_int_equal(step(L, 60000000, "done"), 10 - FIT - 1);
    assert_int_equal(lblua_timeout(L), -1);
    assert_int_equal(lblua_pending(L), 0);
    lua_close(L);
}

static void tasks_leave_the_loop_its_share(void **state) {
    (void)state;
    lua_State *L = new_state();
    run(L, "turns, slept = 0, 0\n"
           "for i = 1, 10 do liveblocks.task.spawn(function()\n"
           "  while slept < 10 do work() turns = turns + 1 coroutine.yield() end\n"
           "end) end\n"
           "for i = 1, 10 do liveblocks.task.spawn(function() liveblocks.task.sleep(0) slept = slept + 1 end) end");
    int steps = 0;
    for (; lblua_pending(L) && steps < 1000; steps++) assert_in_range(step(L, BUDGET, "turns"), 0, FIT);
    assert_int_equal(global(L, "slept"), 10);
    lua_close(L);
}

static void the_turn_of_a_task_ends_at_a_checkpoint_once_the_time_is_over(void **state) {
    (void)state;
    lua_State *L = new_state();
    run(L, "items, order = 0, ''\n"
           "liveblocks.task.spawn(function()\n"
           "  for i = 1, 10 do work() items = items + 1 liveblocks.task.checkpoint() end\n"
           "  order = order .. 'a'\n"
           "end)\n"
           "liveblocks.task.spawn(function() order = order .. 'b' end)");
    assert_int_equal(step(L, BUDGET, "items"), FIT);
    assert_int_equal(step(L, 0, "items"), 1);
    assert_int_equal(step(L, BUDGET, "items"), FIT);
    assert_int_equal(lblua_timeout(L), 0);
    assert_true(lblua_step(L, 0) >= 0); /* without a budget it is not divided */
    assert_int_equal(global(L, "items"), 10);
    run(L, "assert(order == 'ab', order)");
    run(L, "liveblocks.task.checkpoint()"); /* outside of tasks it does nothing */
    run(L, "liveblocks.task.run(function()\n"
           "  local co = coroutine.wrap(function() work() liveblocks.task.checkpoint() return 7 end)\n"
           "  assert(co() == 7)\n"
           "end)");
    assert_int_equal(lblua_pending(L), 0);
    lua_close(L);
}

/* Begins the calls of the tasks, and waits until the responses have come, without taking them. What comes at once is taken in
 * pieces, too. */
static void answer(lua_State *L, int tasks) {
    for (int i = 0; i < tasks; i++) assert_true(lblua_step_for(L, 0) >= 0);
    for (int i = 0; i < 10000 && lb_loop_pending(lblua_loop(L)); i++) assert_true(lb_loop_step(lblua_loop(L), 10, NULL, 0) >= 0);
    assert_int_equal(lb_loop_pending(lblua_loop(L)), 0);
}

static void a_large_response_is_decoded_in_pieces(void **state) {
    (void)state;
    lua_State *L = new_state();
    run(L, "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/big=1000000/budget' }\n"
           "whole = client:get_room 'a'\n"
           "done, order = 0, ''\n"
           "for _, name in ipairs { 'a', 'b' } do liveblocks.task.spawn(function()\n"
           "  local room, meta = client:get_room(name)\n"
           "  assert(liveblocks.json.encode(room) == liveblocks.json.encode(whole) and meta.status == 200)\n"
           "  done, order = done + 1, order .. name\n"
           "end) end");
    answer(L, 2);
    each_look = true;
    int steps = 0;
    for (; lblua_pending(L) && steps < 1000; steps++) {
        looks = 0;
        assert_true(lblua_step_for(L, BUDGET) >= 0);
        if (lblua_pending(L)) assert_int_equal(lblua_timeout(L), 0);
        assert_in_range(looks, 1, 20); /* a step of nothing has 9 */
    }
    assert_in_range(steps, 20, 200); /* of 124 pieces */
    assert_int_equal(global(L, "done"), 2);
    run(L, "assert(#order == 2)");
    /* In one go where there is no budget, and in a coroutine that is not the task's. */
    run(L, "for i = 1, 2 do liveblocks.task.spawn(function()\n"
           "  local get = function() return client:get_room 'c' end\n"
           "  assert((i == 1 and get or coroutine.wrap(get))())\n"
           "  done = done + 1\n"
           "end) end");
    answer(L, 2);
    assert_true(lblua_step(L, 0) >= 0);
    assert_int_equal(global(L, "done"), 4);
    lua_close(L);
}

static void an_error_in_a_large_response_is_that_of_one_that_is_decoded_in_one_go(void **state) {
    (void)state;
    lua_State *L = new_state();
    run(L, "local bad = '%5B' .. ('%22' .. ('x'):rep(9) .. '%22%2C'):rep(2000) .. '%5D'\n"
           "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/json=' .. bad .. '/budget', retries = 0 }\n"
           "_, whole = client.try:get_room 'a'\n"
           "assert(whole.kind == 'json', tostring(whole))\n"
           "liveblocks.task.spawn(function()\n"
           "  local _, err = client.try:get_room 'a'\n"
           "  assert(err.kind == 'json' and tostring(err) == tostring(whole), tostring(err))\n"
           "  done = 1\n"
           "end)");
    answer(L, 1);
    each_look = true;
    assert_int_equal(step(L, 0, "done"), 0); /* the first piece */
    for (int i = 0; lblua_pending(L) && i < 1000; i++) assert_true(lblua_step_for(L, 0) >= 0);
    assert_int_equal(global(L, "done"), 1);
    lua_close(L);
}

static lua_State *new_state_in_the_middle_of_a_response(void) {
    lua_State *L = new_state();
    run(L, "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/big=1000000/budget' }\n"
           "one = liveblocks.task.spawn(function()\n"
           "  handle = client:submit('get_room', 'a')\n"
           "  handle:wait()\n"
           "end)");
    answer(L, 1);
    each_look = true;
    for (int i = 0; i < 5; i++) assert_true(lblua_step_for(L, 0) >= 0);
    assert_int_equal(lblua_pending(L), 1);
    return L;
}

static void a_task_can_be_cancelled_in_the_middle_of_a_response(void **state) {
    (void)state;
    lua_State *L = new_state_in_the_middle_of_a_response();
    run(L, "one:cancel()");
    for (int i = 0; lblua_pending(L) && i < 3; i++) assert_true(lblua_step_for(L, 0) >= 0);
    assert_int_equal(lblua_pending(L), 0);
    run(L, "local ok, err = pcall(one.wait, one) assert(not ok and err.kind == 'cancelled', tostring(err))");
    lua_close(L);
}

static void a_call_can_be_closed_in_the_middle_of_a_response(void **state) {
    (void)state;
    lua_State *L = new_state_in_the_middle_of_a_response();
    run(L, "do local closed <close> = handle end");
    for (int i = 0; lblua_pending(L) && i < 3; i++) assert_true(lblua_step_for(L, 0) >= 0);
    assert_int_equal(lblua_pending(L), 0);
    run(L, "local ok, err = pcall(one.wait, one) assert(not ok and err.kind == 'cancelled', tostring(err))");
    lua_close(L);
}

static void a_state_can_be_closed_in_the_middle_of_a_response(void **state) {
    (void)state;
    lua_close(new_state_in_the_middle_of_a_response());
}

static lua_State *new_state_with_a_large_document(void) {
    lua_State *L = new_state();
    run(L, "local items = liveblocks.json.array {}\n"
           "for i = 1, 300 do items[i] = { liveblocksType = 'LiveObject', data = { n = i, text = 'item ' .. i } } end\n"
           "local document = liveblocks.json.encode { liveblocksType = 'LiveObject', data = { n = 1,\n"
           "  list = { liveblocksType = 'LiveList', data = items } } }\n"
           "local text = document:gsub('%W', function(c) return ('%%%02X'):format(c:byte()) end)\n"
           "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/json=' .. text .. '/budget' }\n"
           "turns, done = 0, 0\n"
           "function edit(root)\n"
           "  leaked = root\n"
           "  local before = turns\n"
           "  liveblocks.storage.to_json(root)\n"
           "  for i = #root.list, 1, -1 do\n"
           "    if i % 10 == 0 then root.list:remove(i) else root.list[i].n = root.list[i].n + 1 end\n"
           "  end\n"
           "  assert(turns == before, 'another task was let in')\n"
           "end\n"
           "function patch() return (liveblocks.json.encode((client:mutate_storage('a', edit, { dry_run = true })))) end\n"
           "whole = patch()");
    return L;
}

static void the_patch_of_a_large_document_is_made_in_pieces(void **state) {
    (void)state;
    lua_State *L = new_state_with_a_large_document();
    run(L, "liveblocks.task.spawn(function() assert(patch() == whole) done = 1 end)\n"
           "liveblocks.task.spawn(function() while done == 0 do turns = turns + 1 coroutine.yield() end end)");
    answer(L, 2);
    each_look = true;
    int steps = 0;
    for (; global(L, "done") == 0 && steps < 1000; steps++) {
        looks = 0;
        assert_true(lblua_step_for(L, BUDGET) >= 0);
        assert_in_range(looks, 1, 25);
    }
    assert_in_range(steps, 20, 999);
    assert_int_equal(global(L, "done"), 1);
    lua_close(L);
}

static void a_document_whose_patch_is_being_made_cannot_be_written(void **state) {
    (void)state;
    lua_State *L = new_state_with_a_large_document();
    run(L, "leaked = nil\n"
           "liveblocks.task.spawn(function() assert(patch() == whole) done = 1 end)");
    answer(L, 1);
    each_look = true;
    for (int i = 0; i < 1000 && global(L, "done") == 0; i++) {
        assert_true(lblua_step_for(L, 0) >= 0);
        run(L, "if leaked and done == 0 then\n"
               "  local ok, err = pcall(function() leaked.n = 2 end)\n"
               "  assert(not ok and tostring(err):find('this Storage document is closed', 1, true), tostring(err))\n"
               "  assert(leaked.n == 1 and leaked.list[1].n and #leaked.list > 0)\n"
               "  turns = turns + 1\n"
               "end");
    }
    assert_int_equal(global(L, "done"), 1);
    assert_true(global(L, "turns") > 0);
    lua_close(L);
}

static void a_step_of_lua_waits_before_its_work_begins(void **state) {
    (void)state;
    lua_State *L = new_state();
    run(L, "done = 0 for i = 1, 10 do liveblocks.task.spawn(function() work() done = done + 1 end) end\n"
           "assert(liveblocks.step(0.0025, 0.001) > 0)");
    assert_int_equal(global(L, "done"), FIT);
    run(L, "for i = 1, 3 do liveblocks.step(0.0025) end\n"
           "assert(liveblocks.step(0.001, 0.001) == 0 and liveblocks.due() == nil)\n"
           "assert(liveblocks.step(0.001, math.huge) == 0)"); /* nothing is left to wait for */
    assert_int_equal(global(L, "done"), 10);
    lua_close(L);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_that_do_not_fit_have_their_turn_in_the_next_step),
        cmocka_unit_test(tasks_leave_the_loop_its_share),
        cmocka_unit_test(the_turn_of_a_task_ends_at_a_checkpoint_once_the_time_is_over),
        cmocka_unit_test(a_large_response_is_decoded_in_pieces),
        cmocka_unit_test(an_error_in_a_large_response_is_that_of_one_that_is_decoded_in_one_go),
        cmocka_unit_test(a_task_can_be_cancelled_in_the_middle_of_a_response),
        cmocka_unit_test(a_call_can_be_closed_in_the_middle_of_a_response),
        cmocka_unit_test(a_state_can_be_closed_in_the_middle_of_a_response),
        cmocka_unit_test(the_patch_of_a_large_document_is_made_in_pieces),
        cmocka_unit_test(a_document_whose_patch_is_being_made_cannot_be_written),
        cmocka_unit_test(a_step_of_lua_waits_before_its_work_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
