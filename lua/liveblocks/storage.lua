--- Storage documents: making Live structures, editing a document as plain Lua, and the patch that follows from it.
---
---   client:mutate_storage("my-room", function(root)
---     root.title = "Plan"
---     root.todos:insert(liveblocks.storage.object { text = "buy milk", done = false })
---   end)
---
--- Documentation: docs/storage.md and https://liveblocks.io/docs/guides/modifying-storage-via-rest-api-with-json-patch
local call_options = require "liveblocks.options"
local diff = require "liveblocks.storage.diff"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local value = require "liveblocks.storage.value"
local view = require "liveblocks.storage.view"

local storage = {}

--- A new LiveObject with these fields.
---@param fields table<string, any>
---@return table view
function storage.object(fields)
  return view.of(node.make("LiveObject", fields or {}, "liveblocks.storage.object"))
end

--- A new LiveMap with these entries. The API does not promise to make one: see `allow_map` of mutate_storage.
---@param entries table<string, any>
---@return table view
function storage.map(entries)
  return view.of(node.make("LiveMap", entries or {}, "liveblocks.storage.map"))
end

--- A new LiveList with these items.
---@param items any[]
---@return table view
function storage.list(items)
  return view.of(node.make("LiveList", items or {}, "liveblocks.storage.list"))
end

--- A LiveText of a string, or of segments { string } or { string, attributes }. A patch can give its segments to a
--- LiveText that is there, but not make a new one.
---@param segments string|table[]
---@return table view
function storage.text(segments)
  return view.of(node.new("LiveText", false, view.segments(segments)))
end

--- A JSON value with its objects as LiveObject and its lists as LiveList, at every level.
---@param content any
function storage.live(content)
  if type(content) ~= "table" or view.node(content) then return content end
  local parts = {}
  for key, item in pairs(content) do parts[key] = storage.live(item) end
  if json.is_array(content) or #content > 0 then return storage.list(parts) end
  return storage.object(parts)
end

--- Goes through the fields of an object or a map by name, in order, or through the items of a list by position:
--- for key, item in storage.each(view) do ... end. In every Lua; pairs() does the same from Lua 5.3 on.
---@param of table a view
---@return fun(): any, any
function storage.each(of)
  return view.each(of)
end

local file_fields = { id = "string", name = "string", size = "integer", mimeType = "string" }

--- A new LiveFile for a file that client:upload_file has uploaded, from what that returned.
---@param file { id: string, name: string, size: integer, mimeType: string }
---@return table view
function storage.file(file)
  if type(file) ~= "table" then errors.usage("liveblocks.storage.file: a table expected, got %s", type(file)) end
  local data = json.object {}
  for name, wanted in pairs(file_fields) do
    if (math.type(file[name]) or type(file[name])) ~= wanted then
      errors.usage("liveblocks.storage.file: '%s' must be a %s", name, wanted)
    end
    data[name] = file[name]
  end
  return view.of(node.new("LiveFile", false, data))
end

local function known(v, name)
  local one = view.node(v)
  if one or type(v) ~= "table" then return one or v end
  if node.kind_of(v) == "plain" then
    errors.usage("liveblocks.storage.%s: a view or plain LSON expected", name)
  end
  return node.load(v)
end

--- What a view is: "LiveObject", "LiveMap", "LiveList", "LiveText", "LiveFile" or "plain"; nil for other values.
---@param v any
---@return "LiveObject"|"LiveMap"|"LiveList"|"LiveText"|"LiveFile"|"plain"|nil
function storage.kind(v)
  local one = view.node(v)
  return one and one.kind
end

--- A view or plain LSON as simple JSON, as the API's `format = "json"` gives it: a copy, of plain tables.
---@param v any
---@return any
function storage.to_json(v)
  return value.form(known(v, "to_json"), "json")
end

--- A view as plain LSON: a copy, of plain tables.
---@param v any
---@return any
function storage.to_lson(v)
  return value.form(known(v, "to_lson"), "lson")
end

--- Opens a document in plain LSON for editing; nothing is sent. storage.patch(document) is what has changed since.
---@param lson table<string, any>
---@return { root: table } document its `root` is the view of the root
function storage.open(lson)
  return view.open(lson)
end

--- The JSON Patch for what was changed in an opened document; options as those of mutate_storage.
---@param document { root: table }
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.patch(document, options)
  return (diff.patch(document, call_options.of_call(options)))
end

--- The JSON Patch that turns one document into another, both in plain LSON. Items of lists with the same `id` are taken
--- for the same.
---@param before table<string, any>
---@param after table<string, any>
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.diff(before, after, options)
  local document = view.open(before)
  if type(after) ~= "table" or node.kind_of(after) ~= "LiveObject" then
    errors.usage("liveblocks.storage.diff: two documents in plain LSON expected")
  end
  document.replaced = node.load(after)
  return (diff.patch(document, call_options.of_call(options)))
end

return storage
