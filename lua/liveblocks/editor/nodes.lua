--- ProseMirror's JSON, { type =, attrs =, content =, text =, marks = }, from and to the items of an XML fragment.
local any = require "liveblocks.yjs.any"
local canonical = require "liveblocks.editor.canonical"
local contents = require "liveblocks.editor.content"
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local runs = require "liveblocks.editor.runs"
local values = require "liveblocks.yjs.values"
local xml = require "liveblocks.editor.xml"

local nodes = {}

-- y-prosemirror gives marks that may overlap with themselves a name for each: "comment--" and eight characters of base64.
local function mark_name(attribute)
  return attribute:match("^(.*)%-%-[%w+/=][%w+/=][%w+/=][%w+/=][%w+/=][%w+/=][%w+/=][%w+/=]$") or attribute
end

-- Attributes with the defaults of those that are not there.
local function filled(attributes, defaults)
  local all = {}
  for name, value in pairs(defaults or {}) do all[name] = value end
  for name, value in pairs(attributes or {}) do all[name] = value end
  return all
end

local function without_null(attributes)
  local some = {}
  for name, value in pairs(attributes) do
    if value ~= json.null then some[name] = value end
  end
  return some
end

-- ---- To JSON -------------------------------------------------------------------------------------

local function by_rank(schema)
  return function(a, b)
    local x, y = schema.rank[a.type] or math.huge, schema.rank[b.type] or math.huge
    if x ~= y then return x < y end
    if a.type ~= b.type then return a.type < b.type end
    return a.order < b.order
  end
end

-- As JSON.stringify has it, of a value that JSON does not have.
local function plain_of(value)
  if xml.is_plain(value) then return value end
  local kind = values.stands_for(value)
  if kind == "undefined" or kind == "document" then return json.null end
  return any.plain(any.encode(value, "to_json"))
end

