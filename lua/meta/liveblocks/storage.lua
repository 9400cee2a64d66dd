---@meta liveblocks.storage
-- Made from lua/liveblocks/storage.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.storage
local storage = {}

--- A new LiveObject with these fields.
---@param fields table<string, any>
---@return table view
function storage.object(fields) end

--- A new LiveMap with these entries. The API does not promise to make one: see `allow_map` of mutate_storage.
---@param entries table<string, any>
---@return table view
function storage.map(entries) end

--- A new LiveList with these items.
---@param items any[]
---@return table view
function storage.list(items) end

--- A LiveText of a string, or of segments { string } or { string, attributes }. A patch can give its segments to a
--- LiveText that is there, but not make a new one.
---@param segments string|table[]
---@return table view
function storage.text(segments) end

--- A JSON value with its objects as LiveObject and its lists as LiveList, at every level.
---@param content any
function storage.live(content) end

--- Goes through the fields of an object or a map by name, in order, or through the items of a list by position:
--- for key, item in storage.each(view) do ... end. In every Lua; pairs() does the same from Lua 5.3 on.
---@param of table a view
---@return fun(): any, any
function storage.each(of) end

--- A new LiveFile for a file that client:upload_file has uploaded, from what that returned.
---@param file { id: string, name: string, size: integer, mimeType: string }
---@return table view
function storage.file(file) end

--- What a view is: "LiveObject", "LiveMap", "LiveList", "LiveText", "LiveFile" or "plain"; nil for other values.
---@param v any
---@return "LiveObject"|"LiveMap"|"LiveList"|"LiveText"|"LiveFile"|"plain"|nil
function storage.kind(v) end

--- A view or plain LSON as simple JSON, as the API's `format = "json"` gives it: a copy, of plain tables.
---@param v any
---@return any
function storage.to_json(v) end

--- A view as plain LSON: a copy, of plain tables.
---@param v any
---@return any
function storage.to_lson(v) end

--- Opens a document in plain LSON for editing; nothing is sent. storage.patch(document) is what has changed since.
---@param lson table<string, any>
---@return { root: table } document its `root` is the view of the root
function storage.open(lson) end

--- The JSON Patch for what was changed in an opened document; options as those of mutate_storage.
---@param document { root: table }
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.patch(document, options) end

--- The JSON Patch that turns one document into another, both in plain LSON. Items of lists with the same `id` are taken
--- for the same.
---@param before table<string, any>
---@param after table<string, any>
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.diff(before, after, options) end

return storage
