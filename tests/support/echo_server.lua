-- A server for specs of lbhost.http_server, run by lbhost: prints its port, then answers by path. Argument: options.
local http_server = require "lbhost.http_server"
local json = require "liveblocks.json"
local signals = require "lbhost.signals"
local task = require "liveblocks.task"

local options = json.decode(arg[1] or "{}")
local grace = options.grace or 60
options.grace = nil
local server, running, max, open = nil, 0, 0, {}

local function say(...)
  io.stdout:write(...)
  io.stdout:flush()
end

local by_path = {
  ["/echo"] = function(request)
    local list = json.array {}
    for i, pair in ipairs(request.header_list) do list[i] = json.array(pair) end
    return { status = 201, headers = { ["content-type"] = "application/json", ["x-two"] = { "a", "b" } },
      body = json.encode { method = request.method, path = request.path, query = request.query, body = request.body,
        headers = request.headers, list = list, remote = request.remote } }
  end,
  ["/slow"] = function()
    say "running\n"
    running = running + 1
    max = math.max(max, running)
    task.sleep(0.3)
    running = running - 1
    return { body = "slow" }
  end,
  ["/forever"] = function()
    say "running\n"
    task.sleep(1000)
  end,
  ["/fail"] = function() error("no luck today") end,
  ["/wrong"] = function() return 42 end,
  ["/header"] = function() return { headers = { ["x"] = "a\r\nEvil: b" } } end,
  -- A finalizer adds fields to the headers while they are written, or at least tries to.
  ["/changing"] = function()
    local headers = {}
    for i = 1, 50 do headers["x-" .. i] = ("v"):rep(i) end
    collectgarbage "generational"
    collectgarbage()
    setmetatable({}, { __gc = function()
      for i = 1, 200 do headers["y-" .. i] = ("w"):rep(i) end
    end })
    return { headers = headers, body = "x" }
  end,
  ["/drop"] = function() return false end,
  ["/reset"] = function() return "reset" end,
  ["/big"] = function() return { body = ("x"):rep(1 << 22) } end,
  ["/counts"] = function() return { body = json.encode(server:counts()) } end,
  ["/parts"] = function()
    return { headers = { ["content-type"] = "text/plain" }, stream = function(stream)
      for i = 1, 3 do stream:write(("part %d\n"):format(i)) end
      stream:write ""
      stream:close()
    end }
  end,
  -- 16 MiB, as fast as they are read.
  ["/flood"] = function()
    return { stream = function(stream)
      local whole = true
      for i = 1, 256 do whole = whole and stream:write(string.char(i - 1):rep(1 << 16)) end
      say(whole and "written whole\n" or "reader has gone\n")
      stream:close()
    end }
  end,
  -- One that goes on; /say adds to all of these, and says how many have taken it.
  ["/open"] = function()
    return { stream = function(stream) open[#open + 1] = stream end }
  end,
  ["/say"] = function(request)
    local added = 0
    for _, stream in ipairs(open) do added = added + (stream:offer(request.body) and 1 or 0) end
    return { body = tostring(added) }
  end,
  ["/broken"] = function()
    return { stream = function(stream)
      stream:write "begun"
      error "no luck later"
    end }
  end,
  ["/max"] = function() return { body = tostring(max) } end, -- that were slow at a time
}

options.handler = function(request)
  local path = request.path:match("^/%w*")
  if path == "/len" then return { body = tostring(#request.body) } end
  local fn = by_path[path]
  if not fn then return { status = 404 } end
  return fn(request)
end
server = http_server.start(options)
signals.on("TERM", function()
  local cut = server:stop(grace)
  say("stopped, cut ", cut, "\n")
  signals.off "TERM"
end)
say(server.port, "\n")
