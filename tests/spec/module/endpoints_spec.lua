local helper = require "tests.support.client"
local cjson = require "cjson"
local core = require "liveblocks.core"
local client_module = require "liveblocks.client"

local file = assert(io.open("tests/data/endpoints.json"))
local data = cjson.decode(file:read("*a"))
file:close()

-- A plausible value for each field of a type, so that every row can be called.
local values = {
  ["permission[]"] = { "room:write" }, ["CommentBody"] = { version = 1, content = {} }, string = "text", date = "2026-01-31T12:00:00.000Z",
  uri = "https://example.com/", kind = "$custom", event = "roomCreated", boolean = true, number = 1, object = { a = 1 },
  any = { a = 1 }, LsonFields = { list = { liveblocksType = "LiveList", data = {} } },
}
local function sample(kind)
  local first = kind:match("^'([^']*)'")
  if first then return first end
  if kind:find("^false") then return false end
  if values[kind] then return values[kind] end
  if kind:find("^map<") then return {} end
  if kind:find("[]", 1, true) and (kind:find("^%a") or kind:find("^{partNumber")) and not kind:find("|null$") then
    local item = kind:match("^(.-)%[%]")
    if item:find("^{partNumber") then return { { partNumber = 1, etag = "e" } } end
    if item == "object" then return { { a = 1 } } end
    return { item == "event" and "roomCreated" or item == "permission" and "room:read" or "text" }
  end
  local low = kind:match("^integer%((%-?%d+)")
  if low then return math.tointeger(tonumber(low)) end
  if kind == "integer" then return 7 end
  if kind:find("^{comment") or kind:find("^{userId") then return { userId = "u", body = { version = 1, content = {} } } end
  if kind:find("defaultAccesses: permission", 1, true) then return { defaultAccesses = {} } end
  if kind:find("^{") then return {} end
  local alternative = kind:match "^([^|]+)|"
  return sample(alternative or error(("no sample of the type '%s': add one to `values`"):format(kind)))
end

local function query_value(field)
  if field.type == "integer" then return math.max(field.min, 1) end
  if field.type == "flag" then return true end
  if field.type == "enum" then return field.values:match("[^|]+") end
  if field.type == "list" then return { "a", "b" } end
  if field.type == "map" then return { color = "blue" } end
  return "t x&y"
end

local function query_text(field)
  if field.type == "flag" then return "true" end
  if field.type == "list" then return "a,b" end
  if field.type == "map" then return "blue" end
  return tostring(query_value(field))
end

local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The names of fields, sorted.
local function names_of(fields, change)
  local names = {}
  for i, field in ipairs(fields) do names[i] = change and change(field.name) or field.name end
  table.sort(names)
  return names
end

