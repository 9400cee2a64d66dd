--- What the endpoint table says about a call or a group of calls, as text.
local client_module = require "liveblocks.client"
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"

local DOCS = "https://liveblocks.io/docs/api-reference/rest-api-endpoints"

local function query_line(field)
  local kind = field.type
  if field.type == "integer" and field.max < math.maxinteger then kind = ("%d to %d"):format(field.min, field.max) end
  if field.values then kind = field.values:gsub("|", " or ") end
  return ("    %-18s %s%s\n"):format(field.name, kind, field.required and ", required" or "")
end

-- ---- Examples ------------------------------------------------------------------------------------

local SAMPLES = { room_id = "my-room", thread_id = "th_1", comment_id = "cm_1", user_id = "alice", group_id = "team" }

local function sample_of(parameter)
  return SAMPLES[parameter] or parameter
end

-- The JSON of a plausible value of a field's type, and the same in Lua.
local function value_of(name, kind)
  if kind:find "^permission%[%]" then return '["room:write"]', '{ "room:write" }' end
  if kind:find "^string" then
    local text = name == "userId" and "alice" or name == "id" and "my-room" or "..."
    return text, ("%q"):format(text)
  end
  if kind:find "^boolean" then return "true", "true" end
  if kind:find "^integer" or kind:find "^number" then return "1", "1" end
  if kind:find "%[%]$" then return "[]", "{}" end
  return "{}", "{}"
end

