-- What CONTRIBUTING.md says about ./dev; and its recipes, walked in a copy of the checkout.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local process = require "tests.support.process"

local page = documentation.page "CONTRIBUTING.md"

local function run(command)
  local pipe = io.popen(command .. " 2>&1; echo $?")
  local output, status = pipe:read "a":match "^(.-)(%d+)\n$"
  pipe:close()
  return output, tonumber(status)
end

-- Inserts text before the first occurrence of a string in a file of the copy, or after it.
local function insert(dir, path, text, where, anchor)
  local source = assert(dir:read(path), path)
  local first, last = source:find(anchor, 1, true)
  assert(first, path .. " has no " .. anchor)
  local at = where == "before" and first - 1 or last
  dir:write(path, source:sub(1, at) .. text .. source:sub(at + 1))
end

local function endpoint(dir)
  insert(dir, "bindings/endpoints.def", page:block("Adding an endpoint", 1) .. "\n", "before", "LB_ENDPOINT(Rooms, update_room,")
  dir:write("lua/lbhost/local/resources/weather.lua", page:block("Adding an endpoint", 2))
  insert(dir, "lua/lbhost/local/app.lua", ' "weather",', "after", "local resources = {\n ")
  insert(dir, "tests/data/endpoints.json", page:block("Adding an endpoint", 3) .. ",\n", "after", "[\n")
end

local function command(dir)
  dir:write("lua/lbhost/commands/greet.lua", page:block "Adding a command")
end

local function event_type(dir)
  insert(dir, "lua/liveblocks/types.lua", "roomArchived ", "after", "for word in ([[")
  insert(dir, "lua/lbhost/util/sample_events.lua", page:block "Adding an event type", "after", "local data_of = {\n")
  insert(dir, "lua/meta/lbhost.lua", "---@field roomArchived? lbhost.EventHandler\n", "after", "---@class lbhost.Events\n")
end

-- The copy has a build of its own, of seconds; once is enough, with the debug build.
local describe_once = process.program:find "debug" and describe or pending

describe_once("the recipes of CONTRIBUTING.md", function()
  local dir, lbhost, output, status

  setup(function()
    dir = directory.new()
    assert(os.execute(("tar cf - --exclude=./build --exclude=./.git . | tar xf - -C '%s'"):format(dir.path)))
    endpoint(dir)
    command(dir)
    event_type(dir)
    lbhost = ("cd '%s' && HOME=/nonexistent build/debug/lbhost "):format(dir.path)
    output, status = run(("cd '%s' && env -u BUILD -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH -u LBHOST ./dev generate"):format(dir.path))
  end)
  teardown(function() dir:remove() end)

  it("build and generate", function() assert.equal(0, status, output) end)

  it("add an endpoint with its documentation, help, checks and a local answer", function()
    assert.is_truthy(dir:read "docs/endpoints.md":find("| `get_weather` | `GET /v2/rooms/{roomId}/weather` |", 1, true))
    assert.is_truthy(dir:read "lua/meta/liveblocks.lua":find("function Client:get_weather(room_id, fields)", 1, true))
    assert.is_truthy(dir:read "bindings/liveblocks_endpoints.h")
    assert.matches("Read the weather in a room.", (run(lbhost .. "help get_weather")))
    dir:write("seed.lua", "(...):create_room { id = 'r', defaultAccesses = {} }")
    local said
    said, status = run(lbhost .. "--local='--seed seed.lua' call get_weather r unit=fahrenheit")
    assert.equal(0, status, said)
    assert.matches('"unit":"fahrenheit"', said)
    said, status = run(lbhost .. "--local call get_weather r unit=kelvin")
    assert.equal(2, status, said)
    said, status = run(lbhost .. "--local call get_weather nope")
    assert.equal(1, status, said)
  end)

  it("describe it as the table does", function()
    local out
    out, status = run(("cd '%s' && env -u BUILD -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH -u LBHOST "
      .. "./dev specs tests/spec/module/endpoints_spec.lua"):format(dir.path))
    assert.equal(0, status, out)
  end)

  it("send the new endpoint as the table says", function()
    local srv = require("tests.support.client").server()
    run(("%s --base-url %s call get_weather 'a b'"):format(lbhost:gsub("HOME=", "LIVEBLOCKS_SECRET_KEY=sk_x HOME="),
      srv:base("status,code=200", "weather")))
    local log = srv:log "weather"
    srv:stop()
    assert.same({ "GET", "/v2/rooms/a%20b/weather" }, { log[1].method, log[1].path })
  end)

  it("add a command to the program, and the same file as a plugin", function()
    assert.same({ "hello, world\n", 0 }, { run(lbhost .. "greet world") })
    assert.is_truthy(dir:read "docs/commands.md":find("\n## lbhost greet\n", 1, true))
    local file = dir:write("plugin/wave.lua", (page:block "Adding a command":gsub("greet", "wave")))
    assert.same({ "hello, nobody\n", "", 0 }, { process.run { "--plugin", file, "wave" } })
  end)

  it("add an event type that is sent, and known to handlers", function()
    local function listed(kind)
      dir:write("handler.lua", ("return { api = 1, events = { %s = function() end } }"):format(kind))
      return (run(lbhost .. "plugins --plugin handler.lua handler"):gsub(kind, "TYPE"))
    end
    assert.equal(listed "roomCreated", listed "roomArchived")
    assert.not_equal(listed "roomCreated", listed "roomArchivedd")
    assert.is_truthy(dir:read "lua/meta/liveblocks.lua":find('"roomArchived"', 1, true))
    local srv = require("tests.support.client").server()
    local said
    said, status = run(("%s send roomArchived --to %s"):format(
      lbhost:gsub("HOME=", "LIVEBLOCKS_WEBHOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw HOME="), srv:base("status,code=200", "hook")))
    local log = srv:log "hook"
    srv:stop()
    assert.equal(0, status, said)
    assert.matches('"archivedAt":"', log[1].body, 1, true)
  end)
end)

describe("CONTRIBUTING.md shows", function()
  it("runs that ./dev has, and nothing that is not tested", function()
    page:exclude("The script dev", 1, "./dev would run the tests inside of the tests")
    local help = run "./dev help"
    for name in page.text:gmatch "%./dev (%l+)" do
      assert.is_truthy(help:find("./dev " .. name, 1, true), name)
    end
    for path in page.text:gmatch "`([%w_/]+/[%w_/.]+%.%a+)`" do
      if not path:find "greet" then
        local file = io.open(path) or error("no " .. path)
        file:close()
      end
    end
    for i = 1, 3 do page:block("Adding an endpoint", i) end
    page:block "Adding a command"
    page:block "Adding an event type"
    assert.same({}, page:untested())
  end)
end)
