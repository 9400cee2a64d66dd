--- XML fragments of Yjs as items (see merge.lua), and the smallest change that makes them other items. This is how y-prosemirror
--- keeps a document: an element for a node with its attributes, an XML text with formats for the text between nodes.
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local merge = require "liveblocks.editor.merge"
local runs = require "liveblocks.editor.runs"
local values = require "liveblocks.yjs.values"

local xml = {}

xml.DEPTH = 1000 -- as in JSON

--- Raises an error when nodes are nested too deep.
function xml.check_depth(depth)
  if depth > xml.DEPTH then
    error(errors.new("yjs", ("the document has more than %d levels of nodes"):format(xml.DEPTH)), 0)
  end
end

--- Is it a value that JSON has, with all that is in it? Attributes with others are left alone.
function xml.is_plain(value)
  return values.is_plain(value) and (type(value) ~= "table" or (pcall(json.encode, value)))
end

-- ---- Reading -------------------------------------------------------------------------------------

local function attributes_of(shared)
  local attributes = shared:get_attributes()
  for name, value in pairs(attributes) do
    if value == json.null or not xml.is_plain(value) then attributes[name] = nil end
  end
  return attributes
end

local function read_text(shared)
  return runs.of_delta(shared:to_delta())
end

-- Names that mean something else in JSON: elements of these names stand for themselves.
local reserved = { text = true, yjs = true, yjsEmbed = true, yjsNode = true }

local read_children

local function read_node(shared, depth)
  local kind = shared:kind()
  if kind == "xml text" or kind == "text" then
    return { kind = "text", segments = read_text(shared), shared = { shared } }
  elseif kind == "xml element" and not reserved[shared:node_name()] then
    return { kind = "element", name = shared:node_name(), attributes = attributes_of(shared), shared = shared,
      children = read_children(shared, depth + 1) }
  end
  return { kind = "opaque", id = shared._yjs, shared = shared }
end

