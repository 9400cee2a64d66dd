--- Dates with a time as the API writes them: ISO 8601, such as 2026-01-31T12:00:00.000Z.
local iso_date = {}

local PATTERN = "^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):?(%d?%d?)(%.?%d*)(.*)$"
local MONTH_DAYS = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

-- Days since 1970-01-01 of a date of the Gregorian calendar; the year begins in March, so that a leap day is its last.
local function days_of(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leap_days = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leap_days + math.floor((153 * (month - 3) + 2) / 5) + day - 1 - 719468
end

-- Without a zone it is UTC.
local function zone_minutes(zone)
  if zone == "Z" or zone == "z" or zone == "" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign then return nil end
  return (sign == "-" and -1 or 1) * (hours * 60 + minutes)
end

--- Reads a date, without the system's time zone.
---@param text any
---@return integer? milliseconds since 1970, rounded; nil when it is not a date
function iso_date.milliseconds(text)
  local year, month, day, hour, minute, second, fraction, zone = tostring(text):match(PATTERN)
  local offset = zone and zone_minutes(zone)
  if not offset or fraction == "." then return nil end
  local y, m, d, h, min = tonumber(year), tonumber(month), tonumber(day), tonumber(hour), tonumber(minute)
  if m < 1 or m > 12 or d < 1 or d > MONTH_DAYS[m] or h > 23 or min > 59 then return nil end
  local seconds = ((days_of(y, m, d) * 24 + h) * 60 + min - offset) * 60 + (tonumber(second) or 0)
  return math.floor(seconds * 1000 + math.floor((tonumber("0" .. fraction) or 0) * 1000 + 0.5))
end

return iso_date
