--- Yjs documents: the one place that would read what is inside of an update.
---
--- Updates travel as bytes and need not be understood; only to join several into one, or to show a document as JSON,
--- takes an implementation of Yjs, which this build does not have.
local errors = require "liveblocks.errors"

local yjs = {}

--- The update of an empty document.
yjs.empty = "\0\0"

local function unavailable(what)
  error(errors.new("unavailable", ("%s needs an implementation of Yjs, which is not available in this build"):format(what)), 0)
end

--- One update with what all of them say.
---@param updates string[] in the order in which they arrived
---@return string update
function yjs.merge(updates)
  if #updates == 0 then return yjs.empty end
  if #updates == 1 then return updates[1] end
  unavailable("joining several Yjs updates")
end

--- The shared types of a document as JSON, by their names.
---@param update string
---@param options table? key, type and formatting, as in get_yjs_document
---@return table
function yjs.to_json(update, options) -- luacheck: no unused
  if update == yjs.empty then return {} end
  unavailable("reading a Yjs document as JSON")
end

return yjs