function read_children(parent, depth)
  xml.check_depth(depth)
  local items = {}
  for position, shared in ipairs(parent:to_array()) do
    local item
    if type(shared) == "table" and rawget(shared, "_yjs") then
      item = read_node(shared, depth)
    else
      item = { kind = "opaque", id = "value " .. position, value = shared }
    end
    local last = items[#items]
    if item.kind == "text" and last and last.kind == "text" then
      -- Texts side by side, which were made at the same time, are one for an editor.
      for _, segment in ipairs(item.segments) do last.segments[#last.segments + 1] = segment end
      last.shared[#last.shared + 1] = shared
    else
      items[#items + 1] = item
    end
  end
  for _, item in ipairs(items) do
    if item.kind == "text" then item.segments = runs.tidy(item.segments) end
  end
  return items
end

--- The children of a fragment or an element.
---@param parent liveblocks.yjs.Type
---@return table[] items
function xml.read(parent) return read_children(parent, 0) end

-- ---- Writing -------------------------------------------------------------------------------------

local function sorted(attributes)
  local names = {}
  for name in pairs(attributes) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function delta_of(segments)
  local delta = {}
  for i, segment in ipairs(segments) do
    local insert = segment.embed
    if segment.text then insert = segment.text end
    delta[i] = { insert = insert, attributes = segment.attributes }
  end
  return delta
end

-- A new type; what it holds is put into it later, so that deep nodes are not nested calls.
local function made(item, later)
  local function fill(shared) later[#later + 1] = { shared, item } end
  if item.kind == "text" then return values.new("xml text", nil, { fill = fill }, "set_content") end
  if item.kind == "opaque" then
    errors.usage("a node of type '%s' stands for a value of the document that it was read from; it cannot be inserted", xml.OPAQUE)
  end
  return values.new("xml element", item.name, { fill = fill }, "set_content")
end

local function insert(parent, position, items)
  local later = {}
  local function put(shared, at, list)
    local new = {}
    for i, item in ipairs(list) do new[i] = made(item, later) end
    shared:insert(at, new)
  end
  put(parent, position, items)
  while later[1] do
    local shared, item = later[#later][1], later[#later][2]
    later[#later] = nil
    if item.kind == "text" then
      if item.segments[1] then shared:apply_delta(delta_of(item.segments)) end
    else
      if item.children[1] then put(shared, 0, item.children) end
      if item.named and item.attributes[item.named] == nil then item.attributes[item.named] = crypto.random_id(10) end
      for _, name in ipairs(sorted(item.attributes)) do shared:set_attribute(name, item.attributes[name]) end
    end
  end
end

local function change_text(parent, position, old, new)
  local first = old.shared[1]
  if old.shared[2] then
    -- What the others hold goes into the first.
    parent:delete(position + 1, #old.shared - 1)
    old = { segments = runs.tidy(read_text(first)) }
  end
  local delta = runs.difference(old.segments, new.segments)
  if delta then first:apply_delta(delta) end
end

--- Sets and removes attributes where they differ.
---@param old table<string, any> with the defaults of those that are not there
---@param new table<string, any>
local function change_attributes(shared, old, new)
  for _, name in ipairs(sorted(new)) do
    if old[name] == nil or not merge.equal(old[name], new[name]) then shared:set_attribute(name, new[name]) end
  end
  for _, name in ipairs(sorted(old)) do
    if new[name] == nil and shared:has_attribute(name) then shared:remove_attribute(name) end
  end
end

xml.change_attributes = change_attributes

local function size_of(item) return item.kind == "text" and #item.shared or 1 end

-- Empty texts that no new text takes the place of stay where they are.
local function without_empty(old)
  local list, is_empty = {}, {}
  for _, item in ipairs(old) do
    if item.kind == "text" and not item.segments[1] then is_empty[item] = true else list[#list + 1] = item end
  end
  return list, is_empty
end

local write

-- Takes the steps from the left to the right, and gathers what is inserted at one place.
local function take(parent, old, steps)
  local position, waiting, at = 0, {}, 1
  local _, is_empty = without_empty(old)
  local function skip_empty()
    while old[at] and is_empty[old[at]] do
      position = position + size_of(old[at])
      at = at + 1
    end
  end
  local function put()
    if not waiting[1] then return end
    -- An empty text that is here already takes the first new one.
    local empty = old[at]
    if empty and is_empty[empty] and waiting[1].kind == "text" then
      change_text(parent, position, empty, table.remove(waiting, 1))
      position = position + 1
      at = at + 1
    end
    if waiting[1] then insert(parent, position, waiting) end
    position = position + #waiting
    waiting = {}
  end
  for _, step in ipairs(steps) do
    local action, item = step[1], step[2]
    if action == "insert" then
      waiting[#waiting + 1] = item
    else
      put()
      skip_empty()
      if action == "delete" then
        parent:delete(position, size_of(item))
      elseif action == "change" and item.kind == "text" then
        change_text(parent, position, item, step[3])
        position = position + 1
      else
        if action == "change" then
          -- What must have a name keeps the one that it has.
          local named = step[3].named
          if named and step[3].attributes[named] == nil then step[3].attributes[named] = item.attributes[named] end
          change_attributes(item.shared, item.attributes, step[3].attributes)
          write(item.shared, item.children, step[3].children)
        end
        position = position + size_of(item)
      end
      at = at + 1
    end
  end
  put()
end

function write(parent, old, new)
  local real = without_empty(old)
  take(parent, old, merge.steps(real, new))
end

--- Makes the children of a fragment or an element, which were read as `old`, those of `new`.
---@param parent liveblocks.yjs.Type
---@param old table[] items of xml.read
---@param new table[] items
function xml.write(parent, old, new)
  local known = {}
  merge.number(old, known)
  merge.number(new, known)
  parent.document:transact(function() write(parent, old, new) end)
end

--- The type of nodes that stand for what JSON cannot have.
xml.OPAQUE = "yjs"

--- Raises an error for such a node from elsewhere.
function xml.no_opaque(path)
  errors.usage("set_content: %s: a node of type '%s' stands for a value of the document that it was read from", path, xml.OPAQUE)
end

xml.sorted = sorted

return xml
