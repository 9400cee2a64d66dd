-- No test says how long something may take, in wall or CPU time: such a test fails on a machine that is slow or busy, and
-- says nothing on one that is fast. Refuses what a machine can see of that in the tests (those under tests/bench measure):
--   lua5.4 tests/timeless.lua [FILE...]
-- "Not before" may stay. What has to do with speed is counted (tests/support/instructions.lua, calls, bytes) or measured
-- by ./dev bench; waiting is tests/support/eventually.lua. A line with a reason may stay: `-- timed: why`.
local NUMBER <const> = "%s*%d"
local CLOCKS <const> = { "now%(%)", "gettime%(%)", "os%.time%(%)", "os%.clock%(%)" }
local SPANS <const> = { "seconds", "elapsed", "took", "spent", "duration", "longest", "wall", "cpu", "frame" }

local rules = { lua = {}, c = {} }

local function refuse(language, pattern, why)
  table.insert(rules[language], { pattern = pattern, why = why })
end

refuse("lua", "os%.clock%f[%W]", "CPU time differs from machine to machine: count (tests/support/instructions.lua)")
for _, clock in ipairs(CLOCKS) do
  refuse("lua", clock .. "%s*%-%s*[%w_.]+%s*<", "a test does not say how long something may take")
  refuse("lua", "[%w_.]+%s*>=?%s*" .. clock .. "%s*%-", "a test does not say how long something may take")
  if clock ~= "os%.time%(%)" then -- which is often a date
    refuse("lua", clock .. "%s*%+" .. NUMBER, "wait with tests/support/eventually.lua")
  end
end
for _, span in ipairs(SPANS) do
  refuse("lua", "%f[%w_]" .. span .. "%s*<=?" .. NUMBER, "a test does not say how long something may take")
  refuse("lua", "%f[%w_]" .. span .. "%s*>=%s*0%f[^%d.]", "this holds always")
end
for _, name in ipairs { "clock_gettime", "gettimeofday", "getrusage", "clock", "times" } do
  refuse("c", "%f[%w_]" .. name .. "%(", "a C test does not measure: it counts, or moves the clock")
end

-- Whether the line begins a loop of so many turns that sleeps, or steps the loop, in each: a wait with a deadline of its own.
local function is_counted_wait(lines, number)
  local indent = lines[number]:match "^(%s*)for _ = 1, %d+ do%f[%W]"
  if not indent then return false end
  for i = number, #lines do
    local code = lines[i]:gsub("%-%-.*", "")
    if code:find "sleep%(" or code:find "step%(nil, *[%d.]" then return true end
    if i > number and code:find("^" .. indent .. "end") or i == number and code:find "%f[%w]end%s*$" then return false end
  end
  return false
end

--- What is wrong with a source, as { line, why }.
---@param text string
---@param language "lua"|"c"
---@return table[]
local function check(text, language)
  local found, lines = {}, {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  for number, line in ipairs(lines) do
    local code = language == "lua" and line:gsub("%-%-.*", "") or line:gsub("/%*.-%*/", "")
    if not line:find("timed: %S") then
      if language == "lua" and is_counted_wait(lines, number) then
        found[#found + 1] = { number, "wait with tests/support/eventually.lua" }
      end
      for _, rule in ipairs(rules[language]) do
        if code:find(rule.pattern) then
          found[#found + 1] = { number, rule.why }
          break
        end
      end
    end
  end
  return found
end

if not arg or not arg[0]:find("timeless%.lua$") then return check end

local list = "printf '%s\\n' " .. table.concat(arg, " ")
if #arg == 0 then list = "find tests/spec tests/c tests/support tests/survive -name '*.lua' -o -name '*.[ch]' | sort" end
local pipe <close> = assert(io.popen(list))
local count = 0
for path in pipe:lines() do
  local file <close> = assert(io.open(path))
  for _, one in ipairs(check(file:read "a", path:find("%.lua$") and "lua" or "c")) do
    io.stderr:write(("%s:%d: %s\n"):format(path, one[1], one[2]))
    count = count + 1
  end
end
os.exit(count == 0)
