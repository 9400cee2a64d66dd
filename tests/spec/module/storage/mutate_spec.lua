local helper = require "tests.support.client"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local live = require "tests.support.live"
local storage = liveblocks.storage

local object = live.object

describe("client:mutate_storage", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv)
  end)
  before_each(function() srv:reset() end)
  teardown(function() srv:stop() end)

  -- What the server answers in turn; the last one stays.
  local function answers(method, ...)
    local path = method == "GET" and "/v2/rooms/r/storage" or "/v2/rooms/r/storage/json-patch"
    local list = { ... }
    for i = #list, 1, -1 do
      local answer = { method = method, path = path, times = i < #list and 1 or nil }
      for name, content in pairs(list[i]) do answer[name] = content end
      srv:answer(answer)
    end
  end
  local function document(data) return { body = json.encode(object(data)) } end
  local function sent()
    local list = {}
    for _, row in ipairs(srv:log()) do
      if row.method == "PATCH" then list[#list + 1] = json.decode(row.body) end
    end
    return list
  end
  local function fails(fn, options)
    local ok, err = pcall(client.mutate_storage, client, "r", fn, options)
    assert.is_false(ok)
    return err
  end
  local function count(root) root.n = root.n + 1 end
  local refused = { status = 422, json = { error = "UNPROCESSABLE_ENTITY", message = "test failed" } }
  local done = { status = 200, body = "" }

  it("sends one patch, guarded by what was read", function()
    answers("GET", document { n = 1 })
    answers("PATCH", done)
    local patch, info = client:mutate_storage("r", function(root)
      count(root)
      return "result"
    end)
    assert.same({ { op = "test", path = "/n", value = 1 }, { op = "replace", path = "/n", value = 2 } }, patch)
    assert.same({ attempts = 1, sent = true, result = "result" }, info)
    assert.same({ patch }, sent())
  end)

  it("makes no patch with the guard 'structure' that could be applied twice to a list", function()
    local function list(...) return { liveblocksType = "LiveList", data = json.array { ... } } end
    answers("GET", document { a = list(), b = list("x", "x"), c = list("y", "z") })
    local patch = client:mutate_storage("r", function(root)
      root.a:insert "new"
      root.b:remove(1)
    end, { guard = "structure", dry_run = true })
    assert.same({ { op = "test", path = "/a", value = {} }, { op = "test", path = "/b", value = { "x", "x" } } },
      { patch[1], patch[2] })
    assert.equal(4, #patch)
  end)

  it("reads plain LSON and sends nothing when nothing has changed", function()
    answers("GET", document { n = 1 })
    local patch, info = client:mutate_storage("r", function(root) root.n = 1 end)
    assert.same({}, patch)
    assert.is_false(info.sent)
    local log = srv:log()
    assert.equal(1, #log)
    assert.equal("format=plain-lson", log[1].query)
  end)

  it("sends nothing in a dry run", function()
    answers("GET", document { n = 1 })
    local patch = client:mutate_storage("r", count, { dry_run = true })
    assert.equal(2, #patch)
    assert.same({}, sent())
  end)

  it("reads again and repeats when the room has changed", function()
    answers("GET", document { n = 1 }, document { n = 5 })
    answers("PATCH", refused, done)
    local patch, info = client:mutate_storage("r", count)
    assert.equal(6, patch[2].value)
    assert.equal(2, info.attempts)
    local list = sent()
    assert.equal(2, list[1][2].value)
    assert.equal(6, list[2][2].value)
  end)

  it("gives up as a conflict when the room keeps changing", function()
    answers("GET", document { n = 1 }, document { n = 2 }, document { n = 3 }, document { n = 4 })
    answers("PATCH", refused)
    local err = fails(count, { attempts = 3 })
    assert.equal("conflict", err.kind)
    assert.equal(3, err.attempts)
    assert.equal(422, err.cause.status)
    assert.matches("room 'r' changed 3 times while it was being edited", err.message)
    assert.equal(3, #sent())
  end)

  it("does not repeat a patch that is refused though nothing has changed", function()
    answers("GET", document { n = 1 })
    answers("PATCH", refused)
    local err = fails(count)
    assert.equal(422, err.status)
    assert.matches("the patch itself is refused", err.message)
    assert.equal(1, #sent())
  end)

  it("takes an edit that was made in spite of an error for made", function()
    answers("GET", document { n = 1 }, document { n = 2 })
    answers("PATCH", { status = 500, body = "" }, done)
    local _, info = client:mutate_storage("r", count)
    assert.is_true(info.sent)
    assert.equal(1, #sent())
  end)

  it("makes an edit again that an error prevented, and then tests whole parts", function()
    answers("GET", { body = json.encode(object { l = { liveblocksType = "LiveList", data = json.array { 1 } } }) })
    answers("PATCH", { status = 503, body = "" }, done)
    client:mutate_storage("r", function(root) root.l:insert(#root.l + 1) end)
    local list = sent()
    assert.equal(2, #list)
    assert.equal("add", list[1][1].op)
    assert.same({ op = "test", path = "/l", value = { 1 } }, list[2][1])
  end)

  it("distinguishes an edit that was made from one that was not when others change other parts", function()
    answers("GET", document { n = 1, other = 1 }, document { n = 2, other = 5 })
    answers("PATCH", { status = 500, body = "" }, done)
    client:mutate_storage("r", count)
    assert.equal(1, #sent())
    srv:reset()
    answers("GET", document { n = 1, other = 1 }, document { n = 1, other = 5 })
    answers("PATCH", { status = 500, body = "" }, done)
    client:mutate_storage("r", count)
    assert.equal(2, #sent())
  end)

  it("says that the outcome is unknown when an error and another's change come together", function()
    answers("GET", document { n = 1 }, document { n = 7 })
    answers("PATCH", { status = 500, body = "" })
    local err = fails(count)
    assert.equal("unknown", err.outcome)
    assert.equal(500, err.status)
    assert.matches("unknown", err.message)
    assert.equal(1, #sent())
    srv:reset()
    answers("GET", document { n = 1 }, document { n = 7 })
    answers("PATCH", { status = 500, body = "" }, done)
    local patch = client:mutate_storage("r", count, { idempotent = true })
    assert.equal(8, patch[2].value)
  end)

  it("sends nothing when the function fails, and passes its error on", function()
    answers("GET", document { n = 1 })
    local err = fails(function(root)
      root.n = 2
      error("no", 0)
    end)
    assert.equal("no", err)
    assert.same({}, sent())
  end)

  it("refuses, naming room and place, what the API cannot express", function()
    answers("GET", document { n = 1 })
    local err = fails(function(root) root.tags = { "a" } end)
    assert.equal("usage", err.kind)
    assert.matches("^mutate_storage of room 'r': /tags: ", err.message)
    assert.same({}, sent())
  end)

  it("looks whether a LiveMap has become one", function()
    answers("GET", document { n = 1 }, document { n = 1, m = object { a = 1 } })
    answers("PATCH", done)
    local err = fails(function(root) root.m = storage.map { a = 1 } end, { allow_map = true })
    assert.matches("made a LiveObject of the LiveMap at /", err.message)
  end)

  it("calls before_send before it sends", function()
    answers("GET", document { n = 1 })
    answers("PATCH", done)
    local seen
    client:mutate_storage("r", count, { before_send = function(patch, before) seen = { before.data.n, patch[2].value } end })
    assert.same({ 1, 2 }, seen)
    assert.equal("stop", fails(count, { before_send = function() error("stop", 0) end }))
    assert.equal(1, #sent())
  end)

  it("says how long a patch is that the server finds too large, and does not send it again", function()
    local list = {}
    for i = 1, 1000 do list[i] = ("item %04d"):format(i) end
    local function insert(root) root.list:insert "new" end
    for guard, most in pairs { values = 100, structure = 20000 } do
      srv:reset()
      answers("GET", document { list = { liveblocksType = "LiveList", data = list } })
      answers("PATCH", { status = 413, body = "" })
      local err = fails(insert, { guard = guard })
      assert.equal(413, err.status)
      local bytes = tonumber(err.message:match "%(the patch has (%d+) bytes")
      assert.is_true(bytes < most and bytes > most / 4, err.message)
      assert.equal(guard == "structure", err.message:find("it contains each list that it changes", 1, true) ~= nil)
      assert.equal(1, #sent())
    end
  end)

  it("passes a missing room on", function()
    answers("GET", { status = 404, json = { error = "ROOM_NOT_FOUND", message = "no room" } })
    assert.equal("ROOM_NOT_FOUND", fails(count).code)
  end)

  it("refuses wrong arguments before anything is sent", function()
    assert.matches("did you mean 'dry_run'", fails(count, { dryrun = true }).message)
    assert.matches("'attempts' must be at least 1", fails(count, { attempts = 0 }).message)
    assert.matches("'guard' must be", fails(count, { guard = "all" }).message)
    assert.matches("'fn' must be a function", fails(nil).message)
    assert.equal(0, #srv:log())
  end)

  it("edits the view only while the function runs", function()
    answers("GET", document { n = 1 })
    local kept
    client:mutate_storage("r", function(root) kept = root end)
    assert.has_error(function() kept.n = 2 end)
  end)
end)
