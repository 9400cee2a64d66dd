-- Receiving webhooks over HTTP: verified and dispatched, and stored durably, against a server with the Node SDK's
-- WebhookHandler under Node and under Bun, which verify and dispatch only. The load comes from wrk.
local bench, clients, report = require "bench", require "clients", require "report"

local load_watch = require("load").watch
local number, ratio = report.number, report.ratio
local dir = os.getenv "BENCH_DIR"
local CONNECTIONS <const> = 256
local SECRET <const> = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

local function shell(format, ...)
  local pipe = assert(io.popen(format:format(...)))
  local text = pipe:read("a")
  pipe:close()
  return text
end

-- Starts a server; returns its pid and its port, which it prints.
local function start(arguments, env)
  local log = os.tmpname()
  local line = {}
  for i, argument in ipairs(arguments) do line[i] = bench.quote(argument) end
  local pid = shell("env %s timeout 600 %s >%s 2>&1 & echo $!", env or "", table.concat(line, " "), log):match("%d+")
  for _ = 1, 200 do
    local file = assert(io.open(log))
    local text = file:read("a")
    file:close()
    local port = text:match("^(%d+)\n") or text:match("listening on http://[%d.]+:(%d+)")
    if port then
      -- timeout's child is the server
      return pid, shell("pgrep -P %s", pid):match("%d+"), port
    end
    os.execute("sleep 0.05")
  end
  error("the server did not start: " .. shell("cat %s", log))
end

-- CPU seconds that a process has used, and its memory in MiB.
local function usage(pid)
  local stat = shell("cat /proc/%s/stat", pid):match("%) (.*)$")
  local fields = {}
  for field in stat:gmatch("%S+") do fields[#fields + 1] = field end
  local memory = tonumber(shell("cat /proc/%s/status", pid):match("VmHWM:%s+(%d+)")) / 1024
  return (tonumber(fields[12]) + tonumber(fields[13])) / 100, memory
end

local function load(port, seconds, from)
  local arguments = { "wrk", "-t1", ("-c%d"):format(CONNECTIONS), ("-d%ds"):format(seconds), "-s", clients.directory .. "receive_wrk.lua",
    ("http://127.0.0.1:%s/"):format(port) }
  local text = shell("RECEIVE_FILE=%s RECEIVE_FROM=%d %s", dir .. "/requests", from, table.concat(arguments, " "))
  return require("cjson").decode(text:match("{.-}"))
end

local function entries()
  local program = os.getenv "LBHOST"
  local list = {
    { name = "Node SDK, Node", key = "node", script = "receive_server.mjs" },
    { name = "Node SDK, Bun", key = "bun", script = "receive_server.mjs" },
    { name = "lbhost, http_server", arguments = { program, "run", clients.directory .. "receive_server.lua", SECRET } },
    { name = "lbhost serve, stored", durable = true, arguments = { program, "serve", clients.directory .. "receive_handler.lua",
      "--port", "0", "--store", dir .. "/events.db" } },
  }
  for _, entry in ipairs(list) do
    if entry.key and clients[entry.key].missing then
      entry.note = "skipped: " .. clients[entry.key].missing
    elseif entry.key then
      entry.arguments = clients.command(entry.key, "receive_server")
      entry.arguments[#entry.arguments + 1] = SECRET
    end
  end
  return list
end

local function measure(entry, size, offset)
  local got = load(entry.port, size.receive, offset)
  assert(got.errors == 0, entry.name .. ": " .. got.errors .. " requests failed")
  table.insert(entry.rounds, { rate = got.requests / got.seconds })
  table.insert(entry.p50, got.p50)
  table.insert(entry.p99, got.p99)
  return got.requests
end

return { receive = function(size)
  bench.progress "webhooks over HTTP"
  shell("%s run %sreceive_sign.lua %s/requests %d %s", bench.quote(os.getenv "LBHOST"), clients.directory, dir,
    size.receive_events, SECRET)
  local list = entries()
  for _, entry in ipairs(list) do
    if entry.arguments then
      entry.shell, entry.pid, entry.port = start(entry.arguments, "LIVEBLOCKS_WEBHOOK_SECRET=" .. SECRET)
      entry.rounds, entry.p50, entry.p99 = {}, {}, {}
      load(entry.port, 1, entry.durable and size.receive_events - 60000 or 0)
      entry.cpu_before, entry.total = usage(entry.pid), 0
    end
  end
  -- The rates of two of them in the same rounds.
  local function to(ours, theirs, others)
    if not (list[ours].arguments and list[theirs].arguments) then return nil end
    return bench.ratio({ rounds = list[ours].rounds, others = others }, { rounds = list[theirs].rounds }, "rate")
  end
  local stored, watched = 0, load_watch()
  for _ = 1, size.rounds do
    for _, entry in ipairs(list) do
      if entry.arguments then
        local count = measure(entry, size, entry.durable and stored or 0)
        entry.total = entry.total + count
        if entry.durable then stored = stored + count end
      end
    end
  end
  if stored > size.receive_events - 60000 then print("(some of the stored events were duplicates)\n") end
  local others = watched()
  local rows = {}
  for i, entry in ipairs(list) do
    if entry.arguments then
      local cpu, memory = usage(entry.pid)
      os.execute("kill " .. entry.pid)
      local rates = {}
      for n, round in ipairs(entry.rounds) do rates[n] = round.rate end
      local to_node = to(i, 1, others)
      rows[i] = { entry.name, number(bench.median(rates)), ratio(to_node and to_node.value), number((cpu - entry.cpu_before) /
        entry.total * 1e6), number(bench.median(entry.p50)), number(bench.median(entry.p99)), number(memory) }
    else
      rows[i] = { entry.name, note = entry.note }
    end
  end
  bench.progress ""
  local title = ("Webhooks received over HTTP, %d connections"):format(CONNECTIONS)
  report.table(title, { "", "events/s", "of Node", "CPU µs", "p50 ms", "p99 ms",
    "peak MiB" }, rows)
  report.ratio_goal("webhooks verified and dispatched over HTTP", "at least", 1, "Bun", to(3, 2, others))
  report.ratio_goal("webhooks stored durably", "at least", 1, "Node, which only verifies", to(4, 1, others))
end }
