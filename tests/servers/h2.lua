-- An HTTP/2 server that does to each request what its path or options say: what no real server does on demand.
-- lua5.4 h2.lua --help says how. Speaks as much of RFC 9113 as libcurl needs; headers are not decoded.

local socket = require "socket"
local ssl = require "ssl"

local USAGE = [[
usage: lua5.4 h2.lua --certs DIR --actions A,B,... [--idle SECONDS] [--watch-stdin]

Listens with TLS on a free port of 127.0.0.1 and prints "listening PORT PID". Does A to the first request, B to the second
and so on, whatever connection they come over, and "ok" to those after the last; prints the action of each request that
has come whole. One connection at a time.
  ok          answers 200 with the body {}
  refuse      resets the stream: it was not processed (REFUSED_STREAM)
  cancel      resets the stream, which says nothing of that (CANCEL)
  goaway      says that the streams before this one are the last (GOAWAY), and closes
  goaway-late says that this stream is the last, and closes without a response
  garbage     sends a frame that is not allowed
  close       closes
  early       answers 401 before it has read the body, and asks for no more of it (NO_ERROR), each in a TLS record
  early-once  the same, in one TLS record
  early-cut   as early, but with half of the response
Ends after SECONDS (60) without a connection, and with --watch-stdin also when its standard input ends.
]]

local DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
local END_STREAM, ACK, END_HEADERS = 1, 1, 4
local REFUSED_STREAM, CANCEL = 7, 8
local PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

local function frame(kind, flags, stream, payload)
  return string.pack(">I3BBI4", #payload, kind, flags, stream) .. payload
end

-- Each returns what to send, whether to close then, and what to send in TLS records of their own.
local actions = {}

function actions.ok(stream) -- 0x88 is ":status: 200" of HPACK's static table
  return frame(HEADERS, END_HEADERS, stream, "\x88") .. frame(DATA, END_STREAM, stream, "{}")
end

function actions.refuse(stream) return frame(RST_STREAM, 0, stream, string.pack(">I4", REFUSED_STREAM)) end
function actions.cancel(stream) return frame(RST_STREAM, 0, stream, string.pack(">I4", CANCEL)) end
function actions.garbage() return frame(DATA, 0, 0, "x") end
function actions.close() return "", true end

local NO_MORE = string.pack(">I4", 0) -- NO_ERROR

-- \x08: a literal for the name at 8, ":status"; \x0f\x0d for that at 28, "content-length"
local UNAUTHORIZED = "\x08\x03401\x0f\x0d\x0220"

function actions.early(stream)
  return frame(HEADERS, END_HEADERS, stream, UNAUTHORIZED), false,
    frame(DATA, END_STREAM, stream, '{"message":"who is"}'), frame(RST_STREAM, 0, stream, NO_MORE)
end

actions["early-once"] = function(stream)
  local headers, _, data, reset = actions.early(stream)
  return headers .. data .. reset
end

actions["early-cut"] = function(stream)
  return frame(HEADERS, END_HEADERS, stream, UNAUTHORIZED), false, frame(DATA, 0, stream, '{"message"'),
    frame(RST_STREAM, 0, stream, NO_MORE)
end

actions["goaway"] = function(stream)
  return frame(GOAWAY, 0, 0, string.pack(">I4I4", math.max(stream - 2, 0), 0)), true
end

actions["goaway-late"] = function(stream)
  return frame(GOAWAY, 0, 0, string.pack(">I4I4", stream, 0)), true
end

local function parse(args)
  local options, i = { idle = 60, actions = {} }, 1
  while args[i] do
    local name, value = args[i]:match("^%-%-(.+)$"), args[i + 1]
    if name == "watch-stdin" then
      options.watch_stdin = true
    elseif (name == "certs" or name == "actions" or name == "idle") and value then
      options[name], i = value, i + 1
    else
      io.write(USAGE)
      os.exit(name == "help" and 0 or 1)
    end
    i = i + 1
  end
  local list = {}
  for name in tostring(options.actions):gmatch("[^,]+") do list[#list + 1] = assert(actions[name], name) and name end
  options.actions, options.idle = list, tonumber(options.idle)
  return options
end

local options = parse(arg)
local count = 0

local function is_early()
  return (options.actions[count + 1] or ""):find("^early") ~= nil
end

local function next_action()
  count = count + 1
  local name = options.actions[count] or "ok"
  print(name)
  io.stdout:flush()
  return actions[name]
end

--- Standard input, for select.
local stdin = options.watch_stdin and { getfd = function() return 0 end, dirty = function() return false end } or nil

--- Waits for one of the two; ends when standard input does.
local function wait_for(what, seconds)
  if what.dirty and what:dirty() then return true end
  local ready = socket.select({ what, stdin }, nil, seconds)
  if stdin and ready[stdin] then os.exit(0) end
  return ready[what] ~= nil
end

--- Reads frames and does what is to be done, until one of the two ends the connection.
local function serve(peer)
  if peer:receive(#PREFACE) ~= PREFACE then return end
  peer:send(frame(SETTINGS, 0, 0, ""))
  local answered = 0
  while wait_for(peer, options.idle) do
    local head = peer:receive(9)
    if not head then return end
    local size, kind, flags, stream = string.unpack(">I3BBI4", head)
    local payload = size == 0 and "" or peer:receive(size)
    if not payload then return end
    local out, last, more = "", false, {}
    if kind == SETTINGS and flags & ACK == 0 then
      out = frame(SETTINGS, ACK, 0, "")
    elseif kind == PING and flags & ACK == 0 then
      out = frame(PING, ACK, 0, payload)
    elseif kind == HEADERS and is_early() or (kind == HEADERS or kind == DATA) and flags & END_STREAM ~= 0 then
      if stream > answered then -- else it is the rest of one that was answered early
        local results = table.pack(next_action()(stream))
        out, last, more = results[1], results[2], table.move(results, 3, results.n, 1, {})
      end
      answered = math.max(answered, stream)
    end
    if #out > 0 and not peer:send(out) then return end
    for _, record in ipairs(more) do
      if not peer:send(record) then return end
    end
    if last then return end
  end
end

local function main()
  local listener = assert(socket.bind("127.0.0.1", 0))
  print(("listening %s %d"):format(select(2, listener:getsockname()), io.open("/proc/self/stat"):read("n")))
  io.stdout:setvbuf("no")
  local context = assert(ssl.newcontext { mode = "server", protocol = "any", options = "all",
    key = options.certs .. "/good.key", certificate = options.certs .. "/good.pem",
    alpn = function() return { "h2" } end })
  while wait_for(listener, options.idle) do
    local connection = listener:accept()
    connection:settimeout(10)
    local peer = assert(ssl.wrap(connection, context))
    if peer:dohandshake() then serve(peer) end
    peer:close()
  end
end

main()
