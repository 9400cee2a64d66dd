--- Shared types of a Yjs document as JSON values, as Yjs itself writes them.
local any = require "liveblocks.yjs.any"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local sorted_keys = require "liveblocks.sorted_keys"
local values = require "liveblocks.yjs.values"

local render = {}

local undefined = values.undefined

-- ---- Plain values --------------------------------------------------------------------------------

-- As JSON.stringify makes it; nil for what it leaves out of objects.
local function plain(value)
  if value == undefined then return nil end
  if not values.is_binary(value) then return value end
  local object = json.object {}
  for i = 1, #value.bytes do object[tostring(i - 1)] = value.bytes:byte(i) end
  return object
end

-- As JavaScript makes a string of a value.
local function as_text(value)
  if type(value) == "string" then return value end
  if value == undefined then return "undefined" end
  if value == json.null then return "null" end
  if type(value) ~= "table" then return type(value) == "number" and json.encode(plain(value)) or tostring(value) end
  if values.is_binary(value) then return table.concat({ value.bytes:byte(1, -1) }, ",") end
  if not json.is_array(value) then return "[object Object]" end
  local texts = {}
  for i, item in ipairs(value) do texts[i] = (item == undefined or item == json.null) and "" or as_text(item) end
  return table.concat(texts, ",")
end

-- ---- Elements and values -------------------------------------------------------------------------

-- Iterates over what is in a shared type's list: kind, value, name.
local function each(doc, shared)
  local list, at = doc._core:list(shared), -2
  return function()
    at = at + 3
    return list[at], list[at + 1], list[at + 2]
  end
end

-- A value as the core gives it: shared types as { shared = number }.
local function from_core(kind, value, name)
  if name == "any" and (kind == "value" or kind == "embed") then return any.plain(value) end
  if kind == "type" then return { shared = value } end
  if kind == "binary" then return values.binary(value) end
  if kind == "undefined" then return undefined end
  if kind == "document" then return json.object {} end
  return value
end

