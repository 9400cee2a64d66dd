/* lua_lifetime_test.c - what lives how long: coroutines that others close or resume, handles that are dropped, finalizers
 * after the end of the state. The sanitizers say whether memory is read that has been freed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lua_state.h"

/* A task that waits for `what`, whose coroutine is then closed, so that nothing refers to the wait any more. */
static void close_while_it_waits(const char *what, const char *then) {
    lua_State *L = new_module_state();
    run_lua(L, "core, task = require 'liveblocks.core', liveblocks.task\n"
           "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/silent/lifetime' }");
    lua_pushstring(L, what);
    lua_setglobal(L, "WHAT");
    run_lua(L, "local wait = load(WHAT)\n"
           "one = task.spawn(function() co = coroutine.running() wait() end)\n"
           "core.step()\n"
           "assert(coroutine.close(co))\n"
           "collectgarbage() collectgarbage()");
    run_lua(L, then);
    lua_close(L);
}

static const char *const waits[] = { "client:get_room 'r'", "task.sleep(60)", "task.event():wait()", "kept = task.event() kept:wait()" };

static void a_task_whose_coroutine_was_closed_can_be_cancelled(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) close_while_it_waits(waits[i], "one:cancel() core.step()");
}

static void a_task_whose_coroutine_was_closed_has_failed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        close_while_it_waits(waits[i], "local ok, err = pcall(one.wait, one)\n"
                                       "assert(not ok and tostring(err):find('closed', 1, true), err)\n"
                                       "assert(core.pending() == 0)");
}

static void a_wait_that_an_error_has_ended_wakes_nobody(void **state) {
    (void)state;
    lua_State *L = new_module_state();
    /* A hook raises where the coroutine waits, when another resumes it; it then waits for something else. */
    run_lua(L, "local task, core = liveblocks.task, require 'liveblocks.core'\n"
           "local first, second, order = task.event(), task.event(), {}\n"
           "local co\n"
           "local one = task.spawn(function()\n"
           "  co = coroutine.running()\n"
           "  order[#order + 1] = pcall(first.wait, first)\n"
           "  second:wait()\n"
           "  order[#order + 1] = 'second'\n"
           "end)\n"
           "core.step()\n"
           "debug.sethook(co, function() debug.sethook(co) error 'stop' end, '', 1)\n"
           "coroutine.resume(co)\n"
           "assert(#order == 1 and order[1] == false)\n"
           "first:set() core.step()\n"
           "assert(not one.done, 'woken by what it does not wait for')\n"
           "second:set() core.step()\n"
           "assert(one.done and order[2] == 'second')");
    lua_close(L);
}

static int in_coroutines(lua_State *L, void *user_data) {
    (void)user_data;
    return lua_isyieldable(L);
}

/* An engine resumes with what it likes: a frame time, a table, nothing. */
static void an_engine_resumes_with_any_values(void **state) {
    (void)state;
    int results;
    lua_State *L = new_module_state();
    lblua_set_await(L, in_coroutines, NULL);
    run_lua(L, "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/slow=30/values' }\n"
           "function work() got = #client:get_rooms().data + 7 end");
    lua_State *co = lua_newthread(L);
    lua_getglobal(co, "work");
    int status = lua_resume(co, L, 0, &results);
    for (int i = 0; status == LUA_YIELD && i < 5000; i++) {
        lua_pop(co, results);
        lblua_step(L, 5);
        lua_pushnumber(co, 0.016);
        lua_pushboolean(co, 1);
        lua_newtable(co);
        status = lua_resume(co, L, i % 4, &results);
    }
    if (status != LUA_OK) fail_msg("%s", luaL_tolstring(co, -1, NULL));
    lua_getglobal(L, "got");
    assert_int_equal(lua_tointeger(L, -1), 7);
    lua_close(L);
}

static void a_handle_keeps_its_client_until_its_response_is_taken(void **state) {
    (void)state;
    lua_State *L = new_module_state();
    run_lua(L, "local handle = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/slow=30/kept' }:submit('get_room', 'r')\n"
           "collectgarbage() collectgarbage()\n"
           "assert(handle:wait())\n"
           "collectgarbage() collectgarbage()\n"
           "local ok, err = pcall(handle.wait, handle)\n"
           "assert(not ok and err.message:find('has been taken already', 1, true), err)");
    lua_close(L);
}

static void an_error_that_was_taken_is_not_raised_as_another(void **state) {
    (void)state;
    lua_State *L = new_module_state();
    run_lua(L, "local client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/status,code=404/taken', retries = 0 }\n"
           "local handle = client:submit('get_room', 'r')\n"
           "local ok, err = pcall(handle.wait, handle)\n"
           "assert(not ok and err.status == 404)\n"
           "ok, err = pcall(handle.wait, handle)\n"
           "assert(not ok and err.kind == 'usage' and err.message:find('has been taken already', 1, true), err)");
    lua_close(L);
}

/* Each function of the core, in a finalizer that runs after the loop has ended. */
static void nothing_reads_a_loop_that_has_ended(void **state) {
    (void)state;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    /* What is made before the module is finalized after it. */
    run_lua(L, "LATE = setmetatable({}, { __gc = function() late() end })");
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    lua_settop(L, 0);
    run_lua(L, "local core, task = require 'liveblocks.core', liveblocks.task\n"
           "local client = liveblocks.new { secret = 'sk_x', base_url = 'http://127.0.0.1:1' }\n"
           "local event = core.event()\n"
           "function late()\n"
           "  for _, seconds in ipairs { math.huge, 0, 0.005 } do\n"
           "    local ok, err = pcall(core.step, nil, seconds)\n"
           "    assert(not ok and err.kind == 'cancelled', err)\n"
           "  end\n"
           "  assert(core.pending() == 0 and core.now() > 0 and core.in_task() == false and core.current() == nil)\n"
           "  pcall(core.timer, 0) pcall(core.event) pcall(event.wait, event) pcall(event.set, event)\n"
           "  pcall(task.spawn, print) pcall(task.sleep, 0) pcall(task.run, print)\n"
           "  pcall(client.get_room, client, 'r') pcall(liveblocks.new, { secret = 'sk_x' }) pcall(client.close, client)\n"
           "  local file = os.getenv 'LBHOST_TEST_LATE' if file then io.open(file, 'w'):close() end\n"
           "end");
    char name[] = "/tmp/lua_lifetime_XXXXXX";
    assert_non_null(mkdtemp(name));
    char mark[64];
    snprintf(mark, sizeof mark, "%s/late", name);
    setenv("LBHOST_TEST_LATE", mark, 1);
    lua_close(L);
    unsetenv("LBHOST_TEST_LATE");
    assert_int_equal(remove(mark), 0); /* it ran to its end: an error in a finalizer is only a warning */
    remove(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_whose_coroutine_was_closed_can_be_cancelled),
        cmocka_unit_test(a_task_whose_coroutine_was_closed_has_failed),
        cmocka_unit_test(a_wait_that_an_error_has_ended_wakes_nobody),
        cmocka_unit_test(an_engine_resumes_with_any_values),
        cmocka_unit_test(a_handle_keeps_its_client_until_its_response_is_taken),
        cmocka_unit_test(an_error_that_was_taken_is_not_raised_as_another),
        cmocka_unit_test(nothing_reads_a_loop_that_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
