local eventually = require "tests.support.eventually"
local http = require "liveblocks.http"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "lbhost.local.server"
local process = require "tests.support.process"
local task = require "liveblocks.task"

describe("lbhost local", function()
  it("serves clients, the inspection routes and downloads", function()
    local server <close> = local_server.start {}
    local client = liveblocks.new { base_url = server.url, secret = "sk_localdev" }
    client:create_room { id = "r", defaultAccesses = { "room:write" } }
    assert.equal("r", client:get_room("r").id)
    local id = "fl_" .. ("a"):rep(21)
    client:upload_storage_file("r", id, "a.txt", "bytes")
    local answer = http.request { url = client:get_storage_file("r", id).url }
    assert.equal("bytes", answer.body)
    client:broadcast_event("r", { type = "E" })
    answer = http.request { url = server.url .. "/local/broadcasts" }
    assert.equal("E", json.decode(answer.body).data[1].event.type)
    client:close()
  end)

  it("lets presence end while nobody asks", function()
    local server <close> = local_server.start {}
    local client = liveblocks.new { base_url = server.url, secret = "sk_localdev" }
    client:create_room { id = "r", defaultAccesses = {} }
    local left = task.event()
    server.app:on("event", function(event)
      if event.type == "userLeft" then left:set() end
    end)
    client:set_presence("r", { userId = "u", data = {}, userInfo = {}, ttl = 2 })
    task.timeout(eventually.seconds, function() left:wait() end)
    assert.same({}, client:get_active_users("r").data)
    client:close()
  end)

  describe("as a command", function()
    it("says where it listens and what key it takes, and ends when interrupted", function()
      local program <close> = process.start { "local", "--port", "0", "--secret", "sk_mine" }
      local url = program:wait_for "listens on (http://127%.0%.0%.1:%d+)"
      local client = liveblocks.new { base_url = url, secret = "sk_mine" }
      client:create_room { id = "r", defaultAccesses = {} }
      local _, err = client:with { secret = "sk_other" }.try:get_room("r")
      assert.equal("INVALID_SECRET_KEY", err.code)
      assert.equal(403, err.status)
      client:close()
      program:signal "INT"
      local _, problems, status = program:wait()
      assert.equal("", problems)
      assert.equal(0, status)
    end)

    it("warns when others than this machine can reach it", function()
      local program <close> = process.start { "local", "--port", "0", "--host", "0.0.0.0" }
      local url = program:wait_for "listens on (http://127%.0%.0%.1:%d+)"
      assert.truthy(program:errors():find("anyone who reaches it", 1, true))
      local client = liveblocks.new { base_url = url, secret = "sk_localdev" }
      assert.same({}, client:get_rooms().data)
      client:close()
      program:signal "TERM"
      assert.equal(0, select(3, program:wait()))
    end)

    it("writes a line for each request when it is asked to", function()
      for _, arguments in ipairs { { "local", "--port", "0", "--log" }, { "-v", "local", "--port", "0" } } do
        local program <close> = process.start(arguments)
        local url = program:wait_for "listens on (http://127%.0%.0%.1:%d+)"
        local client = liveblocks.new { base_url = url, secret = "sk_localdev" }
        client:create_room { id = "a b", defaultAccesses = {} }
        client:get_room "a b"
        client:get_rooms { limit = 3 }
        program:wait_for("%d%d:%d%d:%d%d%.%d%d%d POST /v2/rooms 200 [%d.]+ ms\n[%d:.]+ GET /v2/rooms/a%%20b 200 [%d.]+ ms\n" ..
          "[%d:.]+ GET /v2/rooms%?limit=3 200 ", true)
        client:close()
      end
    end)

    it("refuses web pages from elsewhere, unless their host is allowed", function()
      local program <close> = process.start { "local", "--port", "0", "--allow-host", "liveblocks.test" }
      local port = program:wait_for "listens on http://127%.0%.0%.1:(%d+)"
      local function status(host, from)
        local answer, err = http.try_request { url = "http://127.0.0.1:" .. port .. "/local/state",
          headers = { host = host, origin = from } }
        return answer and answer.status or err.status
      end
      assert.equal(403, status("evil.example:" .. port))
      assert.equal(403, status("localhost:" .. port, "https://evil.example"))
      assert.equal(200, status("liveblocks.test:" .. port, "https://liveblocks.test"))
      assert.equal(200, status("localhost:" .. port))
    end)

    it("says what is wrong with its options", function()
      for _, case in ipairs { { "--porx", "did you mean" }, { "--port=99999", "0 to 65535" }, { "--secret=pk_x", "sk_" },
        { "--reset", "--data" }, { "--time-scale=0", "above 0" }, { "--time-scale=x", "--time-scale takes a number" },
        { "--port=1.5", "0 to 65535" }, { "--webhook-secret=x", "whsec_" }, { "--allow-host=a/b", "--allow-host takes the name" } } do
        local _, problems, status = process.run { "local", case[1] }
        assert.equal(2, status)
        assert.truthy(problems:lower():find(case[2], 1, true), problems)
      end
    end)

    it("is started inside of any command with --local, which ends when the script does", function()
      local output, problems, status = process.run { "--local", "-e",
        "local c = require 'liveblocks'.new() c:create_room { id = 'r', defaultAccesses = {} } print(c:get_rooms().data[1].id)" }
      assert.equal("", problems)
      assert.equal("r\n", output)
      assert.equal(0, status)
      output = process.run { "--local", "-e",
        "local t = require 'liveblocks.task' t.spawn(function() t.sleep(0.05) print 'late' end) print 'first'" }
      assert.equal("first\nlate\n", output)
      output = process.run { "call", "create_room", "id=x", "defaultAccesses=[]", "--local" }
      assert.equal("x", json.decode(output).id)
    end)

    it("takes its options with --local=OPTIONS", function()
      local path = os.tmpname() .. ".json"
      local file <close> = assert(io.open(path, "w"))
      file:write('[["create_room", {"id": "seeded", "defaultAccesses": []}]]')
      file:close()
      local output, problems, status = process.run { "-v", ("--local=--seed %s --faults 503=100%%,limit=1"):format(path),
        "call", "get_room", "seeded" }
      os.remove(path)
      assert.equal(0, status, problems)
      assert.equal("seeded", json.decode(output).id)
      for given, expected in pairs { ["--faults x"] = "NAME=VALUE expected", ["--sed x"] = "--local: ",
        ["--data x"] = "--data is for lbhost local" } do
        output, problems, status = process.run { "--local=" .. given, "call", "get_rooms" }
        assert.equal("", output)
        assert.equal(2, status)
        assert.matches(expected, problems, 1, true)
      end
    end)
  end)
end)
