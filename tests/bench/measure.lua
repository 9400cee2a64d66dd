local now = require("liveblocks").now -- Lua itself has no clock finer than seconds of the wall

--- Peak resident memory of this process in KiB, from the kernel.
local function peak_kb()
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^VmHWM:%s+(%d+)")
    if kb then return math.tointeger(kb) end
  end
  return -1
end

--- Times run(calls) and prints the line of figures that run.lua reads. run may return the number
--- of calls it made, if it learns that only on the way.
---@param calls integer
---@param run fun(calls: integer): integer?
return function(calls, run)
  local wall, cpu = now(), os.clock()
  local made = run(calls) or calls
  wall, cpu = now() - wall, os.clock() - cpu
  print(('{"calls":%d,"wall":%.6f,"cpu":%.6f,"rss_kb":%d}'):format(made, wall, cpu, peak_kb()))
end
