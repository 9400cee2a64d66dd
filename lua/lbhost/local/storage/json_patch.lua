--- JSON Patch (RFC 6902) on a Storage document: all operations or none.
--- https://liveblocks.io/docs/guides/modifying-storage-via-rest-api-with-json-patch
local responses = require "lbhost.local.http.response"
local divided = require "liveblocks.storage.divided"
local document = require "lbhost.local.storage.document"
local equal = require("liveblocks.storage.value").equal
local json = require "liveblocks.json"
local live_text = require "lbhost.local.storage.live_text"
local lson = require "lbhost.local.storage.lson"
local pointer = require "liveblocks.storage.pointer"

local json_patch = {}

local DOCS <const> = "https://liveblocks.io/docs/guides/modifying-storage-via-rest-api-with-json-patch"

-- Raised inside of an operation; the number and the kind of the operation are added where it is caught.
local function refuse(format, ...)
  responses.fail(422, "INVALID_STORAGE_MUTATION_REQUEST", format:format(...), nil, DOCS)
end

local function malformed(format, ...)
  responses.fail(422, "UNPROCESSABLE_ENTITY", format:format(...), nil, DOCS)
end

-- ---- Pointers (RFC 6901) -------------------------------------------------------------------------

local function parse_pointer(text, field)
  if type(text) ~= "string" then malformed("'%s' must be a JSON pointer", field) end
  if text == "" then return {} end
  if text:sub(1, 1) ~= "/" or text:find("~[^01]") or text:find("~$") then
    malformed("'%s' is not a JSON pointer: '%s'", field, text)
  end
  return pointer.split(text)
end

-- An index into a list of `count` items, from 1; `-` and the place after the last one only where one is added.
local function index_of(token, count, adding)
  if adding and token == "-" then return count + 1 end
  local index = (token == "0" or token:find("^[1-9]%d*$")) and math.tointeger(tonumber(token))
  if not index then refuse("Invalid index: %s", token) end
  if index > count or (index == count and not adding) then
    refuse("Index out of bounds: %s in a list of %d", token, count)
  end
  return index + 1
end

-- ---- Places in live structures -------------------------------------------------------------------

local function copy_plain(value)
  if type(value) ~= "table" then return value end
  divided.point()
  local copy = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do copy[key] = copy_plain(item) end
  return copy
end

-- A value, as places take and give it: { node = live node } or { plain = JSON value }.
local function held(node)
  if not node then return nil end
  if node.kind == "Register" then return { plain = node.data } end
  return { node = node }
end

local function as_node(patch, value)
  return value.node or patch.reader:register(value.plain)
end

local places = {}

function places.LiveObject(patch, node, name)
  local doc, place = patch.document, {}
  function place.get()
    if node.data[name] ~= nil then return { plain = node.data[name] } end
    return held(node.children[name])
  end
  function place.add(value)
    if value.node then
      if node.data[name] ~= nil then doc:set_data(node, name, nil) end
      doc:set_child(node, name, value.node)
    else
      if node.children[name] then doc:set_child(node, name, nil) end
      doc:set_data(node, name, value.plain)
    end
  end
  function place.remove()
    if node.children[name] then doc:set_child(node, name, nil) else doc:set_data(node, name, nil) end
  end
  place.replace = place.add
  return place
end

function places.LiveMap(patch, node, key)
  local doc, place = patch.document, {}
  function place.get() return held(node.children[key]) end
  function place.add(value) doc:set_child(node, key, as_node(patch, value)) end
  function place.remove() doc:set_child(node, key, nil) end
  place.replace = place.add
  return place
end

function places.LiveList(patch, node, token)
  local doc, place = patch.document, {}
  local function there() return index_of(token, document.count(node), false) end
  function place.get() return held(document.at(node, there())) end
  function place.add(value)
    doc:insert_at(node, index_of(token, document.count(node), true), as_node(patch, value))
  end
  function place.remove() doc:remove_at(node, there()) end
  function place.replace(value)
    doc:replace_at(node, there(), as_node(patch, value))
  end
  return place
end

