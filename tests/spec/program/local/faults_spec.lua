require "tests.support.client"
local liveblocks = require "liveblocks"
local faults = require "lbhost.local.faults"
local front = require "lbhost.local.http.front"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("a plan of faults", function()
  local function counts(plan, n, call)
    local seen = {}
    for _ = 1, n do
      local _, chance = plan:decide(call)
      local name = chance and (chance.connection or chance.status) or "none"
      seen[name] = (seen[name] or 0) + 1
    end
    return seen
  end

  it("strikes at its rates", function()
    local seen = counts(faults.new "429=5%,500=0.1,drop=2%,reset=1%", 20000)
    for name, rate in pairs { [429] = 0.05, [500] = 0.1, drop = 0.02, reset = 0.01, none = 0.82 } do
      assert.is_true(math.abs(seen[name] / 20000 - rate) < 0.01, name)
    end
    assert.same({ none = 1000 }, counts(faults.new(), 1000))
    assert.same({ [503] = 1000 }, counts(faults.new "503=100%", 1000))
  end)

  it("repeats itself with the same seed, and differs with another", function()
    local function sequence(seed)
      local plan, list = faults.new("latency=50ms~20ms,500=30% seed=" .. seed), {}
      for i = 1, 50 do
        local delay, chance = plan:decide()
        list[i] = ("%.9f %s"):format(delay, chance and chance.status or "")
      end
      return list
    end
    assert.same(sequence(7), sequence(7))
    assert.not_same(sequence(7), sequence(8))
  end)

  it("has a latency with jitter around it, never below zero", function()
    local plan, least, max = faults.new "latency=10ms~20ms", 1, 0
    for _ = 1, 2000 do
      local delay = plan:decide()
      least, max = math.min(least, delay), math.max(max, delay)
    end
    assert.equal(0, least)
    assert.is_true(max > 0.028 and max <= 0.03)
    assert.equal(2, (faults.new("latency=2s"):decide()))
  end)

  it("may be for some calls only, and for a number of faults", function()
    local plan = faults.new("500=100%,only=get_room+create_comment,limit=3", { get_room = 1, create_comment = 1 })
    assert.same({ none = 10 }, counts(plan, 10, "get_rooms"))
    assert.same({ none = 10 }, counts(plan, 10))
    assert.same({ [500] = 3, none = 7 }, counts(plan, 10, "create_comment"))
  end)

  it("says what is wrong with it", function()
    for text, expected in pairs {
      latncy = "NAME=VALUE expected", ["latncy=5ms"] = "did you mean 'latency'", ["latency=fast"] = "must be a time",
      ["429=200%"] = "must be a rate", ["200=5%"] = "from 400 to 599", ["drop=60%,reset=60%"] = "at most 100%",
      ["500=5%@later"] = "@before or @after", ["429=5%@after"] = "always before", ["seed=x"] = "whole number",
      ["only=get_rom"] = "did you mean 'get_room'",
    } do
      local ok, err = pcall(faults.new, text, { get_room = true })
      assert.is_false(ok, text)
      assert.matches(expected, tostring(err), 1, true)
    end
  end)
end)

describe("faults of the local Liveblocks", function()
  local app, gate
  before_each(function()
    app = support.new()
    gate = front.new(app)
  end)

  local function ask(method, path, body)
    return gate:handle { method = method, path = path, headers = { authorization = "Bearer sk_localdev" },
      body = body and json.encode(body) or "", remote = "127.0.0.1" }
  end
  local room = { id = "r", defaultAccesses = {} }

  it("keep a request from being processed", function()
    gate:set_faults "503=100%"
    local response = ask("POST", "/v2/rooms", room)
    assert.equal(503, response.status)
    assert.equal("Service Unavailable", json.decode(response.body).error)
    assert.is_nil(app.state.rooms.r)
  end)

  it("or lose its response", function()
    for i, word in ipairs { "500", "drop", "reset" } do
      gate:set_faults(word .. "=100%@after")
      local response = ask("POST", "/v2/rooms", { id = "r" .. i, defaultAccesses = {} })
      assert.equal(({ 500, "drop", "reset" })[i], response == false and "drop" or type(response) == "table" and response.status or response)
      assert.is_table(app.state.rooms["r" .. i])
    end
  end)

  it("say with 429 when to come again", function()
    gate:set_faults "429=100%,retry-after=1500ms"
    local response = ask("GET", "/v2/rooms")
    assert.equal(429, response.status)
    assert.equal("2", response.headers["retry-after"])
  end)

  it("take their time", function()
    gate:set_faults "latency=20ms"
    local started = liveblocks.now()
    assert.equal(200, ask("GET", "/v2/rooms").status)
    assert.is_true(liveblocks.now() - started >= 0.02)
  end)

  it("leave alone what is not of the API, and are in the log of requests", function()
    gate:set_faults "drop=100%"
    assert.equal(404, ask("GET", "/nothing").status)
    assert.is_false(ask("GET", "/v2/rooms"))
    assert.equal("drop", gate.recent[1].fault)
    gate:set_faults ""
    ask("GET", "/v2/rooms")
    assert.equal(200, gate.recent[2].status)
    for _ = 1, 1000 do ask("GET", "/v2/rooms") end
    assert.is_true(#gate.recent < 400)
  end)
end)
