/* lua_parts_memory_test.c - the parts of the module when memory runs out anywhere in them: an error that says so, no descriptor is
 * lost, and the same works afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lualib.h>

#include "lua_sweep.h"

static const char scenarios[] =
    "local lb, task = liveblocks, liveblocks.task\n"
    "local same = function(a, b) assert(a == b, a) end\n"
    "function json()\n"
    "  local text = [=[{\"a\":[1,2.5,\"\\u00e9\",null,true,[]],\"b\":{\"c\":{}},\"n\":123456789012345678901}]=]\n"
    "  local value = lb.json.decode(text)\n"
    "  assert(#lb.json.encode(value) > 40 and #lb.json.encode(value, { pretty = true }) > 60)\n"
    "  assert(not pcall(lb.json.decode, '[1,'))\n"
    "end\n"
    "local key, body, now = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '{\"type\":\"roomCreated\",\"data\":{\"roomId\":\"r\"}}', 1700000000\n"
    "function webhook()\n"
    "  local headers = { ['webhook-id'] = 'msg_1', ['webhook-timestamp'] = tostring(now),\n"
    "    ['webhook-signature'] = lb.webhook.sign(key, 'msg_1', now, body) }\n"
    "  local event, err = lb.webhook.verify { secret = key, body = body, headers = headers, now = now }\n"
    "  if not event then error(err, 0) end\n"
    "  same(event.type, 'roomCreated')\n"
    "end\n"
    "local client = lb.new { secret = 'sk_x', base_url = SERVER, retries = 0 }\n"
    "function storage()\n"
    "  local root = lb.storage.object { a = 1, list = lb.storage.list { 1, 2, 3 }, map = lb.storage.map { k = 'v' } }\n"
    "  root.a, root.b = 2, { c = { 1, 'two' } }\n"
    "  local json = lb.storage.to_json(root)\n"
    "  assert(json.a == 2 and json.list[3] == 3 and json.map.k == 'v' and lb.storage.to_lson(root))\n"
    "end\n"
    "function comments()\n"
    "  local body = lb.comment.from_markdown 'Hello **world**, [a link](https://example.com)\\n\\n- one\\n- two'\n"
    "  assert(lb.comment.to_html(body):find '<strong>world</strong>' and #lb.comment.to_text(body) > 5)\n"
    "  assert(#lb.comment.to_markdown(body) > 5)\n"
    "end\n"
    "function yjs()\n"
    "  local doc = lb.yjs.open()\n"
    "  local text = doc:get_text 't'\n"
    "  text:insert(0, 'hello', { bold = true })\n"
    "  text:format(1, 2, { link = { url = 'u' } })\n"
    "  doc:get_map('m'):set('k', { deep = { 1, 'two' } })\n"
    "  local update = doc:update('\\0', { version = 2 })\n"
    "  local copy = lb.yjs.open(update, { version = 2 })\n"
    "  same(lb.json.encode(copy:to_json()), lb.json.encode(doc:to_json()))\n"
    "  assert(#copy:get_text('t'):to_delta() == 3)\n"
    "end\n"
    "local large = ('x'):rep(20000)\n"
    "local edited\n"
    "function open_text()\n"
    "  edited = lb.yjs.open():get_text 't'\n"
    "  edited:insert(0, 'abc')\n"
    "end\n"
    "function edit_text()\n"
    "  edited:insert_embed(1, { large }, { a = large, b = { large }, c = 1 })\n"
    "end\n"
    "function is_as_it_was() return pcall(edited.insert, edited, 0, '') and edited:to_string() == 'abc' and edited:length() == 3 end\n"
    "function calls()\n"
    "  assert(client:get_room 'r')\n"
    "  for _ in client:iter_rooms { limit = 2 } do end\n"
    "  local ok, err = client.try:get_room ''\n"
    "  assert(not ok and err.kind == 'usage' or error(err, 0))\n"
    "  local copy <close> = client:with { timeout = 5 }\n"
    "  assert(copy:create_room { id = 'a', defaultAccesses = {} })\n"
    "end\n"
    "local function at_depth(n, fn)\n"
    "  if n == 0 then return fn() end\n"
    "  local first, second = at_depth(n - 1, fn)\n"
    "  return first, second\n"
    "end\n"
    /* What Lua has no memory to call the finalizer of is lost: the verifiers are kept until memory is there again. */
    "function deep()\n"
    "  local kept = {}\n"
    "  local webhook = require('liveblocks.core').webhook\n"
    "  local text = '[' .. ('1,'):rep(100) .. '2]'\n"
    "  local function in_steps()\n"
    "    local step, done, value = lb.json.decoder(text), false, nil\n"
    "    while not done do done, value = step(50) end\n"
    "    same(value[101], 2)\n"
    "  end\n"
    "  for n = 0, 20 do\n"
    "    coroutine.wrap(function() at_depth(n, function() return lb.json.decode '[1]' end) end)()\n"
    "    coroutine.wrap(function() at_depth(n, function() return lb.step(0) end) end)()\n"
    "    coroutine.wrap(function() at_depth(n, function() kept[#kept + 1] = webhook { key } end) end)()\n"
    "    coroutine.wrap(function() at_depth(n, in_steps) end)()\n"
    "    coroutine.wrap(function() at_depth(n, function()\n"
    "      local ok, err = pcall(lb.webhook.sign, 'whsec_', 'msg_1', now, body)\n"
    "      assert(not ok and (tostring(err):find 'secret' or error(err, 0)))\n"
    "    end) end)()\n"
    "  end\n"
    "end\n"
    "function tasks()\n"
    "  local list = task.map({ 1, 2, 3 }, function(i) task.sleep(0) return i * 2 end)\n"
    "  assert(list[3] == 6)\n"
    "  local event = task.event()\n"
    "  local one <close> = task.spawn(function() event:wait() return 5 end)\n"
    "  event:set()\n"
    "  same(one:wait(), 5)\n"
    "end\n";

