-- Several `lbhost serve` over one PostgreSQL with a streaming standby, while at random hosts are killed and stopped, backends are
-- stopped, the server is killed and the standby takes its place. In the end each acknowledged event was handled, those of a room
-- in order, none twice but those that were being handled where a host ended or fell silent; ctx.once has one result for each.
-- Run by ./dev survive hosts [EVENTS [ROOMS]]; SEED=N repeats a run's choices.
local eventually = require "tests.support.eventually"
local seed = require "tests.support.seed"
local serve = require "tests.support.serve"
local socket = require "socket"
local standby = require "tests.support.postgres_standby"

local EVENTS, ROOMS = tonumber(arg[1] or "20000"), tonumber(arg[2] or "500")
local HOSTS, LEASE = 4, 2
local PATIENCE <const> = 8 -- seconds of the sender for a response, as the vendor has one
local PAUSE <const> = 0.05 -- before it sends again
local KILLS = math.max(3, EVENTS // 1000) -- of hosts
local plugin = os.getenv "LBHOST":match "^(.*)/" .. "/plugins/postgres.so"

local HANDLER = [[
  local file
  local pid = require("lbhost.host").process_id()
  return { api = 1, name = "record", options = { path = { type = "string", env = "RECORD", required = true } },
    setup = function(_, options) file = assert(io.open(options.path .. pid, "a")) file:setvbuf "no" end,
    events = { ["*"] = function(event, ctx)
      local token = ctx.once("token", function() return ("%d.%d"):format(pid, math.random(1 << 40)) end)
      file:write(("%.6f %s %s %d %s\n"):format(require("lbhost.host").wall_clock() / 1000, ctx.event_id, event.data.roomId,
        event.data.n, token))
    end } }
]]

local directory = serve.directory()
local server = standby.start()
local hosts, deaths = {}, {} -- deaths: process ids of hosts that were killed or silent

local function start(i)
  hosts[i] = serve.start { files = { ["record.lua"] = HANDLER }, store = server.url .. "&timeout=2&lease=" .. LEASE,
    env = { RECORD = directory .. "/record." }, arguments = { "--plugin", plugin, "--log-level", "info", "--log-handled", "off" } }
end

local function say(...) io.stdout:write(os.date "%H:%M:%S ", string.format(...), "\n") io.stdout:flush() end

-- ---- The sender: as the vendor, it sends again what was not acknowledged, and the next of a room only after that ----------

local sender = { acknowledged = 0, attempts = 0, next_event = 1, rooms = {}, open = {} }

local function request(event)
  local body = serve.body("commentCreated", { roomId = event.room, n = event.n })
  local lines = { "POST / HTTP/1.1", "Host: x", "Connection: close", ("Content-Length: %d"):format(#body),
    table.unpack(serve.headers(event.id, body)) }
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

local function begin(room)
  local event = sender.rooms[room].event
  sender.attempts = sender.attempts + 1
  local connection = socket.tcp()
  connection:settimeout(0)
  connection:connect("127.0.0.1", hosts[math.random(HOSTS)].port)
  sender.open[connection] = { room = room, event = event, till = socket.gettime() + PATIENCE, text = request(event), answer = "" }
end

local function finish(connection, good)
  local one = sender.open[connection]
  sender.open[connection] = nil
  connection:close()
  local room = sender.rooms[one.room]
  if good then
    sender.acknowledged = sender.acknowledged + 1
    room.event, room.n = nil, room.n + 1
  else
    room.after = socket.gettime() + PAUSE + math.random() * 0.2
  end
  room.busy = false
end

local function fill()
  local now, open = socket.gettime(), 0
  for _ in pairs(sender.open) do open = open + 1 end
  for _ = 1, 20 do
    if open >= 48 then return end
    local name = ("room%03d"):format(math.random(ROOMS))
    local room = sender.rooms[name]
    if not room then
      room = { n = 1, after = 0, busy = false }
      sender.rooms[name] = room
    end
    if not room.busy and room.after <= now then
      if not room.event and sender.next_event <= EVENTS then
        room.event = { id = "e" .. sender.next_event, room = name, n = room.n }
        sender.next_event = sender.next_event + 1
      end
      if room.event then
        room.busy = true
        begin(name)
        open = open + 1
      end
    end
  end
end

local function retry_all()
  local now = socket.gettime()
  for name, room in pairs(sender.rooms) do
    if room.event and not room.busy and room.after <= now then
      room.busy = true
      begin(name)
    end
  end
end

local function turn()
  fill()
  if sender.next_event > EVENTS then retry_all() end
  local reading, writing = {}, {}
  for connection, one in pairs(sender.open) do
    if one.text then writing[#writing + 1] = connection else reading[#reading + 1] = connection end
  end
  local readable, writable = socket.select(reading, writing, 0.01)
  for _, connection in ipairs(writable) do
    local one = sender.open[connection]
    local sent, why, part = connection:send(one.text)
    if sent then one.text = nil elseif why == "timeout" then one.text = one.text:sub(part + 1) else finish(connection, false) end
  end
  for _, connection in ipairs(readable) do
    local one = sender.open[connection]
    local text, why, part = connection:receive "*a"
    one.answer = one.answer .. (text or part or "")
    if why ~= "timeout" then finish(connection, one.answer:find "^HTTP/1.1 200 " ~= nil) end
  end
  for connection, one in pairs(sender.open) do
    if one.till < socket.gettime() then finish(connection, false) end
  end
end

local function go_on(seconds)
  local till = socket.gettime() + seconds
  while socket.gettime() < till do turn() end
end

-- ---- What happens at random ----------------------------------------------------------------------

local function signal(name, pid) os.execute(("kill -%s %d 2>/dev/null"):format(name, pid)) end

local function kill_host()
  local i = math.random(HOSTS)
  local pid = hosts[i].process.pid
  deaths[pid] = true
  say("kill -9 of host %d (%d)", i, pid)
  signal("KILL", pid)
  go_on(math.random())
  hosts[i]:__close()
  start(i)
end

local function stop_host()
  local i = math.random(HOSTS)
  local pid = hosts[i].process.pid
  deaths[pid] = true
  say("host %d (%d) is silent for longer than its lease", i, pid)
  signal("STOP", pid)
  go_on(LEASE * 2 + 1)
  signal("CONT", pid)
end

local function stop_backend()
  local list = {}
  for pid in server:backends():gmatch "%d+" do list[#list + 1] = pid end
  if not list[1] then return end
  local pid = list[math.random(#list)]
  say("backend %s is stopped", pid)
  os.execute("kill -STOP " .. pid .. " 2>/dev/null")
  go_on(4)
  os.execute("kill -CONT " .. pid .. " 2>/dev/null")
end

local function silence_all() -- when the database is away, any host may lose its lease
  for i = 1, HOSTS do deaths[hosts[i].process.pid] = true end
end

local function kill_postmaster()
  say "kill -9 of the postmaster"
  silence_all()
  server:kill()
  go_on(1)
  server:restart()
end

local function promote()
  say "the standby takes the place of the primary"
  silence_all()
  server:promote()
  go_on(1)
end

-- ---- The run -------------------------------------------------------------------------------------

seed.start()
for i = 1, HOSTS do start(i) end
local plan = {}
for _ = 1, KILLS do plan[#plan + 1] = kill_host end
for _ = 1, math.max(1, KILLS // 5) do plan[#plan + 1] = stop_host end
for _ = 1, math.max(1, KILLS // 5) do plan[#plan + 1] = stop_backend end
plan[#plan + 1] = kill_postmaster
for i = #plan, 2, -1 do
  local k = math.random(i)
  plan[i], plan[k] = plan[k], plan[i]
end
table.insert(plan, #plan // 2 + 1, promote)

local began = socket.gettime()
for i, fn in ipairs(plan) do
  while sender.acknowledged < EVENTS * i // (#plan + 1) do turn() end
  fn()
end
local patience = eventually.deadline()
while sender.acknowledged < EVENTS do
  turn()
  assert(socket.gettime() < patience, ("only %d of %d events were acknowledged"):format(sender.acknowledged, EVENTS))
end
say("%d events acknowledged, in %d attempts", sender.acknowledged, sender.attempts)
repeat
  socket.sleep(0.2)
  local pending = server:sql "SELECT count(*) FROM lbhost_queue"
  assert(socket.gettime() < patience, pending .. " events are still pending")
until pending == "0"
local seconds = socket.gettime() - began
for i = 1, HOSTS do
  local log, status = hosts[i]:stop()
  assert(status == 0, log)
end

-- ---- What became of it ---------------------------------------------------------------------------

local ends, count = {}, 0
for line in io.popen(("cat %s/record.*"):format(directory)):lines() do
  local at, id, room, n, token = line:match "^(%S+) (%S+) (%S+) (%S+) (%S+)$"
  if at then -- the last line of a host that was killed may be cut
    count = count + 1
    ends[id] = ends[id] or {}
    table.insert(ends[id], { at = tonumber(at), room = room, n = tonumber(n), token = token })
  end
end
local twice, by_room, problems = 0, {}, {}
for i = 1, EVENTS do
  local list = ends["e" .. i]
  if not list then
    problems[#problems + 1] = ("e%d was acknowledged and never handled"):format(i)
  else
    if #list > 1 then twice = twice + 1 end
    table.sort(list, function(a, b) return a.at < b.at end)
    for k = 2, #list do
      if list[k].token ~= list[1].token then problems[#problems + 1] = ("ctx.once gave two results for e%d"):format(i) end
    end
    by_room[list[1].room] = by_room[list[1].room] or {}
    by_room[list[1].room][list[1].n] = list[1].at
  end
end
for room, times in pairs(by_room) do
  for n = 2, #times do
    if times[n] < times[n - 1] then problems[#problems + 1] = ("%s: %d was handled before %d"):format(room, n, n - 1) end
  end
end
local ended = 0
for _ in pairs(deaths) do ended = ended + 1 end
say("%d handled in %.0f s, %d of them twice; %d hosts ended, fell silent or lost the database", count, seconds, twice, ended)
-- In flight: what a host handles at the same time, and what it had handled since its last commit.
if twice > ended * 64 then problems[#problems + 1] = ("%d events were handled twice"):format(twice) end
server:stop()
os.execute("rm -rf " .. directory)
for i = 1, math.min(#problems, 20) do say("%s", problems[i]) end
assert(#problems == 0, #problems .. " problems")
say "all well"
