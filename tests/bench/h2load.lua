-- Runs h2load and prints a line of figures as get_room.lua does: h2load.lua CALLS IN_FLIGHT URL
local calls, width, url = ...
local pipe <close> = assert(io.popen(("h2load -n %d -c 1 -m %d '%s' 2>&1"):format(calls, width, url)))
local text = pipe:read "a"
local time, unit, rate = text:match "finished in ([%d.]+)(%l+), ([%d.]+) req/s"
local done = text:match "status codes: (%d+) 2xx"
if tonumber(done) ~= tonumber(calls) then error("h2load: Error: " .. (text:match "[^\n]+$" or text)) end
local factor = assert(({ s = 1, ms = 1e-3, us = 1e-6 })[unit], text)
assert(tonumber(rate) > 0, text)
print(('{"calls":%d,"wall":%.6f}'):format(calls, time * factor))
