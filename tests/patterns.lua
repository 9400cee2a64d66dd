-- Looks for patterns of Lua whose work is quadratic, which texts of others make use of:
--   lua5.4 tests/patterns.lua
-- Where a repetition may begin anywhere and must end at $ ("%s+$"), a run of n such characters inside of the text is walked through n
-- times; so is what follows "(.-)" when it is a repetition that ends at $ ("^(.-)%s*$"). liveblocks.trim
-- does without. A line where the text is short says so: "-- quadratic: why not".
-- The items of a pattern: { class, repetition }.
local function items_of(pattern)
  local items, at = {}, 1
  while at <= #pattern do
    local class
    local char = pattern:sub(at, at)
    if char == "(" or char == ")" then
      at = at + 1
    else
      if char == "%" then
        class = pattern:sub(at, at + 1)
        if class == "%b" then class = pattern:sub(at, at + 3) end
        if class == "%f" then class = "%f" .. (pattern:match("^%[%^?%]?[^%]]*%]", at + 2) or "") end
      elseif char == "\\" then -- an escape of the string
        class = pattern:match("^\\%d+", at) or pattern:sub(at, at + 1)
      elseif char == "[" then
        class = pattern:match("^%[%^?%]?[^%]]*%]", at) or char
        while class:sub(-2) == "%]" do class = class .. (pattern:match("^[^%]]*%]", at + #class) or "]") end
      else
        class = char
      end
      at = at + #class
      local repetition = pattern:match("^[*+?-]", at)
      if repetition then at = at + 1 end
      items[#items + 1] = { class, repetition }
    end
  end
  return items
end

local function is_run(item) return item and (item[2] == "*" or item[2] == "+" or item[2] == "-") end

local function is_quadratic(pattern)
  if pattern:sub(-1) ~= "$" or pattern:sub(-2) == "%$" then return false end
  local anchored = pattern:sub(1, 1) == "^"
  local items = items_of(pattern:sub(anchored and 2 or 1, -2))
  if not is_run(items[#items]) then return false end
  if not anchored then return #items == 1 end
  local before = items[#items - 1]
  return before ~= nil and before[1] == "." and is_run(before) and items[#items][1] ~= "."
end

assert(is_quadratic "%s+$" and is_quadratic "[\n ]*$" and is_quadratic "^(.-)(%s*)$" and is_quadratic "^%s*(.-)%s*$")
assert(is_quadratic "\\n+$")
assert(not is_quadratic "^%s*(.*%S)" and not is_quadratic "[^\n]$" and not is_quadratic "^%d+$" and not is_quadratic "^(.-)=(.*)$")

-- Whose texts are those of others.
local places = "lua/liveblocks lua/lbhost/serve lua/lbhost/local lua/lbhost/web lua/lbhost/util lua/lbhost/slack.lua scripts/webhooks " ..
  "scripts/notifications"

local found = 0
local pipe = assert(io.popen("find " .. places .. " -name '*.lua' | sort"))
for path in pipe:lines() do
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    local matches = (line:find "match" or line:find "find" or line:find "gsub") and not line:find("-- quadratic:", 1, true)
    for literal in (matches and line or ""):gmatch '"([^"]*)"' do
      if is_quadratic(literal) then
        found = found + 1
        io.stderr:write(("%s:%d: \"%s\" takes quadratic work for a long run in the text\n"):format(path, number, literal))
      end
    end
  end
end
pipe:close()
os.exit(found == 0)
