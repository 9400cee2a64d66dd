-- What other programs do on this machine while a benchmark runs, from /proc: processors that are busy, less those that the
-- benchmark and all that it has started keep busy. Servers in the background belong to it, too: adopt.c is their parent.
local load = {}

local TICKS <const> = 100 -- of /proc, in a second
load.TICKS = TICKS

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a" or ""
end

-- Ticks of all processors in programs and in the kernel for them. Interrupts are left out: they are of no process.
local function busy()
  local user, nice, system = read "/proc/stat":match "^cpu%s+(%d+) (%d+) (%d+)"
  return user and user + nice + system or 0
end

--- Ticks of a process and all that it has started, ended ones included.
---@param root integer
---@return number
function load.used_by(root)
  local parent, ticks = {}, {}
  local pipe <close> = assert(io.popen "cat /proc/[0-9]*/stat 2>/dev/null")
  for line in pipe:lines() do
    local pid, rest = line:match "^(%d+) %(.*%) %S (.*)$"
    if pid then
      local fields = {}
      for field in rest:gmatch "%S+" do fields[#fields + 1] = tonumber(field) end
      parent[tonumber(pid)] = fields[1]
      ticks[tonumber(pid)] = fields[11] + fields[12] + fields[13] + fields[14]
    end
  end
  local sum = 0
  for pid, count in pairs(ticks) do
    local at = pid
    while at and at ~= root and at > 1 do at = parent[at] end
    if at == root then sum = sum + count end
  end
  return sum
end

local function clock()
  return tonumber(read "/proc/uptime":match "^[%d.]+")
end

--- Begins to watch. Returns a function that says how many processors others have kept busy since then.
---@return fun(): number
function load.watch()
  local root = tonumber(os.getenv "BENCH_PID")
  local time, all, ours = clock(), busy(), load.used_by(root)
  return function()
    local seconds = clock() - time
    local others = (busy() - all) - (load.used_by(root) - ours)
    return seconds > 0 and math.max(0, others / TICKS / seconds) or 0
  end
end

return load