local function elements(doc, shared)
  local list = {}
  for kind, value, name in each(doc, shared) do
    if kind ~= "format" then list[#list + 1] = from_core(kind, value, name) end
  end
  return list
end

local function is_shared(value)
  return type(value) == "table" and value.shared ~= nil and getmetatable(value) == nil
end

-- Iterates over the keys and values of a map.
local function entries(doc, shared)
  local at = 0
  return function()
    local next_at, key, kind, value, name = doc._core:map_next(shared, at)
    at = next_at
    if next_at then return key, from_core(kind, value, name) end
  end
end

-- ---- Shared types --------------------------------------------------------------------------------

local function text(doc, shared)
  local parts = {}
  for kind, value in each(doc, shared) do
    if kind == "text" then parts[#parts + 1] = value end
  end
  return table.concat(parts)
end

-- The names and values within a format's value, by name.
local function details(value)
  local list = {}
  if type(value) == "string" then
    for i = 1, utf8.len(value) do list[i] = { tostring(i - 1), value:sub(utf8.offset(value, i), utf8.offset(value, i + 1) - 1) } end
  elseif type(value) == "table" and value ~= undefined and json.is_array(value) then
    for i, item in ipairs(value) do list[i] = { tostring(i - 1), item } end
  elseif type(value) == "table" and value ~= undefined then
    for _, key in ipairs(sorted_keys(value)) do list[#list + 1] = { key, value[key] } end
  end
  return list
end

local function formatted(inner, formats)
  local names = sorted_keys(formats)
  local out = {}
  for _, name in ipairs(names) do
    out[#out + 1] = "<" .. name
    for _, detail in ipairs(details(formats[name])) do out[#out + 1] = (' %s="%s"'):format(detail[1], as_text(detail[2])) end
    out[#out + 1] = ">"
  end
  out[#out + 1] = inner
  for i = #names, 1, -1 do out[#out + 1] = ("</%s>"):format(names[i]) end
  return table.concat(out)
end

local show

-- Is what is embedded in texts shown as well? Yjs does not.
local whole = false

local function attributes_text(doc, shared)
  local found, out = {}, {}
  for key, value in entries(doc, shared) do found[key] = value end
  for _, key in ipairs(sorted_keys(found)) do out[#out + 1] = (' %s="%s"'):format(key, as_text(found[key])) end
  return table.concat(out)
end

-- Types that JavaScript makes a string of as they say it.
local has_text = { text = true, ["xml text"] = true, ["xml element"] = true, ["xml fragment"] = true }

local function embedded(doc, kind, value, name)
  if not whole then
    local inner = kind == "type" and values.kinds[(doc._core:kind(value))]
    return has_text[inner] and show(doc, value) or as_text(from_core(kind, value, name))
  end
  local made = from_core(kind, value, name)
  if kind == "type" then made = show(doc, value) else made = plain(made) end
  return type(made) == "string" and made or json.encode(made == nil and json.null or made)
end

-- A text with its formats as tags.
local function xml_text(doc, shared)
  local out, pending, formats = {}, {}, {}
  local function flush()
    if pending[1] then out[#out + 1] = formatted(table.concat(pending), formats) end
    pending = {}
  end
  for kind, value, name in each(doc, shared) do
    if kind == "text" then
      pending[#pending + 1] = value
    else
      flush()
      if kind ~= "format" then
        out[#out + 1] = formatted(embedded(doc, kind, value, name), formats)
      elseif value == json.null then
        formats[name] = nil
      else
        formats[name] = value
      end
    end
  end
  flush()
  -- Lexical and Slate keep what kind of block a text is in its attributes.
  local attributes = whole and attributes_text(doc, shared) or ""
  return attributes == "" and table.concat(out) or ("<text%s>%s</text>"):format(attributes, table.concat(out))
end

local function xml_children(doc, shared)
  local parts = {}
  for i, element in ipairs(elements(doc, shared)) do
    parts[i] = as_text(is_shared(element) and show(doc, element.shared) or element)
  end
  return table.concat(parts)
end

local function xml_element(doc, shared)
  local _, node_name = doc._core:kind(shared)
  local name = (node_name or "undefined"):lower()
  return ("<%s%s>%s</%s>"):format(name, attributes_text(doc, shared), xml_children(doc, shared), name)
end

local function map(doc, shared)
  local object = json.object {}
  for key, value in entries(doc, shared) do
    if is_shared(value) then object[key] = show(doc, value.shared) else object[key] = plain(value) end
  end
  return object
end

local function array(doc, shared)
  local list = json.array {}
  for i, element in ipairs(elements(doc, shared)) do
    local made
    if is_shared(element) then made = show(doc, element.shared) else made = plain(element) end
    list[i] = made == nil and json.null or made
  end
  return list
end

-- A text as the list of its parts: texts, formats that begin or end, embedded values.
local function parts_of_text(doc, shared)
  local list, last = json.array {}, nil
  for kind, value, name in each(doc, shared) do
    if kind == "text" then
      if last == "text" then list[#list] = list[#list] .. value else list[#list + 1] = value end
    elseif kind == "format" then
      list[#list + 1] = { key = name, value = value }
    elseif kind == "type" then
      list[#list + 1] = show(doc, value)
    else
      list[#list + 1] = plain(from_core(kind, value, name))
    end
    last = kind
  end
  return list
end

local by_kind = {
  array = array, map = map, text = text, ["xml element"] = xml_element, ["xml fragment"] = xml_children, ["xml hook"] = map,
  ["xml text"] = xml_text,
}

local DEPTH = 1000 -- as of JSON
local depth = 0

-- What an unknown root type is: updates do not say it, so it is inferred from what is in it. nil when nothing is left.
local function guess(doc, shared)
  local is_text
  for kind, value in each(doc, shared) do
    if kind == "type" then
      return values.kinds[(doc._core:kind(value))]:find("^xml") and "xml fragment" or is_text and "text" or "array"
    end
    if kind ~= "text" and kind ~= "format" and kind ~= "embed" then return "array" end
    is_text = true
  end
  if is_text then return "text" end
  return entries(doc, shared)() ~= nil and "map" or nil
end

local function kind_of(doc, shared)
  local kind = values.kinds[(doc._core:kind(shared))]
  return kind == "unknown" and guess(doc, shared) or kind
end

--- What a shared type is, as far as its content says when nothing else does; "unknown" when it is empty.
---@param doc liveblocks.yjs.Document
---@param shared integer its number
---@return string
function render.kind(doc, shared) return kind_of(doc, shared) end

function show(doc, shared, as)
  local kind = as or kind_of(doc, shared)
  if not by_kind[kind] then return nil end
  depth = depth + 1
  if depth > DEPTH then
    error(errors.new("yjs", ("the document cannot be shown: it has more than %d levels of shared types"):format(DEPTH)), 0)
  end
  local shown = by_kind[kind](doc, shared)
  depth = depth - 1
  return shown
end

--- A shared type as Yjs's toJSON has it.
---@param doc liveblocks.yjs.Document
---@param shared integer its number
---@return any
function render.value(doc, shared)
  depth, whole = 0, false
  return show(doc, shared)
end

-- ---- Shared types of the document itself ---------------------------------------------------------

--- What the API calls the kinds of shared types.
local requested = { ymap = "map", ytext = "text", yarray = "array", yxmlfragment = "xml fragment", yxmltext = "xml text" }

--- Options of a caller, checked.
---@param options { key: string?, type: string?, formatting: boolean? }
---@param what string for messages
---@return table
function render.options(options, what)
  if options.type ~= nil and not requested[options.type] then
    errors.usage("%s: type must be one of %s, got '%s'%s", what, table.concat(sorted_keys(requested), ", "), options.type,
      errors.hint(options.type, requested))
  end
  return options
end

local function show_root(doc, shared, options)
  if options.formatting and kind_of(doc, shared) == "text" then return parts_of_text(doc, shared) end
  return show(doc, shared)
end

--- The shared types of a document by their names; or the one that is named in options.key, under its name, or when
--- options.type says what it is, alone.
---@param doc liveblocks.yjs.Document
---@param options { key: string?, type: string?, formatting: boolean?, whole: boolean? } whole: with what is embedded in XML
---texts, which Yjs leaves out, and with their attributes
---@return any
function render.json(doc, options)
  depth, whole = 1, options.whole or false -- the object with the names is a level
  local out, roots = json.object {}, {}
  for _, shared in ipairs(doc._core:roots()) do
    local _, name = doc._core:kind(shared)
    roots[name] = shared
  end
  if options.key then
    local shared, kind = roots[options.key], requested[options.type]
    if kind and not shared then return kind == "map" and json.object {} or kind == "array" and json.array {} or "" end
    if kind then return show(doc, shared, kind) end
    if not shared then
      out[options.key] = ""
      return out
    end
    out[options.key] = show_root(doc, shared, options)
    return out
  end
  for name, shared in pairs(roots) do out[name] = show_root(doc, shared, options) end
  return out
end

return render