local function names_of(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  return names
end

-- The whole document: only what it holds can be replaced.
local function root_place(patch)
  local doc, place = patch.document, {}
  local root = doc.root
  function place.get() return { node = root } end
  function place.add(value)
    local new = value.node
    if not new or new.kind ~= "LiveObject" then refuse("The root must stay a LiveObject") end
    for _, name in ipairs(names_of(root.data)) do doc:set_data(root, name, nil) end
    for _, name in ipairs(names_of(root.children)) do doc:set_child(root, name, nil) end
    for name, plain in pairs(new.data) do doc:set_data(root, name, plain) end
    for name, child in pairs(new.children) do doc:set_child(root, name, child) end
  end
  function place.remove() refuse("The root cannot be removed") end
  place.replace = place.add
  return place
end

local function child_of(node, token)
  if node.kind == "LiveList" then return document.at(node, index_of(token, document.count(node), false)) end
  local child = node.children[token]
  if not child and not (node.data and node.data[token] ~= nil) then refuse("There is nothing at '%s'", token) end
  return child
end

local leaf = { LiveText = true, LiveFile = true }

-- The place that a pointer names. Every parent must be a live structure.
local function find(patch, tokens)
  if not tokens[1] then return root_place(patch) end
  local node = patch.document.root
  for i = 1, #tokens - 1 do
    local child = child_of(node, tokens[i])
    if not child or child.kind == "Register" then
      refuse("'%s' is plain JSON: only a LiveObject, LiveList or LiveMap can be entered", tokens[i])
    end
    if leaf[child.kind] then refuse("'%s' is a %s, which has no paths below its own", tokens[i], child.kind) end
    node = child
  end
  return places[node.kind](patch, node, tokens[#tokens])
end

-- The place that a pointer names, and its value, which must be there.
local function find_existing(patch, tokens)
  local place = find(patch, tokens)
  local value = place.get()
  if value == nil then refuse("There is nothing at '%s'", tokens[#tokens]) end
  return place, value
end

-- ---- Operations ----------------------------------------------------------------------------------

local function value_of(operation)
  if operation.value == nil then malformed("'value' is missing") end
  return operation.value
end

-- A value as a place takes it: objects and lists are made live.
local function given(patch, value)
  local node = patch.reader:read(value, "value")
  return node and { node = node } or { plain = value }
end

local function taken(patch, value, copying)
  if not value.node then return { plain = copy_plain(value.plain) } end
  return { node = copying and lson.copy(patch.document, value.node) or value.node }
end

local operations = {}

function operations.add(patch, operation, path)
  local value = value_of(operation)
  find(patch, path).add(given(patch, value))
end

function operations.remove(patch, _, path)
  local place = find_existing(patch, path)
  place.remove()
end

-- A LiveText stays one, with other segments.
local function replace_text(doc, node, value)
  local data = value
  if type(value) == "string" then data = json.array { value ~= "" and json.array { value } or nil } end
  if not live_text.is_valid(data) then
    refuse("A LiveText is replaced by a string or a list of segments, [text] or [text, attributes]")
  end
  doc:set_text(node, data)
end

function operations.replace(patch, operation, path)
  local value = value_of(operation)
  local place, old = find_existing(patch, path)
  if old.node and old.node.kind == "LiveText" then return replace_text(patch.document, old.node, value) end
  place.replace(given(patch, value))
end

function operations.move(patch, _, path, from)
  if #path > #from then
    local inside = true
    for i, token in ipairs(from) do inside = inside and path[i] == token end
    if inside then refuse("A value cannot be moved into itself") end
  end
  local source, value = find_existing(patch, from)
  if table.concat(path, "\0") == table.concat(from, "\0") and #path == #from then return end
  patch.document:move(value.node, function()
    source.remove()
    find(patch, path).add(taken(patch, value, false))
  end)
end

-- A few copies of the whole into itself would make any document larger than the memory.
local COPIES <const> = 8 * 1024 * 1024

function operations.copy(patch, _, path, from)
  local _, value = find_existing(patch, from)
  patch.copied = patch.copied + (value.node and lson.size(value.node) or 0)
  if patch.copied > COPIES then refuse("The copies of this patch have more than %d bytes together", COPIES) end
  find(patch, path).add(taken(patch, value, true))
end

function operations.test(patch, operation, path)
  local wanted = value_of(operation)
  local _, value = find_existing(patch, path)
  local same
  if value.node then
    same = equal(lson.write_json(value.node), wanted)
      or value.node.kind ~= "LiveText" and equal(lson.write(value.node), wanted)
  else
    same = equal(value.plain, wanted)
  end
  if not same then refuse("The value is not the one that was tested for") end
end

local needs_from = { move = true, copy = true }

local function run(patch, operation)
  divided.point()
  local fn = operations[operation.op]
  if not fn then malformed("'op' must be add, remove, replace, move, copy or test, got '%s'", tostring(operation.op)) end
  local path = parse_pointer(operation.path, "path")
  fn(patch, operation, path, needs_from[operation.op] and parse_pointer(operation.from, "from"))
end

--- Applies a patch; raises 422 and changes nothing when an operation fails.
---@param doc lbhost.local.Document
---@param patch table[] the operations
---@param files table<string, table>? the room's files
function json_patch.apply(doc, patch, files)
  local state = { document = doc, reader = lson.reader(doc, files, true), copied = 0 }
  doc:transaction(function()
    for i, operation in ipairs(patch) do
      local ok, err = pcall(run, state, operation)
      if not ok then
        if responses.is_failure(err) then
          err.message = ("Operation %d (%s %s): %s"):format(i - 1, tostring(operation.op), tostring(operation.path), err.message)
        end
        error(err, 0)
      end
    end
    lson.check_touched(doc)
  end)
end

return json_patch
