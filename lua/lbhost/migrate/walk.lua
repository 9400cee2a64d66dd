--- Finds parts of a Storage document by a path with wildcards, for migrations that do the same in many places.
---
---   walk(root, "/columns/*/cards/*", function(card, path) card.done = false end)
local errors = require "liveblocks.errors"
local pointer = require "liveblocks.storage.pointer"
local storage = require "liveblocks.storage"

local containers = { LiveObject = true, LiveMap = true, LiveList = true }

local function visit(view, steps, i, path, fn)
  if not containers[storage.kind(view)] then return 0 end
  local step = steps[i]
  if step == nil then
    fn(view, path)
    return 1
  end
  local list = storage.kind(view) == "LiveList"
  local found = 0
  if step == "*" then
    for key, item in pairs(view) do
      found = found + visit(item, steps, i + 1, pointer.join(path, list and key - 1 or key), fn)
    end
    return found
  end
  if list then errors.usage("'%s' is a list: write * for its items", path) end
  return visit(view[step], steps, i + 1, pointer.join(path, step), fn)
end

--- Calls fn(part, path) for every object, map and list that the path names; "" is the root. What is not there is left
--- out.
---@param root table a view
---@param path string
---@param fn fun(part: table, path: string)
---@return integer how many there were
return function(root, path, fn)
  if path ~= "" and path:sub(1, 1) ~= "/" then errors.usage("'%s' is not a path such as /todos/*", path) end
  return visit(root, pointer.split(path), 1, "", fn)
end
