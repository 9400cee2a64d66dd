--- Changes of a LiveText by segment, so that the parts nobody touched stay what they are for those who type there.
local value = require "liveblocks.storage.value"

local text = {}

--- Adds operations for a text that only changed the words of its segments; false when more has changed.
---@param out liveblocks.storage.Diff takes the operations
---@param path string to the LiveText
---@param before table[] segments
---@param after table[]
---@return boolean
function text.patch(out, path, before, after)
  if #before ~= #after then return false end
  for i, old in ipairs(before) do
    local new = after[i]
    -- A segment without text would vanish, and one with other attributes might join its neighbour.
    if new[1] == "" or not value.equal(old[2], new[2]) then return false end
  end
  for i, old in ipairs(before) do
    if old[1] ~= after[i][1] then
      out.losing = old[1]
      out:emit("replace", ("%s/data/%d/0"):format(path, i - 1), { value = after[i][1] })
    end
  end
  return true
end

return text
