-- A server with as many rooms as one likes, which are all alike: rooms_server.lua COUNT. Prints its URL.
local http_server = require "lbhost.http_server"

local count = math.tointeger(tonumber(arg[1]))

local template = '{"type":"room","id":"project-%07d-board","createdAt":"2024-01-31T12:00:00.000Z","lastConnectionAt":'
  .. '"2024-01-31T12:00:00.000Z","organizationId":"default","defaultAccesses":["room:write"],"usersAccesses":{"alice":'
  .. '["room:write"]},"groupsAccesses":{},"metadata":{"type":"board","color":"blue"}}'

local server = http_server.start { host = "127.0.0.1", port = 0, handler = function(request)
  local query = request.query or ""
  local from = math.tointeger(tonumber(query:match "startingAfter=(%d+)" or "0"))
  local limit = math.tointeger(tonumber(query:match "limit=(%d+)" or "20"))
  local rooms = {}
  -- Ids in no order, as those of a project are: a multiplication modulo a prime.
  for i = 1, math.min(limit, count - from) do rooms[i] = template:format((from + i) * 7919 % 9999991) end
  local last = from + #rooms
  local cursor = last < count and ('"%d"'):format(last) or "null"
  return { status = 200, headers = { ["content-type"] = "application/json" },
    body = ('{"nextCursor":%s,"data":[%s]}'):format(cursor, table.concat(rooms, ",")) }
end }
io.stdout:write(server.url, "\n")
io.stdout:flush()