static lua_State *new_state(void) {
    lua_State *L = lua_newstate(sweep_allocate, NULL);
    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "liveblocks", luaopen_liveblocks, 1);
    lua_pushstring(L, getenv("LBHOST_TEST_SERVER"));
    lua_setglobal(L, "SERVER");
    lua_settop(L, 0);
    run_lua(L, "warn '@off'");
    run_lua(L, scenarios);
    return L;
}

static void values_say_so_and_work_again(void **state) {
    (void)state;
    static const char *const names[] = { "json", "webhook", "storage", "comments", NULL };
    sweep_each(new_state, names, 3);
}

/* The stack of Lua has to grow, at one depth or another, before each of them does its work. */
static void values_that_lie_deep_on_the_stack_say_so_and_work_again(void **state) {
    (void)state;
    sweep_one(new_state, "deep", 2);
}

static void yjs_documents_say_so_and_work_again(void **state) {
    (void)state;
    sweep_one(new_state, "yjs", 3);
}

static bool run(lua_State *L, const char *name, bool *result) {
    lua_getglobal(L, name); /* f */
    bool done = lua_pcall(L, 0, 1, 0) == LUA_OK;
    if (result) *result = lua_toboolean(L, -1);
    lua_settop(L, 0);
    return done;
}

/* What an edit has made of its arguments is given back when the edit is not made. */
static void edits_that_are_not_made_keep_no_memory(void **state) {
    (void)state;
    lua_State *L = new_state();
    int refused_edits = 0;
    for (long n = 1;; n++) {
        assert_true(run(L, "open_text", NULL));
        settle(L);
        long before = budget.held;
        begin_refusing(n, 2);
        bool done = run(L, "edit_text", NULL), same;
        if (end_refusing() == 2) break;
        settle(L);
        assert_true(run(L, "is_as_it_was", &same));
        if (done || !same) continue;
        refused_edits++;
        settle(L);
        if (budget.held - before > 10000) fail_msg("%ld bytes are kept when allocation %ld is refused", budget.held - before, n);
    }
    assert_true(refused_edits > 5);
    lua_close(L);
    assert_int_equal(budget.held, 0);
}

static void calls_and_tasks_say_so_and_work_again(void **state) {
    (void)state;
    static const char *const names[] = { "calls", "tasks", NULL };
    sweep_each(new_state, names, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_say_so_and_work_again),
        cmocka_unit_test(values_that_lie_deep_on_the_stack_say_so_and_work_again),
        cmocka_unit_test(yjs_documents_say_so_and_work_again),
        cmocka_unit_test(edits_that_are_not_made_keep_no_memory),
        cmocka_unit_test(calls_and_tasks_say_so_and_work_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
