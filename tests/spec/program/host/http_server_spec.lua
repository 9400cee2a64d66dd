-- What a finalizer may do to a server while a request is handed over or answered.
local http = require "liveblocks.http"
local http_server = require "lbhost.http_server"
local task = require "liveblocks.task"

-- Runs fn() again and again, with act() as a finalizer of each collection meanwhile.
local function with_finalizer(act, fn)
  local ended = false
  local mt = {}
  mt.__gc = function()
    if ended then return end
    act()
    setmetatable({}, mt)
  end
  collectgarbage "generational"
  setmetatable({}, mt)
  for _ = 1, 5 do fn() end
  ended = true
  collectgarbage "incremental"
  collectgarbage()
end

describe("a server that a finalizer stops", function()
  it("while a response is written says that the request has its response", function()
    local server, writing
    local values, problems, stopped = {}, {}, 0
    for i = 1, 30000 do values[i] = i + 0.5 end -- each becomes a string
    with_finalizer(function()
      if not writing then return end
      writing, stopped = false, stopped + 1
      server:stop()
    end, function()
      server = http_server.start { handler = function()
        writing = true
        return { headers = { x = values } }
      end, on_error = function(err) problems[#problems + 1] = tostring(err) end }
      assert.is_false(pcall(task.run, http.request, { url = server.url }))
      writing = false
      server:stop()
    end)
    assert.is_true(stopped > 0)
    for _, problem in ipairs(problems) do assert.matches("the request has its response already", problem, 1, true) end
    assert.equal(stopped, #problems)
  end)

  it("while a request is taken hands out a whole request or none", function()
    local server
    local stopped, big = 0, ("x"):rep(3000000)
    with_finalizer(function()
      local caller = debug.getinfo(3, "n")
      if not caller or caller.name ~= "take" then return end
      stopped = stopped + 1
      server:stop()
    end, function()
      server = http_server.start { max_body = #big, handler = function(request)
        assert(request.method == "POST" and request.path == "/" and #request.body == #big and request.remote == "127.0.0.1")
        return {}
      end, on_error = function(err) error(err, 0) end }
      task.run(function()
        for _ = 1, 10 do pcall(http.request, { url = server.url, body = big, retries = 0 }) end
      end)
      server:stop()
    end)
    assert.is_true(stopped > 0)
  end)
end)

describe("a server that is stopped while a handler runs", function()
  local function stop_meanwhile(handler)
    local problems, running, go_on, ended = {}, task.event(), task.event(), task.event()
    task.run(function()
      local server = http_server.start { handler = function()
        running:set()
        go_on:wait()
        task.spawn(function() ended:set() end) -- after the handler
        return handler()
      end, on_error = function(err) problems[#problems + 1] = tostring(err) end }
      local request = task.spawn(pcall, http.request, { url = server.url, retries = 0 })
      running:wait()
      assert.equal(1, server:stop())
      assert.is_false((request:wait()))
      go_on:set()
      ended:wait()
    end)
    return problems
  end

  it("says nothing of its response, which nobody waits for any more", function()
    assert.same({}, stop_meanwhile(function() return {} end))
  end)

  it("reports that it fails", function()
    local problems = stop_meanwhile(function() error "a fault" end)
    assert.equal(1, #problems)
    assert.matches("a fault", problems[1], 1, true)
  end)
end)
