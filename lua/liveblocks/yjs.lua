--- Yjs documents (https://docs.yjs.dev): opened, read and edited, or merged as updates without opening. Nothing is asked
--- of a network; what is not an update raises an error of kind "yjs". Updates are in the encoding version 1 unless
--- { version = 2 } says otherwise.
---
---   local yjs = require "liveblocks.yjs"
---   local doc = yjs.open(client:get_yjs_document_as_binary_update("a"))
---   doc:get_text("note"):insert(0, "Hello ")
---   client:send_yjs_binary_update("a", doc:update())
local arguments = require "liveblocks.yjs.arguments"
local core = require("liveblocks.core").yjs
local document = require "liveblocks.yjs.document"
local render = require "liveblocks.yjs.render"
local snapshot = require "liveblocks.yjs.snapshot"
local subdocument = require "liveblocks.yjs.subdocument"
local values = require "liveblocks.yjs.values"

local yjs = {}

--- The update of an empty document.
yjs.empty = "\0\0"

--- A value that JavaScript calls undefined, which is not null.
yjs.undefined = values.undefined

--- Opens a document: an empty one, or that of an update, or of several. gc = false keeps what is deleted, for snapshots.
---@param updates string|string[]|nil
---@param options { version: 1|2|nil, gc: boolean?, client_id: integer? }?
---@return liveblocks.yjs.Document
function yjs.open(updates, options) return document.open(updates, options, "yjs.open") end

--- One update with what all of them say, in whatever order they came; what they say twice is in it once. A single one
--- is returned byte for byte.
---@param updates string[]
---@param options { version: 1|2|nil }?
---@return string update
function yjs.merge(updates, options)
  document.check_updates(updates, "yjs.merge")
  local version = arguments.version(options, "yjs.merge")
  if #updates == 0 then return version == 1 and yjs.empty or core.convert(yjs.empty, 1, 2) end
  return core.merge(updates, version)
end

--- What an update has beyond a state vector.
---@param update string
---@param state_vector string
---@param options { version: 1|2|nil }?
---@return string update
function yjs.diff(update, state_vector, options)
  local version = arguments.version(options, "yjs.diff")
  return core.diff(arguments.bytes(update, "yjs.diff"), arguments.bytes(state_vector, "yjs.diff"), version)
end

--- The state vector of an update: up to the first gap of each client.
---@param update string
---@param options { version: 1|2|nil }?
---@return string
function yjs.state_vector(update, options)
  local version = arguments.version(options, "yjs.state_vector")
  return core.state_vector(arguments.bytes(update, "yjs.state_vector"), version)
end

--- An update in the other encoding.
---@param update string
---@param from 1|2
---@param to 1|2
---@return string update
function yjs.convert(update, from, to)
  local source = arguments.version({ version = from }, "yjs.convert")
  local target = arguments.version({ version = to }, "yjs.convert")
  return core.convert(arguments.bytes(update, "yjs.convert"), source, target)
end

--- Reads an update to its end; raises an error of kind "yjs" when it is not one.
---@param update string
---@param options { version: 1|2|nil }?
function yjs.check(update, options)
  local version = arguments.version(options, "yjs.check")
  core.check(arguments.bytes(update, "yjs.check"), version)
end

--- The length of a string in UTF-16 units, in which positions of texts count.
---@param text string UTF-8
---@return integer
function yjs.units(text)
  values.text(text, "yjs.units", "the text")
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
  document.check_updates(list, "yjs.to_json")
  local version, given = arguments.version(options, "yjs.to_json", "key", "type", "formatting")
  return render.json(document.open(list, { version = version }, "yjs.to_json"), render.options(given, "yjs.to_json"))
end

--- A snapshot from its bytes; document:snapshot() makes one.
---@param bytes string
---@param options { version: 1|2|nil }?
---@return liveblocks.yjs.Snapshot
function yjs.decode_snapshot(bytes, options) return snapshot.decode(bytes, options) end

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
  local children = values.contents(list == nil and {} or list, "yjs.array")
  return values.new("array", nil, { children = children }, "yjs.array")
end

--- A new map with keys and values; keys are set in their order as bytes.
---@param entries table<string, any>?
function yjs.map(entries)
  return values.new("map", nil, { entries = values.entries(entries == nil and {} or entries, "yjs.map") }, "yjs.map")
end

local function new_text(kind, content, what)
  if type(content) == "string" then return values.new(kind, nil, { text = values.string(content, what) }, what) end
  return values.new(kind, nil, { delta = content ~= nil and values.delta(content, what) or nil }, what)
end

--- A new text: a string or a delta.
---@param content string|table[]|nil
function yjs.text(content) return new_text("text", content, "yjs.text") end

--- A new XML text: a string or a delta.
---@param content string|table[]|nil
function yjs.xml_text(content) return new_text("xml text", content, "yjs.xml_text") end

--- A new XML element.
---@param name string
---@param attributes table<string, any>?
---@param children any[]?
function yjs.xml_element(name, attributes, children)
  local what = "yjs.xml_element"
  return values.new("xml element", values.name(name, what), {
    children = values.contents(children == nil and {} or children, what),
    entries = values.entries(attributes == nil and {} or attributes, what),
  }, what)
end

--- A new XML fragment.
---@param children any[]?
function yjs.xml_fragment(children)
  local what = "yjs.xml_fragment"
  return values.new("xml fragment", nil, { children = values.contents(children == nil and {} or children, what) }, what)
end

return yjs
