-- Runs specs of the module in a Lua for which nobody packages busted: as much of busted as they use, with its own luassert.
--   lua5.5 tests/peers/lua55/specs.lua SPEC...
-- LUA_PATH must have this checkout, and luassert and say.
local assertions = require "luassert"
assertions:set_parameter("TableFormatLevel", 2)

local passed, failed, skipped = 0, 0, 0
local last = {} -- what a test does at its end, however it ends
local block -- the one that is read
local SKIPPED = {}

local function new_block(name, parent)
  return { name = name, parent = parent, setup = {}, teardown = {}, before_each = {}, after_each = {}, items = {} }
end

local function each(list, ...)
  for _, fn in ipairs(list) do fn(...) end
end

-- From the outermost block to this one.
local function around(one, hook)
  if one.parent then around(one.parent, hook) end
  each(one[hook])
end

local function title(one, name)
  while one and one.name do one, name = one.parent, one.name .. " " .. name end
  return name
end

local function handler(err)
  if err == SKIPPED then return err end
  return type(err) == "table" and (err.message or tostring(err)) or debug.traceback(tostring(err), 2)
end

local function run_test(one, name, fn)
  local ok, err = xpcall(function()
    around(one, "before_each")
    fn()
  end, handler)
  local clean, problem = xpcall(function()
    while last[1] do table.remove(last)() end
    around(one, "after_each")
  end, handler)
  if err == SKIPPED then
    skipped = skipped + 1
  elseif ok and clean then
    passed = passed + 1
  else
    failed = failed + 1
    print(("FAILED %s\n%s"):format(title(one, name), tostring(ok and problem or err)))
  end
end

local function run_block(one)
  local ok, err = xpcall(each, handler, one.setup)
  if not ok then
    failed = failed + 1
    print(("FAILED %s\n%s"):format(title(one, "setup"), tostring(err)))
    return
  end
  for _, item in ipairs(one.items) do
    if item.block then run_block(item.block) else run_test(one, item.name, item.fn) end
  end
  each(one.teardown)
end

local words = {
  assert = assertions,
  describe = function(name, fn)
    local inner = new_block(name, block)
    block.items[#block.items + 1] = { block = inner }
    block = inner
    fn()
    block = inner.parent
  end,
  it = function(name, fn) block.items[#block.items + 1] = { name = name, fn = fn } end,
  pending = function() error(SKIPPED, 0) end,
  finally = function(fn) last[#last + 1] = fn end,
}
for _, hook in ipairs { "setup", "teardown", "before_each", "after_each" } do
  words[hook] = function(fn) table.insert(block[hook], fn) end
end
words.insulate, words.randomize = words.describe, function() end

for _, path in ipairs(arg) do
  local before = { passed, failed, skipped }
  block = new_block()
  local environment = setmetatable(words, { __index = _G, __newindex = _G })
  local spec = assert(loadfile(path, "t", environment))
  local ok, err = xpcall(spec, handler)
  if ok then run_block(block) else failed = failed + 1 print(("FAILED %s\n%s"):format(path, err)) end
  print(("%s: %d passed, %d failed%s"):format(path, passed - before[1], failed - before[2],
    skipped > before[3] and (", %d skipped"):format(skipped - before[3]) or ""))
end
print(("%s: %d passed, %d failed"):format(_VERSION, passed, failed))
os.exit(failed == 0 and passed > 0)
