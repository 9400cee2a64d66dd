-- The HTTP server that tests talk to: it records every request as it came, answers plausibly, and
-- misbehaves on demand. lua5.4 http.lua --help says how.

local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/lib/?.lua;" .. package.path

local socket = require "socket"

local answers = require "answers"
local connection = require "connection"
local control = require "control"
local loop = require "loop"
local recorder = require "recorder"
local request = require "request"
local scenarios = require "scenarios"

local USAGE = [[
usage: lua5.4 http.lua [--port N] [--idle SECONDS] [--watch-stdin]

Listens on 127.0.0.1 and prints "listening PORT". Ends after SECONDS (300) without traffic, and with
--watch-stdin also when its standard input ends.

Control:
  GET  /__log[/ID]   the recorded requests (of one ID) as a JSON array; they are forgotten.
                     ?keep=1 does not forget them, ?bytes=0 leaves out head_base64 and body_base64.
  POST /__answer     {"path": "/v2/x", "method"?, "pattern"?: true, "status"?, "headers"?: {},
                     "body"? | "body_base64"?, "times"?: N} answers that path so (pattern: a Lua pattern).
  GET  /__count      {"open", "peak_open", "total"} connections, without those used for control, and
                     {"busy", "peak_busy", "requests"} requests.
  POST /__reset      forgets log, answers, counts per ID and peaks.
  GET  /__stop       ends the server.

Any other path is answered with 200: {"data":[],"nextCursor":null} for GET, {} otherwise.

A path /do/SCENARIO/ID/REST is REST, misbehaving. SCENARIO is NAME, NAME=VALUE or
NAME,KEY=VALUE,KEY=VALUE with percent-encoded values (slash and comma too); ID is any word, for the log
and for counting.
]]

--- What the server counts.
local state = {}
local open, total, busy = 0, 0, 0
local control_open, control_total = 0, 0 -- those of the test itself
local peak_open, peak_busy = 0, 0

function state.counts()
  return {
    open = open - control_open, peak_open = peak_open, total = total - control_total,
    busy = busy, peak_busy = peak_busy, requests = recorder.total(),
  }
end

function state.reset()
  peak_open, peak_busy = open - control_open, busy
  scenarios.reset()
end

local function mark_control(conn)
  if conn.control then return end
  conn.control = true
  control_open, control_total = control_open + 1, control_total + 1
end

--- pcall that keeps the traceback, except when the client is simply gone.
local function guarded(fn)
  return xpcall(fn, function(err)
    return err == connection.GONE and err or debug.traceback(err)
  end)
end

local function refuse(conn, req)
  recorder.add(req)
  conn:answer { status = req.bad, body = '{"error":"BAD_REQUEST","message":"the request cannot be read"}',
    close = true }
  req.outcome = "answered"
  conn:drain(0.5)
end

--- Reads the body and records the request; false when it stopped in the middle.
local function receive(conn, req)
  request.read_body(conn, req)
  if req.bad then
    refuse(conn, req)
    return false
  end
  recorder.add(req)
  if req.complete then return true end
  req.outcome = "client-gone"
  conn:close()
  return false
end

local function respond(conn, req)
  local plan = scenarios.plan(req)
  if plan and plan.row.before_body then
    recorder.add(req)
  elseif not receive(conn, req) then
    return
  end
  busy = busy + 1
  peak_busy, peak_open = math.max(peak_busy, busy), math.max(peak_open, open - control_open)
  conn.answered = false
  local ok, err = guarded(function()
    if plan then plan.row.run(conn, req, plan.params) else conn:answer(answers.find(req)) end
  end)
  busy = busy - 1
  req.outcome = err == connection.GONE and "client-gone" or conn.answered and "answered" or "misbehaved"
  if not ok then error(err, 0) end
end

local function one_request(conn)
  local req = request.read_head(conn)
  if not req then
    conn:close()
    return
  end
  conn.request = req
  conn.closing = not request.keeps_alive(req)
  if req.bad then
    refuse(conn, req)
  elseif control.owns(req) then
    mark_control(conn)
    request.read_body(conn, req)
    if req.bad then refuse(conn, req) else control.run(conn, req, state) end
  else
    respond(conn, req)
  end
end

local function serve(conn)
  local ok, err = guarded(function()
    repeat one_request(conn) until conn.closing
  end)
  if not ok and err ~= connection.GONE then io.stderr:write(tostring(err), "\n") end
  conn.sock:close()
  open = open - 1
  if conn.control then control_open = control_open - 1 end
end

local function accept(listener)
  while true do
    loop.wait(listener, "read")
    local sock = listener:accept()
    if sock and sock:getfd() >= socket._SETSIZE then
      sock:close() -- select() could not watch it
    elseif sock then
      total, open = total + 1, open + 1
      loop.spawn(serve, connection.new(sock, total))
    end
  end
end

--- Ends the loop when standard input does, so that the server ends with the process that started it.
local function watch_stdin()
  local stdin = { getfd = function() return 0 end, dirty = function() return false end }
  io.stdin:setvbuf("no")
  repeat loop.wait(stdin, "read") until not io.stdin:read(1)
  loop.stop()
end

local function parse(args)
  local options = { port = 0, idle = 300 }
  local i = 1
  while args[i] do
    local name = args[i]:match("^%-%-(.+)$")
    if name == "help" then
      io.write(USAGE, scenarios.help())
      os.exit(0)
    elseif name == "watch-stdin" then
      options.watch_stdin = true
    elseif options[name] and tonumber(args[i + 1]) then
      options[name] = tonumber(args[i + 1])
      i = i + 1
    else
      io.stderr:write("http.lua: cannot use argument '", args[i], "'; see --help\n")
      os.exit(2)
    end
    i = i + 1
  end
  return options
end

local function main()
  local options = parse(arg)
  local listener = assert(socket.tcp4())
  listener:setoption("reuseaddr", true)
  local ok, err = listener:bind("127.0.0.1", options.port)
  if ok then ok, err = listener:listen(1024) end
  if not ok then
    io.stderr:write(("http.lua: cannot listen on 127.0.0.1:%d: %s; choose another --port\n")
      :format(options.port, err))
    os.exit(1)
  end
  listener:settimeout(0)
  local _, port = listener:getsockname()
  print("listening " .. port)
  io.stdout:flush()
  loop.spawn(accept, listener)
  if options.watch_stdin then loop.spawn(watch_stdin) end
  loop.run(options.idle)
end

main()
