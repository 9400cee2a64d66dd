-- The comparison of ./dev drift, with SDKs that say what the endpoint table says, but for one thing.
local liveblocks = require "liveblocks"
local compare = require "tests.drift.compare"
local json = require "liveblocks.json"
local notation = require "tests.drift.notation"
local types = require "liveblocks.types"

local query_types = { flag = "boolean", list = "string", query = "string", map = "map<string>", string = "string", integer = "integer" }

local function query_of(row)
  local query = {}
  for _, field in ipairs(row.query) do
    local kind = query_types[field.type] or field.values:gsub("[^|]+", "'%0'")
    query[field.name] = { type = kind, required = field.required or false }
  end
  return query
end

-- What a Python SDK would say that was made from the table.
local function python_of_table()
  local operations = {}
  for i, row in ipairs(liveblocks.endpoints()) do
    local path = row.path:gsub("%u", function(letter) return "_" .. letter:lower() end)
    operations[i] = { name = row.name, method = row.method, path = path, query = query_of(row),
      body = row.body == "bytes" and "bytes" or row.type or json.null }
  end
  return { version = "1", operations = operations, events = { table.unpack(types.events) } }
end

local function node_of_table()
  return { version = "1", requests = {}, unclear = {}, events = { table.unpack(types.events) } }
end

local function find(python, name)
  for i, one in ipairs(python.operations) do
    if one.name == name then return one, i end
  end
end

describe("the comparison with the SDKs", function()
  local python, node
  before_each(function() python, node = python_of_table(), node_of_table() end)

  it("finds nothing where they say the same", function()
    assert.same({}, (compare(python, node, {})))
  end)

  local function body_with(name, field)
    find(python, name).body = find(python, name).body:gsub("^{", "{" .. field .. ", ")
  end

  local changes = {
    { "a call that the table lacks", function()
      table.insert(python.operations, { name = "get_forecast", method = "GET", path = "/v2/rooms/{room_id}/forecast", query = {},
        body = json.null })
    end, "get_forecast: is missing: GET /v2/rooms/{}/forecast" },
    { "another name", function() find(python, "get_room").name = "fetch_room" end, "fetch_room: is called get_room here" },
    { "another method", function() find(python, "get_room").method = "POST" end, "get_room: is GET here and POST there" },
    { "another path", function() find(python, "get_room").path = "/v3/rooms/{room_id}" end,
      "get_room: goes to /v2/rooms/{room_id} here and to /v3/rooms/{room_id} there" },
    { "another parameter of a path", function() find(python, "get_room").path = "/v2/rooms/{id}" end,
      "get_room: goes to /v2/rooms/{room_id} here and to /v2/rooms/{id} there" },
    { "a query parameter that the table lacks", function()
      find(python, "get_rooms").query.colour = { type = "string", required = false }
    end, "get_rooms?.colour: is missing; optional: string" },
    { "a query parameter that is gone", function() find(python, "get_rooms").query.limit = nil end,
      "get_rooms?.limit: is not known there" },
    { "another type of a query parameter", function() find(python, "get_rooms").query.limit.type = "string" end,
      "get_rooms?.limit: is integer here and string there" },
    { "a field that the table lacks", function() body_with("create_room", "wind?: number") end,
      "create_room.wind: is missing; optional: number" },
    { "a required field that the table lacks", function() body_with("create_room", "wind: {speed: number}") end,
      "create_room.wind: is missing; required: {speed: number}" },
    { "a field that must be given", function()
      local one = find(python, "create_thread")
      one.body = one.body:gsub("visibility%?", "visibility")
    end, "create_thread.visibility: is optional here and required there" },
    { "another type deep inside", function()
      local one = find(python, "create_thread")
      one.body = one.body:gsub("createdAt%?: date", "createdAt?: number")
    end, "create_thread.comment.createdAt: is date here and number there" },
    { "a new word among those of a field", function()
      local one = find(python, "create_management_project")
      one.body = one.body:gsub("'earth'", "'earth'|'moon'")
    end, "create_management_project.region: is 'earth'|'eu'|'fedramp' here and 'earth'|'eu'|'fedramp'|'moon' there" },
    { "a body where none was", function() find(python, "delete_room").body = "{why: string}" end,
      "delete_room: takes no body here and a body there" },
    { "a new event", function() table.insert(node.events, "roomExploded") end,
      "event roomExploded: is missing; the Node SDK has it" },
    { "an event that is gone", function() table.remove(python.events, 1) end,
      ("event %s: is not known to the Python SDK"):format(types.events[1]) },
    { "a request that the table lacks", function() table.insert(node.requests, { method = "PUT", path = "/v2/rooms/{}/sun" }) end,
      "request PUT /v2/rooms/{}/sun: is missing; the Node SDK makes it" },
    { "a call of the table that no SDK has", function()
      local _, i = find(python, "get_room")
      table.remove(python.operations, i)
    end, "get_room: is in none of the SDKs" },
  }
  for _, case in ipairs(changes) do
    it("finds " .. case[1], function()
      case[2]()
      assert.same({ case[3] }, (compare(python, node, {})))
    end)
  end

  it("leaves out what is explained, and wants explanations that are no longer needed to go", function()
    find(python, "get_room").method = "POST"
    local rows = { { where = "^get_room$", what = "^is GET here", why = "because" } }
    local found, explained = compare(python, node, rows)
    assert.same({}, found)
    assert.equal(1, explained)
    find(python, "get_room").method = "GET"
    assert.same({ "tests/drift/known.lua: no difference any more, delete the row: ^get_room$" }, (compare(python, node, rows)))
  end)

  it("takes types that are written otherwise for the same", function()
    local function text(source) return notation.text(notation.parse(source)) end
    assert.equal(text "string|number|boolean", text "scalar")
    assert.equal(text "{b?: integer(1..2), a: string(..4000)}", text "{a: string, b?: integer}")
    assert.equal(text "'b'|'a'", text "'a'|'b'")
    assert.equal(text "('a'|'b')[]", text "('b'|'a')[]")
    assert.not_equal(text "'a'|'b'[]", text "('a'|'b')[]")
    assert.equal(text "any", text "string|any")
    assert.has_error(function() notation.parse "{a: }" end)
  end)
end)
