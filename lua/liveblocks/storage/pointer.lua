--- JSON Pointers (RFC 6901): "/todos/0/a~1b".
local pointer = {}

--- One step of a pointer: ~ and / of a key are escaped.
---@param key string|integer
---@return string
function pointer.escape(key)
  if type(key) == "string" and not key:find "[~/]" then return key end
  if math.type(key) then return ("%d"):format(key) end
  return (key:gsub("~", "~0"):gsub("/", "~1"))
end

--- The pointer to a member of what `base` points to.
---@param base string
---@param key string|integer a name, a position from 0, or "-"
---@return string
function pointer.join(base, key)
  return base .. "/" .. pointer.escape(key)
end

--- The key of a step.
---@param step string
---@return string
function pointer.unescape(step)
  if not step:find("~", 1, true) then return step end
  return (step:gsub("~1", "/"):gsub("~0", "~"))
end

--- The steps of a pointer, unescaped.
---@param text string
---@return string[]
function pointer.split(text)
  local steps = {}
  for step in text:gmatch "/([^/]*)" do
    steps[#steps + 1] = pointer.unescape(step)
  end
  return steps
end

return pointer
