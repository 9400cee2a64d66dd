-- MB/s of the JSON codec beside lua-cjson, in one run:  lua5.4 tests/bench/json.lua [SECONDS]
-- The codec is `require "liveblocks".json`, or a shared object of its own, named in LBHOST_JSON. "floor" is how fast C makes the same
-- tables from nothing, when json_floor.so (json_floor.c) is in BENCH_DIR: what decoding takes longer than that is the codec's.
local cjson = require "cjson"
cjson.decode_max_depth(1000)

local function load_codec()
  local path = os.getenv "LBHOST_JSON"
  if not path then return require "liveblocks".json end
  return assert(package.loadlib(path, "luaopen_liveblocks_json"))()
end

local json = load_codec()
local open_floor = package.loadlib((os.getenv "BENCH_DIR" or ".") .. "/json_floor.so", "luaopen_json_floor")
local seconds = tonumber(arg[1]) or 1

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
local here = (arg[0] or ""):match("^(.*/)") or "./"
for _, case in ipairs(dofile(here .. "documents.lua")(json)) do
  local name, value = case[1], case[2]
  local text = json.encode(value)
  local ours, theirs = json.decode(text), cjson.decode(text)
  local subjects = { { "decode", json.decode, cjson.decode, text, text }, { "encode", json.encode, cjson.encode, ours, theirs } }
  if open_floor then table.insert(subjects, 2, { "floor", open_floor().recorder(ours, json.array_mt), cjson.decode, nil, text }) end
  for _, row in ipairs(subjects) do
    local a, b = speed(#text, row[2], row[4]), speed(#text, row[3], row[5])
    print(("%-28s %10.1f %10.1f %7.2f"):format(row[1] .. ", " .. name, a, b, a / b))
  end
end
