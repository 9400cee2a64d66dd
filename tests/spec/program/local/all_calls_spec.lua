local liveblocks = require "liveblocks"
local json = require "liveblocks.json"
local local_app = require "lbhost.local.app"
local random_request = require "tests.support.random_request"
local seed = require "tests.support.seed"
local support = require "tests.support.local_app"

describe("the local Liveblocks", function()
  it("has a handler for every row of the endpoint table", function()
    local app, missing = local_app.new {}, {}
    for _, row in ipairs(liveblocks.endpoints()) do
      if not app.handlers[row.name] then missing[#missing + 1] = row.name end
    end
    assert.same({}, missing)
  end)

  it("finds every row by its method and path, whatever stands for the parameters", function()
    local app = local_app.new {}
    for _, row in ipairs(liveblocks.endpoints()) do
      local path = row.path:gsub("{(%w+)}", "a%%2F%1")
      local found, values = app.router:find(row.method, path)
      assert.equal(row.name, found and (found.path == row.path and found.method == row.method and row.name))
      for name in row.path:gmatch("{(%w+)}") do assert.equal("a/" .. name, values[name]) end
    end
  end)

  it("answers unknown routes, wrong methods and malformed paths as documented", function()
    local app = support.new()
    for _, case in ipairs {
      { "GET", "/v2/nothing", 404, "Not Found" }, { "GET", "/", 404, "Not Found" }, { "GET", "/v2/rooms//storage", 404, "Not Found" },
      { "GET", "/v2", 404, "Not Found" }, { "PUT", "/v2/rooms/r", 405, "Method Not Allowed" },
      { "PATCH", "/v2/rooms", 405, "Method Not Allowed" }, { "GET", "/v2/rooms/%zz", 400, "Bad Request" },
      { "GET", "/v2/rooms/%FF", 400, "Bad Request" }, { "GET", "/v2/rooms/a%00b", 400, "Bad Request" },
      { "GET", "/v2/rooms?a=%zz", 400, "Bad Request" }, { "GET", "/v2/no\xffthing", 404, "Not Found" },
      { "GET", "/v2/rooms/\xff", 400, "Bad Request" }, { "\xff", "/v2/rooms", 405, "Method Not Allowed" },
    } do
      local status, err, response = support.call(app, case[1], case[2])
      assert.equal(case[3], status)
      assert.equal(case[4], err.error)
      assert.is_string(err.message)
      if status == 405 then assert.truthy(response.headers.allow:find("GET", 1, true)) end
    end
    local status, _, response = support.call(app, "OPTIONS", "/v2/rooms/r")
    assert.equal(204, status)
    assert.equal("DELETE, GET, HEAD, OPTIONS, POST", response.headers.allow)
    assert.equal(200, (support.call(app, "GET", "/v2/rooms/")))
    assert.equal(200, (support.call(app, "HEAD", "/v2/rooms")))
  end)

  it("asks for the right key", function()
    local app = support.new()
    for _, case in ipairs {
      { "/v2/rooms", false, 401, "MISSING_SECRET_KEY" }, { "/v2/rooms", "Basic x", 401, "MISSING_SECRET_KEY" },
      { "/v2/rooms", "Bearer pk_localdev", 401, "WRONG_KEY_USED" }, { "/v2/rooms", "Bearer sk_other", 403, "INVALID_SECRET_KEY" },
      { "/v2/management/projects", "Bearer sk_localdev", 401 }, { "/v2/management/projects", false, 401,
        "MISSING_MANAGEMENT_API_ACCESS_TOKEN" },
    } do
      local status, err, response = support.call(app, "GET", case[1], nil, { authorization = case[2] })
      assert.equal(case[3], status)
      if case[4] then assert.equal(case[4], err.error) end
      assert.is_string(err.message)
      assert.is_string(response.headers["x-lb-warn"])
    end
  end)

  it("responds to JSON that is invalid, nested too deeply or missing with 400 or 422", function()
    local app = support.new()
    for _, body in ipairs { "{", "", "\255", "[1]", "null", "5", '{"id":"r"}{', ('{"a":'):rep(2000) } do
      local status, err = support.call(app, "POST", "/v2/rooms", body)
      assert.truthy(status == 400 or status == 422, body)
      assert.is_string(err.message)
    end
    local deep = ("["):rep(200) .. ("]"):rep(200)
    assert.equal(400, (support.call(app, "POST", "/v2/rooms", "not json")))
    support.call(app, "POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
    assert.equal(422, (support.call(app, "POST", "/v2/rooms/r/broadcast-event", deep)))
  end)

  -- Random requests over all rows: whatever comes, the response is a documented one and no error of ours.
  it("never answers 500, whatever it is sent", function()
    local number = seed.start()
    local problems = {}
    local function on_error(err, request)
      problems[#problems + 1] = ("%s %s?%s %s\n%s"):format(request.method, request.path, request.query or "", request.body:sub(1, 300), err)
    end
    local app = support.new { on_error = on_error }
    local rows, pool, statuses = liveblocks.endpoints(), { roomId = { "r1" }, userId = { "ann", "bob" } }, {}
    local prefixes = { th_ = "threadId", cm_ = "commentId", in_ = "inboxNotificationId", at_ = "attachmentId", fl_ = "fileId",
      cp_ = "copilotId", ks_ = "knowledgeSourceId", vh_ = "versionId", up_ = "uploadId" }
    local function keep(name, id)
      pool[name] = pool[name] or {}
      if #pool[name] < 20 then table.insert(pool[name], id) else pool[name][math.random(20)] = id end
    end
    local function learn(row, value)
      if type(value) ~= "table" then return end
      if type(value.id) == "string" then
        local last = row.path:match("/(%a+)s$")
        if row.group == "Rooms" then keep("roomId", value.id) end
        if last then keep(last .. "Id", value.id) end
      end
      for _, item in pairs(value) do
        if type(item) == "string" and prefixes[item:sub(1, 3)] then keep(prefixes[item:sub(1, 3)], item) end
        if type(item) == "table" then learn(row, item) end
      end
    end
    -- Keys are rolled as well: the one that holds longest.
    local function secret()
      local best
      for key, till in pairs(app.secrets) do
        if not best or till > app.secrets[best] then best = key end
      end
      return best or "sk_localdev"
    end
    local count = tonumber(os.getenv "LBHOST_FUZZ_COUNT") or 30000
    for i = 1, count do
      local row = rows[math.random(#rows)]
      -- What is deleted cannot be worked on: deletions are rare.
      if row.method == "DELETE" and math.random(4) > 1 then row = rows[math.random(#rows)] end
      app.time = app.time + math.random(0, 5000)
      if i % 20 == 1 then app:handle { method = "POST", path = "/v2/rooms", headers = { authorization = "Bearer " .. secret() },
        body = json.encode { id = "r1", defaultAccesses = json.array {} } } end
      local response = app:handle(random_request.make(row, pool, secret()))
      statuses[response.status] = (statuses[response.status] or 0) + 1
      if response.status == 200 and (response.headers["content-type"] or ""):find("^application/json") then
        learn(row, json.decode(response.body))
      end
      -- Its project may have been deleted, and no key is good any more: a new server.
      if response.status == 403 and response.body:find("INVALID_SECRET_KEY", 1, true) then
        app = support.new { on_error = on_error }
      end
      if problems[1] then error(("after %d requests of seed %d: %s"):format(i, number, problems[1]), 0) end
    end
    assert.is_nil(statuses[500])
    -- It has to get past the checks for this to mean anything.
    assert.is_true(statuses[200] > count / 10)
  end)
end)
