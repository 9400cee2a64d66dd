---@meta liveblocks.yjs
-- Made from lua/liveblocks/yjs.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.yjs
local yjs = {}

--- Opens a document: an empty one, or that of an update, or of several. gc = false keeps what is deleted, for snapshots.
---@param updates string|string[]|nil
---@param options { version: 1|2|nil, gc: boolean?, client_id: integer? }?
---@return liveblocks.yjs.Document
function yjs.open(updates, options) end

--- One update with what all of them say, in whatever order they came; what they say twice is in it once. A single one
--- is returned byte for byte.
---@param updates string[]
---@param options { version: 1|2|nil }?
---@return string update
function yjs.merge(updates, options) end

--- What an update has beyond a state vector.
---@param update string
---@param state_vector string
---@param options { version: 1|2|nil }?
---@return string update
function yjs.diff(update, state_vector, options) end

--- The state vector of an update: up to the first gap of each client.
---@param update string
---@param options { version: 1|2|nil }?
---@return string
function yjs.state_vector(update, options) end

--- An update in the other encoding.
---@param update string
---@param from 1|2
---@param to 1|2
---@return string update
function yjs.convert(update, from, to) end

--- Reads an update to its end; raises an error of kind "yjs" when it is not one.
---@param update string
---@param options { version: 1|2|nil }?
function yjs.check(update, options) end

--- The length of a string in UTF-16 units, in which positions of texts count.
---@param text string UTF-8
---@return integer
function yjs.units(text) end

--- The shared types of a document as JSON values by their names, as get_yjs_document returns them.
---@param updates string|string[] one update, or those that make the document together
---@param options { key: string?, type: "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray"|nil, formatting: boolean?, version: 1|2|nil }?
---@return any
function yjs.to_json(updates, options) end

--- A snapshot from its bytes; document:snapshot() makes one.
---@param bytes string
---@param options { version: 1|2|nil }?
---@return liveblocks.yjs.Snapshot
function yjs.decode_snapshot(bytes, options) end

--- Bytes as a value.
---@param bytes string
function yjs.binary(bytes) end

--- A new subdocument as a value. Its content is a document of its own, which the API keeps by its guid. Options: autoLoad
--- (its content is wanted at once), gc = false (what is deleted in it is kept), meta (any value that JSON knows).
---@param guid string? a random UUID when it is nil
---@param options { autoLoad: boolean?, gc: boolean?, meta: any }?
---@return liveblocks.yjs.Subdocument
function yjs.subdocument(guid, options) end

--- A new array with values.
---@param list any[]?
function yjs.array(list) end

--- A new map with keys and values; keys are set in their order as bytes.
---@param entries table<string, any>?
function yjs.map(entries) end

--- A new text: a string or a delta.
---@param content string|table[]|nil
function yjs.text(content) end

--- A new XML text: a string or a delta.
---@param content string|table[]|nil
function yjs.xml_text(content) end

--- A new XML element.
---@param name string
---@param attributes table<string, any>?
---@param children any[]?
function yjs.xml_element(name, attributes, children) end

--- A new XML fragment.
---@param children any[]?
function yjs.xml_fragment(children) end

return yjs
