/* lua_finalizer_test.c - finalizers that use, close or end what C is reading: any allocation of Lua's may run one. The
 * sanitizers say whether memory is read that has been freed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "liveblocks_lua.h"
#include "lua_sweep.h"

/* attack(fn): from now on fn() runs in a finalizer in each turn of a collector that never rests, until attack(nil). */
static const char setup[] =
    "core, task = require 'liveblocks.core', liveblocks.task\n"
    "local attacker\n"
    "runs = 0\n"
    "local function renew()\n"
    "  setmetatable({}, { __gc = function() if attacker then runs = runs + 1 pcall(attacker) renew() end end })\n"
    "end\n"
    "function attack(fn)\n"
    "  collectgarbage('incremental', fn and 1 or 200, fn and 1000 or 100, fn and 1 or 13)\n"
    "  attacker = fn\n"
    "  if fn then runs = 0 renew() end\n"
    "end\n"
    /* revive(make, count): what make() has made, found again by a finalizer; its own comes after count others, in the middle of
     * whatever is done with it then. */
    "local revived = 0\n"
    "local function forget(make, count)\n"
    "  local back, between = {}, {}\n"
    "  local made = make()\n"
    "  for i = 1, count do between[i] = setmetatable({}, { __gc = function() end }) end\n"
    "  between[0] = setmetatable({}, { __gc = function() back[1] = made end })\n" /* which comes first, as the last that was made */
    "  return back\n"
    "end\n"
    "function revive(make, count)\n"
    "  collectgarbage('incremental', 1, 100, 1)\n"
    "  revived = revived + 1\n"
    "  local back = forget(make, count or 50 + revived * 131 % 4000)\n"
    "  while not back[1] do local t = {} end\n"
    "  return back[1]\n"
    "end\n"
    "function ended(handle) while not handle:done() do core.step(nil, 0.01) end return handle end\n"
    "function client(scenario, options)\n"
    "  options = options or {}\n"
    "  options.secret, options.base_url, options.retries = 'sk_x', SERVER .. (scenario or ''), 0\n"
    "  return liveblocks.new(options)\n"
    "end\n";