-- The required fields of a call, outermost only: list of name, type.
local function required_fields(row)
  local list = {}
  for _, field in ipairs(row.query) do
    if field.required then list[#list + 1] = { field.name, field.type } end
  end
  local inner = row.body == "fields" and row.type and row.type:match "^{(.*)}$"
  for part in (inner and (inner:gsub("%b{}", "object"):gsub("%b<>", "")) or ""):gmatch "[^,]+" do
    local name, kind = part:match "^%s*([%w_]+): *(%S.*)$"
    if name then list[#list + 1] = { name, kind } end
  end
  return list
end

local function lua_arguments(row)
  local parts, fields = {}, {}
  for i, parameter in ipairs(row.parameters) do parts[i] = ("%q"):format(sample_of(parameter)) end
  if row.body == "value" then parts[#parts + 1] = '{ type = "EMOJI" }' end
  if row.body == "bytes" then parts[#parts + 1] = "bytes" end
  for i, field in ipairs(required_fields(row)) do fields[i] = ("%s = %s"):format(field[1], (select(2, value_of(field[1], field[2])))) end
  if fields[1] then parts[#parts + 1] = "{ " .. table.concat(fields, ", ") .. " }" end
  return table.concat(parts, ", ")
end

local function shell_words(row)
  local parts = {}
  for i, parameter in ipairs(row.parameters) do parts[i] = sample_of(parameter) end
  for _, field in ipairs(required_fields(row)) do
    local part = ("%s=%s"):format(field[1], (value_of(field[1], field[2])))
    parts[#parts + 1] = part:find "[%[%]{}\"]" and ("'%s'"):format(part) or part
  end
  if row.body == "value" then parts[#parts + 1] = "--body '{\"type\":\"EMOJI\"}'" end
  if row.body == "bytes" then parts[#parts + 1] = "--body @FILE" end
  return table.concat(parts, " ")
end

local endpoint_help = {}

--- The text about one call.
---@param row table of liveblocks.endpoints()
---@return string
function endpoint_help.call(row)
  local out = { row.name }
  if row.aliases ~= "" then out[1] = out[1] .. " (also " .. row.aliases .. ")" end
  out[1] = out[1] .. "\n  " .. row.help .. "\n"
  local parts = table.move(row.parameters, 1, #row.parameters, 1, {})
  if row.body == "value" then parts[#parts + 1] = "value" end
  if row.body == "bytes" then parts[#parts + 1] = "bytes" end
  if row.query[1] or row.body == "fields" then parts[#parts + 1] = "{ ... }" end
  out[#out + 1] = ("\n  client:%s(%s)\n  %s %s\n"):format(row.name, table.concat(parts, ", "), row.method, row.path)
  if row.query[1] then
    out[#out + 1] = "\n  query:\n"
    for _, field in ipairs(row.query) do out[#out + 1] = query_line(field) end
  end
  if row.type and row.body ~= "bytes" then out[#out + 1] = ("\n  body: %s\n"):format(row.type) end
  out[#out + 1] = ("\n  returns %s%s\n"):format(row.response == "none" and "true" or row.response,
    row.page and "; all pages: client:iter_" .. row.name:gsub("^get_", "") or "")
  local examples = ("\n  local result = client:%s(%s)\n  $ lbhost call %s %s\n"):format(row.name, lua_arguments(row), row.name,
    shell_words(row))
  out[#out + 1] = examples:gsub(" +\n", "\n")
  out[#out + 1] = "\n  " .. DOCS .. "\n"
  return table.concat(out)
end

--- The names of the query and body fields of a call, as a set.
---@param row table of core.endpoints()
---@return table<string, boolean>
function endpoint_help.fields(row)
  local names = {}
  for _, field in ipairs(row.query) do names[field.name] = true end
  for name in (row.type and row.body == "fields" and row.type or ""):gmatch "[{,]%s*([%w_]+)%??:" do names[name] = true end
  return names
end

-- What people and other tools write for the verbs of calls.
local VERBS = { list = "get", read = "get", fetch = "get", show = "get", view = "get", add = "create", new = "create", remove = "delete" }

--- The call that somebody may have meant: by a noun alone (rooms), with another verb (list_rooms), or misspelled.
---@param name string
---@return string?
function endpoint_help.nearest(name)
  local verb, noun = name:match "^(%l+)[_-](.+)$"
  local candidates = { (name:gsub("-", "_")), "get_" .. name, verb and VERBS[verb] and VERBS[verb] .. "_" .. noun:gsub("-", "_") }
  for _, candidate in ipairs(candidates) do
    if client_module.rows[candidate] then return candidate end
  end
  return errors.nearest(name, client_module.rows)
end

--- The rows of a group ("threads" finds "Comments" as little as it would in the documentation: by its name alone).
---@param name string
---@return table[]
function endpoint_help.group(name)
  local rows = {}
  for _, row in ipairs(liveblocks.endpoints()) do
    if row.group:lower() == name:lower() then rows[#rows + 1] = row end
  end
  return rows
end

--- The rows whose name or sentence contains a word.
---@param word string
---@return table[]
function endpoint_help.search(word)
  local rows, stem = {}, word:lower():gsub("s$", "")
  for _, row in ipairs(liveblocks.endpoints()) do
    if row.name:find(stem, 1, true) or row.help:lower():find(stem, 1, true) then rows[#rows + 1] = row end
  end
  return rows
end

--- One line for each row.
---@param rows table[]
---@return string
function endpoint_help.list(rows)
  local out = {}
  for i, row in ipairs(rows) do out[i] = ("%-46s %s\n"):format(row.name, row.help) end
  return table.concat(out)
end

--- The groups of calls, with how many are in each.
---@return string
function endpoint_help.groups()
  local names, counts, out = {}, {}, {}
  for _, row in ipairs(liveblocks.endpoints()) do
    if not counts[row.group] then names[#names + 1] = row.group end
    counts[row.group] = (counts[row.group] or 0) + 1
  end
  for i, name in ipairs(names) do out[i] = ("  %-16s %d calls\n"):format(name:lower(), counts[name]) end
  return table.concat(out)
end

--- All that help is about: calls with their other names, and groups.
---@return table<string, boolean>
function endpoint_help.topics()
  local topics = {}
  for name in pairs(client_module.rows) do
    topics[name] = true
    local noun = name:match("^get_(%a+s)$")
    if noun then topics[noun] = true end
  end
  for _, row in ipairs(liveblocks.endpoints()) do topics[row.group:lower()] = true end
  return topics
end

--- The text about a call or a group of that very name.
---@param name string
---@return string?
function endpoint_help.exact(name)
  local row = client_module.rows[name]
  if row then return endpoint_help.call(row) end
  local rows = endpoint_help.group(name)
  return rows[1] and endpoint_help.list(rows) or nil
end

--- The calls that a word finds.
---@param word string
---@return string?
function endpoint_help.found(word)
  local rows = endpoint_help.search(word)
  return rows[1] and endpoint_help.list(rows) or nil
end

--- The text about the iterator of a call.
---@param noun string what stands after iter_
---@return string?
function endpoint_help.iterator(noun)
  local row = client_module.rows["get_" .. noun] or client_module.rows[noun]
  if not row or not row.page then return nil end
  return ("client:iter_%s\n  All items of all pages of %s, fetched as they are needed.\n\n"
    .. "  for item in client:iter_%s(%s) do print(item.id) end\n\n%s"):format(noun, row.name, noun, lua_arguments(row),
    endpoint_help.call(row))
end

return endpoint_help
