local plugin = require "lbhost.plugin.contract"

local function nothing() end

-- A good plugin with some fields changed.
local function with(changes)
  local given = { api = 1, name = "p" }
  for name, value in pairs(changes) do given[name] = value end
  return given
end

describe("the contract of plugins", function()
  it("takes a plugin with every field", function()
    local made, refusal = plugin.check({
      api = 1, name = "all-of_it", about = "x", version = "1.0",
      options = { a = "string", b = { type = "integer", default = 3, min = 1, max = 5, about = "b", env = "B" } },
      setup = nothing, stop = nothing,
      events = { commentCreated = nothing, ["*"] = nothing },
      timers = { ["15m"] = nothing, ["08:30"] = nothing },
      routes = { ["GET /status"] = nothing, ["POST /a/b"] = nothing },
      commands = { c = { about = "x", usage = "c", run = nothing, help = "more", own_options = { "--rate" }, raw = true } },
      stores = { postgres = nothing },
    }, "f.lua")
    assert.is_nil(refusal)
    assert.equal("all-of_it", made.name)
    assert.same({}, made.warnings)
  end)

  it("takes the name of the file where none is given, and leaves no hook nil", function()
    local made = plugin.check({ api = 1 }, "/x/notify-me.lua")
    assert.equal("notify-me", made.name)
    for _, hook in ipairs(plugin.hooks) do assert.same({}, made[hook]) end
  end)

  it("refuses with file, field and reason", function()
    for _, case in ipairs {
      { with { api = 2 }, "api", "is 2; this lbhost knows api = 1" },
      { { name = "p" }, "api", "is missing; write api = 1" },
      { with { name = "a b" }, "name", "must be letters, digits, - and _" },
      { with { about = "a\nb" }, "about", "must be one line" },
      { with { version = 1 }, "version", "must be a string, got number" },
      { with { evnets = {} }, "evnets", "is not a field of a plugin; did you mean 'events'?" },
      { with { rooms = {}, each = nothing }, "each", "belongs to a migration, which is run by lbhost migrate" },
      { with { setup = "x" }, "setup", "must be a function, got string" },
      { with { events = nothing }, "events", "must be a table, got function" },
      { with { events = { commentCreated = true } }, 'events["commentCreated"]', "must be a function, got boolean" },
      { with { events = { nothing } }, 'events["1"]', "must have a string as its key" },
      { with { events = { ["a b"] = nothing } }, 'events["a b"]', "is not a valid event name" },
      { with { timers = { ["15"] = nothing } }, 'timers["15"]',
        "is not a valid schedule; write 30s, 15m, 6h, 1d, or a time of the day in UTC such as 08:30" },
      { with { timers = { ["31d"] = nothing } }, 'timers["31d"]', "must be from 1s to 30d" },
      { with { routes = { ["/x"] = nothing } }, 'routes["/x"]', "must be a method and a path, such as 'GET /status'" },
      { with { routes = { ["GTE /x"] = nothing } }, 'routes["GTE /x"]', "has the unknown method 'GTE'; did you mean 'GET'?" },
      { with { routes = { ["GET /x?y"] = nothing } }, 'routes["GET /x?y"]', "must be a path alone, without ? and #" },
      { with { commands = { c = { about = "x" } } }, 'commands["c"]', "has no function 'run'" },
      { with { commands = { c = { run = nothing } } }, 'commands["c"]', "has no 'about', the line that help shows" },
      { with { commands = { c = { about = "x", rum = nothing } } }, 'commands["c"]',
        "has the unknown field 'rum'; did you mean 'run'?" },
      { with { commands = { c = { about = "x", run = 1 } } }, 'commands["c"]', "run must be a function, got number" },
      { with { stores = { pg = 1 } }, 'stores["pg"]', "must be a function, got number" },
      { with { options = { a = "text" } }, "options.a", "has the unknown type 'text'" },
      { with { options = { a = { type = "integer", default = "3" } } }, "options.a",
        "default must be an integer, got string" },
      { with { options = { a = { type = "string", requierd = true } } }, "options.a",
        "has the unknown field 'requierd'; did you mean 'required'?" },
      { with { options = { ["a-b"] = "string" } }, "options.a-b", "is not a valid name; use letters, digits and _" },
      { "x", nil, "must return a table (the plugin), returned string" },
      { nil, nil, "must return a table (the plugin), returned nil" },
    } do
      local made, refusal = plugin.check(case[1], "f.lua")
      assert.is_nil(made)
      assert.same({ file = "f.lua", field = case[2], reason = case[3] },
        { file = refusal.file, field = refusal.field, reason = refusal.reason })
      assert.equal(("f.lua: %s%s"):format(case[2] and case[2] .. " " or "", case[3]), tostring(refusal))
    end
  end)

  it("warns of an event that is unknown today, and takes it", function()
    local made = plugin.check(with { events = { commentCreate = nothing } }, "f.lua")
    assert.same({ 'events["commentCreate"] is not an event that is known today; did you mean \'commentCreated\'?' },
      made.warnings)
  end)

  it("gives options their defaults and refuses what does not fit", function()
    local rows = { s = "string", name = "string", n = { type = "number", min = 0 }, l = { type = "list", default = { "x" } },
      r = { type = "boolean", required = true } }
    local function configure(given)
      local made = plugin.check(with { options = rows }, "f.lua")
      local ok, refusal = plugin.configure(made, given)
      return ok and made.options or tostring(refusal)
    end
    assert.same({ l = { "x" }, r = false }, configure { r = false })
    assert.same({ s = "a", n = 0.5, l = {}, r = true }, configure { s = "a", n = 0.5, l = {}, r = true })
    assert.equal("f.lua: options.r is required: set it in the configuration", configure {})
    assert.equal("f.lua: options.s must be a string, got number", configure { r = true, s = 1 })
    assert.equal("f.lua: options.n is -1, allowed is 0 to any", configure { r = true, n = -1 })
    assert.equal("f.lua: options.l must be a list of strings, got table", configure { r = true, l = { a = "b" } })
    assert.equal("f.lua: options.nme is not an option; did you mean 'name'?", configure { r = true, nme = 1 })
  end)

  it("takes an option from the environment when the configuration does not say", function()
    local made = plugin.check(with { options = { home = { type = "string", env = "HOME" },
      path = { type = "integer", env = "PATH" } } }, "f.lua")
    local ok, refusal = plugin.configure(made, { path = 1 })
    local _
    assert.is_true(ok, tostring(refusal))
    assert.equal(os.getenv "HOME", made.options.home)
    _, refusal = plugin.configure(made, {})
    assert.matches("options.path in the environment %(PATH%) must be an integer, got", tostring(refusal))
  end)

  it("has the fields that editors show", function()
    local file <close> = assert(io.open "lua/meta/lbhost.lua")
    local classes, class = {}, nil
    for line in file:lines() do
      class = line:match "^%-%-%-@class ([%w.]+)" or class
      local field = line:match "^%-%-%-@field ([%w_]+)"
      if field then
        classes[class] = classes[class] or {}
        classes[class][field] = true
      end
    end
    local function names(set)
      local list = {}
      for name in pairs(set) do list[#list + 1] = name end
      table.sort(list)
      return list
    end
    assert.same(names(plugin.fields), names(classes["lbhost.PluginTable"]))
    assert.same(names(plugin.command_fields), names(classes["lbhost.Command"]))
    assert.same(names(plugin.event_types), names(classes["lbhost.Events"]))
  end)
end)
