-- Handlers of one event: what is tried again, what is kept of a failure, when a plugin is stopped.
local handle = require "lbhost.serve.handle"
local handlers = require "lbhost.serve.handlers"
local json = require "liveblocks.json"
local log = require "lbhost.serve.log"
local metrics = require "lbhost.serve.metrics"
local task = require "liveblocks.task"

-- A Handling over these plugins; notes is what the batches got, lines what was logged.
local function make(list, options)
  local notes, lines, all = {}, {}, handlers.new({}, { log = function() end })
  all.list = list
  local one = handle.new { handlers = all, log = log.new { format = "json", now = function() return 0 end,
      write = function(line) lines[#lines + 1] = line end }, metrics = metrics.new(),
    settings = { attempts = 3, backoff = 1, longest_wait = 10, handler_seconds = options and options.seconds or 5,
      handler_instructions = 1e9, handler_memory = 64, log_handled = "off" }, now = os.time,
    batches = { note = function(_, kind, what) notes[#notes + 1] = { kind, what } end } }
  return one, notes, lines, all
end

local function plugin(name, fn, stop)
  return { name = name, file = name .. ".lua", events = { roomCreated = fn }, stop = stop, timers = {}, routes = {} }
end

local function record(body)
  return { seq = 1, id = "msg", attempts = 0, handled = "", body = body or '{"type":"roomCreated","data":{}}' }
end

local function in_task(fn)
  return function() task.run(fn) end
end

describe("handling an event", function()
  it("distinguishes plugins of which one's name ends as the other's", in_task(function()
    local ran = {}
    local one, notes = make {
      plugin("my-notes", function() ran[#ran + 1] = "my-notes" end),
      plugin("notes", function()
        ran[#ran + 1] = "notes"
        if #ran < 3 then error "not yet" end
      end) }
    local it = record()
    assert.is_number(one:handle(it))
    it.handled = notes[1][2].handled
    assert.is_nil(one:handle(it))
    assert.same({ "my-notes", "notes", "notes" }, ran)
    assert.equal("done", notes[2][1])
  end))

  it("keeps of a failure a string that every store takes", in_task(function()
    for _, err in ipairs { ("long é "):rep(100000), "\xff\0bad", {}, 7, setmetatable({}, { __tostring = function() return "x\0" end }) } do
      local one, notes, lines = make { plugin("p", function() error(err, 0) end) }
      one:handle(record())
      local text = notes[1][2].error
      assert.is_truthy(utf8.len(text))
      assert.is_nil(text:find("\0", 1, true))
      assert.is_true(#text < 6000, #text)
      for _, line in ipairs(lines) do assert.is_table(json.decode(line)) end
    end
  end))

  it("takes a stored body that is not an event as a failure", in_task(function()
    local one, notes = make { plugin("p", function() end) }
    assert.is_number(one:handle(record "{"))
    assert.matches("the stored body is not an event", notes[1][2].error)
  end))

  it("stops one that waits for too long, though it catches every error", in_task(function()
    local one, notes = make({ plugin("p", function()
      while true do pcall(task.sleep, 1000) end
    end) }, { seconds = 0.2 })
    one:handle(record())
    assert.equal("stopped after 0.2 seconds", notes[1][2].error)
    task.sleep(0) -- the interrupt does not reach who comes after it
  end))

  it("stops a plugin that was replaced when its handlers have ended", in_task(function()
    local release, stopped = task.event(), false
    local old = plugin("p", function() release:wait() end, function() stopped = true end)
    local one, _, _, all = make { old }
    local running = task.spawn(function() one:handle(record()) end)
    task.sleep(0)
    all:retire(old)
    assert.is_false(stopped)
    release:set()
    running:wait()
    assert.is_true(stopped)
  end))
end)

describe("the log", function()
  local function line(format, message, fields)
    local text
    log.new { format = format, now = function() return 0 end, write = function(it) text = it end }("info", message, fields)
    return text
  end

  it("takes secrets out, and nothing else", function()
    for _, format in ipairs { "text", "json" } do
      local text = line(format, "key sk_prod_abc-1 whsec_AbC+/= task_map disk_full", { a = "x=sk_dev_9" })
      assert.is_nil(text:find "abc%-1" or text:find "AbC" or text:find "dev_9")
      assert.matches("task_map disk_full", text)
    end
  end)

  it("writes one line of valid JSON, whatever it is given", function()
    local text = line("json", "a\nb\0\xff", { ["x\xff"] = "y\nz", [1] = 0 / 0, long = ("é"):rep(100000) })
    assert.is_nil(text:find "\n")
    assert.is_true(#text < 20000)
    assert.is_string(json.decode(text).message)
    text = line("text", "a\nb", { x = 'say "no"\r\nto\0it', n = 1.5 })
    assert.is_nil(text:find "[%c]" and text:gsub("\n    ", ""):find "[%c]")
    assert.matches('\n    say "no"\\r\n    to\\x00it$', text)
  end)

  it("shows no half of a secret where a string is cut", function()
    require("lbhost.util.secrets").add "registered-and-long-secret"
    for _, format in ipairs { "text", "json" } do
      local text = line(format, "m", { long = ("x"):rep(7985) .. " registered-and-long-secret" .. (" y"):rep(100) })
      assert.is_nil(text:find("registered", 1, true))
    end
  end)

  it("shows what failed on lines of its own in text, in JSON on the same line", function()
    local fields = { reason = "h.lua:3: no\n  h.lua:3: in function 'f'", event = "e" }
    assert.matches("failed event=e\n    h.lua:3: no\n      h.lua:3: in function 'f'$", line("text", "failed", fields))
    assert.equal(fields.reason, json.decode(line("json", "failed", fields)).reason)
  end)
end)
