--- Yjs documents that scripts read and edit.
local core = require("liveblocks.core").yjs
local errors = require "liveblocks.errors"
local shared = require "liveblocks.yjs.shared"
local subdocument = require "liveblocks.yjs.subdocument"
local values = require "liveblocks.yjs.values"

local document = {}

core.on_failure(function(kind, message)
  if kind == "usage" then errors.usage("Yjs: %s", message) end
  error(errors.new(kind, kind == "yjs" and "not a valid Yjs update: " .. message or message), 0)
end)

local function check_bytes(value, what)
  if type(value) ~= "string" then errors.usage("%s: a string of bytes expected, got %s", what, errors.a(type(value))) end
  return value
end

--- The encoding that options ask for, 1 or 2.
---@param options { version: 1|2|nil }?
function document.version(options, what)
  local version = options and options.version or 1
  if version ~= 1 and version ~= 2 then errors.usage("%s: version must be 1 or 2, got %s", what, tostring(version)) end
  return version
end

-- ---- Snapshots -----------------------------------------------------------------------------------

---@class liveblocks.yjs.Snapshot
local Snapshot = {}
Snapshot.__index = Snapshot
Snapshot.__eq = function(a, b) return core.snapshot_equal(a._bytes, b._bytes) end

--- The snapshot as bytes.
---@param options { version: 1|2|nil }?
---@return string
function Snapshot:encode(options)
  local version = document.version(options, "encode")
  return version == 1 and self._bytes or core.snapshot_convert(self._bytes, 1, version)
end

--- Do both say the same?
---@param other liveblocks.yjs.Snapshot
---@return boolean
function Snapshot:equal(other) return core.snapshot_equal(self._bytes, other._bytes) end

--- A snapshot from bytes.
---@param bytes string
---@param options { version: 1|2|nil }?
---@return liveblocks.yjs.Snapshot
function document.snapshot(bytes, options)
  local version = document.version(options, "yjs.decode_snapshot")
  return setmetatable({ _bytes = core.snapshot_convert(check_bytes(bytes, "yjs.decode_snapshot"), version, 1) }, Snapshot)
end

-- ---- Documents -----------------------------------------------------------------------------------

---@class liveblocks.yjs.Document
local Document = {}
Document.__index = Document

-- The object of a shared type, the same one each time.
function Document:_type(number)
  local object = self._types[number]
  if not object or shared.is_unknown(object) then
    object = shared.object(self, number)
    self._types[number] = object
  end
  return object
end

local function root(self, name, kind)
  if name ~= nil and type(name) ~= "string" then errors.usage("the name of a shared type must be a string, got %s", type(name)) end
  return self:_type(self._core:root(name or "", values.numbers[kind]))
end

--- The text of that name, as Yjs's getText.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_text(name) return root(self, name, "text") end

--- The map of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_map(name) return root(self, name, "map") end

--- The array of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_array(name) return root(self, name, "array") end

--- The XML fragment of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_xml_fragment(name) return root(self, name, "xml fragment") end

--- The XML element of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_xml_element(name) return root(self, name, "xml element") end

--- The XML text of that name, as Yjs's get(name, Y.XmlText).
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_xml_text(name) return root(self, name, "xml text") end

--- The root type of a name, as Yjs's get(name, Type). Without a kind it is what its content shows it to be; "unknown"
--- when there is none.
---@param name string
---@param kind "text"|"map"|"array"|"xml fragment"|"xml element"|"xml text"|nil
---@return liveblocks.yjs.Type
function Document:get(name, kind)
  if kind ~= nil and not values.numbers[kind] then
    errors.usage("get: there is no shared type '%s'%s", tostring(kind), errors.hint(tostring(kind), values.numbers))
  end
  if kind == nil and type(name) == "string" then
    kind = require("liveblocks.yjs.render").kind(self, self._core:root(name))
  end
  return root(self, name, kind or "unknown")
end

local function names_of(self, numbers)
  local names = {}
  for i, number in ipairs(numbers) do
    local _, name = self._core:kind(number)
    names[i] = name
  end
  return names
end

--- The names of the root types, in the order in which they came up.
---@return string[]
function Document:names() return names_of(self, self._core:roots()) end

--- The names of the root types in which edits were made since the last update().
---@return string[]
function Document:changed_names() return names_of(self, self._core:edited()) end

--- The root types by their names as JSON values, as get_yjs_document returns them.
---@param options { key: string?, type: string?, formatting: boolean? }?
---@return any
function Document:to_json(options) return require("liveblocks.yjs.render").json(self, options or {}) end

