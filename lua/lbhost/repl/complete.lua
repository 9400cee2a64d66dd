--- Completion: what could stand at the end of a piece of Lua, from the endpoint table and from the values there are.
local client_module = require "liveblocks.client"
local json = require "liveblocks.json"
local scan = require "lbhost.repl.scan"
local topics = require "lbhost.cli.topics"
local types = require "liveblocks.types"

local complete = {}

-- A candidate: text to write, what is written after it when it is the only one, and a note for the list.
---@class lbhost.Candidate
---@field [1] string
---@field tail string?
---@field note string?

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch("%a+") do keywords[#keywords + 1] = word end

-- ---- Calls and their fields ----------------------------------------------------------------------

local function row_of(name)
  return client_module.rows[name] or client_module.rows[name:gsub("^iter_", "get_")]
end

local function tail_of(row)
  if row.parameters[1] or row.body == "value" or row.body == "bytes" then return "(" end
  if row.query[1] or row.body == "fields" then return " { " end
  return "()"
end

local fields_of = require "lbhost.repl.fields"
-- field -> the text of its type; of an endpoint's query and body
local function fields_of_row(row)
  local fields = {}
  for _, field in ipairs(row.query) do
    local kind = field.type
    if field.values then kind = "'" .. field.values:gsub("|", "'|'") .. "'" end
    if field.type == "integer" and field.max < math.maxinteger then kind = ("integer(%d..%d)"):format(field.min, field.max) end
    fields[field.name] = { type = kind, required = field.required }
  end
  local _, body = nil, nil
  if row.type and row.body == "fields" then _, body = types.compile(row.type) end
  for name, field in pairs(body or {}) do fields[name] = field end
  return fields
end

-- What is known about { ... } after a name: a call of the table, or a function with options.
local function fields_of_call(name)
  local row = row_of(name)
  if row then return fields_of_row(row) end
  if name == "new" or name == "with" then
    local fields = {}
    for option, kind in pairs(client_module.options) do fields[option] = { type = kind } end
    return fields
  end
end

-- The fields that may stand in the innermost open table of the text, or nil.
local function fields_at(text, brackets)
  local i = #brackets
  if not brackets[i] or brackets[i][1] ~= "{" then return nil end
  local keys = {}
  while brackets[i] and brackets[i][1] == "{" do
    local before = text:sub(1, brackets[i].at - 1)
    local key = before:match("([%a_][%w_]*)%s*=%s*$")
    local call = before:match("[.:]([%a_][%w_]*)%s*%(?%s*$")
    if not key or call then
      local parent = brackets[i - 1]
      if not call and parent and parent[1] == "(" then
        call = text:sub(1, parent.at - 1):match("[.:]([%a_][%w_]*)%s*$")
      end
      local fields = call and fields_of_call(call)
      for k = #keys, 1, -1 do
        local field = fields and fields[keys[k]]
        local _, inner = nil, nil
        if field and field.type:sub(1, 1) == "{" then _, inner = types.compile(field.type) end
        fields = inner
      end
      return fields
    end
    keys[#keys + 1] = key
    i = i - 1
  end
end

-- Fields at a position where a key may stand; those already written are left out.
local function field_candidates(text, fragment, brackets)
  local inside = text:sub(brackets[#brackets].at + 1, #text - #fragment)
  if not inside:find("[,;]%s*$") and not inside:find("^%s*$") then return nil end
  local fields = fields_at(text, brackets)
  if not fields then return nil end
  local out = {}
  for name, field in pairs(fields) do
    if not inside:find("%f[%w_]" .. name .. "%s*=") then
      out[#out + 1] = { name, tail = " = ", note = field.type .. (field.required and ", required" or "") }
    end
  end
  return out
end

-- ---- Values --------------------------------------------------------------------------------------

-- Looks a key up without running anything that a value has defined, but for __index tables.
local function peek(value, key)
  if type(value) == "string" then return string[key] end
  value = fields_of(value)
  for _ = 1, 10 do
    if type(value) ~= "table" then return nil end
    local found = rawget(value, key)
    if found ~= nil then return found end
    local meta = getmetatable(value)
    value = type(meta) == "table" and rawget(meta, "__index") or nil
  end
end

local function is_client(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and meta.__name == "liveblocks.client"
end

local function is_try(value)
  return type(value) == "table" and is_client(rawget(value, "client")) and getmetatable(value) ~= nil
end

-- liveblocks loads its parts when they are first used; those that are not there yet are loaded here.
local function lazy(value, key)
  local found = peek(value, key)
  if found == nil and value == package.loaded.liveblocks then found = value[key] end
  if found == nil and is_client(value) and key == "try" then found = value.try end
  return found
end

local function value_candidates(value, functions_only)
  local out, seen = {}, {}
  value = type(value) == "string" and string or fields_of(value)
  for _ = 1, 10 do
    if type(value) ~= "table" or value == json.null then break end
    for key, item in next, value do
      if type(key) == "string" and key:find("^[%a_][%w_]*$") and not seen[key]
        and (not functions_only or type(item) == "function") then
        seen[key] = true
        out[#out + 1] = { key, tail = type(item) == "function" and "(" or nil }
      end
    end
    local meta = getmetatable(value)
    value = type(meta) == "table" and rawget(meta, "__index") or nil
  end
  return out
end

local client_methods = { "with", "submit", "request", "warm", "upload_file", "mutate_storage", "mutate_yjs", "close" }

local function call_candidates(with_iterators)
  local out = {}
  for name, row in pairs(client_module.rows) do
    out[#out + 1] = { name, tail = tail_of(row), note = row.help }
    if with_iterators and row.page and name:find("^get_") then
      out[#out + 1] = { (name:gsub("^get_", "iter_")), tail = tail_of(row), note = "all pages of " .. name }
    end
  end
  return out
end

local function members(value, separator)
  if is_client(value) then
    local out = call_candidates(true)
    for _, name in ipairs(client_methods) do out[#out + 1] = { name, tail = "(" } end
    if separator == "." then out[#out + 1] = { "try", tail = ":", note = "returns nil, err instead of raising" } end
    return out
  end
  if is_try(value) then return call_candidates(false) end
  local out = value_candidates(value, separator == ":")
  if value == package.loaded.liveblocks then
    for _, name in ipairs { "task", "query", "webhook", "http", "session", "types", "comment", "storage", "notify", "yjs" } do
      if rawget(value, name) == nil and package.preload["liveblocks." .. name] then out[#out + 1] = { name } end
    end
  end
  return out
end

-- The value that a chain of names stands for: "a.b[1]['c']"; nil when it takes more than looking.
local function value_of(chain, env)
  local root, rest = chain:match("^([%a_][%w_]*)(.*)$")
  if not root then return nil end
  local value = peek(env, root)
  if value == nil then value = peek(_G, root) end
  while rest ~= "" and value ~= nil do
    local key, after = rest:match("^%.([%a_][%w_]*)(.*)$")
    if not key then
      key, after = rest:match("^%[(%d+)%](.*)$")
      key = key and math.tointeger(tonumber(key))
    end
    if not key then
      local _, text, behind = rest:match("^%[([\"'])(.-)%1%](.*)$")
      key, after = text, behind
    end
    if not key then return nil end
    value, rest = lazy(value, key), after
  end
  return value
end

-- The chain of names that ends the text, such as "client.try" in "print(client.try".
local function chain_before(text)
  local position = #text
  while position > 0 do
    local rest = text:sub(1, position)
    local name = rest:match("[%a_][%w_]*$") or rest:match("%[%d+%]$") or rest:match("%[\"[^\"]*\"%]$") or rest:match("%['[^']*'%]$")
    if not name then break end
    position = position - #name
    if name:sub(1, 1) ~= "[" then
      if text:sub(position, position) ~= "." then break end
      position = position - 1
    end
  end
  return text:sub(position + 1)
end

-- ---- Positions -----------------------------------------------------------------------------------

local function names_at(env)
  local out = value_candidates(env, false)
  for _, candidate in ipairs(value_candidates(_G, false)) do out[#out + 1] = candidate end
  for _, word in ipairs(keywords) do out[#out + 1] = { word } end
  return out
end

-- Inside quotes: topics of help, names of modules, keys of a table, values that a field allows.
local function string_candidates(text, start, env, brackets)
  local before = text:sub(1, start - 1)
  local out = {}
  local function add(set)
    for name in pairs(set) do out[#out + 1] = { name, tail = text:sub(start, start) } end
    return out
  end
  if before:find("%f[%w_]help%s*%(?%s*$") then return add(topics.names()) end
  if before:find("%f[%w_]require%s*%(?%s*$") then
    add(package.preload)
    return add(package.loaded)
  end
  local field = before:match("([%a_][%w_]*)%s*=%s*$")
  if field then
    local fields = fields_at(before, brackets)
    for value in (fields and fields[field] and fields[field].type or ""):gmatch("'([^']*)'") do
      out[#out + 1] = { value, tail = text:sub(start, start) }
    end
    return out
  end
  if before:find("%[$") then
    local value = value_of(chain_before(before:sub(1, -2)), env)
    for key in next, type(value) == "table" and value or {} do
      if type(key) == "string" then out[#out + 1] = { key, tail = text:sub(start, start) .. "]" } end
    end
  end
  return out
end

local function all_at(text, env)
  local open = scan.open_at_end(text)
  if open.comment then return {}, "" end
  if open.string then return string_candidates(text, open.string, env, open.brackets), text:sub(open.string + 1) end
  local fragment = text:match("[%a_][%w_]*$") or ""
  local before = text:sub(1, #text - #fragment)
  local separator = before:match("[.:]$")
  if separator and not before:find("%.%.$") then
    local chain = chain_before(before:sub(1, -2))
    if chain == "" then return before:find("[\"')]:$") and value_candidates("", true) or {}, fragment end
    return members(value_of(chain, env), separator), fragment
  end
  if before:find("%d$") then return {}, fragment end
  local innermost = open.brackets[#open.brackets]
  local fields = innermost and innermost[1] == "{" and field_candidates(text, fragment, open.brackets)
  return fields or names_at(env), fragment
end

--- What could stand at the end of the text.
---@param text string up to the cursor
---@param env table the globals
---@return lbhost.Candidate[] sorted, each once
---@return string fragment what is written of it already
function complete.candidates(text, env)
  local all, fragment = all_at(text, env)
  local out, seen = {}, {}
  for _, candidate in ipairs(all) do
    local name = candidate[1]
    -- names that begin with _ are shown to those who ask for them
    local wanted = name:sub(1, #fragment) == fragment and (fragment ~= "" or name:sub(1, 1) ~= "_")
    if wanted and not seen[name] then
      seen[name] = true
      out[#out + 1] = candidate
    end
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out, fragment
end

--- The longest beginning that all candidates share.
---@param candidates lbhost.Candidate[]
---@return string
function complete.common(candidates)
  local common = candidates[1][1]
  for _, candidate in ipairs(candidates) do
    while candidate[1]:sub(1, #common) ~= common do common = common:sub(1, -2) end
  end
  return common
end

return complete
