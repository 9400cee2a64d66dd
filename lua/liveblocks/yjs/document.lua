--- Yjs documents that scripts read and edit.
local arguments = require "liveblocks.yjs.arguments"
local core = require("liveblocks.core").yjs
local errors = require "liveblocks.errors"
local shared = require "liveblocks.yjs.shared"
local snapshot = require "liveblocks.yjs.snapshot"
local subdocument = require "liveblocks.yjs.subdocument"
local values = require "liveblocks.yjs.values"

local document = {}

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

local function root(self, name, kind, what)
  local number = self._core:root(values.name(name == nil and "" or name, what), values.numbers[kind])
  return self:_type(number)
end

--- The text of that name, as Yjs's getText.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_text(name) return root(self, name, "text", "get_text") end

--- The map of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_map(name) return root(self, name, "map", "get_map") end

--- The array of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_array(name) return root(self, name, "array", "get_array") end

--- The XML fragment of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_xml_fragment(name) return root(self, name, "xml fragment", "get_xml_fragment") end

--- The XML element of that name.
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_xml_element(name) return root(self, name, "xml element", "get_xml_element") end

--- The XML text of that name, as Yjs's get(name, Y.XmlText).
---@param name string? default ""
---@return liveblocks.yjs.Type
function Document:get_xml_text(name) return root(self, name, "xml text", "get_xml_text") end

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
    kind = require("liveblocks.yjs.render").kind(self, self._core:root(values.name(name, "get")))
  end
  return root(self, name, kind or "unknown", "get")
end

local function names_of(self, numbers)
  local names = {}
  for i, number in ipairs(numbers) do
    local _, name = self._core:kind(number)
    names[i] = name
  end
  return names
end

-- What a transaction has edited is known when it has ended, as Yjs says it then.
local function check_closed(self, what)
  if self._open then errors.usage("%s: a transaction is open; call it after transact(), or with a state vector", what) end
end

--- The names of the root types, in the order in which they appeared.
---@return string[]
function Document:names() return names_of(self, self._core:roots()) end

--- The names of the root types in which edits were made since the last update().
---@return string[]
function Document:changed_names()
  check_closed(self, "changed_names")
  return names_of(self, self._core:edited())
end

--- The root types by their names as JSON values, as get_yjs_document returns them.
---@param options { key: string?, type: string?, formatting: boolean? }?
---@return any
function Document:to_json(options)
  local render = require "liveblocks.yjs.render"
  return render.json(self, render.options(arguments.options(options, "to_json", "key", "type", "formatting"), "to_json"))
end

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
  values.callable(fn, "transact")
  if self._open then return fn(self) end -- a part of the one that is open
  self._core:begin()
  self._open = true
  local results = table.pack(pcall(fn, self))
  self._open = nil
  self._core:finish()
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- The number under which edits are made.
---@return integer
function Document:client_id() return (self._core:client()) end

--- Sets it; two that edit at the same time must not have the same.
---@param id integer
function Document:set_client_id(id) self._core:client(arguments.client(id, "set_client_id")) end

--- Integrates an update, in whatever order they come; what waits for something missing is kept. Within transact() it is
--- an edit, which update() returns.
---@param update string
---@param options { version: 1|2|nil }?
function Document:apply(update, options)
  self._core:apply(arguments.bytes(update, "apply"), (arguments.version(options, "apply")), true)
end

--- Without a state vector: what the edits were since the document was opened, or since the last such call; nil when there
--- were none; not within transact(). With one: what the document has beyond it (all for "\0").
---@param state_vector string?
---@param options { version: 1|2|nil }?
---@return string?
function Document:update(state_vector, options)
  local version = arguments.version(options, "update")
  if state_vector == nil then
    check_closed(self, "update")
    return self._core:edits(version, true)
  end
  return self._core:state(arguments.bytes(state_vector, "update"), version)
end

--- What of each client the document has, as bytes.
---@return string
function Document:state_vector() return self._core:state_vector() end

--- Does something wait for what is missing?
---@return boolean
function Document:is_pending() return (self._core:facts()) end

--- The state of now, to show it later: with { gc = false } also what is deleted then.
---@return liveblocks.yjs.Snapshot
function Document:snapshot() return snapshot.of(self._core:snapshot(1)) end

--- The document as it was at a snapshot; it must have been opened with { gc = false }.
---@param at liveblocks.yjs.Snapshot
---@return liveblocks.yjs.Document
function Document:at_snapshot(at)
  arguments.check(snapshot.is(at), "at_snapshot", "a snapshot", at)
  return document.open(self._core:snapshot_update(at._bytes), { version = 2, gc = false }, "at_snapshot")
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
  association = association == nil and 0 or values.offset(association, "relative_position", "the association")
  return self._core:position(type._yjs, values.count(index, "relative_position", "the position"), association < 0 and -1 or 0)
end

--- Where a relative position is now: the type and the position; nil when it is not known.
---@param bytes string
---@return liveblocks.yjs.Type?, integer?
function Document:absolute_position(bytes)
  local type, index = self._core:resolve(arguments.bytes(bytes, "absolute_position"))
  if type then return self:_type(type), index end
end

--- Is it a document?
---@param value any
---@return boolean
function document.is(value) return getmetatable(value) == Document end

--- The names of all methods, for tests of the annotations.
---@return table<string, boolean>
function document.methods()
  local names = {}
  for name, method in pairs(Document) do
    if type(method) == "function" and name:sub(1, 1) ~= "_" then names[name] = true end
  end
  return names
end

-- Updates as a list.
local function list_of(updates, what)
  if updates == nil then return {} end
  local list = type(updates) == "table" and updates or { updates }
  document.check_updates(list, what)
  return list
end

--- Are they a list of strings? A call that stands last in a list gives its second result, too.
---@param updates any
---@param what string for messages
function document.check_updates(updates, what)
  local length, problem = values.length(updates)
  if not length then errors.usage("%s: %s", what, (problem:gsub("of values", "of updates"):gsub(" %(json.*", ""))) end
  for i = 1, length do
    if type(updates[i]) ~= "string" then
      errors.usage("%s: update %d must be a string of bytes, got %s", what, i, errors.a(type(updates[i])))
    end
  end
end

--- Opens a document.
---@param updates string|string[]|nil
---@param options { version: 1|2|nil, gc: boolean?, client_id: integer? }?
---@param what string? for messages
---@return liveblocks.yjs.Document
function document.open(updates, options, what)
  what = what or "yjs.open"
  local list = list_of(updates, what)
  local version, given = arguments.version(options, what, "gc", "client_id")
  local client = given.client_id ~= nil and arguments.client(given.client_id, what .. ": client_id") or nil
  local self = setmetatable({ _types = setmetatable({}, { __mode = "v" }), _core = core.open(client, given.gc == false) }, Document)
  for _, update in ipairs(list) do self._core:apply(update, version, false) end
  return self
end

local names = {}
for name, method in pairs(Document) do
  if type(method) == "function" and name ~= "transact" then names[method] = name end
end
arguments.name(names)
arguments.name(shared.names())

return document