--- The subdocuments in it, as Yjs's getSubdocs(), those in nested types, too.
---@return liveblocks.yjs.Subdocument[]
function Document:subdocuments()
  local found, waiting = {}, self._core:roots()
  local function look(kind, value, name)
    if kind == "document" then found[#found + 1] = subdocument.of(name, value) end
    if kind == "type" then waiting[#waiting + 1] = value end
  end
  local i = 1
  while waiting[i] do
    local list, at = self._core:list(waiting[i]), 1
    while list[at] do
      look(list[at], list[at + 1], list[at + 2])
      at = at + 3
    end
    local place, _, kind, value, name = self._core:map_next(waiting[i], 0)
    while place do
      look(kind, value, name)
      place, _, kind, value, name = self._core:map_next(waiting[i], place)
    end
    i = i + 1
  end
  return found
end

--- Their guids, as Yjs's getSubdocGuids().
---@return string[]
function Document:subdocument_guids()
  local guids = {}
  for i, one in ipairs(self:subdocuments()) do guids[i] = one.guid end
  return guids
end

--- Calls fn(document); its edits are one transaction, also when it raises.
---@param fn fun(document: liveblocks.yjs.Document): ...
---@return any ... what fn returns
function Document:transact(fn)
  self._core:begin()
  local results = table.pack(pcall(fn, self))
  self._core:finish()
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- The number under which edits are made.
---@return integer
function Document:client_id() return (self._core:client()) end

--- Sets it; two that edit at the same time must not have the same.
---@param id integer
function Document:set_client_id(id)
  if type(id) ~= "number" or id < 0 or id ~= math.floor(id) or id >= 2 ^ 53 then
    errors.usage("set_client_id: an integer from 0 to 2^53 - 1 expected, got %s", tostring(id))
  end
  self._core:client(id)
end

--- Integrates an update, in whatever order they come; what waits for something missing is kept. Within transact() it is
--- an edit, which update() returns.
---@param update string
---@param options { version: 1|2|nil }?
function Document:apply(update, options)
  self._core:apply(check_bytes(update, "apply"), document.version(options, "apply"), true)
end

--- Without a state vector: what the edits were since the document was opened, or since the last such call; nil when there
--- were none. With one: what the document has beyond it (all for "\0").
---@param state_vector string?
---@param options { version: 1|2|nil }?
---@return string?
function Document:update(state_vector, options)
  local version = document.version(options, "update")
  if state_vector == nil then return self._core:edits(version, true) end
  return self._core:state(check_bytes(state_vector, "update"), version)
end

--- What of each client the document has, as bytes.
---@return string
function Document:state_vector() return self._core:state_vector() end

--- Does something wait for what is missing?
---@return boolean
function Document:is_pending() return (self._core:facts()) end

--- The state of now, to show it later: with { gc = false } also what is deleted then.
---@return liveblocks.yjs.Snapshot
function Document:snapshot() return setmetatable({ _bytes = self._core:snapshot(1) }, Snapshot) end

--- The document as it was at a snapshot; it must have been opened with { gc = false }.
---@param snapshot liveblocks.yjs.Snapshot
---@return liveblocks.yjs.Document
function Document:at_snapshot(snapshot)
  if getmetatable(snapshot) ~= Snapshot then errors.usage("at_snapshot: a snapshot expected, got %s", errors.a(type(snapshot))) end
  return document.open(self._core:snapshot_update(snapshot._bytes), { version = 2, gc = false })
end

--- A relative position: it stays with what it is beside. association -1: with what is before it.
---@param type liveblocks.yjs.Type
---@param index integer
---@param association integer? default 0
---@return string bytes as Yjs encodes it
function Document:relative_position(type, index, association)
  if not values.is_of(type, self) then
    errors.usage("relative_position: a shared type of this document expected")
  end
  return self._core:position(type._yjs, values.count(index, "relative_position", "the position"), association)
end

--- Where a relative position is now: the type and the position; nil when it is not known.
---@param bytes string
---@return liveblocks.yjs.Type?, integer?
function Document:absolute_position(bytes)
  local type, index = self._core:resolve(check_bytes(bytes, "absolute_position"))
  if type then return self:_type(type), index end
end

--- The names of all methods, for tests of the annotations.
---@return table<string, boolean>
function document.methods()
  local names = {}
  for name, method in pairs(Document) do
    if type(method) == "function" and name:sub(1, 1) ~= "_" then names[name] = true end
  end
  return names
end

--- Opens a document.
---@param updates string|string[]|nil
---@param options { version: 1|2|nil, gc: boolean?, client_id: integer? }?
---@return liveblocks.yjs.Document
function document.open(updates, options)
  local version = document.version(options, "yjs.open")
  local self = setmetatable({ _types = setmetatable({}, { __mode = "v" }),
    _core = core.open(options and options.client_id, options and options.gc == false) }, Document)
  for _, update in ipairs(type(updates) == "table" and updates or { updates }) do
    self._core:apply(check_bytes(update, "yjs.open"), version, false)
  end
  return self
end

return document
