/* lua_engine_test.c - the module inside an engine: one step a frame, a hook, and closing at any time. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lua_state.h"

/* What waits for descriptors in the C library is replaced here: it notes the longest wait that was asked for. */
static int longest_wait_ms;

static void *next_of(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    assert_non_null(function);
    return function;
}

static void note_wait(int timeout_ms) {
    unsigned ms = timeout_ms < 0 ? INT_MAX : (unsigned)timeout_ms;
    if (ms > (unsigned)longest_wait_ms) longest_wait_ms = (int)ms;
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout_ms) {
    int (*real)(int, struct epoll_event *, int, int);
    void *function = next_of("epoll_wait");
    memcpy(&real, &function, sizeof real);
    note_wait(timeout_ms);
    return real(epoll, events, max, timeout_ms);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    int (*real)(struct pollfd *, nfds_t, int);
    void *function = next_of("poll");
    memcpy(&real, &function, sizeof real);
    note_wait(timeout_ms);
    return real(fds, count, timeout_ms);
}

static lua_Integer global(lua_State *L, const char *name) {
    lua_getglobal(L, name);
    lua_Integer value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

static void a_frame_loop_is_never_held_up(void **state) {
    (void)state;
    lua_State *L = new_module_state();
    run_lua(L, "done = 0\n"
           "local client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/slow=50/frames' }\n"
           "for i = 1, 100 do liveblocks.task.spawn(function()\n"
           "  client:get_room('r' .. i) done = done + 1\n"
           "end) end");
    longest_wait_ms = 0;
    lua_Integer max = 0; /* answers in a frame */
    while (lblua_pending(L)) {
        lua_Integer before = global(L, "done");
        assert_true(lblua_step(L, 0) >= 0);
        if (global(L, "done") - before > max) max = global(L, "done") - before;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000000 / 60 }, NULL);
    }
    assert_int_equal(global(L, "done"), 100);
    assert_int_equal(longest_wait_ms, 0);
    assert_in_range(max, 1, 64);
    lua_close(L);
}

static void closing_the_state_ends_what_is_in_flight(void **state) {
    (void)state;
    lua_State *L = new_module_state();
    run_lua(L, "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/silent/closing' }\n"
           "for i = 1, 50 do liveblocks.task.spawn(function() client:get_room('r' .. i) end) end\n"
           "handle = client:submit('get_room', 'h')\n"
           "liveblocks.task.spawn(liveblocks.task.sleep, 60)");
    for (int i = 0; i < 20; i++) lblua_step(L, 5);
    assert_int_equal(lblua_pending(L) > 50, 1);
    lua_close(L);
}

static void closing_a_state_that_did_nothing_is_clean(void **state) {
    (void)state;
    lua_close(new_module_state());
}

static int yes(lua_State *L, void *user_data) {
    ++*(int *)user_data;
    return lua_isyieldable(L);
}

static void a_hook_lets_the_engines_own_coroutines_wait(void **state) {
    (void)state;
    int asked = 0, results;
    lua_State *L = new_module_state();
    lblua_set_await(L, yes, &asked);
    run_lua(L, "client = liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/slow=30/hook' }\n"
           "function work() local page = client:get_rooms() got = #page.data + 7 end");
    lua_State *co = lua_newthread(L);
    lua_getglobal(co, "work");
    int status = lua_resume(co, L, 0, &results);
    for (int i = 0; status == LUA_YIELD && i < 5000; i++) {
        lua_pop(co, results);
        lblua_step(L, 5);
        status = lua_resume(co, L, 0, &results);
    }
    assert_int_equal(status, LUA_OK);
    assert_int_equal(global(L, "got"), 7);
    assert_true(asked > 1);
    lblua_set_await(L, NULL, NULL);
    run_lua(L, "got = #client:get_rooms().data + 8"); /* pumps again */
    assert_int_equal(global(L, "got"), 8);
    lua_close(L);
}

static void a_call_ends_when_its_coroutine_is_dropped(void **state) {
    (void)state;
    int asked = 0, results;
    lua_State *L = new_module_state();
    lblua_set_await(L, yes, &asked);
    run_lua(L, "function work() liveblocks.new { secret = 'sk_x', base_url = SERVER .. '/do/silent/drop' }:get_room('r') end");
    for (int i = 0; i < 10; i++) { /* the client is known to the coroutine alone */
        lua_State *co = lua_newthread(L);
        lua_getglobal(co, "work");
        assert_int_equal(lua_resume(co, L, 0, &results), LUA_YIELD);
    }
    lblua_step(L, 20);
    assert_int_equal(lblua_pending(L), 10);
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCCOLLECT);
    assert_int_equal(lblua_pending(L), 0);
    lua_close(L);
}

static void two_states_do_not_see_each_other(void **state) {
    (void)state;
    lua_State *a = new_module_state(), *b = new_module_state();
    run_lua(a, "liveblocks.task.spawn(liveblocks.task.sleep, 60)");
    assert_int_equal(lblua_pending(b), 0);
    assert_ptr_not_equal(lblua_loop(a), lblua_loop(b));
    lua_close(a);
    run_lua(b, "liveblocks.new { secret = 'sk_x', base_url = SERVER }:get_rooms()");
    lua_close(b);
}

static void *counted_realloc(void *user_data, void *block, size_t size) {
    void *moved = realloc(block, size);
    if (moved && !block) ++*(int *)user_data;
    return moved;
}

static void counted_free(void *user_data, void *block) {
    if (block) --*(int *)user_data;
    free(block);
}

static void a_state_takes_the_loop_that_it_is_given(void **state) {
    (void)state;
    int blocks = 0;
    lb_loop *loop;
    assert_int_equal(lb_loop_create_with(&(lb_allocator){ counted_realloc, counted_free, &blocks }, &loop), LB_OK);
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    lblua_use_loop(L, loop);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    assert_ptr_equal(lblua_loop(L), loop);
    int before = blocks;
    run_lua(L, "client = liveblocks.new { secret = 'sk_x', base_url = 'http://127.0.0.1:1' }");
    assert_true(blocks > before);
    lua_close(L); /* and ends it */
    assert_int_equal(blocks, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_loop_is_never_held_up),
        cmocka_unit_test(closing_the_state_ends_what_is_in_flight),
        cmocka_unit_test(closing_a_state_that_did_nothing_is_clean),
        cmocka_unit_test(a_hook_lets_the_engines_own_coroutines_wait),
        cmocka_unit_test(a_call_ends_when_its_coroutine_is_dropped),
        cmocka_unit_test(two_states_do_not_see_each_other),
        cmocka_unit_test(a_state_takes_the_loop_that_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
