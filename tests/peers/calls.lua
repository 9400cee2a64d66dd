-- The list of calls that every peer makes. One row is one call:
--   id     names the row: "op/label"
--   op     the operation, named as in the Python SDK (or in endpoints.def where that SDK lacks it)
--   path   values of the path parameters, in order
--   args   query parameters and JSON fields in one table, spelled as on the wire
--   body   a JSON body that is not an object (has_body distinguishes null from none)
--   hex    a binary body
--   file   {name, mime, size}: a file to upload, whose byte number i is i % 251
--   base   path prefix added to the base URL
--   allow  what a session allows: list of {pattern, permissions}; twice = authorize it again
--   plain  empty lists reach the Lua client as {} without a mark
--   answers  what the recording server answers during the call (rows of its /__answer)
--   step   true for one request of an upload, where the row's operation is a whole upload in some peers
--   sorted the requests of the call run in parallel: compare them in the order of their paths
--   node   hints for the Node driver, whose methods hide some requests inside others

local json = require("json")

local list, seen = {}, {}

local build = { json = json, null = json.null, empty = function() return json.array({}) end }

---Adds one row.
---@param op string
---@param label string
---@param path string[]?
---@param args table?
---@param extra table? further fields of the row
function build.add(op, label, path, args, extra)
  local row = { op = op, id = op .. "/" .. label, path = json.array(path or {}), args = args }
  for key, value in pairs(extra or {}) do row[key] = value end
  if row.body ~= nil then row.has_body = true end
  assert(not seen[row.id], "two calls named " .. row.id)
  seen[row.id] = true
  list[#list + 1] = row
end

-- What ids are made of. The last one holds every character that means something in a URL.
local SUFFIXES = {
  plain = "",
  slash = "/a b/",
  unicode = "-é日本🎉",
  reserved = [[?#&=+%25:@!$'()*,;[]"<>\^`{|}~]],
}

---A path value that build.ids leaves alone.
---@param value string
---@return table
function build.fixed(value)
  return { value }
end

---Adds a row for each kind of id: the same call with other path values.
---@param op string
---@param path table list of strings and build.fixed values
---@param args table?
---@param extra table?
function build.ids(op, path, args, extra)
  for kind, suffix in pairs(SUFFIXES) do
    local values = {}
    for index, value in ipairs(path) do
      values[index] = type(value) == "table" and value[1] or value .. suffix
    end
    build.add(op, "ids-" .. kind, values, args, extra)
  end
end

---Adds a row for each label of a table of argument sets.
---@param op string
---@param path string[]
---@param sets table<string, table>
function build.sets(op, path, sets)
  for label, args in pairs(sets) do build.add(op, label, path, args) end
end

---Argument sets of a call that is read page by page.
---@param op string
---@param path string[]
---@param cursor string the parameter that carries the cursor
---@param most integer? the largest page (default 100)
function build.pages(op, path, cursor, most)
  build.sets(op, path, {
    ["page-none"] = {},
    ["page-limit"] = { limit = 1 },
    ["page-cursor"] = { [cursor] = "eyJjcmVhdGVkQXQiOjE2NjAwMDA5ODgxMzd9" },
    ["page-both"] = { limit = most or 100, [cursor] = "a+b/c==&d é" },
  })
end

---Responses of a paginated call: one page for each cursor, then the server's own last page. The server
---takes the response that was set last first.
---@param path string
---@param cursors string[]
---@return table
function build.page_answers(path, cursors)
  local answers = json.array({})
  for index = #cursors, 1, -1 do
    local body = json.encode({ data = json.array({}), nextCursor = cursors[index] })
    answers[#answers + 1] = { method = "GET", path = path, times = 1, body = body }
  end
  return answers
end

local GROUPS = { "rooms", "storage", "comments", "notifications", "access", "ai", "feeds", "uploads" }
for _, name in ipairs(GROUPS) do require("calls." .. name)(build) end

table.sort(list, function(a, b) return a.id < b.id end)
return list
