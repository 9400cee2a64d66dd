/* lua_random_test.c - tasks, cancellations, closed coroutines and clients, collections, coroutines that others resume with any
 * values, finalizers and <close>, in any order: the sanitizers say whether memory is read that has been freed, and each task
 * must come to its end. LBHOST_SEED is the seed, LBHOST_TEST_ROUNDS how many Lua states. */
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

static const char code[] =
    "local core, task, lb = require 'liveblocks.core', liveblocks.task, liveblocks\n"
    "local state = SEED\n"
    "local function any(n) state = (state * 6364136223846793005 + 1442695040888963407) return (state >> 33) % n + 1 end\n"
    "local tasks, threads, events, handles, clients, started = {}, {}, {}, {}, {}, {}\n"
    "local left = 600\n" /* operations, also those of tasks, finalizers and closers */
    "local act\n"
    "local function put(list, value) list[any(12)] = value return value end\n"
    "local function one(list) return list[any(12)] end\n"
    "local paths = { '', '/do/slow=3/random', '/do/status,code=404/random', '/do/silent/random' }\n"
    "local function new_client()\n"
    "  return lb.new { secret = 'sk_x', base_url = SERVER .. paths[any(#paths)], retries = 0, timeout = 0.05 }\n"
    "end\n"
    "local function client() return one(clients) or put(clients, new_client()) end\n"
    "local values = { function() end, 0.016, 'text', {}, core.ENDED, true }\n"
    "local wait = {\n"
    "  function() task.sleep(any(3) / 1000) end,\n"
    "  function() local e = one(events) or put(events, task.event()) e:wait() end,\n"
    "  function() client():get_room 'r' end,\n"
    "  function() put(handles, client():submit('get_room', 'h')):wait() end,\n"
    "  function() local h = one(handles) if h then h:wait() end end,\n"
    "  function() local t = one(tasks) if t then t:wait() end end,\n"
    "  function() coroutine.yield() end,\n"
    "  function() task.timeout(0.001, task.sleep, 0.002) end,\n"
    "  function() task.map({ 1, 2, 3 }, function(i) task.sleep(i / 2000) act() end) end,\n"
    "  function() client().try:get_rooms { limit = 1 } end,\n"
    "}\n"
    "local function body()\n"
    "  put(threads, coroutine.running())\n"
    "  local closer <close> = setmetatable({}, { __close = function()\n"
    "    act() if any(4) == 1 then wait[any(#wait)]() end if any(9) == 1 then error 'in a closer' end end })\n"
    "  for _ = 1, any(4) do\n"
    "    local ok, err = pcall(wait[any(#wait)])\n"
    "    if not ok and any(2) == 1 then error(err, 0) end\n"
    "    act()\n"
    "  end\n"
    "  return any(9)\n"
    "end\n"
    "local acts = {\n"
    "  function() put(tasks, task.spawn(body)) end,\n"
    "  function() put(tasks, task.spawn(body)) end,\n"
    "  function() started[task.start(body)] = true end,\n"
    "  function() local t = one(tasks) if t then t:cancel() end end,\n"
    "  function() local c = one(clients) if c then c:close() put(clients, nil) end end,\n"
    "  function() local h = one(handles) if h then h:cancel() end end,\n"
    "  function() put(handles, client():submit('get_room', 'h')) end,\n"
    "  function() local e = one(events) if e then e:set() put(events, task.event()) end end,\n"
    "  function() put(events, nil) put(handles, nil) put(tasks, nil) put(threads, nil) put(clients, nil) end,\n"
    "  function() collectgarbage(any(3) == 1 and 'collect' or 'step') end,\n"
    "  function() local co = one(threads) if co and coroutine.status(co) == 'suspended' then coroutine.close(co) end end,\n"
    "  function()\n"
    "    local co = one(threads)\n"
    "    if co and coroutine.status(co) == 'suspended' then coroutine.resume(co, values[any(#values)], values[any(#values)]) end\n"
    "  end,\n"
    "  function() setmetatable({ one(tasks), one(handles) }, { __gc = function() act() end }) end,\n"
    "  function() setmetatable({}, { __gc = function() local h = one(handles) if h then h:wait() end end }) end,\n"
    "  function() collectgarbage('incremental', any(200), any(1000), any(13)) end,\n"
    "  function() local co = put(threads, coroutine.create(body)) coroutine.resume(co) end,\n"
    "  function() lb.step(nil, 0.001) end,\n"
    "  function() task.run(body) end,\n"
    "  function() local h <close> = client():submit('get_rooms') act() end,\n"
    "}\n"
    "function act()\n"
    "  if left <= 0 then return end\n"
    "  left = left - 1\n"
    "  pcall(acts[any(#acts)])\n"
    "end\n"
    "local all = setmetatable({}, { __mode = 'k' })\n"
    "local spawn = task.spawn\n"
    "function task.spawn(...) local t = spawn(...) all[t] = true return t end\n"
    "function work(n) for _ = 1, n do act() pcall(lb.step) end end\n"
    "function drain()\n"
    "  left = 0\n"
    "  for _ = 1, 5000 do\n"
    "    for _, e in pairs(events) do e:set() end\n"
    "    for _, t in pairs(tasks) do t:cancel() end\n"
    "    for t in pairs(all) do t:cancel() end\n"
    "    for handle in pairs(started) do core.cancel(handle) end\n"
    "    if core.pending() == 0 then break end\n"
    "    pcall(lb.step, nil, 0.001)\n"
    "    if lb.due() == nil then pcall(lb.step, nil, math.huge) end\n" /* as a wait for all tasks does */
    "  end\n"
    "  assert(core.pending() == 0, 'something does not end')\n"
    "  for t in pairs(all) do assert(t.done, 'a task has not ended') end\n"
    "  assert(lb.new { secret = 'sk_x', base_url = SERVER, retries = 0 }:get_room 'later')\n"
    "end\n";

static void call(lua_State *L, const char *name, int argument, uint32_t seed) {
    lua_getglobal(L, name);
    lua_pushinteger(L, argument);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) fail_msg("seed %u: %s: %s", seed, name, luaL_tolstring(L, -1, NULL));
}

static void one_state(uint32_t seed) {
    lua_State *L = new_module_state();
    lua_pushinteger(L, seed);
    lua_setglobal(L, "SEED");
    run_lua(L, "warn '@off'");
    run_lua(L, code);
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

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_happens_in_whatever_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
