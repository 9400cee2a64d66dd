--- Random requests for every row of the endpoint table: bodies that mostly fit the row's type, ids that mostly exist.
local json = require "liveblocks.json"
local types = require "liveblocks.types"
local url = require "lbhost.util.url"

local random_request = {}

local random = math.random

local function one_of(list) return list[random(#list)] end

-- ---- Values --------------------------------------------------------------------------------------

local texts = { "", "a", "x:1", "ann", "bob", "$kind", "\0", "é😀", ("x"):rep(200), ("y"):rep(5000),
  "2026-01-31T12:00:00.000Z",
  "2026-99-99T99:99:99Z", "https://example.com/a", "javascript:1", "/a/0", "/-", "add", "replace", "test", "root", "0:1", "!",
  "LiveObject", "LiveList", "LiveMap", "LiveText", "1h", "😀", "default", "__proto__", "%s%d", "metadata" }
local numbers = { 0, 1, -1, 2, 5, 201, 1.5, 1e308, -0.0, 9007199254740993, math.maxinteger, math.mininteger,
  1780000000000 }
local keys = { "a", "b", "type", "id", "data", "liveblocksType", "version", "content", "children", "text", "kind",
  "userIds", "url",
  "op", "path", "value", "from", "opId", "parentId", "parentKey", "ops", "messages", "email", "thread" }

local function junk(depth)
  local kind = random(9)
  if kind <= 2 or depth > 4 then return one_of(texts) end
  if kind == 3 then return one_of(numbers) end
  if kind == 4 then return random(2) == 1 end
  if kind == 5 then return json.null end
  if kind <= 7 then
    local list = json.array {}
    for i = 1, random(0, 4) do list[i] = junk(depth + 1) end
    return list
  end
  local object = json.object {}
  for _ = 1, random(0, 5) do object[one_of(keys)] = junk(depth + 1) end
  return object
end

local value_of

local function paragraph()
  return { type = "paragraph", children = json.array { { text = one_of(texts) },
    { type = "mention", kind = one_of { "user", "group" }, id = one_of(texts) } } }
end

local function lson(depth)
  local kind = random(6)
  if kind <= 2 or depth > 4 then return junk(3) end
  if kind == 3 then return { liveblocksType = "LiveText", data = json.array { json.array { one_of(texts) } } } end
  if kind == 4 then
    local list = json.array {}
    for i = 1, random(0, 3) do list[i] = lson(depth + 1) end
    return { liveblocksType = "LiveList", data = list }
  end
  local object = json.object {}
  for _ = 1, random(0, 3) do object[one_of(keys)] = lson(depth + 1) end
  return { liveblocksType = kind == 5 and "LiveMap" or "LiveObject", data = object }
end

local named = {
  boolean = function() return random(2) == 1 end, number = function() return one_of(numbers) end,
  null = function() return json.null end, ["false"] = function() return false end,
  any = function() return junk(2) end, object = function() return { [one_of(keys)] = junk(3) } end,
  date = function() return "2026-01-31T12:00:00.000Z" end, uri = function() return "http://127.0.0.1:9/hook" end,
  kind = function() return "$kind" end, event = function() return one_of(types.events) end,
  permission = function() return one_of(types.permissions) end, path = function() return one_of(texts) end,
  string = function() return random(4) > 1 and one_of { "ann", "bob", "r1", "a" } or one_of(texts) end,
  integer = function() return random(0, 100) end,
  scalar = function() return one_of { "text", 5, true } end, Block = paragraph,
  CommentBody = function() return { version = 1, content = json.array { paragraph() } } end,
  LsonFields = function() return { [one_of(keys)] = lson(1), list = lson(1) } end,
}

-- Splits at a character outside of all brackets.
local function split(text, separator)
  local parts, depth, start = {}, 0, 1
  for i = 1, #text do
    local c = text:sub(i, i)
    if c:find("[{(<[]") then depth = depth + 1 elseif c:find("[})>%]]") then depth = depth - 1 end
    if c == separator and depth == 0 then
      parts[#parts + 1] = text:sub(start, i - 1)
      start = i + 1
    end
  end
  parts[#parts + 1] = text:sub(start)
  return parts
end

function value_of(source)
  source = source:match("^%s*(.-)%s*$")
  if random(40) == 1 then return junk(1) end
  local alternatives = split(source, "|")
  if #alternatives > 1 then return value_of(one_of(alternatives)) end
  local item = source:match("^(.*)%[%]$") or source:match("^(.*)%[%]%b()$")
  if item then
    local list = json.array {}
    for i = 1, random(0, 3) do list[i] = value_of(item) end
    return list
  end
  if source:sub(1, 1) == "'" then return source:sub(2, -2) end
  local map = source:match("^map<(.*)>$")
  if map then
    local object = json.object {}
    for _ = 1, random(0, 3) do object[one_of(keys)] = value_of(map) end
    return object
  end
  if source:sub(1, 1) == "{" then
    local object = json.object {}
    for _, field in ipairs(split(source:sub(2, -2), ",")) do
      local name, optional, kind = field:match("^%s*([%w_]+)(%??):(.*)$")
      if name and (optional == "" or random(2) == 1) and random(40) > 1 then object[name] = value_of(kind) end
    end
    return object
  end
  local low, high = source:match("^integer%((%d*)%.%.(%d*)%)$")
  if low then return random(tonumber(low) or 0, tonumber(high) or 1000) end
  return assert(named[source:match("^%w+")], source)()
end

local patches = { "add", "remove", "replace", "move", "copy", "test" }

-- What the table's types leave open, in the shape that handlers look into.
local shaped = {
  patch_storage_document = function()
    local list = json.array {}
    for i = 1, random(4) do
      list[i] = { op = one_of(patches), path = "/" .. one_of(keys) .. one_of { "", "/0", "/-", "/a" }, value = lson(1),
        from = "/" .. one_of(keys) }
    end
    return list
  end,
  send_message = function()
    local ops = json.array {}
    for i = 1, random(5) do
      ops[i] = { opId = "1:" .. i, type = random(0, 12), id = one_of { "root", "n" .. random(5) }, data = lson(1),
        parentId = one_of { "root", "n" .. random(5) }, parentKey = one_of { "!", "!!", "a" }, key = one_of(keys),
        version = 0,
        baseVersion = random(0, 3), intent = one_of { "set", "push" }, deletedId = "n" .. random(5),
        ops = json.array { { type = one_of { "insert", "delete", "format" }, index = random(-2, 9),
          length = random(-1, 9),
          text = one_of(texts), attributes = { b = true } } } }
    end
    return { messages = json.array { { type = 201, ops = ops } } }
  end,
}

-- ---- Requests ------------------------------------------------------------------------------------

local broken_bodies = { "", "{", "[1,", "nul", '{"a":1}x', "\255\254", ("["):rep(2000),
  ('{"a":'):rep(500) .. "1" .. ("}"):rep(500),
  '"\\ud800"', "1e999", '{"a":1,"a":2}', " " }

local function body_of(row)
  if row.body == "none" then return random(10) == 1 and "{}" or "" end
  if row.body == "bytes" then return one_of { "\0\0", "bytes", "", ("z"):rep(3000), "\1\1\1\0\4\1\1t\5hello\0" } end
  if random(30) == 1 then return one_of(broken_bodies) end
  local make = random(10) > 1 and shaped[row.name]
  local value = make and make() or value_of(row.type)
  return json.encode(value)
end

local function path_of(row, pool)
  local path = row.path:gsub("{(%w+)}", function(name)
    local known = pool[name]
    -- Most of it happens in one room, so that something is there to be found.
    if name == "roomId" and random(3) > 1 then return "r1" end
    if known and known[1] and random(20) > 1 then return url.encode(one_of(known)) end
    if name == "name" then return "a%20b.png" end
    if name == "partNumber" then return tostring(random(0, 2)) end
    if name == "attachmentId" or name == "fileId" then
      return name == "attachmentId" and "at_" .. ("a"):rep(21) or "fl_" .. ("a"):rep(21)
    end
    return one_of { "x", "r1", "\xff", "a\x80b", "%E2%82%AC", "a%2Fb", "%zz", "%00", "%FF", ("q"):rep(300), url.encode(one_of(texts)) }
  end)
  return path
end

local query_texts = { "", "1", "0", "-5", "100", "101", "1e3", "true", "json", "ann", "a,b,,c", "x%20y", "%zz",
  "metadata%5B%22a%22%5D%3A1",
  "resolved%3Atrue", "unread%3Atrue", "roomId%5E%22x%22", "AAAA", "%00", "1.5", "9999999999999999999", "ytext" }

local function query_of(row)
  local parts = {}
  for _, field in ipairs(row.query) do
    if field.required or random(3) == 1 then
      local name = field.type == "map" and field.name .. ".a" or field.name
      parts[#parts + 1] = name .. "=" .. one_of(query_texts)
    end
  end
  if random(10) == 1 then parts[#parts + 1] = one_of { "&&", "=", "a", "%", "encoder=v2", "guid=x", "tenantId=y" } end
  return parts[1] and table.concat(parts, "&") or nil
end

--- A request for a row.
---@param row table
---@param pool table<string, string[]> ids by the names of path parameters
---@param secret string
---@return table
function random_request.make(row, pool, secret)
  local key = row.path:find("^/v2/management/") and "lbs_localdev" or secret
  local headers = { authorization = random(100) > 1 and "Bearer " .. key or nil, ["content-type"] = "application/json" }
  if random(50) == 1 then headers["content-type"] = one_of { "", "\xff", "text/plain; charset=x", ("t"):rep(3000) } end
  if row.body == "bytes" and random(10) > 1 then headers["content-type"] = "application/octet-stream" end
  return { method = random(100) > 1 and row.method or one_of { "GET", "PUT", "HEAD", "TRACE", "OPTIONS", "" },
    path = path_of(row, pool),
    query = query_of(row), headers = headers, header_list = {}, body = body_of(row), remote = "127.0.0.1" }
end

return random_request
