--- Plain LSON and simplified JSON of a Storage document.
local responses = require "lbhost.local.http.response"
local document = require "lbhost.local.storage.document"
local divided = require "liveblocks.storage.divided"
local json = require "liveblocks.json"
local live_text = require "lbhost.local.storage.live_text"
local positions = require "lbhost.local.storage.positions"

local lson = {}

-- ---- Writing -------------------------------------------------------------------------------------

local function values(node, write)
  local out = json.object {}
  for name, value in pairs(node.data or {}) do out[name] = value end
  for name, child in pairs(node.children) do out[name] = write(child) end
  return out
end

local function elements(node, write)
  local out = json.array {}
  for i, item in ipairs(document.items(node)) do out[i] = write(item) end
  return out
end

local function typed(node, data)
  return { liveblocksType = node.kind, data = data }
end

local writers = {
  LiveObject = function(node) return typed(node, values(node, lson.write)) end,
  LiveMap = function(node) return typed(node, values(node, lson.write)) end,
  LiveList = function(node) return typed(node, elements(node, lson.write)) end,
  LiveText = function(node) return typed(node, node.data) end,
  LiveFile = function(node) return typed(node, node.data) end,
  Register = function(node) return node.data end,
}

local json_writers = {
  LiveObject = function(node) return values(node, lson.write_json) end,
  LiveMap = function(node) return values(node, lson.write_json) end,
  LiveList = function(node) return elements(node, lson.write_json) end,
}

--- A node as plain LSON.
function lson.write(node)
  divided.point()
  return writers[node.kind](node)
end

--- A node as simplified JSON, which does not distinguish live structures from plain values.
function lson.write_json(node)
  divided.point()
  local write = json_writers[node.kind]
  return write and write(node) or node.data
end

-- ---- Reading -------------------------------------------------------------------------------------

local function refuse(where, what)
  responses.invalid("%s must be %s", where, what)
end

local function is_object(value)
  return type(value) == "table" and not json.is_array(value)
end

-- Fills the data of an object or map, or the items of a list, that was just made.
local fill = {}

function fill.LiveObject(reader, node, data, where)
  if not is_object(data) then refuse(where .. ".data", "an object") end
  node.data, node.children = {}, {}
  for name, value in pairs(data) do
    local child = type(value) == "table" and reader:read(value, ("%s.data.%s"):format(where, name))
    if child then
      child.key = name
      node.children[name] = child
    else
      node.data[name] = value
    end
  end
end

function fill.LiveMap(reader, node, data, where)
  if not is_object(data) then refuse(where .. ".data", "an object") end
  node.children = {}
  for key, value in pairs(data) do
    local child = reader:child(value, where, ".data.%s", key)
    child.key = key
    node.children[key] = child
  end
end

function fill.LiveList(reader, node, data, where)
  if not json.is_array(data) then refuse(where .. ".data", "a list") end
  node.items = {}
  local key
  for i, value in ipairs(data) do
    key = positions.make(key, nil)
    local child = reader:child(value, where, ".data[%d]", i - 1)
    child.key = key
    node.items[i] = child
  end
end

function fill.LiveText(reader, node, data, where)
  if reader.in_patch then
    responses.invalid("%s: a patch cannot make a LiveText; replace the one that is there by a string or by segments", where)
  end
  if not live_text.is_valid(data) then refuse(where .. ".data", "a list of segments, [text] or [text, attributes]") end
  node.data, node.version = data, 0
end

function fill.LiveFile(reader, node, data, where)
  if not is_object(data) or type(data.id) ~= "string" then refuse(where .. ".data", "an object with the id of a file") end
  local file = reader.files[data.id]
  if not file then
    responses.invalid("%s refers to the file '%s', which was not uploaded to this room", where, data.id)
  end
  node.data = { id = file.id, name = file.name, size = file.size, mimeType = file.mimeType }
end

---@class lbhost.local.LsonReader
---@field document lbhost.local.Document for ids
---@field files table<string, table> the room's files
---@field convert boolean are objects and lists without liveblocksType made live as well?
---@field in_patch boolean is the value given by a JSON Patch?
local Reader = {}
Reader.__index = Reader

