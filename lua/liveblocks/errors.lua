--- Error objects: tables with kind, message and more, printed as one line.
local core = require "liveblocks.core"

local errors = {}

--- Makes an error object.
---@param kind string
---@param message string
---@param fields table?
---@return liveblocks.Error
function errors.new(kind, message, fields)
  local err = fields or {}
  err.kind, err.message = kind, message
  return setmetatable(err, core.error_mt)
end

--- Raises a usage error: nothing has been sent.
---@param format string as for string.format
---@param ... any
function errors.usage(format, ...)
  error(errors.new("usage", format:format(...)), 0)
end

--- "a string", "an integer", "nil": the kind of a value, for messages.
---@param kind string
---@return string
function errors.a(kind)
  if kind == "nil" then return kind end
  return (kind:find("^[aeiou]") and "an " or "a ") .. kind
end

--- Is it an error object?
---@param value any
---@return boolean
function errors.is(value)
  return getmetatable(value) == core.error_mt
end

-- Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
local function distance(a, b)
  local before, last, row = {}, {}, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    before, last, row = last, row, before
    row[0] = i
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local least = math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        least = math.min(least, before[j - 2] + 1)
      end
      row[j] = least
    end
  end
  return row[#b]
end

-- How many edits a name of this length may be away: what is farther is another name.
local function allowed(length)
  if length <= 2 then return 0 end
  return math.max(1, math.floor(length / 3))
end

local function plain(name)
  return (name:lower():gsub("_", ""))
end

--- The name among `names` (a set or list) nearest to a misspelled one, or nil.
---@param name any
---@param names table
---@return string?
function errors.nearest(name, names)
  if type(name) ~= "string" or #name > 80 then return nil end
  local best, least
  for key, value in pairs(names) do
    local candidate = type(key) == "string" and key or value
    if type(candidate) == "string" then
      local d = plain(candidate) == plain(name) and 0 or distance(name, candidate)
      if not least or d < least or (d == least and candidate < best) then best, least = candidate, d end
    end
  end
  if least and least <= allowed(#name) then return best end
end

--- "; did you mean 'x'?" or an empty text.
---@param name any
---@param names table
---@return string
function errors.hint(name, names)
  local near = errors.nearest(name, names)
  return near and ("; did you mean '%s'?"):format(near) or ""
end

return errors
