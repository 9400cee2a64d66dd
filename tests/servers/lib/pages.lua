-- Pages of rooms in the form of the API.

local cjson = require "cjson"

local pages = {}

--- The value of one parameter of a form-encoded query.
local function query_value(query, name)
  local raw = ("&" .. (query or "")):match("&" .. name .. "=([^&]*)")
  if not raw then return nil end
  return (raw:gsub("%+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function room(index)
  return cjson.encode {
    type = "room", id = ("room-%05d"):format(index), createdAt = "2026-03-14T09:26:53.589Z",
    lastConnectionAt = "2026-11-02T17:05:11.042Z", metadata = { name = "Room " .. index, color = "blue" },
  }:sub(1, -2) .. ',"defaultAccesses":["room:write"],"usersAccesses":{},"groupsAccesses":{}}'
end

-- A cursor needs percent-encoding on purpose: a client that does not encode it gets an error.
local function cursor_after(index)
  return ("after+%d/="):format(index)
end

--- The page that the request asks for.
---@param req table
---@param p { n: integer, size: integer, stuck: integer }
---@return table for Connection:answer
function pages.answer(req, p)
  local cursor = query_value(req.query, "startingAfter") or query_value(req.query, "cursor")
  local from = not cursor and 0 or math.tointeger(tonumber(cursor:match("^after%+(%d+)/=$")))
  if not from then
    local body = { error = "INVALID_CURSOR", message = "no page ended with cursor '" .. cursor .. "'" }
    return { status = 400, body = cjson.encode(body) }
  end
  local limit = math.tointeger(tonumber(query_value(req.query, "limit"))) or p.size
  local last = math.min(from + math.max(1, limit), p.n)
  local rows = {}
  for index = from + 1, last do rows[#rows + 1] = room(index) end
  local following = p.stuck ~= 0 and cursor_after(from) or last < p.n and cursor_after(last)
  local next_cursor = following and cjson.encode(following) or "null"
  return { body = ('{"nextCursor":%s,"data":[%s]}'):format(next_cursor, table.concat(rows, ",")) }
end

return pages
