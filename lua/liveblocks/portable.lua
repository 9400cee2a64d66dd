--- The environment of the module's own chunks: what Lua 5.4's libraries have, in LuaJIT and in Lua 5.2 to 5.5, and in
--- engines that hide parts of them. It is called once, when the module is opened, with the environment to fill and the
--- globals of the state, which it only reads.
local environment, globals = ...

local rawget, setmetatable, getmetatable, type, select, error = rawget, setmetatable, getmetatable, type, select, error
local pcall = pcall

-- The parts of the standard libraries that nothing else can stand for.
local function need(name, value)
  if value == nil then
    error(("liveblocks needs '%s' of Lua's standard libraries, which is not among the globals of this state"):format(name), 0)
  end
end
need("rawget", rawget)
need("pcall", pcall)

local function get(name) return globals[name] end

-- An engine may give its globals by __index, and may raise an error for one that is not there.
local function global(name)
  local value = rawget(globals, name)
  if value ~= nil then return value end
  local found, inherited = pcall(get, name)
  return found and inherited or nil
end

for name in ([[assert collectgarbage coroutine debug error getmetatable io ipairs load math next os pairs pcall print
  rawequal rawget rawlen rawset require select setmetatable string table tonumber tostring type utf8 xpcall]]):gmatch "%a+" do
  environment[name] = environment[name] or global(name)
end
for name in ([[assert coroutine getmetatable ipairs math next pairs rawset select setmetatable string table tonumber tostring
  type]]):gmatch "%a+" do
  need(name, environment[name])
end

local string, table, math = environment.string, environment.table, environment.math
local byte, char, floor, concat = string.byte, string.char, math.floor, table.concat

-- A library with functions that it lacks; that of the state is not changed.
local function completed(library, missing)
  local complete = {}
  for name, fn in environment.next, library do complete[name] = fn end
  for name, fn in environment.next, missing do
    if complete[name] == nil then complete[name] = fn end
  end
  return complete
end

-- ---- Before 5.3 ----------------------------------------------------------------------------------

if not rawget(math, "type") then
  local EXACT = 0x20000000000000 -- 2^53 without pow(), whose tables are 200 kB of memory
  local function tointeger(x)
    local number = environment.tonumber(x)
    if not number or number ~= floor(number) or number < -EXACT or number > EXACT then return nil end
    return number
  end
  environment.math = completed(math, {
    -- A number without a fraction is an integer, as long as every such number can be written.
    type = function(x)
      if type(x) ~= "number" then return nil end
      return tointeger(x) and "integer" or "float" -- of 1.0 as well
    end,
    tointeger = tointeger, maxinteger = EXACT, mininteger = -EXACT,
  })
end

if not (rawget(table, "move") and rawget(table, "pack") and rawget(table, "unpack")) then
  local unpack = rawget(table, "unpack") or global "unpack"
  environment.table = completed(table, {
    unpack = unpack,
    pack = function(...) return { n = select("#", ...), ... } end,
    move = function(from, first, last, at, to)
      to = to or from
      local start, stop, step = 0, last - first, 1
      if at > first and to == from then start, stop, step = stop, 0, -1 end
      for i = start, stop, step do to[at + i] = from[first + i] end
      return to
    end,
  })
end

environment.rawlen = environment.rawlen or function(value) return #value end

-- LuaJIT knows no __pairs; what the module itself walks may have one.
local knows_pairs = false
environment.pairs(setmetatable({}, { __pairs = function()
  knows_pairs = true
  return environment.next, {}
end }))
if not knows_pairs or environment.next ~= global "next" then -- or it is the module's own, see module.c
  local pairs = environment.pairs
  environment.pairs = function(value)
    local metatable = getmetatable(value)
    local walk = type(metatable) == "table" and rawget(metatable, "__pairs")
    if walk then return walk(value) end
    local _, checked = pairs(value)
    return environment.next, checked
  end
end

-- The main thread has no coroutine in LuaJIT; here it has a name of its own.
local running = environment.coroutine.running
if running() == nil or select("#", running()) == 1 then
  local main = {}
  environment.coroutine = completed(environment.coroutine, {})
  environment.coroutine.running = function()
    local co = running()
    if co then return co, false end
    return main, true
  end
end

-- ---- utf8 ----------------------------------------------------------------------------------------

if not environment.utf8 then
  local utf8 = { charpattern = "[%z\1-\127\194-\253][\128-\191]*" }
  environment.utf8 = utf8

  local function encode(code)
    if code < 0x80 then return char(code) end
    if code < 0x800 then return char(0xc0 + floor(code / 64), 0x80 + code % 64) end
    if code < 0x10000 then return char(0xe0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64) end
    return char(0xf0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end

  function utf8.char(...)
    local out = { ... }
    for i = 1, #out do out[i] = encode(out[i]) end
    return concat(out)
  end

  local function is_tail(b) return b and b >= 0x80 and b < 0xc0 end

  -- The code at i, and where the next one begins; nil: it is not valid.
  local function decode(text, i)
    local a, b, c, d = byte(text, i, i + 3)
    if not a or a < 0x80 then return a, i + 1 end
    if a < 0xc2 or a > 0xf4 or not is_tail(b) then return nil end
    if a < 0xe0 then return (a - 0xc0) * 64 + b - 0x80, i + 2 end
    if not is_tail(c) then return nil end
    if a < 0xf0 then
      local code = (a - 0xe0) * 4096 + (b - 0x80) * 64 + c - 0x80
      if code < 0x800 or (code >= 0xd800 and code <= 0xdfff) then return nil end
      return code, i + 3
    end
    local code = is_tail(d) and (a - 0xf0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80 or 0
    if code < 0x10000 or code > 0x10ffff then return nil end
    return code, i + 4
  end

  local function position(text, i, default)
    i = i or default
    if i < 0 then i = #text + i + 1 end
    return i
  end

  function utf8.len(text, i, j)
    local at, last, count = position(text, i, 1), position(text, j, -1), 0
    while at <= last do
      local code, following = decode(text, at)
      if not code then return nil, at end
      at, count = following, count + 1
    end
    return count
  end

  function utf8.codepoint(text, i, j)
    local at = position(text, i, 1)
    local last, out = position(text, j, at), {}
    while at <= last do
      local code, following = decode(text, at)
      if not code then error("invalid UTF-8 code", 2) end
      out[#out + 1], at = code, following
    end
    return environment.table.unpack(out)
  end

  function utf8.codes(text)
    return function(_, at)
      local following = at == 0 and 1 or select(2, decode(text, at))
      if following > #text then return nil end
      local code = decode(text, following)
      if not code then error("invalid UTF-8 code", 2) end
      return following, code
    end, text, 0
  end

  -- Where the n-th character from i on begins.
  function utf8.offset(text, n, i)
    local at = position(text, i, n > 0 and 1 or #text + 1)
    local step = n > 0 and 1 or -1
    for _ = 1, n > 0 and n - 1 or -n do
      if at > #text + 1 or at < 1 then return nil end
      repeat at = at + step until not is_tail(byte(text, at))
    end
    if at < 1 or at > #text + 1 then return nil end
    return at
  end
end