local function make(reader, kind, data, where)
  divided.point()
  local node = { id = reader.document:new_id(), kind = kind }
  fill[kind](reader, node, data, where)
  return node
end

--- The node of a value that is a live structure; nil for a plain value.
function Reader:read(value, where)
  if type(value) ~= "table" then return nil end
  local kind = not json.is_array(value) and value.liveblocksType
  if kind then
    if not fill[kind] then refuse(where .. ".liveblocksType", "LiveObject, LiveList, LiveMap, LiveText or LiveFile") end
    -- Inside of what is typed only what is typed is live.
    local plain = self
    if self.convert then
      plain = setmetatable({ document = self.document, files = self.files, convert = false, in_patch = self.in_patch }, Reader)
    end
    return make(plain, kind, value.data, where)
  end
  if not self.convert then return nil end
  return make(self, json.is_array(value) and "LiveList" or "LiveObject", value, where)
end

--- The node of a value in a list or map: plain ones are registers.
function Reader:child(value, where, step, key)
  return type(value) == "table" and self:read(value, where .. step:format(key)) or self:register(value)
end

function Reader:register(value)
  divided.point()
  return { id = self.document:new_id(), kind = "Register", data = value }
end

---@param doc lbhost.local.Document
---@param files table<string, table>?
---@param in_patch boolean are values of a JSON Patch read, in which objects and lists are made live?
---@return lbhost.local.LsonReader
function lson.reader(doc, files, in_patch)
  return setmetatable({ document = doc, files = files or {}, convert = in_patch, in_patch = in_patch }, Reader)
end

--- A copy of a node and all below it, with ids of its own.
function lson.copy(doc, node)
  divided.point()
  local copy = {}
  for name, value in pairs(node) do copy[name] = value end
  copy.id = doc:new_id()
  if node.kind == "LiveObject" then
    copy.data = {}
    for name, value in pairs(node.data) do copy.data[name] = value end
  end
  if node.children then
    copy.children = {}
    for key, child in pairs(node.children) do copy.children[key] = lson.copy(doc, child) end
  end
  if node.items then
    copy.items = {}
    for i, item in ipairs(document.items(node)) do
      copy.items[i] = lson.copy(doc, item)
      if not item.key then doc:place_later(copy) end
    end
  end
  return copy
end

-- ---- Limits --------------------------------------------------------------------------------------

local LIMIT <const> = 2 * 1024 * 1024
local LEVELS <const> = 400

local function own_size(node)
  return node.data and #json.encode(node.data) or 0
end

--- How large a node with all below it is, in bytes of JSON.
function lson.size(node)
  divided.point()
  local size = own_size(node) + #node.id + 40
  for child in document.children(node) do size = size + lson.size(child) end
  return size
end

local function check_size(node)
  local size = own_size(node)
  if size > LIMIT then
    responses.invalid("a %s has %d bytes of data, allowed are %d", node.kind == "Register" and "value" or node.kind, size, LIMIT)
  end
end

--- Refuses a node, or one below it, whose own data is larger than 2 MB (nested live structures do not count) and
--- nodes that are nested too deeply to be written.
function lson.check(node, level)
  divided.point()
  level = level or 1
  if level > LEVELS then responses.invalid("live structures are nested deeper than %d levels", LEVELS) end
  check_size(node)
  for child in document.children(node) do lson.check(child, level + 1) end
end

--- Checks what the open transaction has changed, each part once.
function lson.check_touched(doc)
  -- The levels of nodes without a touched one above them; 0 for others, which are checked with that one or are gone.
  local levels = { [doc.root] = 1 }
  local function level_of(node)
    local way = {}
    while not levels[node] do
      way[#way + 1] = node
      node = doc.parents[node]
      if not node then break end
    end
    local level = node and levels[node] or 0
    for i = #way, 1, -1 do
      if level > 0 and doc.touched[node] then level = 0 end
      level = level > 0 and level + 1 or 0
      node = way[i]
      levels[node] = level
    end
    return level
  end
  for node in pairs(doc.touched) do
    divided.point()
    local level = level_of(node)
    if level > 0 then lson.check(node, level) end
  end
end

return lson
