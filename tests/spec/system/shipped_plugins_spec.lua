-- The plugins that come with lbhost, each in `lbhost serve` or as a command, in a process of its own.
local cjson = require "cjson"
local process = require "tests.support.process"
local serve = require "tests.support.serve"
local server = require "tests.support.server"

local function lines_of(path)
  local lines = {}
  local file = io.open(path)
  if not file then return lines end
  for line in file:lines() do lines[#lines + 1] = cjson.decode(line) end
  file:close()
  return lines
end

describe("the plugin journal", function()
  it("writes each event as a line, and begins a new file when it is full", function()
    local directory = serve.directory()
    local config = serve.write(directory .. "/lbhost.lua", ([[return { plugins = { journal = {
      file = %q, megabytes = 0.001, keep = 2 } } }]]):format(directory .. "/events.jsonl"))
    local s = serve.start { arguments = { "--config", config } }
    for i = 1, 20 do assert.equal(200, (s:event("msg_" .. i, "roomCreated", { roomId = "r", text = ("x"):rep(100) }))) end
    s.process:signal "TERM"
    local _, err, status = s.process:wait()
    assert.equal(0, status, err)
    local seen = {}
    for _, name in ipairs { "events.jsonl.2", "events.jsonl.1", "events.jsonl" } do
      local lines = lines_of(directory .. "/" .. name)
      assert.is_true(#lines > 0 and #lines < 8)
      for _, line in ipairs(lines) do seen[#seen + 1] = line end
    end
    assert.equal("msg_20", seen[#seen].id)
    assert.equal("roomCreated", seen[#seen].type)
    assert.equal("r", seen[#seen].data.roomId)
    assert.is_nil(io.open(directory .. "/events.jsonl.3"))
  end)

  it("can be read by its owner alone, also the files before it, and one that was there", function()
    local directory = serve.directory()
    local config = serve.write(directory .. "/lbhost.lua", ([[return { plugins = { journal = {
      file = %q, megabytes = 0.001, keep = 2 } } }]]):format(directory .. "/events.jsonl"))
    serve.write(directory .. "/events.jsonl", "")
    assert(os.execute(("chmod 644 '%s/events.jsonl'"):format(directory)))
    local s = serve.start { arguments = { "--config", config } }
    for i = 1, 12 do assert.equal(200, (s:event("msg_" .. i, "roomCreated", { text = ("x"):rep(200) }))) end
    s.process:signal "TERM"
    local _, err, status = s.process:wait()
    assert.equal(0, status, err)
    local pipe = io.popen(("stat -c %%a '%s'/events.jsonl*"):format(directory))
    assert.equal("600\n600\n600\n", pipe:read "a")
    pipe:close()
  end)

  it("goes on after SIGHUP, with the new configuration", function()
    local directory = serve.directory()
    local config = directory .. "/lbhost.lua"
    local function configure(name)
      serve.write(config, ("return { plugins = { journal = { file = %q } } }"):format(directory .. name))
    end
    configure "/one.jsonl"
    local s = serve.start { arguments = { "--config", config } }
    s:event("msg_1", "roomCreated")
    s:wait_for "msg_1"
    configure "/two.jsonl"
    s.process:signal "HUP"
    s:wait_for "handlers reloaded"
    s:event("msg_2", "roomCreated")
    s:wait_for "event=msg_2"
    s.process:signal "TERM"
    local _, err = s.process:wait()
    assert.equal("msg_1", lines_of(directory .. "/one.jsonl")[1].id, err)
    assert.equal("msg_2", lines_of(directory .. "/two.jsonl")[1].id, err)
  end)

  it("is refused with what is missing", function()
    local _, err, status = process.run({ "serve", "--plugin", "journal", "--store", serve.directory() .. "/events.db", "--port", "0" },
      { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET, LBHOST_JOURNAL = false } })
    assert.matches("options.file", err, 1, true)
    assert.matches("LBHOST_JOURNAL in the environment", err, 1, true)
    assert.is_nil(err:find "names no plugin")
    assert.not_equal(0, status)
  end)
end)

describe("the plugin forward", function()
  it("passes events on, signed again, to each receiver once, though another is down", function()
    local srv <close> = server.start()
    local good, bad = srv:base("ok", "good"), srv:base("status,code=503,times=1", "bad")
    local config = serve.write(serve.directory() .. "/lbhost.lua",
      ("return { plugins = { forward = { urls = { %q, %q }, types = { 'commentCreated' } } } }"):format(bad, good))
    local s = serve.start { arguments = { "--config", config, "--backoff", "0.05" },
      env = { LBHOST_FORWARD_SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0" } }
    s:event("msg_0", "roomCreated")
    s:event("msg_1", "commentCreated", { threadId = "th_1" })
    local again = srv:wait_log("bad", 2)
    local once = srv:log "good"
    assert.equal(1, #once)
    for _, request in ipairs { once[1], again[1], again[2] } do
      assert.equal("msg_1", request.header["webhook-id"])
      local event = assert(require("liveblocks").webhook.verify { secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
        headers = request.header, body = request.body })
      assert.equal("th_1", event.data.threadId)
    end
    s.process:stop()
  end)
end)

describe("the plugin heartbeat", function()
  it("calls its URL", function()
    local srv <close> = server.start()
    local _, err, status = process.run({ "serve", "--plugin", "heartbeat", "--once", "heartbeat", "--store",
      select(2, serve.directory()) },
      { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET, LBHOST_HEARTBEAT = srv:base("ok", "beat") } })
    assert.equal(0, status, err)
    assert.equal("GET", srv:log("beat")[1].method)
  end)
end)

describe("lbhost rooms", function()
  local srv
  setup(function() srv = server.start() end)
  teardown(function() srv:stop() end)

  local function rooms(scenario, id, ...)
    return process.run({ "rooms", ... }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_t",
      LIVEBLOCKS_BASE_URL = scenario and srv:base(scenario, id) or srv.url } })
  end

  it("shows rows, lines of JSON, or a count", function()
    local out = rooms("pages,n=45,size=20", "r1", "--count")
    assert.equal("45\n", out)
    out = rooms("pages,n=45,size=20", "r2", "--json")
    assert.equal(45, select(2, out:gsub("\n", "")))
    out = rooms("pages,n=45,size=20", "r3", "--limit", "3")
    assert.matches("^id", out)
    assert.matches("-- 3 rows\n-- there are more; see --limit\n", out, 1, true)
    assert.equal("no rooms\n", (rooms()))
  end)

  it("explains mistakes", function()
    local _, err, status = rooms(nil, nil, "--limit", "x")
    assert.equal("lbhost: rooms: --limit takes a whole number, got 'x'\n", err)
    assert.equal(2, status)
    _, err = rooms(nil, nil, "--nope")
    assert.matches("unknown option '--nope'", err, 1, true)
  end)
end)

describe("plugins together in lbhost serve", function()
  it("handle the same event each, also when one of them fails or was refused", function()
    local s = serve.start { arguments = { "--attempts", "1" }, files = {
      ["one.lua"] = [[return { api = 1, events = { roomCreated = function() error("one is broken") end } }]],
      ["two.lua"] = [[return { api = 1, events = {
        roomCreated = function(event, ctx) ctx.log("info", "two has it", { room = event.data.roomId }) end,
        ["*"] = function(event, ctx) ctx.log("info", "star has it") end } }]],
      ["bad.lua"] = [[return { api = 1, evnets = {} }]],
      ["typo.lua"] = [[return { api = 1, events = { rooomCreated = print } }]],
    } }
    assert.equal(200, (s:event("msg_1", "roomCreated", { roomId = "r7" })))
    s:wait_for "two has it"
    s:wait_for "star has it"
    s:wait_for "one is broken"
    assert.matches("evnets", s:log(), 1, true)
    assert.matches("is not an event that is known today; did you mean 'roomCreated'?", s:log(), 1, true)
    s.process:stop()
  end)

  it("are set up before and stopped after everything else", function()
    local s = serve.start { files = { ["life.lua"] = [[
      local state = "new"
      return { api = 1, name = "life", options = { greeting = { type = "string", default = "hello" } },
        setup = function(host, options) state = options.greeting host.log("info", "set up", { as = host.name }) end,
        stop = function() io.stderr:write("stopped ", state, "\n") end,
        routes = { ["GET /state"] = function() return { status = 200, body = state } end } }]] } }
    s:wait_for "set up"
    local status, body = s:get "/state"
    assert.equal(200, status)
    assert.equal("hello", body)
    s.process:signal "TERM"
    local _, err = s.process:wait()
    assert.matches("stopped hello\n", err, 1, true)
  end)
end)

describe("lbhost serve with its events in PostgreSQL", function()
  it("loses nothing when it is killed, and goes on", function()
    local postgres = require "tests.support.postgres"
    local database <close> = postgres.start()
    local function start(text)
      return serve.start { store = database.url .. "&lease=2", arguments = { "--plugin", postgres.plugin }, files = { ["h.lua"] = text } }
    end
    local s = start "return { api = 1, events = { ['*'] = function() require('liveblocks').task.sleep(100) end } }"
    for i = 1, 5 do assert.equal(200, (s:event("msg_" .. i, "roomCreated", { roomId = "r" .. i }))) end
    s.process:stop()
    assert.equal("5", database:sql "SELECT count(*) FROM lbhost_queue WHERE state = 0")
    s = start "return { api = 1, events = { ['*'] = function(event, ctx) ctx.log('info', 'got ' .. event.data.roomId) end } }"
    for i = 1, 5 do s:wait_for("got r" .. i) end
    assert.equal(200, (s:event("msg_1", "roomCreated", { roomId = "r1" })))
    s.process:signal "TERM"
    local _, err, status = s.process:wait()
    assert.equal(0, status, err)
    assert.equal(1, select(2, err:gsub("got r1", "")))
    local out = process.run { "queue", "list", "--store", database.url, "--plugin", postgres.plugin, "--state", "done" }
    assert.equal("5 0", database:sql "SELECT (SELECT count(*) FROM lbhost_events) || ' ' || (SELECT count(*) FROM lbhost_queue)")
    assert.matches("msg_5", out, 1, true)
  end)
end)
