--- When timers run: "30s", "15m", "6h", "1d" (from one second to 30 days), or "08:30", daily in UTC.
local schedule = {}

local units = { s = 1, m = 60, h = 3600, d = 86400 }
local DAY, LONGEST = 86400, 30 * 86400

--- Reads a schedule.
---@param text string
---@return { every: integer }|{ at: integer }|nil parsed seconds between runs, or seconds after midnight UTC
---@return string? reason
function schedule.parse(text)
  local count, unit = text:match("^(%d+)([smhd])$")
  if count then
    local seconds = (math.tointeger(tonumber(count)) or LONGEST) * units[unit]
    if seconds < 1 or seconds > LONGEST then return nil, "must be from 1s to 30d" end
    return { every = seconds }
  end
  local hour, minute = text:match("^(%d%d):(%d%d)$")
  if hour and tonumber(hour) < 24 and tonumber(minute) < 60 then
    return { at = tonumber(hour) * 3600 + tonumber(minute) * 60 }
  end
  return nil, "is not a valid schedule; write 30s, 15m, 6h, 1d, or a time of the day in UTC such as 08:30"
end

--- The first time after `now` at which it is due. Times are whole multiples since 1970, so that a restart keeps them.
---@param parsed table of schedule.parse
---@param now number Unix seconds
---@return integer
function schedule.next(parsed, now)
  local period, offset = parsed.every or DAY, parsed.at or 0
  return math.floor((now - offset) / period + 1) * period + offset
end

return schedule