describe("the endpoint table", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv, nil, { base_url = srv.url .. "/pre/fix/" })
  end)
  teardown(function() srv:stop() end)

  it("has the documented operations under their names, and no others", function()
    assert.equal(#data, #core.endpoints())
    for _, want in ipairs(data) do
      local row = client_module.rows[want.name]
      assert.is_table(row, want.name)
      assert.equal(want.method, row.method, want.name)
      assert.equal(want.path, (row.path:gsub("%?.*", "")), want.name)
      assert.equal(want.cursor ~= cjson.null and want.cursor or nil, row.page, want.name)
      assert.equal(want.response, row.response, want.name)
      assert.equal(want.retry, row.retry_rule, want.name)
      local query = names_of(row.query)
      query[#query + 1] = row.path:match "%?(%w+)" -- which one row has always
      assert.same(names_of(want.query, function(name) return (name:gsub("%.{key}$", "")) end), query, want.name)
    end
  end)

  it("knows the newer names as aliases", function()
    for alias, name in pairs { get_version_history = "get_yjs_versions",
      create_version_history_snapshot = "create_yjs_version", get_file_url = "get_storage_file" } do
      assert.equal(name, client_module.rows[alias].name)
    end
  end)

  -- Calls that are refused, and calls that are sent.
  local moved_on = {
    { "set_presence", { "r", { userId = "u", data = {} } }, "'userInfo' is required" },
    { "upsert_room", { "r", { update = {}, create = { id = "r", defaultAccesses = {} } } }, "unknown field 'id'" },
    { "upsert_room", { "r", { update = {}, create = { engine = 2, defaultAccesses = {} } } }, "unknown field 'engine'" },
    { "create_management_project", { { type = "dev", region = "eu" } } },
    { "create_management_project", { { type = "dev", region = "mars" } }, "must be one of earth, eu, fedramp" },
    { "get_management_projects", { { name = "Site" } } },
    { "roll_project_secret_api_key", { "p", { newKeyExpirationIn = "one year" } } },
    { "roll_project_secret_api_key", { "p", { newKeyExpirationIn = "2 years" } }, "must be one of now, 3m" },
    { "update_ai_copilot", { "c", { settings = { topK = 0.5 } } } },
  }
  for i, case in ipairs(moved_on) do
    it(("takes %s as the newest SDK does (%d)"):format(case[1], i), function()
      srv:log()
      local _, err = client.try[case[1]](client.try, table.unpack(case[2]))
      assert.equal(case[3] and 0 or 1, #srv:log())
      if case[3] then assert.is_truthy(err.message:find(case[3], 1, true), err.message) end
    end)
  end

  for _, want in ipairs(data) do
    it(("sends %s as documented, after the path of the base URL"):format(want.name), function()
      local row = client_module.rows[want.name]
      local arguments, path = {}, "/pre/fix" .. want.path
      for i, name in ipairs(want.path_params) do
        arguments[i] = name == "partNumber" and "3" or "i/d é" .. i
        path = path:gsub("{" .. name .. "}", (arguments[i]:gsub("[^%w]", function(c) return ("%%%%%02X"):format(c:byte()) end)))
      end
      local fields = {}
      for _, field in ipairs(row.query) do fields[field.name] = query_value(field) end
      if want.body == "binary" then
        arguments[#arguments + 1] = "\0\1\255bytes"
      elseif row.body == "value" then
        arguments[#arguments + 1] = sample(row.type)
      else
        local _, types = require("liveblocks.types").compile(row.type or "{}")
        for _, field in ipairs(want.fields) do
          local type_text = types[field.name] and types[field.name].type
          assert.is_string(type_text, field.name .. " is missing in the row")
          assert.equal(field.required, types[field.name].required, field.name)
          if type_text ~= "path" then fields[field.name] = sample(type_text) end
        end
      end
      arguments[#arguments + 1] = next(fields) and fields or nil
      srv:log()
      client.try[want.name](client.try, table.unpack(arguments))
      local log = srv:log()
      assert.equal(1, #log)
      local sent = log[1]
      assert.equal(want.method, sent.method)
      assert.equal(path, (sent.target:gsub("%?.*", "")))
      local query = {}
      for name, value in (sent.query or ""):gmatch("([^&=]+)=([^&]*)") do query[unescape(name)] = unescape(value) end
      for _, field in ipairs(row.query) do
        local name = field.type == "map" and field.name .. ".color" or field.name
        assert.equal(query_text(field), query[name], name)
        query[name] = nil
      end
      if want.name == "get_or_create_room" then query.idempotent = nil end
      assert.is_nil(next(query))
      local headers = {}
      for _, header in ipairs(sent.headers) do headers[header[1]:lower()] = header[2] end
      assert.equal("Bearer sk_test", headers.authorization)
      if want.body == "json" then
        assert.equal("application/json", headers["content-type"])
        local body = cjson.decode(sent.body)
        if row.body == "fields" then
          for _, field in ipairs(want.fields) do assert.is_not_nil(body[field.name], field.name) end
        end
        if want.name == "create_web_knowledge_source" then assert.equal("i/d é1", body.copilotId) end
      elseif want.body == "binary" then
        assert.equal("application/octet-stream", headers["content-type"])
        assert.equal("\0\1\255bytes", sent.body_base64 and core.base64_decode(sent.body_base64) or sent.body)
      else
        assert.is_nil(headers["content-type"])
      end
    end)
  end
end)