local function marks_of(attributes, how)
  local list = {}
  for key, value in pairs(attributes) do
    if value ~= json.null then
      local name = mark_name(key)
      -- What is a string, a number or a list instead of attributes stays so, under this name.
      local shown = plain_of(value)
      local given = contents.is_object(shown) and shown or shown ~= true and { value = shown } or nil
      local attrs = filled(given, how.schema.marks[name])
      list[#list + 1] = { type = name, attrs = next(attrs) ~= nil and attrs or nil }
      list[#list].order = canonical(list[#list].attrs or {})
      how.known[name .. " " .. list[#list].order] = { key, value }
    end
  end
  table.sort(list, by_rank(how.schema))
  local marks = json.array {}
  for i, mark in ipairs(list) do marks[i] = { type = mark.type, attrs = mark.attrs } end
  return marks[1] and marks
end

local to_nodes

local function add_text(list, item, how)
  for _, segment in ipairs(item.segments) do
    local node
    if segment.text then
      node = { type = "text", text = segment.text }
    else
      local embed = segment.embed
      node = { type = "yjsEmbed", attrs = { value = embed } }
      if not xml.is_plain(embed) then node = { type = xml.OPAQUE, attrs = { id = canonical(embed) } } end
      how.embeds[canonical(embed)] = embed
    end
    node.marks = segment.attributes and marks_of(segment.attributes, how) or nil
    list[#list + 1] = node
  end
end

local function to_node(item, how)
  if item.kind == "opaque" then
    local shared = item.shared
    how.opaque[tostring(item.id)] = item
    return { type = xml.OPAQUE, attrs = { id = tostring(item.id), value = shared and shared:to_json() or plain_of(item.value) } }
  end
  local attrs = filled(item.attributes, how.schema.nodes[item.name])
  local content = to_nodes(item.children, how)
  item.attributes = without_null(attrs)
  return { type = item.name, attrs = next(attrs) ~= nil and attrs or nil, content = content[1] and content or nil }
end

function to_nodes(items, how)
  local list = json.array {}
  for _, item in ipairs(items) do
    if item.kind == "text" then add_text(list, item, how) else list[#list + 1] = to_node(item, how) end
  end
  return list
end

--- What reading has found out, for writing: the schema, the marks and the values that JSON cannot have.
function nodes.context(schema) return { schema = schema, known = {}, embeds = {}, opaque = {} } end

--- Nodes from items. The attributes of the items get the defaults of the schema.
---@param items table[]
---@param how table nodes.context
---@return table[]
function nodes.of_items(items, how) return to_nodes(items, how) end

-- ---- From JSON -----------------------------------------------------------------------------------

local function fail(path, message, ...)
  errors.usage("set_content: %s: " .. message, path, ...)
end

local function check_node(node, path)
  if not contents.is_object(node) then fail(path, "a node expected, got %s", contents.name_of(node)) end
  if type(node.type) ~= "string" or node.type == "" then
    fail(path .. ".type", "the name of a node expected, got %s", errors.a(type(node.type)))
  end
  if node.attrs ~= nil and node.attrs ~= json.null and not contents.is_object(node.attrs) then
    fail(path .. ".attrs", "a table of attributes expected, got %s", contents.name_of(node.attrs))
  end
end

-- Eight characters for a mark, others for each of its type.
local function hash(mark) return crypto.base64_encode(crypto.hmac_sha256("", canonical(mark)):sub(1, 6)) end

local function mark_attribute(mark, path, how)
  if type(mark) == "string" then mark = { type = mark } end
  check_node(mark, path)
  local name = mark.type
  local attrs = filled(mark.attrs ~= json.null and mark.attrs or nil, how.schema.marks[name])
  local known = how.known[name .. " " .. canonical(attrs)]
  if known then return known[1], known[2] end
  if next(attrs) == nil then attrs = json.object {} end
  if how.schema.overlapping[name] then name = ("%s--%s"):format(name, hash { type = name, attrs = attrs }) end
  return name, attrs
end

local function attributes_of(marks, path, how)
  if marks == nil or marks == json.null then return nil end
  if not contents.is_list(marks) then fail(path, "a list of marks expected, got %s", contents.name_of(marks)) end
  local attributes = {}
  for i, mark in ipairs(marks) do
    local key, value = mark_attribute(mark, ("%s[%d]"):format(path, i), how)
    attributes[key] = value
  end
  return next(attributes) ~= nil and attributes or nil
end

local function segment_of(node, path, how)
  local attributes = attributes_of(node.marks, path .. ".marks", how)
  if node.type == "text" then
    if type(node.text) ~= "string" then fail(path .. ".text", "a string expected, got %s", errors.a(type(node.text))) end
    return { text = node.text, attributes = attributes }
  end
  if node.type == "yjsEmbed" then return { embed = node.attrs and node.attrs.value, attributes = attributes } end
  local embed = node.type == xml.OPAQUE and node.attrs and how.embeds[node.attrs.id]
  return embed and { embed = embed, attributes = attributes } or nil
end

local from_nodes

local function to_item(node, path, depth, how)
  if node.type == xml.OPAQUE then
    local item = how.opaque[node.attrs and tostring(node.attrs.id)] or xml.no_opaque(path)
    return { kind = "opaque", id = item.id }
  end
  local attrs = filled(node.attrs ~= json.null and node.attrs or nil, how.schema.nodes[node.type])
  return { kind = "element", name = node.type, attributes = without_null(attrs),
    children = from_nodes(node.content, path .. ".content", depth + 1, how) }
end

function from_nodes(list, path, depth, how)
  xml.check_depth(depth)
  if list == nil or list == json.null then return {} end
  if not contents.is_list(list) then fail(path, "a list of nodes expected, got %s", contents.name_of(list)) end
  local items = {}
  for i, node in ipairs(list) do
    local here = ("%s[%d]"):format(path, i)
    check_node(node, here)
    local segment = segment_of(node, here, how)
    local last = items[#items]
    if not segment then
      items[#items + 1] = to_item(node, here, depth, how)
    elseif last and last.kind == "text" then
      last.segments[#last.segments + 1] = segment
    else
      items[#items + 1] = { kind = "text", segments = { segment } }
    end
  end
  local kept = {}
  for _, item in ipairs(items) do
    if item.kind == "text" then item.segments = runs.tidy(item.segments) end
    if item.kind ~= "text" or item.segments[1] then kept[#kept + 1] = item end
  end
  return kept
end

--- Items from nodes.
---@param list table[]
---@param how table nodes.context
---@return table[]
function nodes.to_items(list, how) return from_nodes(list, "$.content", 0, how) end

return nodes
