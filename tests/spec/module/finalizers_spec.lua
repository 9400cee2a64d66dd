-- What finalizers do to documents, updates and clients while C uses them, in each Lua: those before 5.3 collect before they copy
-- a string, and in those before 5.4 a finalizer may collect, too. With the sanitizers this says whether memory is read that has
-- been freed (tests/c/lua_finalizer_test.c has more, for 5.4 alone).
local liveblocks = require "liveblocks"
local yjs = liveblocks.yjs

-- What has the finalizer fn: in LuaJIT no table has one.
local function finalized(fn)
  local proxy = newproxy and newproxy(true) -- luacheck: ignore 113
  if not proxy then return setmetatable({}, { __gc = fn }) end
  getmetatable(proxy).__gc = fn
  return proxy
end

local attacker
local function renew()
  finalized(function()
    if not attacker then return end
    pcall(attacker)
    renew()
  end)
end

-- In percent; 5.5 has another name for it.
local function set_pace(pause, multiplier)
  if pcall(collectgarbage, "setpause", pause) then
    collectgarbage("setstepmul", multiplier)
  else
    collectgarbage("param", "pause", pause)
    collectgarbage("param", "stepmul", multiplier)
  end
end

-- fn() runs in a finalizer in each turn of a collector that never rests, until attack(nil).
local function attack(fn)
  set_pace(fn and 1 or 200, fn and 1000 or 200)
  attacker = fn
  if fn then renew() end
end

local function forget(make, count)
  local back, between = {}, {} -- luacheck: ignore 241
  local made = make()
  for i = 1, count do between[i] = finalized(function() end) end
  between[0] = finalized(function() back[1] = made end)
  return back
end

-- What make() has made, found again by a finalizer; its own comes soon.
local function revive(make, count)
  set_pace(1, 100)
  local back = forget(make, count)
  while not back[1] do back[2] = {} end
  return back[1]
end

local function filled()
  local doc = yjs.open()
  local text, list = doc:get_text "t", doc:get_array "a"
  for i = 1, 20 do
    text:insert(0, ("part %d "):format(i):rep(50), { bold = i % 2 == 0, link = { url = ("u"):rep(600) } })
    list:insert(0, { ("item %d "):format(i):rep(90), { deep = { ("z"):rep(700) } } })
    doc:get_map("m"):set("key " .. i, { value = ("v"):rep(400) })
  end
  return doc
end

local ways = {
  function(doc) return doc:get_text("t"):to_delta() end,
  function(doc) return doc:to_json() end,
  function(doc) return #doc:update "\0" end,
  function(doc) doc:get_text("t"):insert(3, ("more "):rep(5), { bold = true, link = { url = "u" } }) end,
  function(doc) return #doc:get_array("a"):to_json() end,
  function(doc) return doc:get_map("m"):to_json() end,
}

describe("finalizers", function()
  after_each(function()
    attack(nil)
    collectgarbage()
  end)

  it("edit a document while it is read: reading it fails, or gives it as it was", function()
    for round = 1, 18 do
      local doc = filled()
      local text, list, map = doc:get_text "t", doc:get_array "a", doc:get_map "m"
      attack(function()
        if text:length() > 0 then text:delete(0, text:length()) end
        if list:length() > 0 then list:delete(0, list:length()) end
        for i = 1, 20 do map:delete("key " .. i) end
        text:insert(0, ("x"):rep(2000))
      end)
      local ok, err = pcall(ways[round % #ways + 1], doc)
      attack(nil)
      assert(ok or tostring(err):find "edited while" or tostring(err):find "end", err)
      assert.is_truthy(doc:update "\0" and text:to_delta())
    end
  end)

  it("end a document that one before them has made known again, whatever is done with it", function()
    local refused = 0
    for round = 1, 30 do
      local doc = revive(filled, 20 + round * 97 % 600)
      for _ = 1, 500 do
        local ok, err = pcall(ways[round % #ways + 1], doc)
        if not ok then
          refused = refused + 1
          assert(tostring(err):find "closed" or tostring(err):find "collected while", err)
          break
        end
      end
    end
    assert.is_true(refused > 0, "none was finalized")
  end)

  it("take updates from their list while they are merged", function()
    local list
    attack(function()
      if list then
        for i = #list, 1, -1 do list[i] = nil end
      end
      collectgarbage()
    end)
    for _ = 1, 20 do
      list = {}
      for i = 1, 5 do
        local doc = yjs.open(nil, { client_id = i })
        doc:get_text("t"):insert(0, ("text "):rep(100))
        list[i] = doc:update()
      end
      pcall(yjs.merge, list)
    end
  end)

  it("wait: the tasks that go on meanwhile wait again, and go on later", function()
    local task = liveblocks.task
    local turns, in_finalizers, made = {}, 0, {}
    for i = 1, 3 do
      made[i] = task.spawn(function()
        for n = 1, 40 do
          task.sleep(0.001)
          task.checkpoint()
          turns[i] = n
        end
      end)
    end
    while not (made[1].done and made[2].done and made[3].done) do
      finalized(function()
        in_finalizers = in_finalizers + 1
        pcall(task.sleep, 0.001)
      end)
      collectgarbage()
      liveblocks.step(nil, 0.002)
    end
    assert.is_true(in_finalizers > 5)
    assert.same({ 40, 40, 40 }, turns)
  end)

  it("close a client while a call begins, and while its URL is asked for", function()
    for count = 1, 200 do
      local client = revive(function()
        return liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:1/" .. ("long"):rep(200), retries = 0 }
      end, count % 100)
      local ok, call = pcall(client.submit, client, "get_rooms", { query = { metadata = { a = "b" } } })
      if ok then call:cancel() end
      assert(ok or tostring(call):find "closed", call)
      local shown, problem = pcall(tostring, client)
      assert(shown or tostring(problem):find "closed", problem)
    end
  end)
end)
