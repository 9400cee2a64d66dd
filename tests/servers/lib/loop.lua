-- A scheduler for coroutines that wait for a socket or for time, over one select().

local socket = require "socket"

local loop = {
  --- When anything last arrived or left; the server's idle limit counts from here.
  last_traffic = socket.gettime(),
}

local waits = {}                         -- coroutine -> { socket, list, deadline }
local owner = {}                         -- socket -> coroutine that waits for it
local reading, writing = { at = {} }, { at = {} } -- arrays for select(), at[socket] is the index
local stopped = false

local function add(list, sock)
  list[#list + 1] = sock
  list.at[sock] = #list
end

local function remove(list, sock)
  local index, last = list.at[sock], list[#list]
  list[index], list.at[last] = last, index
  list[#list], list.at[sock] = nil, nil
end

local function resume(co, what)
  local wait = waits[co]
  if wait then
    waits[co] = nil
    if wait.socket then
      remove(wait.list, wait.socket)
      owner[wait.socket] = nil
    end
  end
  local ok, err = coroutine.resume(co, what)
  if not ok then io.stderr:write(debug.traceback(co, tostring(err)), "\n") end
end

--- Runs fn(...) as a coroutine of the loop, at once, until it waits.
---@param fn function
---@param ... any
function loop.spawn(fn, ...)
  local args = table.pack(...)
  resume(coroutine.create(function() fn(table.unpack(args, 1, args.n)) end))
end

--- Waits until the socket is ready or the time is over.
---@param sock table? anything with getfd(), nil to wait for time alone
---@param mode "read"|"write"|nil
---@param seconds number? no limit when absent
---@return "ready"|"timeout"
function loop.wait(sock, mode, seconds)
  local co = coroutine.running()
  local list = mode == "write" and writing or reading
  waits[co] = { socket = sock, list = list, deadline = seconds and socket.gettime() + seconds }
  if sock then
    add(list, sock)
    owner[sock] = co
  end
  return coroutine.yield()
end

---@param seconds number
function loop.sleep(seconds)
  loop.wait(nil, nil, seconds)
end

--- Makes loop.run return.
function loop.stop()
  stopped = true
end

local function nearest_deadline(first)
  for _, wait in pairs(waits) do
    if wait.deadline and wait.deadline < first then first = wait.deadline end
  end
  return first
end

local function resume_late(now)
  local late = {}
  for co, wait in pairs(waits) do
    if wait.deadline and wait.deadline <= now then late[#late + 1] = co end
  end
  for _, co in ipairs(late) do resume(co, "timeout") end
end

local function resume_ready(list)
  for _, sock in ipairs(list) do
    local co = owner[sock]
    if co then
      loop.last_traffic = socket.gettime()
      resume(co, "ready")
    end
  end
end

--- Runs until loop.stop, or until nothing happened for `idle` seconds.
---@param idle number seconds
function loop.run(idle)
  while not stopped do
    local now = socket.gettime()
    local until_idle = loop.last_traffic + idle
    if now >= until_idle then return end
    local readable, writable =
      socket.select(reading, writing, math.max(0, nearest_deadline(until_idle) - now))
    resume_ready(readable)
    resume_ready(writable)
    resume_late(socket.gettime())
  end
end

return loop
