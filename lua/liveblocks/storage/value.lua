--- What a part of the document is as JSON: in a patch, in plain LSON, or simplified.
local divided = require "liveblocks.storage.divided"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"

local value = {}

local DEPTH = 1000

-- ---- Equality ------------------------------------------------------------------------------------

--- Are two JSON values equal? Numbers are, when they have the same value.
function value.equal(a, b)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  if next(a) == nil and next(b) == nil then return node.is_array(a) == node.is_array(b) end
  divided.point()
  for key, item in pairs(a) do
    local other = b[key]
    if other == nil or not value.equal(item, other) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- ---- Forms ---------------------------------------------------------------------------------------

-- How a Live structure is written, by form.
local wrap = {
  -- As a patch sees the document: Live structures are objects and lists, a LiveText is its segments; only files are marked.
  patch = function(kind, data)
    if kind ~= "LiveFile" then return data end
    return json.object { liveblocksType = kind, data = data }
  end,
  lson = function(kind, data)
    return json.object { liveblocksType = kind, data = data }
  end,
  -- As the API's `format = "json"`.
  json = function(_, data) return data end,
}

local function make(entry, form, inside, depth)
  if type(entry) ~= "table" then return entry end
  if depth > DEPTH then errors.usage("a Live structure cannot contain itself") end
  divided.point()
  if not node.is(entry) then
    local known = inside and inside.doc and inside.doc.nodes[entry]
    if known then
      entry = known
    elseif inside and inside.kind == "plain" then
      return entry
    else
      local kind = node.kind_of(entry)
      if kind == "plain" then return entry end
      if node.kinds[kind] == "leaf" then return wrap[form](kind, entry.data) end
      local out = kind == "LiveList" and json.array {} or json.object {}
      for key, item in pairs(entry.data) do
        if type(item) == "table" then item = make(item, form, inside, depth + 1) end
        out[key] = item
      end
      return wrap[form](kind, out)
    end
  end
  local entries = entry:entries()
  if node.kinds[entry.kind] == "leaf" then return wrap[form](entry.kind, entries) end
  local out = entry.list and json.array {} or json.object {}
  for key, item in pairs(entries) do out[key] = make(item, form, entry, depth + 1) end
  return entry.kind == "plain" and out or wrap[form](entry.kind, out)
end

--- An entry as JSON.
---@param entry any
---@param form "patch"|"lson"|"json"
---@param inside liveblocks.storage.Node? the node it is an entry of
function value.form(entry, form, inside)
  return make(entry, form, inside, 1)
end

--- A raw entry as it was read, as a patch sees it.
function value.before(entry)
  return make(entry, "patch", nil, 1)
end

-- ---- What the API makes of a value ---------------------------------------------------------------

local fragile = { plain = true, LiveMap = true, LiveText = true }

--- Whether the API, given this entry as the value of an operation, makes the same of it: it turns objects and lists
--- into LiveObject and LiveList, so plain ones and a LiveMap do not survive, and it makes no LiveText.
---@param entry any
---@param inside liveblocks.storage.Node? the node it is an entry of
---@param allowed table<string, any>? kinds that do not matter
---@return string? kind "plain", "LiveMap" or "LiveText", the first that does not survive
function value.damaged(entry, inside, allowed, depth)
  if type(entry) ~= "table" then return nil end
  depth = depth or 1
  if depth > DEPTH then errors.usage("a Live structure cannot contain itself") end
  divided.point()
  local kind, entries
  local known = node.is(entry) and entry or (inside and inside.doc and inside.doc.nodes[entry])
  if known then
    kind, entries, inside = known.kind, known:entries(), known
  else
    kind = node.kind_of(entry)
    entries = entry.data
  end
  if fragile[kind] and not (allowed and allowed[kind]) then return kind end
  if kind == "plain" or node.kinds[kind] == "leaf" then return nil end
  for _, item in pairs(entries) do
    local found = value.damaged(item, inside, allowed, depth + 1)
    if found then return found end
  end
end

--- The form of a raw Live structure as a patch sees it, if neither a LiveText nor a LiveFile is in it.
---@param raw table
---@param holds_leaf table<table, boolean> what is known about raw tables and what is found out now
---@return table? form nil when it holds one
function value.without_leaf(raw, holds_leaf)
  local kind, found = node.kind_of(raw), false
  local out = kind == "LiveList" and json.array {} or json.object {}
  divided.point()
  for key, item in pairs(raw.data) do
    if type(item) == "table" then
      local item_kind = node.kind_of(item)
      if node.kinds[item_kind] == "leaf" then
        found = true
      elseif item_kind ~= "plain" then
        item = value.without_leaf(item, holds_leaf)
        found = found or item == nil
      end
    end
    out[key] = item
  end
  holds_leaf[raw] = found
  return not found and out or nil
end

--- Is an entry a LiveText?
function value.is_text(entry)
  if type(entry) ~= "table" then return false end
  return (node.is(entry) and entry.kind or node.kind_of(entry)) == "LiveText"
end

--- Is there a LiveText in a raw entry, or is it one?
function value.holds_text(raw)
  if type(raw) ~= "table" then return false end
  local kind = node.kind_of(raw)
  if kind == "LiveText" then return true end
  if kind == "plain" or kind == "LiveFile" then return false end
  divided.point()
  for _, item in pairs(raw.data) do
    if type(item) == "table" and value.holds_text(item) then return true end
  end
  return false
end

return value
