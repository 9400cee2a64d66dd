--- Yjs documents as they travel: updates (https://docs.yjs.dev/api/document-updates), bytes in the encoding version 1.
--- Nothing is asked of a network; what is not an update raises an error of kind "yjs".
---
---   local yjs = require "liveblocks.yjs"
---   local document = client:get_yjs_document_as_binary_update("a")
---   local update = yjs.merge { document, saved }
---   print(liveblocks.json.encode(yjs.to_json(update)))
local call_options = require "liveblocks.options"
local errors = require "liveblocks.errors"

local yjs = {}

-- A call that stands last in a list gives its second result, too.
local function check_texts(updates, what)
  for i, update in ipairs(updates) do
    if type(update) ~= "string" then
      errors.usage("%s: update %d must be a string of bytes, got %s", what, i, errors.a(type(update)))
    end
  end
end

--- The update of an empty document.
yjs.empty = "\0\0"

--- One update with what all of them say, in whatever order they came; what they say twice is in it once. A single one
--- is returned byte for byte.
---@param updates string[]
---@return string update
function yjs.merge(updates)
  check_texts(updates, "yjs.merge")
  if #updates == 0 then return yjs.empty end
  if #updates == 1 then return updates[1] end
  return require("liveblocks.yjs.update").join(updates)
end

--- Reads an update to its end; raises an error of kind "yjs" when it is none.
---@param update string
function yjs.check(update)
  require("liveblocks.yjs.update").read(update)
end

--- The shared types of a document as JSON values by their names, as get_yjs_document answers them.
---@param updates string|string[] one update, or those that make the document together
---@param options { key: string?, type: "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray"|nil, formatting: boolean? }?
---@return any
function yjs.to_json(updates, options)
  local list = type(updates) == "string" and { updates } or updates
  check_texts(list, "yjs.to_json")
  local doc = require("liveblocks.yjs.document").new(list)
  return require("liveblocks.yjs.render").json(doc, call_options.of_call(options) or {})
end

return yjs
