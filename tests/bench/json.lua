-- MB/s of the JSON codec beside lua-cjson, in one run:  lua5.4 tests/bench/json.lua [SECONDS]
-- The codec is `require "liveblocks".json`, or a shared object of its own, named in LBHOST_JSON.
local cjson = require "cjson"
cjson.decode_max_depth(1000)

local function load_codec()
  local path = os.getenv "LBHOST_JSON"
  if not path then return require "liveblocks".json end
  return assert(package.loadlib(path, "luaopen_liveblocks_json"))()
end

local json = load_codec()
local seconds = tonumber(arg[1]) or 1

--- A page of rooms as get_rooms answers it.
local function rooms_page(count)
  local rooms = json.array {}
  for i = 1, count do
    rooms[i] = {
      type = "room", id = ("board:%05d"):format(i), organizationId = "default",
      createdAt = ("2024-05-%02dT10:%02d:00.000Z"):format(i % 28 + 1, i % 60),
      lastConnectionAt = ("2025-01-%02dT11:%02d:30.123Z"):format(i % 28 + 1, i % 60),
      metadata = { color = i % 2 == 0 and "blue" or "red", size = tostring(i), title = "Quarterly plan " .. i,
        tags = json.array { "design", "q" .. i % 4 } },
      defaultAccesses = json.array { "room:read", "room:presence:write" },
      groupsAccesses = { marketing = json.array { "room:write" } },
      usersAccesses = { ["user-" .. i] = json.array { "room:write" }, alice = json.array {} },
    }
  end
  return { nextCursor = "W3siaWQiOiJ5IiwiY3JlYXRlZEF0IjoxNjY1MDA5", data = rooms }
end

--- A Storage document of about `size` bytes: small objects, floats short and long, long texts.
local function storage_document(size)
  math.randomseed(42)
  local shapes, bytes = json.array {}, 0
  local sentence = "The quick brown fox \"jumps\" over the lazy dog,\nthen writes caf\u{e9} notes. "
  while bytes < size do
    local i = #shapes + 1
    local shape = { liveblocksType = "LiveObject", data = {
      id = ("shape-%06d"):format(i), kind = i % 3 == 0 and "rectangle" or "arrow", visible = i % 5 ~= 0,
      x = math.random(-40000, 40000) / 8, y = math.random() * 1000, width = math.random(1, 999) / 10, z = i,
      parent = i % 4 == 0 and json.null or nil,
      points = json.array { math.random(), math.random(1000), math.random(-500, 500) / 100 },
      text = i % 10 == 0 and sentence:rep(i % 7 + 1) or "" } }
    shapes[i], bytes = shape, bytes + #json.encode(shape) + 1
  end
  return { liveblocksType = "LiveObject", data = { shapes = { liveblocksType = "LiveList", data = shapes } } }
end

--- Best MB/s of five rounds, so that a busy moment does not count.
local function speed(bytes, fn, value)
  local best = 0
  for _ = 1, 5 do
    collectgarbage()
    local runs, start = 0, os.clock()
    repeat
      fn(value)
      runs = runs + 1
    until os.clock() - start >= seconds / 5
    best = math.max(best, bytes * runs / (os.clock() - start) / 1e6)
  end
  return best
end

print(("%-28s %10s %10s %7s"):format("MB/s", "liveblocks", "lua-cjson", "ratio"))
for _, case in ipairs { { "page of 100 rooms", rooms_page(100) }, { "1 MB Storage document", storage_document(1e6) } } do
  local name, value = case[1], case[2]
  local text = json.encode(value)
  local ours, theirs = json.decode(text), cjson.decode(text)
  for _, row in ipairs { { "decode", json.decode, cjson.decode, text, text },
    { "encode", json.encode, cjson.encode, ours, theirs } } do
    local a, b = speed(#text, row[2], row[4]), speed(#text, row[3], row[5])
    print(("%-28s %10.1f %10.1f %7.2f"):format(row[1] .. ", " .. name, a, b, a / b))
  end
end
