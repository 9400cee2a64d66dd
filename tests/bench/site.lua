-- Writes what nginx serves in a benchmark run: its configuration and the pages of rooms.
--   lua5.4 site.lua conf  DIR PORT        DIR/nginx.conf, for TLS on the next port
--   lua5.4 site.lua pages DIR ROOMS...    DIR/www/pages/ROOMS/N.json, pages of 100, "1" being the first

local PAGE = 100

--- The room every client reads, under any id: what the API sends for a small board.
local function room(id)
  return '{"type":"room","id":"' .. id .. '","organizationId":"default",'
    .. '"createdAt":"2026-03-14T09:26:53.589Z","lastConnectionAt":"2026-11-02T17:05:11.042Z",'
    .. '"defaultAccesses":["room:read","room:presence:write"],'
    .. '"usersAccesses":{"alice@example.com":["room:write"],"bob@example.com":["room:read"]},'
    .. '"groupsAccesses":{"design":["room:write"]},'
    .. '"metadata":{"name":"Launch plan","color":"blue","tags":["board","2026"]}}'
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

local function write_conf(dir, port)
  local here = arg[0]:match("^(.*)/") or "."
  local fill = { DIR = dir, PORT = port, TLS_PORT = ("%d"):format(port + 1), ROOM = room("$1") }
  write(dir .. "/nginx.conf", (read(here .. "/nginx.conf.in"):gsub("@([%u_]+)@", fill)))
end

local function write_pages(dir, rooms)
  local count = rooms // PAGE
  local directory = ("%s/www/pages/%d"):format(dir, rooms)
  assert(os.execute(("mkdir -p '%s'"):format(directory)))
  for page = 1, count do
    local list = {}
    for i = 1, PAGE do list[i] = room(("room-%d"):format((page - 1) * PAGE + i)) end
    local cursor = page < count and ('"%d"'):format(page + 1) or "null"
    write(("%s/%d.json"):format(directory, page),
      ('{"nextCursor":%s,"data":[%s]}'):format(cursor, table.concat(list, ",")))
  end
end

local command, dir = arg[1], arg[2]
if command == "conf" and arg[3] then
  write_conf(dir, arg[3])
elseif command == "pages" and arg[3] then
  for i = 3, #arg do write_pages(dir, assert(math.tointeger(arg[i]), "ROOMS is a whole number")) end
else
  io.stderr:write("usage: lua5.4 site.lua conf DIR PORT | pages DIR ROOMS...\n")
  os.exit(2)
end
