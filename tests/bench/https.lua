-- Calls over HTTPS and HTTP/2, as streams of one connection: beside raw libcurl, the SDK, whose fetch speaks HTTP/1.1 on many
-- connections, and h2load, which reads no response: what nginx can give.
local bench, clients, report = require "bench", require "clients", require "report"
local count_instructions = require "instructions"

local number, ratio = report.number, report.ratio
local url = os.getenv "BENCH_TLS_URL"
local IN_FLIGHT <const> = 64

-- All know the root certificate, the SDK by a variable of Node's.
local function environment()
  local ca = os.getenv "BENCH_DIR" .. "/certs/ca.pem"
  return { "env", "BENCH_CA=" .. ca, "NODE_EXTRA_CA_CERTS=" .. ca }
end

-- An entry for a script in its own way.
local function entry(key, script, mode, calls)
  return clients.under(clients.entry(key, script, function() return { mode, url, calls, calls // 10, IN_FLIGHT } end), environment())
end

local function raw(name, mode, calls)
  local one = entry("raw", "", mode, calls)
  one.name, one.key = name, mode
  return one
end

-- h2load says its time in words; h2load.lua makes figures of them.
local function h2load(calls, width)
  return { name = "h2load, the limit", key = "h2load", arguments = function()
    return { "lua5.4", clients.directory .. "h2load.lua", calls, width, url .. "/v2/rooms/room-1" }
  end }
end

local function row(r)
  if r.failed then return { r.name, note = r.failed } end
  return { r.name, number(r.wall), number(r.rate), ratio(r.to.rate), number(r.cpu), ratio(r.to.cpu), number(r.memory) }
end

-- One table: our closest company many times by turns, then the SDKs.
local function compare(title, mode, calls, size, near)
  for i, one in ipairs(near) do near[i] = clients.apart(one) end
  local results = bench.rounds(title, near, size.https_rounds)
  local far = bench.rounds(title .. ", SDKs", { raw("raw libcurl", mode == "turn" and "turn" or "poll", calls),
    entry("node", "get_room", mode, calls), entry("bun", "get_room", mode, calls) }, size.set_rounds)
  local rows = {}
  for i, r in ipairs(results) do rows[i] = row(r) end
  for i = 2, #far do rows[#rows + 1] = row(far[i]) end
  report.table(title, { "get_room", "seconds", "calls/s", "of raw", "CPU µs", "of raw", "peak MiB" }, rows)
  return results
end

return { https = function(size)
  local calls, fewer = size.https, size.https // 4
  local turn = compare(("%s calls over HTTPS and HTTP/2, in turn"):format(number(fewer)), "turn", fewer, size,
    { raw("raw libcurl", "turn", fewer), entry("lbhost", "get_room", "turn", fewer), h2load(fewer, 1) })
  local flight = compare(("%s calls over HTTPS and HTTP/2, %d in flight"):format(number(calls), IN_FLIGHT), "flight", calls, size,
    { raw("raw libcurl, poll", "poll", calls), raw("raw libcurl, epoll", "socket", calls),
      entry("lbhost", "get_room", "flight", calls), h2load(calls, IN_FLIGHT) })
  report.ratio_goal("HTTPS and HTTP/2, in turn", "at least", 0.95, "raw libcurl", bench.ratio(turn.lbhost, turn.turn, "rate"), true)
  count_instructions("HTTPS, in turn", url, "turn", size.counted, 1.1, environment())
  report.ratio_goal("HTTPS and HTTP/2, 64 in flight", "at least", 0.9, "raw libcurl", bench.ratio(flight.lbhost, flight.poll, "rate"), true)
  count_instructions("HTTPS, 64 in flight", url, "poll", size.counted, 1.15, environment())
  local memory = flight.lbhost.memory
  report.goal("memory, HTTPS and HTTP/2", "at most 16 MiB", memory, number(memory) .. " MiB", memory and memory <= 16)
end }