static lua_State *new_state(void) {
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    lua_pushstring(L, getenv("LBHOST_TEST_SERVER"));
    lua_setglobal(L, "SERVER");
    lua_settop(L, 0);
    if (luaL_dostring(L, setup) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    return L;
}

static void run_in(lua_State *L, const char *code) {
    if (luaL_dostring(L, code) != LUA_OK) fail_msg("%s", luaL_tolstring(L, -1, NULL));
    lua_settop(L, 0);
}

static void run(const char *code) {
    lua_State *L = new_state();
    run_in(L, code);
    lua_close(L);
}

static int in_coroutines(lua_State *L, void *user_data) {
    (void)user_data;
    return lua_isyieldable(L);
}

static void a_response_that_is_taken_while_it_is_being_taken(void **state) {
    (void)state;
    run("local c = client '/do/pages,n=400,size=400/taken'\n"
        "local max = 0\n"
        "for _ = 1, 20 do\n"
        "  local handle, other = ended(c:submit 'get_rooms')\n"
        "  attack(function() other = other or handle:wait() end)\n"
        "  local page = handle:wait()\n"
        "  max = math.max(max, runs)\n"
        "  attack(nil)\n"
        "  assert(#page.data == 400 and page.data[400].id, 'the response is not whole')\n"
        "  assert(not other or #other.data == 400)\n"
        "  assert(not pcall(handle.wait, handle))\n"
        "end\n"
        "assert(max > 0, 'no finalizer has run')");
}

/* In a step with a budget a large response is decoded in pieces. */
static void a_response_that_is_taken_when_its_decoding_begins(void **state) {
    (void)state;
    run("local c = client '/do/pages,n=400,size=400/begun'\n"
        "local taken = 0\n"
        "for i = 1, 40 do\n"
        "  local handle, other, page = ended(c:submit 'get_rooms')\n"
        "  local one = task.spawn(function()\n"
        "    attack(function() other = other or handle:wait() end)\n"
        "    page = select(2, pcall(handle.wait, handle))\n"
        "  end)\n"
        "  while not one.done do core.step(0.0001) end\n"
        "  attack(nil)\n"
        "  if other then taken = taken + 1 end\n"
        "  assert(not other or #other.data == 400, 'the response is not whole')\n"
        "  assert(page.data and #page.data == 400 or tostring(page):find 'taken', page)\n"
        "end\n"
        "assert(taken > 0, 'no finalizer has taken a response')");
}

static void a_response_that_is_closed_while_it_is_being_taken(void **state) {
    (void)state;
    run("local c = client '/do/pages,n=400,size=400/closed'\n"
        "for i = 1, 20 do\n"
        "  local handle = ended(c:submit 'get_rooms')\n"
        "  attack(function() local h <close> = handle if i % 2 == 0 then c:close() c = client '/do/pages,n=400,size=400/closed' end end)\n"
        "  local page = handle:wait()\n"
        "  attack(nil)\n"
        "  assert(#page.data == 400)\n"
        "end");
}

static void a_client_that_is_closed_while_it_is_copied(void **state) {
    (void)state;
    run("for _ = 1, 200 do\n"
        "  local c = client()\n"
        "  attack(function() c:close() end)\n"
        "  for _ = 1, 20 do pcall(c.with, c, { timeout = 3 }) end\n"
        "  attack(nil)\n"
        "end");
}

static void an_error_that_is_taken_while_it_is_being_raised(void **state) {
    (void)state;
    run("local c = client '/do/status,code=404/error'\n"
        "for i = 1, 60 do\n"
        "  local handle = ended(c:submit('get_room', 'r'))\n"
        "  attack(function() if i % 2 == 0 then pcall(handle.wait, handle) else local h <close> = handle end end)\n"
        "  local ok, err = pcall(handle.wait, handle)\n"
        "  attack(nil)\n"
        "  assert(not ok and err.status == 404 and err.attempts == 1, err)\n"
        "end");
}

/* What finalizers do to a document that is being read is an error of the one who reads, or comes after it. */
static void a_document_that_is_edited_while_it_is_read(void **state) {
    (void)state;
    run("local yjs = liveblocks.yjs\n"
        "local function fill(doc)\n"
        "  local text, list, map = doc:get_text 't', doc:get_array 'a', doc:get_map 'm'\n"
        "  for i = 1, 40 do\n"
        "    text:insert(0, ('part %d of the text '):format(i):rep(9), { bold = i % 2 == 0, link = { url = ('u'):rep(i) } })\n"
        "    list:insert(0, { ('item %d '):format(i):rep(9), { deep = { i } } })\n"
        "    map:set('key ' .. i, { value = ('v'):rep(40) })\n"
        "  end\n"
        "  return text, list, map\n"
        "end\n"
        "local read, refused = 0, 0\n"
        "for round = 1, 30 do\n"
        "  local doc = yjs.open()\n"
        "  local text, list, map = fill(doc)\n"
        "  local turn = 0\n"
        "  attack(function()\n"
        "    turn = turn + 1\n"
        "    if turn < round % 7 then return end\n"
        "    if text:length() > 0 then text:delete(0, text:length()) end\n"
        "    if list:length() > 0 then list:delete(0, list:length()) end\n"
        "    for i = 1, 40 do map:delete('key ' .. i) end\n"
        "    text:insert(0, ('x'):rep(2000))\n"
        "  end)\n"
        "  local ways = { function() return text:to_delta() end, function() return list:to_json() end,\n"
        "    function() return map:to_json() end, function() return doc:to_json() end,\n"
        "    function() text:apply_delta { { retain = 3 }, { insert = ('y'):rep(500), attributes = { a = 'b' } }, { delete = 5 } } end }\n"
        "  local ok, err = pcall(ways[round % #ways + 1])\n"
        "  attack(nil)\n"
        "  if ok then read = read + 1 else refused = refused + 1 end\n"
        "  assert(ok or tostring(err):find 'edited while' or tostring(err):find 'end', err)\n"
        "  assert(doc:update() and text:to_delta())\n"
        "end\n"
        "assert(read + refused == 30)");
}

/* ---- What a finalizer makes known again, and is finalized itself only then ---- */

static void a_response_whose_call_is_finalized_while_it_is_taken(void **state) {
    (void)state;
    run("local c = client '/do/pages,n=400,size=400/revived'\n"
        "local whole = 0\n"
        "for _ = 1, 30 do\n"
        "  local handle = revive(function() return ended(c:submit 'get_rooms') end)\n"
        "  local ok, page = pcall(handle.wait, handle)\n"
        "  if ok then whole = whole + 1 assert(#page.data == 400 and page.data[400].id, 'the response is not whole') end\n"
        "  assert(ok or tostring(page):find 'closed', page)\n"
        "end\n"
        "assert(whole > 0, 'each was finalized before')");
}

/* A call that is there keeps its client: only a first one can find that it is gone. */
static void a_client_that_is_finalized_while_a_call_begins(void **state) {
    (void)state;
    run("local begun, refused, settings = 0, 0, { method = 'GET', path = '/v2/rooms' }\n"
        "local function new() return core.client { secret = 'sk_x', base_url = SERVER } end\n"
        "for count = 1, 600 do\n"
        "  local ok, err = pcall(core.begin_request, revive(new, count // 3), settings, 'json')\n"
        "  if ok then begun = begun + 1 err:cancel() else refused = refused + 1 assert(tostring(err):find 'closed', err) end\n"
        "end\n"
        "assert(begun > 0 and refused > 0)");
}

static void a_document_that_is_finalized_while_it_is_used(void **state) {
    (void)state;
    run("local yjs = liveblocks.yjs\n"
        "local ways = {\n"
        "  function(doc, text) return text:to_delta() end,\n"
        "  function(doc) return doc:to_json() end,\n"
        "  function(doc) return #doc:update() end,\n"
        "  function(doc, text) text:insert(3, ('more '):rep(5), { bold = true, link = { url = 'u' } }) end,\n"
        "  function(doc, text) text:apply_delta { { retain = 3 }, { insert = 'y', attributes = { a = 'b' } } } end,\n"
        "  function(doc) return #doc:get_array('a'):to_json() end,\n"
        "  function(doc) doc:get_map('m'):set('k', { ('v'):rep(300) }) return doc:get_map('m'):get 'k' end,\n"
        "}\n"
        "local refused = 0\n"
        "for round = 1, 70 do\n"
        "  local doc = revive(function()\n"
        "    local doc = yjs.open()\n"
        "    local text, list = doc:get_text 't', doc:get_array 'a'\n"
        "    for i = 1, 20 do\n"
        "      text:insert(0, ('part %d '):format(i):rep(50), { bold = i % 2 == 0, link = { url = ('u'):rep(600) } })\n"
        "      list:insert(0, { ('item %d '):format(i):rep(90), { deep = { ('z'):rep(700) } } })\n"
        "    end\n"
        "    return { doc, text }\n"
        "  end)\n"
        "  for _ = 1, 400 do\n"
        "    local ok, err = pcall(ways[round % #ways + 1], doc[1], doc[2])\n"
        "    if not ok then\n"
        "      refused = refused + 1\n"
        "      assert(tostring(err):find 'closed' or tostring(err):find 'collected while', err)\n"
        "      break\n"
        "    end\n"
        "  end\n"
        "end\n"
        "assert(refused > 35, refused)");
}

static void updates_that_are_taken_from_their_list_while_they_are_merged(void **state) {
    (void)state;
    run("local yjs, list = liveblocks.yjs\n"
        "attack(function() if list then for i = #list, 1, -1 do list[i] = nil end end collectgarbage() end)\n"
        "for round = 1, 40 do\n"
        "  list = {}\n"
        "  for i = 1, 5 do\n"
        "    local doc = yjs.open(nil, { client_id = i })\n"
        "    doc:get_text('t'):insert(0, ('text '):rep(100))\n"
        "    local now = list if now then now[i] = doc:update() end\n"
        "  end\n"
        "  pcall(yjs.merge, list)\n"
        "end\n"
        "attack(nil)");
}

/* ---- The end of a state: what finalizers make then has none of its own ---- */

static int refuse_once(lua_State *L) {
    (void)L;
    begin_refusing(1, 1); /* Lua collects what nobody knows, calls no finalizer, and asks once more */
    return 0;
}

/* Runs late() in a finalizer when the state is closed, before the module's own. */
static void run_late(const char *code) {
    lua_State *L = lua_newstate(sweep_allocate, NULL);
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    lua_pushstring(L, getenv("LBHOST_TEST_SERVER"));
    lua_setglobal(L, "SERVER");
    lua_pushcfunction(L, refuse_once);
    lua_setglobal(L, "refuse_once");
    lua_settop(L, 0);
    char mark[] = "/tmp/lua_finalizer_XXXXXX";
    int fd = mkstemp(mark);
    assert_true(fd >= 0);
    lua_pushstring(L, mark);
    lua_setglobal(L, "MARK");
    run_in(L, setup);
    run_in(L, code);
    run_in(L, "setmetatable({}, { __gc = function()\n"
              "  local ok, err = pcall(late)\n"
              "  local file = io.open(MARK, 'w') file:write(ok and 'ok' or tostring(err)) file:close()\n"
              "end })");
    lua_close(L);
    end_refusing();
    char text[512] = { 0 };
    assert_true(read(fd, text, sizeof text - 1) > 0);
    close(fd);
    remove(mark);
    assert_string_equal(text, "ok");
}

static void what_is_made_while_the_state_is_closed_can_be_waited_for(void **state) {
    (void)state;
    run_late("function late()\n"
             "  local c = client()\n"
             "  assert(c:get_room('last') and #c:get_rooms().data == 0)\n"
             "  assert(task.run(function() task.sleep(0.001) return 7 end) == 7)\n"
             "  c:submit('get_room', 'left') task.spawn(task.sleep, 60) core.step()\n"
             "end");
}

static void a_timer_that_is_collected_while_the_state_is_closed(void **state) {
    (void)state;
    run_late("function late()\n"
             "  core.timer(0)\n"
             "  refuse_once()\n"
             "  local t = { {}, {} }\n"
             "  core.step(nil, 0.01)\n"
             "end");
}

static void a_call_that_is_collected_while_the_state_is_closed(void **state) {
    (void)state;
    run_late("local c = client()\n"
             "function late()\n"
             "  c:submit('get_room', 'dropped')\n"
             "  refuse_once()\n"
             "  local t = { {}, {} }\n"
             "  for _ = 1, 500 do if core.pending() == 0 then break end core.step(nil, 0.01) end\n"
             "  assert(core.pending() == 0)\n"
             "end");
}

/* A wait that a finalizer has ended is not used again for another, which would have no finalizer. */
static void a_wait_that_is_resumed_after_its_finalizer(void **state) {
    (void)state;
    lua_State *L = new_state();
    lblua_set_await(L, in_coroutines, NULL);
    run_in(L, "local c, kept = client '/do/slow=5/resumed', nil\n"
              "for _ = 1, 20 do\n"
              "  do\n"
              "    local co = coroutine.create(function() return pcall(c.get_room, c, 'r') end)\n"
              "    coroutine.resume(co)\n"
              "    for _ = 1, 20 do core.step(nil, 0.001) end\n"
              "    setmetatable({ co }, { __gc = function(box) kept = box[1] end })\n"
              "  end\n"
              "  collectgarbage() collectgarbage()\n"
              "  assert(kept, 'it was not collected')\n"
              "  coroutine.resume(kept)\n"
              "  kept = nil\n"
              "  for _ = 1, 3 do local co = coroutine.create(function() return c:get_room 'r' end) coroutine.resume(co) end\n"
              "  collectgarbage() collectgarbage()\n"
              "  for _ = 1, 20 do core.step(nil, 0.001) end\n"
              "end");
    lua_close(L);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_that_is_taken_while_it_is_being_taken),
        cmocka_unit_test(a_response_that_is_taken_when_its_decoding_begins),
        cmocka_unit_test(a_response_that_is_closed_while_it_is_being_taken),
        cmocka_unit_test(a_client_that_is_closed_while_it_is_copied),
        cmocka_unit_test(an_error_that_is_taken_while_it_is_being_raised),
        cmocka_unit_test(a_document_that_is_edited_while_it_is_read),
        cmocka_unit_test(a_response_whose_call_is_finalized_while_it_is_taken),
        cmocka_unit_test(a_client_that_is_finalized_while_a_call_begins),
        cmocka_unit_test(a_document_that_is_finalized_while_it_is_used),
        cmocka_unit_test(updates_that_are_taken_from_their_list_while_they_are_merged),
        cmocka_unit_test(what_is_made_while_the_state_is_closed_can_be_waited_for),
        cmocka_unit_test(a_timer_that_is_collected_while_the_state_is_closed),
        cmocka_unit_test(a_call_that_is_collected_while_the_state_is_closed),
        cmocka_unit_test(a_wait_that_is_resumed_after_its_finalizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
