-- Order, retries and the batches of `lbhost serve`, over a real store that fails on demand.
local batches = require "lbhost.serve.batches"
local liveblocks = require "liveblocks"
local eventually = require "tests.support.eventually"
local directory = require "tests.support.directory"
local lanes = require "lbhost.serve.lanes"
local open_store = require "lbhost.serve.open_store"
local task = require "liveblocks.task"

describe("lanes of events", function()
  local home, store, seen, problems, one, stored, fails

  -- The store, with methods that raise an error as long as fails[name] is set.
  local function fragile()
    return setmetatable({}, { __index = function(_, name)
      if not store[name] then return nil end
      return function(_, ...)
        if fails[name] then error(name .. " fails", 0) end
        return store[name](store, ...)
      end
    end })
  end

  local function make(handle, concurrency)
    local over = fragile()
    stored = batches.new(over, function(batch, problem)
      if problem then return end
      one:forget(batch.done)
      local new = {}
      for _, event in ipairs(batch.add) do new[#new + 1] = not event.duplicate and event or nil end
      one:add(new)
    end)
    one = lanes.new(over, function(event)
      seen[#seen + 1] = event.id
      local delay = handle and handle(event)
      if not delay then stored:note("done", event.seq) end
      return delay
    end, { concurrency = concurrency or 4, longest_wait = 900, flush = function() return stored:flush() end,
      on_error = function(problem) problems[#problems + 1] = problem end })
  end

  local function event(id, lane)
    return { id = id, type = "roomCreated", lane = lane or "room", received = 1, body = "{}", attempts = 0, handled = "" }
  end

  local function in_task(fn)
    return function() task.run(fn) end
  end

  before_each(function()
    home, seen, problems, fails = directory.new(), {}, {}, {}
    store = open_store(home.path .. "/events.db", { create = true })
  end)
  after_each(function()
    one:stop(1)
    stored:close()
    store:close()
    home:remove()
  end)

  it("go on after the store could not be read, in their order", in_task(function()
    for n = 1, 30 do store:commit { add = { event("m" .. n, "room " .. n % 10) } } end
    make()
    fails.next = true
    one:read()
    eventually(function() return #problems >= 4 end) -- more than there are workers
    assert.same({}, seen)
    fails.next = nil
    eventually(function() return #seen == 30 end)
    eventually(function() return store:count().pending == 0 end)
    local last = {}
    for _, id in ipairs(seen) do
      local n = tonumber(id:sub(2))
      assert.is_true(n > (last[n % 10] or 0), table.concat(seen, " "))
      last[n % 10] = n
    end
  end))

  it("let others have their turn while they work off what has come together", in_task(function()
    for n = 1, 500 do store:commit { add = { event("m" .. n, "room " .. n % 50) } } end
    make(function()
      local till = liveblocks.now() + 0.002 -- timed: it takes so long, at least
      while liveblocks.now() < till do end
    end)
    one:read()
    local max = 0
    while #seen < 500 do
      local before = #seen
      task.sleep(0)
      max = math.max(max, #seen - before)
    end
    assert.is_true(max <= 8, ("%d events of 2 ms before others had their turn"):format(max))
  end))

  it("do not handle what was dropped while it waited in memory", in_task(function()
    local release = task.event()
    make(function(it) if it.id == "first" then release:wait() end end)
    stored:add(event "first")
    for n = 1, 5 do stored:add(event("behind" .. n)) end
    eventually(function() return #seen == 1 end)
    assert.equal(3, (function()
      local count = 0
      for n = 1, 3 do count = count + store:drop { id = "behind" .. n } end
      return count
    end)())
    one:read()
    release:set()
    eventually(function() return #seen == 3 end)
    eventually(function() return store:count().pending == 0 end)
    assert.same({ "first", "behind4", "behind5" }, seen)
    assert.equal(0, one.hot)
  end))

  it("try an event again only when it is stored what became of it before", in_task(function()
    local tried = {}
    make(function(it)
      tried[#tried + 1] = it.attempts
      if #tried < 3 then
        fails.commit = #tried == 1
        stored:note("failed", { seq = it.seq, attempts = it.attempts + 1, due = 0, error = "x", handled = "" })
        return 0.01
      end
    end)
    stored:add(event "m")
    eventually(function() return #tried == 1 end)
    task.sleep(0.5)
    assert.equal(1, #tried)
    fails.commit = false
    eventually(function() return #tried == 3 end)
    assert.same({ 0, 1, 2 }, tried)
  end))

  it("store what was noted while the store failed, though nothing more happens", in_task(function()
    make(function() fails.commit = true end)
    stored:add(event "m")
    eventually(function() return #seen == 1 end)
    assert.is_false(stored:flush())
    fails.commit = false
    eventually(function() return store:count().pending == 0 end)
  end))

  it("survive an error of the function that handles", in_task(function()
    local count = 0
    make(function()
      count = count + 1
      if count < 3 then error "unexpected" end
    end, 1)
    stored:add(event "m")
    stored:add(event("n", "other"))
    eventually(function() return #seen == 4 end)
    eventually(function() return store:count().pending == 0 end)
    assert.equal(2, #problems)
  end))

  it("knows which lanes have nothing left once these ends are stored", in_task(function()
    local go = task.event()
    make(function(each)
      fails.commit = true -- what becomes of them is not stored
      if each.id == "waits" then go:wait() end
    end)
    local list, seqs = { event("a1", "a"), event("a2", "a"), event("b1", "b"), event("waits", "c") }, {}
    for _, each in ipairs(list) do stored:add(each) end
    local function idle(...)
      local keys = one:idle_after { ... }
      table.sort(keys)
      return table.concat(keys, " ")
    end
    eventually(function()
      for i, each in ipairs(list) do seqs[i] = each.seq end
      return #seen == 4 and idle(seqs[1], seqs[2], seqs[3]) == "a b"
    end)
    assert.equal("b", idle(seqs[1], seqs[3])) -- another of the lane is not stored
    assert.equal("", idle(seqs[4])) -- it is being handled
    assert.equal("", idle(seqs[4] + 1))
    fails.commit = nil
    go:set()
  end))

  it("handles an event once that was read before it was handed over", in_task(function()
    make(function() fails.commit = true end) -- its end is not stored yet
    local first = event("first", "a")
    stored:add(first)
    eventually(function() return #seen == 1 end)
    one:add { first }
    eventually(function() return one.running == 0 and one.count == 0 end)
    fails.commit = nil
    assert.same({ "first" }, seen)
  end))
end)
