-- Ids, paths, responses and errors come from others. Whatever they are, no command writes what a terminal would obey.
local json = require "cjson"
local process = require "tests.support.process"
local raw = require "tests.support.server"
local serve = require "tests.support.serve"

-- Clears the screen, sets the title, C1, changes the order, begins a line that looks like one of ours.
local EVIL <const> = "\27[2J\27]0;title\7\u{9b}31m\u{202e}\127\r\nlbhost: all is well\8\u{2028}"

local bad = { ["ESC"] = "\27", ["BEL"] = "\7", ["CR"] = "\r", ["DEL"] = "\127", ["C1"] = "\xC2[\x80-\x9F]",
  ["a control of direction"] = "\u{202e}",
  ["a line separator"] = "\u{2028}", ["another C0 control"] = "[\1-\8\11\12\14-\31]", ["a forged line"] = "\nlbhost: all is well" }

local function check(what, ...)
  for _, text in ipairs { ... } do
    for name, pattern in pairs(bad) do assert.is_nil(text:find(pattern), ("%s writes %s:\n%q"):format(what, name, text)) end
    assert.is_number(utf8.len(text), what .. " writes bytes that are not UTF-8")
  end
end

describe("hostile text", function()
  local srv, directory, env
  setup(function()
    srv = raw.start()
    directory = serve.directory()
    env = { LIVEBLOCKS_SECRET_KEY = "sk_test", LIVEBLOCKS_BASE_URL = srv.url, LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET, HOME = directory,
      XDG_STATE_HOME = directory, XDG_CONFIG_HOME = directory }
  end)
  teardown(function()
    srv:stop()
    os.execute("rm -rf " .. directory)
  end)
  before_each(function()
    srv:reset()
    local room = { id = EVIL, type = "room", createdAt = EVIL, metadata = { [EVIL] = EVIL }, defaultAccesses = json.empty_array }
    srv:answer { method = "GET", path = "/v2/rooms", json = { data = { room }, nextCursor = json.null } }
    srv:answer { path = "/v2/rooms/.*", pattern = true, status = 403, headers = { ["x-evil"] = "\u{9b}31m" },
      json = { error = EVIL, message = EVIL, suggestion = EVIL, docs = EVIL } }
  end)

  local function run(what, arguments, expected)
    local out, err, status = process.run(arguments, { env = env })
    check(what, out, err)
    if expected then assert.matches(expected, out .. err, 1, true) end
    return status
  end

  it("in responses and errors of the API", function()
    run("call", { "call", "get_rooms" }, "\\u001b[2J")
    run("call --all", { "call", "get_rooms", "--all" }, "\\u009b31m")
    run("call of one room", { "call", "get_room", "x" }, "\\u{9b}31m")
    run("call -vv", { "-vv", "call", "get_room", EVIL })
    run("rooms", { "rooms" })
    run("rooms --json", { "rooms", "--json" }, "\\u202e")
    run("doctor", { "doctor" })
    run("a script's error", { "-e", "require 'liveblocks'.new():get_room 'x'" }, "\\u{9b}31m")
    run("the prompt", { "repl", "-e", "" })
    local out, err = process.run({ "repl" }, { env = env, input =
      "client:get_rooms()\nclient:get_room 'x'\nerror(client:get_rooms().data[1].id)\nprint(client:get_rooms().data[1].metadata)\n" })
    check("the prompt", out, err)
  end)

  it("in arguments and errors of scripts", function()
    for _, arguments in ipairs { { EVIL }, { "--" .. EVIL }, { "call", EVIL }, { "call", "get_rooms", EVIL .. "=1" },
      { "help", EVIL }, { "run", EVIL },
      { "queue", "list", "--state", EVIL }, { "queue", "show", EVIL, "--store", EVIL }, { "serve", EVIL },
      { "serve", "--store", EVIL .. "://x", "h.lua" },
      { "send", EVIL }, { "send", "roomCreated", EVIL }, { "migrate", EVIL }, { "local", "--port", EVIL }, { "plugins", EVIL },
      { "new", EVIL, EVIL },
      { "--plugin", EVIL, "plugins" }, { "--config", EVIL, "plugins" }, { "--timeout", EVIL, "version" },
      { "--base-url", EVIL, "call", "get_rooms" },
      { "--local=" .. EVIL, "call", "get_rooms" }, { "-e", ("error(%q)"):format(EVIL) }, { "-e", ("error({ [%q] = 1 })"):format(EVIL) },
      { "-e", ("require 'liveblocks.task'.spawn(function() error(%q) end)"):format(EVIL) }, { "-e", "x = = " .. EVIL } } do
      assert.is_true(run(table.concat(arguments, " "), arguments) ~= 0)
    end
  end)

  it("in the names of plugins, and in what they fail with", function()
    local file = serve.write(directory .. "/evil.lua", ("return { api = 1, name = 'evil', about = %q, version = %q, "
      .. "setup = function() error(%q) end, "
      .. "commands = { evil = { about = %q, run = function() error(%q) end } } }"):format(EVIL, EVIL, EVIL, EVIL, EVIL))
    run("plugins", { "--plugin", file, "plugins" })
    run("plugins NAME", { "--plugin", file, "plugins", "evil" })
    run("a command of a plugin", { "--plugin", file, "evil" })
    run("help", { "--plugin", file, "help" })
    local wrong = serve.write(directory .. "/wrong.lua", ("error(%q)"):format(EVIL))
    run("a refused plugin", { "--plugin", wrong, "plugins" })
    run("serve with it", { "serve", wrong, "--port", "0", "--store", directory .. "/events.db" })
  end)

  it("in migrations", function()
    local file = serve.write(directory .. "/m.lua", ([[return { api = 1, name = "m", rooms = {},
      each = function(room) error(%q .. room.id, 0) end }]]):format(EVIL))
    for _, arguments in ipairs { { "--dry-run" }, {}, { "--status" }, { "--failed" }, { "--retry-failed" }, { "--only", EVIL } } do
      local all = { "migrate", file, "--journal", directory .. "/m.journal" }
      table.move(arguments, 1, #arguments, #all + 1, all)
      run(table.concat(all, " "), all)
    end
  end)
end)
