--- The state of the local Liveblocks in a file: all of app.state as one JSON text, replaced as a whole.
---
--- What JSON has no form for is wrapped: bytes as {"$bytes": base64}, tables with other keys than strings as
--- {"$pairs": [[key, value], ...]}, what lies very deep as {"$text": "JSON"}. A part of the state that needs none of
--- that, most of it, goes through the codec as it is.
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"

local state = {}

local FORMAT <const> = "lbhost local state"
local VERSION <const> = 1
local DEPTH <const> = 400 -- the codec goes 1,000 deep

-- ---- Wrapping ------------------------------------------------------------------------------------

-- Is it a list for the codec? Everything else with keys that are not strings becomes pairs.
local function shape_of(value)
  local n = #value
  if json.is_array(value) then return "list" end
  local count = 0
  for key in pairs(value) do
    count = count + 1
    if type(key) == "string" then
      if n > 0 or key:sub(1, 1) == "$" or not utf8.len(key) then return "pairs" end
    elseif math.type(key) ~= "integer" or key < 1 or key > n then
      return "pairs"
    end
  end
  return n > 0 and (count == n and "list" or "pairs") or "table"
end

local wrap

local function wrap_table(value, depth)
  if depth == DEPTH then return { ["$text"] = json.encode(wrap_table(value, 1)) } end
  local shape, copy = shape_of(value), {}
  if shape == "list" then
    for i = 1, #value do copy[i] = wrap(value[i], depth + 1) end
    return json.array(copy)
  elseif shape == "table" then
    for key, inner in pairs(value) do copy[key] = wrap(inner, depth + 1) end
    return json.object(copy)
  end
  for key, inner in pairs(value) do
    copy[#copy + 1] = json.array { wrap(key, depth + 2), wrap(inner, depth + 2) }
  end
  return { ["$pairs"] = json.array(copy) }
end

function wrap(value, depth)
  if type(value) == "string" then
    return utf8.len(value) and value or { ["$bytes"] = crypto.base64_encode(value) }
  elseif type(value) == "table" and value ~= json.null then
    return wrap_table(value, depth)
  end
  return value
end

local function unwrap(value)
  if type(value) ~= "table" or value == json.null then return value end
  local bytes, pairs_of, text = value["$bytes"], value["$pairs"], value["$text"]
  if bytes then return assert(crypto.base64_decode(bytes), "bytes that are not base64") end
  if text then return unwrap(json.decode(text)) end
  if pairs_of then
    local whole = {}
    for _, pair in ipairs(pairs_of) do whole[unwrap(pair[1])] = unwrap(pair[2]) end
    return whole
  end
  for key, inner in pairs(value) do
    if type(inner) == "table" then value[key] = unwrap(inner) end
  end
  return value
end

-- ---- Text ----------------------------------------------------------------------------------------

--- The state as a string.
---@param content table
---@return string
function state.encode(content)
  local lines = {}
  for name, part in pairs(content) do
    local plain, text = pcall(json.encode, part)
    -- a "$" key of the content itself must not be taken for a wrapping
    if plain and text:find('"$', 1, true) then plain = false end
    if not plain then text = json.encode(wrap(part, 1)) end
    lines[#lines + 1] = ("%s:%s"):format(json.encode(name), text)
  end
  table.sort(lines)
  return ('{"format":"%s","version":%d,"state":{\n%s\n}}\n'):format(FORMAT, VERSION, table.concat(lines, ",\n"))
end

--- The state of a string.
---@param text string
---@return table? content
---@return string? problem
function state.decode(text)
  local document, problem = json.try_decode(text)
  if problem then return nil, "it is not valid JSON: " .. tostring(problem) end
  if type(document) ~= "table" or document.format ~= FORMAT or type(document.state) ~= "table" then
    return nil, "it is not a state file of lbhost local"
  end
  if document.version ~= VERSION then
    return nil, ("it has version %s, this lbhost reads version %d"):format(tostring(document.version), VERSION)
  end
  local ok, content = pcall(unwrap, document.state)
  if not ok then return nil, tostring(content) end
  return content
end

-- ---- Files ---------------------------------------------------------------------------------------

--- Reads a state file; nil when there is none. A broken one is refused, and left alone.
---@param path string
---@return table?
function state.load(path)
  local file, why, code = io.open(path, "rb")
  if not file then
    if code == 2 then return nil end
    errors.usage("cannot read the data file: %s", why)
  end
  local text, problem = file:read("a")
  file:close()
  local content
  if text then content, problem = state.decode(text) end
  if not content then
    errors.usage("the data file '%s' cannot be used: %s. It has been left as it is; name another file, or start " ..
      "again with --reset", path, problem)
  end
  return content
end

--- Writes a state file: the old content or the new one is in it, whatever happens.
---@param path string
---@param content table
---@return true? done
---@return string? problem
function state.save(path, content)
  return host.replace_file(path, state.encode(content))
end

return state
