--- What happened in each minute of the last hour: sums by name, in a ring.
local series = {}

local MINUTES <const> = 60

---@class lbhost.web.Series
local Series = {}
Series.__index = Series

--- @param now fun(): number Unix seconds
---@return lbhost.web.Series
function series.new(now)
  return setmetatable({ now = now, rows = {} }, Series)
end

-- The row of a minute; those that are too old go. The clock may be set: rows of the future go, too.
local function row_of(self, minute)
  local row = self.rows[minute]
  if row then return row end
  for known in pairs(self.rows) do
    if known <= minute - MINUTES or known > minute then self.rows[known] = nil end
  end
  row = {}
  self.rows[minute] = row
  return row
end

--- Adds to what happens now.
---@param name string
---@param amount number
function Series:add(name, amount)
  if amount == 0 then return end
  local row = row_of(self, self.now() // 60)
  row[name] = (row[name] or 0) + amount
end

--- Notes the highest of what happens now.
---@param name string
---@param value number
function Series:highest(name, value)
  local row = row_of(self, self.now() // 60)
  row[name] = math.max(row[name] or value, value)
end

--- The values of the last 60 minutes, the oldest first; the last one is of the minute that runs.
---@param name string
---@return number[]
function Series:values(name)
  local list, minute = {}, self.now() // 60
  for i = 1, MINUTES do
    local row = self.rows[minute - MINUTES + i]
    list[i] = row and row[name] or 0
  end
  return list
end

--- Their sum.
---@param name string
---@return number
function Series:sum(name)
  local sum = 0
  for _, value in ipairs(self:values(name)) do sum = sum + value end
  return sum
end

return series
