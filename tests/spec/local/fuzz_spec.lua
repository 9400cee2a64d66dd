require "tests.support.client"
local core = require "liveblocks.core"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

local ROUNDS <const> = 12000
local SEED <const> = math.tointeger(os.getenv "LBHOST_FUZZ_SEED") or 20261124

local random = math.random

local function one_of(list) return list[random(#list)] end

local texts = { "", "a", "ann", "r", "s", "$alert", "public", "private", "all", "none", "mine", "room:write", "*:read", "thread",
  "👍", "\0", "a/b", "..", "2026-01-01T00:00:00Z", "2026-02-30T24:61:61Z", "0000-01-01T00:00:00+99:99", "9999-12-31T23:59:59.999999999Z",
  "https://example.com", "http://", "sk_x", "LiveObject", "LiveList", "LiveMap", "LiveText", "LiveFile", "paragraph",
  "mention", "link", "group", "root", "/a/0", "/", "-", "add", "test", "move", "replace", "0:1", "!", "now", "openai", "crawl",
  ("x"):rep(200), ("é"):rep(5000), "metadata['a']:1", "resolved:true", "roomId^'r'", "storageUpdated", "dev", "\u{FFFD}" }
local numbers = { 0, 1, -1, 2, 8, 201, 2 ^ 31, math.maxinteger, math.mininteger, 0.5, -0.0, 1e308, 1780000000000 }

local value

local function object(names, depth)
  local made = {}
  for _, name in ipairs(names) do
    if random(4) > 1 then made[name] = value(depth + 1) end
  end
  if random(6) == 1 then made[one_of(texts)] = value(depth + 1) end
  return json.object(made)
end

local known = { "type", "data", "liveblocksType", "ops", "op", "path", "value", "from", "opId", "id", "parentId", "parentKey", "text",
  "children", "content", "version", "kind", "userIds", "url", "bold", "name", "size", "mimeType", "messages" }

function value(depth)
  local kind = random(depth > 5 and 5 or 8)
  if kind == 1 then return json.null
  elseif kind == 2 then return random(2) == 1
  elseif kind == 3 then return one_of(numbers)
  elseif kind <= 5 then return one_of(texts)
  elseif kind == 6 then
    local list = json.array {}
    for i = 1, random(0, 4) do list[i] = value(depth + 1) end
    return list
  end
  local names = {}
  for i = 1, random(0, 4) do names[i] = one_of(known) end
  return object(names, depth)
end

-- A value that the notation of the table allows, more or less.
local fitting

local function fitting_record(source)
  local made = {}
  for name, optional, inner in source:gmatch("([%w_]+)(%??): ([^,{}]+)") do
    if optional == "" or random(2) == 1 then made[name] = random(8) == 1 and value(3) or fitting(inner) end
  end
  return json.object(made)
end

function fitting(source)
  if source:find("^string") then return one_of(texts) end
  if source:find("^date") then return one_of { "2026-01-01T00:00:00Z", "2020-02-29T23:59:59.5+01:00" } end
  if source:find("^uri") then return "https://example.com/hook" end
  if source:find("^kind") then return "$alert" end
  if source:find("^event") then return one_of { "commentCreated", "storageUpdated" } end
  if source:find("^integer") or source:find("^number") then return one_of(numbers) end
  if source:find("^boolean") then return random(2) == 1 end
  if source:find("^map") then
    return json.object { [one_of { "a", "thread", "$alert", "r" }] = one_of { "x", 1, true, json.null, json.array { "room:write" } } }
  end
  if source:find("^CommentBody") then
    return json.object { version = 1, content = json.array { json.object { type = "paragraph", children = json.array {
      json.object { text = one_of(texts) }, json.object { type = "mention", kind = one_of { "user", "group" }, id = "ann" } } } } }
  end
  if source:find("%[%]") then return json.array { fitting(source:match("^(.-)%[%]")) } end
  local literal = source:match("'([^']*)'")
  return literal or value(3)
end

local function body_of(row)
  if row.body == "none" then return random(20) == 1 and json.encode(value(0)) or nil end
  if row.body == "bytes" then return one_of { "", "bytes", "\0\1\2\255", ("x"):rep(3000) } end
  local choice = random(10)
  if choice == 1 then return one_of { "", "{", "nul", "[1,]", '{"a":1}x', '"\\ud800"', "\xff", ("["):rep(3000), "1e999" } end
  if choice <= 3 or not row.type then return json.encode(value(0)) end
  local comment = row.type:match("comment: {(.-)}")
  if not comment then return json.encode(fitting_record(row.type)) end
  return json.encode { comment = fitting_record(comment), metadata = random(3) == 1 and value(4) or nil }
end

local function encode(text)
  return (text:gsub("[^%w._~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

describe("the local Liveblocks", function()
  it("answers random requests over all routes, and never with a 500", function()
    math.randomseed(SEED)
    local app = support.new()
    local rows = core.endpoints()
    local ids = { roomId = { "r" }, userId = { "ann", "bob" }, name = { "a.png" }, partNumber = { "1", "2", "x" },
      attachmentId = { "at_123456789012345678901" }, fileId = { "fl_123456789012345678901" }, groupId = { "ann", "group" } }
    -- Ids that were answered are used again.
    local function learn(answered)
      if type(answered) ~= "table" then return end
      for name, inner in pairs(answered) do
        if type(inner) == "table" then
          learn(inner)
        elseif type(inner) == "string" and #inner < 60 then
          local kind = name ~= "id" and name or ({ th = "threadId", cm = "commentId", ["in"] = "inboxNotificationId",
            cp = "copilotId", ks = "knowledgeSourceId" })[inner:match("^(%l%l)_")] or "versionId"
          local pool = ids[kind] or {}
          ids[kind] = pool
          pool[#pool < 4 and #pool + 1 or random(4)] = inner
        end
      end
    end
    local statuses = {}
    for round = 1, ROUNDS do
      if round % 20 == 1 then support.call(app, "POST", "/v2/rooms?idempotent", { id = "r", defaultAccesses = {} }) end
      local row
      repeat
        row = one_of(rows)
        local destroys = row.method == "DELETE" or row.name == "update_room_id"
      until not destroys or random(12) == 1
      local path = row.path:gsub("{(%w+)}", function(name)
        return encode(one_of(ids[name] and random(20) > 1 and ids[name] or texts))
      end)
      local query = {}
      for _, field in ipairs(row.query) do
        local text = random(2) == 1 and one_of(texts) or tostring(one_of(numbers))
        if random(3) == 1 then query[#query + 1] = field.name .. "=" .. encode(text) end
        if field.required and random(5) > 1 then query[#query + 1] = field.name .. "=ann" end
      end
      local target = path .. (query[1] and "?" .. table.concat(query, "&") or "")
      local key = row.path:find("^/v2/management") and { authorization = "Bearer lbs_localdev" } or nil
      local sent = body_of(row)
      app.time = app.time + random(0, 100000)
      local status, answered = support.call(app, row.method, target, sent, key)
      assert(status >= 200 and status < 600 and status ~= 500,
        ("seed %d, round %d: %s %s %s: %s"):format(SEED, round, row.method, target, tostring(sent), tostring(status)))
      statuses[status] = (statuses[status] or 0) + 1
      if status == 200 and type(answered) == "table" then learn(answered) end
      if status >= 400 then assert.is_string(answered.error, target) end
    end
    -- It reached beyond the checks: many calls succeeded, and each kind of refusal came up.
    assert(statuses[200] > ROUNDS / 20, "few calls were answered by 200")
    for _, status in ipairs { 204, 400, 404, 409, 422 } do assert(statuses[status], "no answer with " .. status) end
    if os.getenv "LBHOST_FUZZ_SEED" then
      for status, n in pairs(statuses) do print(status, n) end
    end
  end)
end)
