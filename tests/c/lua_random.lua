-- What lua_random_test.c runs in each Lua: work(n) does n things at random, drain() ends what is left and looks whether all has
-- ended. The globals are those of lua_state.h, and SEED.
-- luacheck: globals liveblocks SERVER SEED work drain newproxy loadstring
local lb = liveblocks
local core, task = require "liveblocks.core", lb.task

-- Park and Miller's generator: its products are integers of a double as well.
local state = SEED % 2147483646 + 1
local function any(n)
  state = state * 16807 % 2147483647
  return state % n + 1
end

-- What only some of the Luas have.

-- In LuaJIT no table has a finalizer, and the error of one that runs where compiled code ends crashes LuaJIT itself.
local finalizers = 0 -- that run right now
local function finalized(unprotected)
  local function fn()
    finalizers = finalizers + 1
    pcall(unprotected)
    finalizers = finalizers - 1
  end
  local proxy = newproxy and newproxy(true)
  if not proxy then return setmetatable({}, { __gc = fn }) end
  getmetatable(proxy).__gc = fn
  return proxy
end

local load_text = loadstring or load
local close_after = load_text [[
  local function with_closer(value, fn)
    local _ <close> = value
    return fn()
  end
  return with_closer
]]
close_after = close_after and close_after() or function(_, fn) return fn() end

local function set_pace(pause, multiplier, size)
  if pcall(collectgarbage, "incremental", pause, multiplier, size) then return end
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", math.max(multiplier, 100)) -- LuaJIT never ends a turn with less
end

if warn then warn "@off" end

-- Twelve places for each kind of object.
local tasks, threads, events, handles, clients, iterators, started = {}, {}, {}, {}, {}, {}, {}
local left = 600 -- operations, also those of tasks, finalizers and closers
local act

local function put(list, value)
  list[any(12)] = value
  return value
end
local function one(list) return list[any(12)] end

local paths = { "", "/do/slow=3/random", "/do/status,code=404/random", "/do/silent/random", "/do/pages,n=6,size=2/random",
  "/do/big=60000/random", "/do/reset-body/random", "/do/sequence,codes=503.200,retry-after=0/random" }
local function new_client()
  return lb.new { secret = "sk_x", base_url = SERVER .. paths[any(#paths)], retries = any(4) == 1 and 1 or 0, timeout = 0.05,
    backoff = 0.001, max_in_flight = any(3) }
end
local function client() return one(clients) or put(clients, new_client()) end

local values = { function() end, 0.016, "text", {}, core.ENDED, core.UNFINISHED, true }

local waits = {
  function() task.sleep(any(3) / 1000) end,
  function() (one(events) or put(events, task.event())):wait() end,
  function() client():get_room "r" end,
  function() put(handles, client():submit("get_room", "h")):wait() end,
  function()
    local handle = one(handles)
    if handle then handle:wait() end
  end,
  function()
    local other = one(tasks)
    if other then other:wait() end
  end,
  function() coroutine.yield() end,
  function() task.timeout(0.001, task.sleep, 0.002) end,
  function()
    task.map({ 1, 2, 3 }, function(i)
      task.sleep(i / 2000)
      act()
    end)
  end,
  function() client().try:get_rooms { limit = 1 } end,
  function()
    local next_room = one(iterators) or put(iterators, client():iter_rooms { limit = 2 })
    for _ = 1, any(4) do
      if not next_room() then break end
      act()
    end
  end,
  function() lb.http.request { url = SERVER .. paths[any(#paths)] .. "/x", timeout = 0.05 } end,
  function() task.checkpoint() end,
  function()
    task.all { act, function() task.sleep(0.001) end, one(tasks) }
  end,
}

local function body()
  put(threads, (coroutine.running()))
  local closer = setmetatable({}, { __close = function()
    act()
    if any(4) == 1 then waits[any(#waits)]() end
    if any(9) == 1 then error "in a closer" end
  end })
  return close_after(closer, function()
    for _ = 1, any(4) do
      local ok, err = pcall(waits[any(#waits)])
      if not ok and any(2) == 1 then error(err, 0) end
      act()
    end
    return any(9)
  end)
end

local function suspended()
  local co = one(threads)
  return co and coroutine.status(co) == "suspended" and co or nil
end

local acts = {
  function() put(tasks, task.spawn(body)) end,
  function() put(tasks, task.spawn(body)) end,
  function() started[task.start(body)] = true end,
  function()
    local other = one(tasks)
    if other then other:cancel() end
  end,
  function()
    local closing = one(clients)
    if not closing then return end
    closing:close()
    put(clients, nil)
  end,
  function()
    local handle = one(handles)
    if handle then handle:cancel() end
  end,
  function() put(handles, client():submit("get_room", "h")) end,
  function()
    local event = one(events)
    if not event then return end
    event:set()
    put(events, task.event())
  end,
  function()
    for _, list in ipairs { events, handles, tasks, threads, clients, iterators } do put(list, nil) end
  end,
  function() -- not in a finalizer: Lua 5.4's manual does not want it, and the collector of 5.3 may never end
    if finalizers == 0 then collectgarbage(any(3) == 1 and "collect" or "step") end
  end,
  function()
    local co = suspended()
    if co and coroutine.close then coroutine.close(co) end
  end,
  function()
    local co = suspended()
    if co then coroutine.resume(co, values[any(#values)], values[any(#values)]) end
  end,
  function()
    local kept = { one(tasks), one(handles), one(iterators) }
    finalized(function()
      act()
      return kept
    end)
  end,
  function()
    finalized(function()
      local handle = one(handles)
      if handle then handle:wait() end
    end)
  end,
  function() -- makes what it has kept known again, which is finalized itself in the middle of something
    local kept = client():submit("get_room", "h")
    finalized(function() put(handles, kept) end)
  end,
  function() set_pace(any(200), any(1000), any(13)) end,
  function() coroutine.resume(put(threads, coroutine.create(body))) end,
  function() lb.step(nil, 0.001) end,
  function() lb.step(any(100) / 1e6) end,
  function() task.run(body) end,
  function() close_after(client():submit "get_rooms", act) end,
  function() lb.on_wait(any(2) == 1 and function(waitable)
    act()
    lb.step(nil, 0.001)
    return any(20) > 1 or waitable:done()
  end or nil) end,
  function() task.close_all() end,
  function() task.unseen_failures() end,
}
local close_all = #acts - 1

function act()
  if left <= 0 then return end
  left = left - 1
  local number = any(#acts)
  if number == close_all and any(10) > 1 then return end -- little is left to do after it
  pcall(acts[number])
end

local all = setmetatable({}, { __mode = "k" })
local spawn = task.spawn
function task.spawn(...)
  local made = spawn(...)
  all[made] = true
  return made
end

function work(n)
  for _ = 1, n do
    act()
    pcall(lb.step)
  end
end

function drain()
  left = 0
  lb.on_wait(nil)
  for _ = 1, 5000 do
    for _, event in pairs(events) do event:set() end
    for _, other in pairs(tasks) do other:cancel() end
    for other in pairs(all) do other:cancel() end
    for handle in pairs(started) do core.cancel(handle) end
    if core.pending() == 0 then break end
    pcall(lb.step, nil, 0.001)
    if lb.due() == nil then pcall(lb.step, nil, math.huge) end -- as a wait for all tasks does
  end
  assert(core.pending() == 0, "something does not end")
  for other in pairs(all) do assert(other.done, "a task has not ended") end
  assert(lb.new { secret = "sk_x", base_url = SERVER, retries = 0 }:get_room "later")
end
