--- Shared types of a Yjs document as JSON values, as Yjs itself writes them.
local document = require "liveblocks.yjs.document"
local json = require "liveblocks.json"
local reader = require "liveblocks.yjs.reader"

local render = {}

local undefined = reader.undefined

-- ---- Plain values --------------------------------------------------------------------------------

-- As JSON.stringify makes it; nil for what it leaves out of objects.
local function plain(value)
  if value == undefined then return nil end
  if type(value) == "number" and (value ~= value or value == math.huge or value == -math.huge) then return json.null end
  if type(value) ~= "table" then return value end
  if reader.is_binary(value) then
    local object = json.object {}
    for i = 1, #value.bytes do object[tostring(i - 1)] = value.bytes:byte(i) end
    return object
  end
  local copy = json.is_array(value) and json.array {} or json.object {}
  if json.is_array(value) then
    for i, item in ipairs(value) do
      local made = plain(item)
      copy[i] = made == nil and json.null or made
    end
  else
    for key, item in pairs(value) do copy[key] = plain(item) end
  end
  return copy
end

-- As JavaScript makes a text of a value.
local function as_text(value)
  if type(value) == "string" then return value end
  if value == undefined then return "undefined" end
  if value == json.null then return "null" end
  if type(value) ~= "table" then return type(value) == "number" and json.encode(plain(value)) or tostring(value) end
  if reader.is_binary(value) then return table.concat({ value.bytes:byte(1, -1) }, ",") end
  if not json.is_array(value) then return "[object Object]" end
  local texts = {}
  for i, item in ipairs(value) do texts[i] = (item == undefined or item == json.null) and "" or as_text(item) end
  return table.concat(texts, ",")
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- ---- Elements and values -------------------------------------------------------------------------

-- The elements of a shared type's list: plain values, shared types as { shared = type }.
local function elements(shared)
  local list = {}
  for item in document.items(shared) do
    if item.kind == "json" then
      table.move(item.content, 1, #item.content, #list + 1, list)
    elseif item.kind == "type" then
      list[#list + 1] = { shared = item.shared }
    elseif item.kind == "text" then
      list[#list + 1] = item.content
    elseif item.kind == "document" then
      list[#list + 1] = json.object {}
    elseif item.kind ~= "format" then
      list[#list + 1] = item.content
    end
  end
  return list
end

local function is_shared(value)
  return type(value) == "table" and value.shared ~= nil and getmetatable(value) == nil
end

local function value_of(item)
  if item.kind == "json" then return item.content[#item.content] end
  if item.kind == "type" then return { shared = item.shared } end
  if item.kind == "document" then return json.object {} end
  return item.content
end

-- ---- Shared types --------------------------------------------------------------------------------

local function text(shared)
  local parts = {}
  for item in document.items(shared) do
    if item.kind == "text" then parts[#parts + 1] = item.content end
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

-- A text with its formats as tags.
local function xml_text(shared)
  local out, pending, formats = {}, {}, {}
  local function flush()
    if pending[1] then out[#out + 1] = formatted(table.concat(pending), formats) end
    pending = {}
  end
  for item in document.items(shared) do
    if item.kind == "text" then
      pending[#pending + 1] = item.content
    elseif item.kind == "format" then
      flush()
      if item.content.value == json.null then formats[item.content.key] = nil else formats[item.content.key] = item.content.value end
    elseif item.kind == "type" or item.kind == "embed" then
      flush()
      out[#out + 1] = formatted("[object Object]", formats)
    end
  end
  flush()
  return table.concat(out)
end

local show

local function xml_children(shared)
  local parts = {}
  for i, element in ipairs(elements(shared)) do
    local shown = element
    if is_shared(element) then shown = show(element.shared) end
    parts[i] = as_text(shown)
  end
  return table.concat(parts)
end

local function xml_element(shared)
  local name, attributes = (shared.name or "undefined"):lower(), {}
  for _, key in ipairs(sorted_keys(shared.map)) do
    local item = shared.map[key]
    if not item.deleted then attributes[#attributes + 1] = (' %s="%s"'):format(key, as_text(value_of(item))) end
  end
  return ("<%s%s>%s</%s>"):format(name, table.concat(attributes), xml_children(shared), name)
end

local function map(shared)
  local object = json.object {}
  for key, item in pairs(shared.map) do
    if not item.deleted then
      local value = value_of(item)
      if is_shared(value) then object[key] = show(value.shared) else object[key] = plain(value) end
    end
  end
  return object
end

local function array(shared)
  local list = json.array {}
  for i, element in ipairs(elements(shared)) do
    local made
    if is_shared(element) then made = show(element.shared) else made = plain(element) end
    list[i] = made == nil and json.null or made
  end
  return list
end

-- A text as the list of its parts: texts, formats that begin or end, embedded values.
local function parts_of_text(shared)
  local list, last = json.array {}, nil
  for item in document.items(shared) do
    if item.kind == "text" then
      if last == "text" then list[#list] = list[#list] .. item.content else list[#list + 1] = item.content end
    elseif item.kind == "format" then
      list[#list + 1] = { key = item.content.key, value = plain(item.content.value) }
    elseif item.kind == "embed" then
      list[#list + 1] = plain(item.content)
    elseif item.kind == "type" then
      list[#list + 1] = show(item.shared)
    end
    last = item.kind
  end
  return list
end

local by_kind = {
  array = array, map = map, text = text, ["xml element"] = xml_element, ["xml fragment"] = xml_children, ["xml hook"] = map,
  ["xml text"] = xml_text,
}

local DEPTH = 100
local depth = 0

function show(shared)
  depth = depth + 1
  if depth > DEPTH then reader.fail("shared types are nested deeper than %d levels", DEPTH) end
  local shown = by_kind[shared.kind](shared)
  depth = depth - 1
  return shown
end

-- ---- Shared types of the document itself ---------------------------------------------------------

local requested = { ymap = "map", ytext = "text", yarray = "array", yxmlfragment = "xml fragment", yxmltext = "xml text" }

-- What a shared type of the document is: updates do not say it, so what is in it has to tell. nil when nothing is left.
local function guess(shared)
  local is_text
  for item in document.items(shared) do
    if item.kind == "type" then
      return item.shared.kind:find("^xml") and "xml fragment" or is_text and "text" or "array"
    end
    if item.kind ~= "text" and item.kind ~= "embed" and item.kind ~= "format" then return "array" end
    is_text = true
  end
  if is_text then return "text" end
  return next(shared.map) ~= nil and "map" or nil
end

local function show_root(shared, options)
  local kind = guess(shared)
  if not kind then return nil end
  if kind == "text" and options.formatting then return parts_of_text(shared) end
  return by_kind[kind](shared)
end

--- The shared types of a document by their names; or the one that is named in options.key, under its name, or when
--- options.type says what it is, alone.
---@param doc liveblocks.yjs.Document
---@param options { key: string?, type: string?, formatting: boolean? }
---@return any
function render.json(doc, options)
  depth = 0
  local out = json.object {}
  if options.key then
    local shared = doc.roots[options.key]
    if not shared then
      out[options.key] = ""
      return out
    end
    local kind = requested[options.type]
    if kind then return by_kind[kind](shared) end
    out[options.key] = show_root(shared, options)
    return out
  end
  for _, name in ipairs(doc.names) do out[name] = show_root(doc.roots[name], options) end
  return out
end

return render
