-- Where the endpoint table and the official SDKs do not say the same: a list of lines, from what python_facts.py and
-- node_facts.mjs have found and the differences that are known.
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local notation = require "tests.drift.notation"
local types = require "liveblocks.types"

local rows, by_request, names = liveblocks.endpoints(), {}, {}

-- A path without the names of its parameters.
local function shape(path) return (path:gsub("{[^}]*}", "{}")) end

for _, row in ipairs(rows) do
  local key = row.method .. " " .. shape(row.path)
  by_request[key] = by_request[key] or {}
  table.insert(by_request[key], row)
  names[row.name] = row
  for alias in row.aliases:gmatch "%S+" do names[alias] = row end
end

-- ---- What was found ------------------------------------------------------------------------------

local found, used, known

--- Notes a difference. `where` names the place: an operation, a field of it, an event.
local function differs(where, what, ...)
  local text = what:format(...)
  for i, row in ipairs(known) do
    if where:find(row.where) and (not row.what or text:find(row.what)) then
      used[i] = true
      return
    end
  end
  found[#found + 1] = ("%s: %s"):format(where, text)
end

-- ---- Types ---------------------------------------------------------------------------------------

local compare

local function compare_records(where, ours, theirs)
  for name, field in pairs(theirs.fields) do
    local place = where .. "." .. name
    local mine = ours.fields[name]
    if not mine then
      differs(place, "is missing; %s: %s", field.required and "required" or "optional", notation.text(field.type))
    else
      if mine.required ~= field.required then
        differs(place, "is %s here and %s there", mine.required and "required" or "optional",
          field.required and "required" or "optional")
      end
      compare(place, mine.type, field.type)
    end
  end
  for name in pairs(ours.fields) do
    if not theirs.fields[name] then differs(where .. "." .. name, "is not known there") end
  end
end

-- The records among the alternatives of a type as one: a field is required that all of them require.
local function merged(tree)
  if tree.kind ~= "union" then return tree end
  local fields, count = {}, 0
  for _, one in pairs(tree.of) do
    if one.kind == "record" then
      count = count + 1
      for name, field in pairs(one.fields) do
        local old = fields[name] or { type = field.type, required = 0 }
        old.type, old.required = notation.union { old.type, field.type }, old.required + (field.required and 1 or 0)
        fields[name] = old
      end
    end
  end
  if count == 0 then return tree end
  for _, field in pairs(fields) do field.required = field.required == count end
  return { kind = "record", fields = fields }
end

function compare(where, ours, theirs)
  if ours.kind == "list" and theirs.kind == "list" then return compare(where .. "[]", ours.item, theirs.item) end
  if ours.kind == "map" and theirs.kind == "map" then return compare(where .. ".*", ours.item, theirs.item) end
  local a, b = merged(ours), merged(theirs)
  if a.kind == "record" and b.kind == "record" then return compare_records(where, a, b) end
  local mine, other = notation.text(ours), notation.text(theirs)
  if mine ~= other then differs(where, "is %s here and %s there", mine, other) end
end

-- ---- Operations of the Python SDK ----------------------------------------------------------------

local query_types = {
  text = "string", flag = "boolean", list = "string", query = "string", integer = "integer", map = "map<string>",
}

local function query_type(field)
  if field.type ~= "enum" then return query_types[field.type] or field.type end
  return (field.values:gsub("[^|]+", "'%0'"))
end

local function compare_query(name, row, theirs)
  local ours = {}
  for _, field in ipairs(row.query) do
    ours[field.name] = { required = field.required or false, type = notation.parse(query_type(field)) }
  end
  local other = {}
  for field, facts in pairs(theirs) do other[field] = { required = facts.required, type = notation.parse(facts.type) } end
  compare_records(name .. "?", { fields = ours }, { fields = other })
end

local function compare_body(name, row, theirs)
  local ours = row.body == "bytes" and "bytes" or row.type
  local other = theirs ~= json.null and theirs or nil
  if not ours and not other then return end
  if not ours or not other then
    return differs(name, "takes %s here and %s there", ours and "a body" or "no body", other and "a body" or "none")
  end
  compare(name, notation.parse(ours), notation.parse(other))
end

local function compare_operation(theirs)
  local name, row = theirs.name, names[theirs.name]
  if not row then
    local request = theirs.path and theirs.method .. " " .. shape(theirs.path)
    local same = by_request[request]
    if same then return differs(name, "is called %s here", same[1].name) end
    return differs(name, "is missing: %s", request or "a call that the SDK names without offering it")
  end
  if theirs.path then
    if row.method ~= theirs.method then differs(name, "is %s here and %s there", row.method, theirs.method) end
    local path = row.path:gsub("{(%w+)}", function(parameter)
      return "{" .. parameter:gsub("%u", function(letter) return "_" .. letter:lower() end) .. "}"
    end)
    if path ~= theirs.path then differs(name, "goes to %s here and to %s there", path, theirs.path) end
    compare_query(name, row, theirs.query)
    compare_body(name, row, theirs.body)
  elseif theirs.body ~= json.null then
    compare_body(name, row, theirs.body)
  end
end

-- ---- The rest ------------------------------------------------------------------------------------

local function compare_events(peer, theirs)
  local ours, other = {}, {}
  for _, event in ipairs(types.events) do ours[event] = true end
  for _, event in ipairs(theirs) do
    other[event] = true
    if not ours[event] then differs("event " .. event, "is missing; the %s SDK has it", peer) end
  end
  for event in pairs(ours) do
    if not other[event] then differs("event " .. event, "is not known to the %s SDK", peer) end
  end
end

-- A call of ours that no SDK has.
local function compare_presence(python, node)
  local there = {}
  for _, one in ipairs(python.operations) do
    there[one.name] = true
    if one.path then there[one.method .. " " .. shape(one.path)] = true end
  end
  for _, one in ipairs(node.requests) do there[one.method .. " " .. one.path] = true end
  for _, path in ipairs(node.unclear) do there[path] = true end
  for _, row in ipairs(rows) do
    local is_there = there[row.name] or there[row.method .. " " .. shape(row.path)] or there[shape(row.path)]
    for alias in row.aliases:gmatch "%S+" do is_there = is_there or there[alias] end
    if not is_there then differs(row.name, "is in none of the SDKs") end
  end
end

---@param python table what python_facts.py prints
---@param node table what node_facts.mjs prints
---@param explained table[] rows of known.lua
---@return string[] differences in order
---@return integer count how many rows of `explained` were needed
return function(python, node, explained)
  found, used, known = {}, {}, explained
  for _, one in ipairs(python.operations) do compare_operation(one) end
  for _, one in ipairs(node.requests) do
    local request = one.method .. " " .. one.path
    if not by_request[request] then differs("request " .. request, "is missing; the Node SDK makes it") end
  end
  compare_events("Python", python.events)
  compare_events("Node", node.events)
  compare_presence(python, node)
  local count = 0
  for i, row in ipairs(known) do
    if used[i] then
      count = count + 1
    else
      found[#found + 1] = ("tests/drift/known.lua: no difference any more, delete the row: %s"):format(row.where)
    end
  end
  table.sort(found)
  return found, count
end
