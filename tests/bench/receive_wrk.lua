-- For wrk: sends the requests of RECEIVE_FILE, from the RECEIVE_FROM-th on, and prints what came of it as JSON.
local requests, next_one = {}, 0

function init()
  local file = assert(io.open(os.getenv "RECEIVE_FILE", "rb"))
  for text in file:read("*a"):gmatch("[^\1]+") do requests[#requests + 1] = text end
  file:close()
  next_one = tonumber(os.getenv "RECEIVE_FROM")
end

function request()
  next_one = next_one + 1
  return requests[(next_one - 1) % #requests + 1]
end

function done(summary, latency)
  local e = summary.errors
  io.write(('{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"errors":%d}\n'):format(summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
