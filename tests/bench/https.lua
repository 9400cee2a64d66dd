-- Calls over HTTPS and HTTP/2, as streams of one connection: beside raw libcurl, the SDK, whose fetch speaks HTTP/1.1 on many
-- connections, and h2load, which reads no response: what nginx can give.
local bench, clients, report = require "bench", require "clients", require "report"

local number, ratio = report.number, report.ratio
local url = os.getenv "BENCH_TLS_URL"
local IN_FLIGHT <const> = 64

-- An entry for a script in its own way; all know the root certificate, the SDK by a variable of Node's.
local function entry(key, script, mode, calls)
  local ca = os.getenv "BENCH_DIR" .. "/certs/ca.pem"
  return clients.under(clients.entry(key, script, function() return { mode, url, calls, calls // 10, IN_FLIGHT } end),
    { "env", "BENCH_CA=" .. ca, "NODE_EXTRA_CA_CERTS=" .. ca })
end

local function raw(name, mode, calls)
  local one = entry("raw", "", mode, calls)
  one.name, one.key = name, mode
  return one
end

-- h2load says its time in words; h2load.lua makes figures of them.
local function h2load(calls)
  return { name = "h2load, the limit", key = "h2load", arguments = function()
    return { "lua5.4", clients.folder .. "h2load.lua", calls, IN_FLIGHT, url .. "/v2/rooms/room-1" }
  end }
end

local function row(r)
  if r.failed then return { r.name, note = r.failed } end
  return { r.name, number(r.wall), number(r.rate), ratio(r.to.rate), number(r.cpu), ratio(r.to.cpu), number(r.memory) }
end

return { https = function(size)
  local calls = size.https
  local apart = { raw("raw libcurl, poll", "poll", calls), raw("raw libcurl, epoll", "socket", calls),
    entry("lbhost", "get_room", "flight", calls), h2load(calls) }
  for i, one in ipairs(apart) do apart[i] = clients.apart(one) end
  local near = bench.rounds("HTTPS and HTTP/2", apart, size.https_rounds)
  local far = bench.rounds("HTTPS, SDKs", { raw("raw libcurl, poll", "poll", calls),
    entry("node", "get_room", "flight", calls), entry("bun", "get_room", "flight", calls) }, size.set_rounds)
  local rows = {}
  for i, r in ipairs(near) do rows[i] = row(r) end
  for i = 2, #far do rows[#rows + 1] = row(far[i]) end
  report.table(("%s calls over HTTPS and HTTP/2, %d in flight"):format(number(calls), IN_FLIGHT),
    { "get_room", "seconds", "calls/s", "of raw", "CPU µs", "of raw", "peak MiB" }, rows)
  report.judge("HTTPS and HTTP/2, 64 in flight", "at least", 0.95, "raw libcurl", bench.ratio(near.lbhost, near.poll, "rate"))
  local memory = near.lbhost.memory
  report.goal("memory, HTTPS and HTTP/2", "at most 16 MiB", memory, number(memory) .. " MiB", memory and memory <= 16)
end }
