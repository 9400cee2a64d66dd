--- Yjs documents (https://docs.yjs.dev): opened, read and edited, or merged as updates without opening. Nothing is asked
--- of a network; what is not an update raises an error of kind "yjs". Updates are in the encoding version 1 unless
--- { version = 2 } says otherwise.
---
---   local yjs = require "liveblocks.yjs"
---   local doc = yjs.open(client:get_yjs_document_as_binary_update("a"))
---   doc:get_text("note"):insert(0, "Hello ")
---   client:send_yjs_binary_update("a", doc:update())
local call_options = require "liveblocks.options"
local core = require("liveblocks.core").yjs
local document = require "liveblocks.yjs.document"
local errors = require "liveblocks.errors"
local sorted_keys = require "liveblocks.sorted_keys"
local subdocument = require "liveblocks.yjs.subdocument"
local values = require "liveblocks.yjs.values"

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

--- A value that JavaScript calls undefined, which is not null.
yjs.undefined = values.undefined

--- Opens a document: an empty one, or that of an update, or of several. gc = false keeps what is deleted, for snapshots.
---@param updates string|string[]|nil
---@param options { version: 1|2|nil, gc: boolean?, client_id: integer? }?
---@return liveblocks.yjs.Document
function yjs.open(updates, options)
  check_texts(type(updates) == "table" and updates or { updates }, "yjs.open")
  return document.open(updates, call_options.of_call(options))
end

--- One update with what all of them say, in whatever order they came; what they say twice is in it once. A single one
--- is returned byte for byte.
---@param updates string[]
---@param options { version: 1|2|nil }?
---@return string update
function yjs.merge(updates, options)
  check_texts(updates, "yjs.merge")
  local version = document.version(call_options.of_call(options), "yjs.merge")
  if #updates == 0 then return version == 1 and yjs.empty or core.convert(yjs.empty, 1, 2) end
  return core.merge(updates, version)
end

--- What an update has beyond a state vector.
---@param update string
---@param state_vector string
---@param options { version: 1|2|nil }?
---@return string update
function yjs.diff(update, state_vector, options)
  check_texts({ update, state_vector }, "yjs.diff")
  return core.diff(update, state_vector, document.version(call_options.of_call(options), "yjs.diff"))
end

--- The state vector of an update: up to the first gap of each client.
---@param update string
---@param options { version: 1|2|nil }?
---@return string
function yjs.state_vector(update, options)
  check_texts({ update }, "yjs.state_vector")
  return core.state_vector(update, document.version(call_options.of_call(options), "yjs.state_vector"))
end

--- An update in the other encoding.
---@param update string
---@param from 1|2
---@param to 1|2
---@return string update
function yjs.convert(update, from, to)
  check_texts({ update }, "yjs.convert")
  return core.convert(update, document.version({ version = from }, "yjs.convert"),
    document.version({ version = to }, "yjs.convert"))
end

--- Reads an update to its end; raises an error of kind "yjs" when it is not one.
---@param update string
---@param options { version: 1|2|nil }?
function yjs.check(update, options)
  check_texts({ update }, "yjs.check")
  core.check(update, document.version(call_options.of_call(options), "yjs.check"))
end

--- The length of a string in UTF-16 units, in which positions of texts count.
---@param text string UTF-8
---@return integer
function yjs.units(text)
  check_texts({ text }, "yjs.units")
  local _, characters = text:gsub("[^\128-\191]", "")
  local _, pairs_of_units = text:gsub("[\240-\247]", "")
  return characters + pairs_of_units
end

--- The shared types of a document as JSON values by their names, as get_yjs_document returns them.
---@param updates string|string[] one update, or those that make the document together
---@param options { key: string?, type: "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray"|nil, formatting: boolean?, version: 1|2|nil }?
---@return any
function yjs.to_json(updates, options)
  local list = type(updates) == "string" and { updates } or updates
  check_texts(list, "yjs.to_json")
  options = call_options.of_call(options) or {}
  return document.open(list, { version = options.version }):to_json(options)
end

--- A snapshot from its bytes; document:snapshot() makes one.
---@param bytes string
---@param options { version: 1|2|nil }?
---@return liveblocks.yjs.Snapshot
function yjs.decode_snapshot(bytes, options) return document.snapshot(bytes, options) end

-- ---- New types, to be inserted -------------------------------------------------------------------

--- Bytes as a value.
---@param bytes string
function yjs.binary(bytes) return values.binary(bytes) end

--- A new subdocument as a value. Its content is a document of its own, which the API keeps by its guid. Options: autoLoad
--- (its content is wanted at once), gc = false (what is deleted in it is kept), meta (any value that JSON knows).
---@param guid string? a random UUID when it is nil
---@param options { autoLoad: boolean?, gc: boolean?, meta: any }?
---@return liveblocks.yjs.Subdocument
function yjs.subdocument(guid, options) return subdocument.new(guid, options) end

--- A new array with values.
---@param list any[]?
function yjs.array(list)
  return values.new("array", nil, list and function(shared) shared:insert(0, list) end)
end

--- A new map with keys and values; keys are set in their order as bytes.
---@param entries table<string, any>?
function yjs.map(entries)
  return values.new("map", nil, entries and function(shared)
    for _, key in ipairs(sorted_keys(entries)) do shared:set(key, entries[key]) end
  end)
end

local function fill_text(content)
  return content and function(shared)
    if type(content) == "string" then shared:insert(0, content) else shared:apply_delta(content) end
  end
end

--- A new text: a string or a delta.
---@param content string|table[]|nil
function yjs.text(content) return values.new("text", nil, fill_text(content)) end

--- A new XML text: a string or a delta.
---@param content string|table[]|nil
function yjs.xml_text(content) return values.new("xml text", nil, fill_text(content)) end

--- A new XML element.
---@param name string
---@param attributes table<string, any>?
---@param children any[]?
function yjs.xml_element(name, attributes, children)
  check_texts({ name }, "yjs.xml_element")
  return values.new("xml element", name, function(shared)
    if children then shared:insert(0, children) end
    for _, key in ipairs(sorted_keys(attributes or {})) do shared:set_attribute(key, attributes[key]) end
  end)
end

--- A new XML fragment.
---@param children any[]?
function yjs.xml_fragment(children)
  return values.new("xml fragment", nil, children and function(shared) shared:insert(0, children) end)
end

return yjs
