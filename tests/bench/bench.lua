-- Runs the programs of a benchmark by turns and makes medians of what they report.
local cjson = require "cjson"

local bench = {}

--- Quotes one word for the shell.
---@param word string|number
---@return string
function bench.quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

local function command_line(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = bench.quote(word) end
  return table.concat(quoted, " ")
end

--- What a program said when it failed: the line that names an error, else the first one.
local function complaint(path)
  local first
  for line in io.lines(path) do
    if line:find("%a*Error: ") then return line end
    first = first or line:find("%S") and line
  end
  return first or "no message"
end

--- Runs a program to its end. Returns the lines it printed, or nil and why it failed.
---@param words (string|number)[]
---@return string[]?, string?
function bench.lines(words)
  local errors = os.getenv("BENCH_DIR") .. "/stderr"
  local pipe = assert(io.popen(command_line(words) .. " 2>" .. bench.quote(errors)))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  local _, how, code = pipe:close()
  if code ~= 0 then return nil, ("%s %d: %s"):format(how, code, complaint(errors)) end
  return lines
end

--- The same for a program that prints JSON objects, one for each line.
---@param words (string|number)[]
---@return table[]?, string?
function bench.run(words)
  local lines, why = bench.lines(words)
  if not lines then return nil, why end
  local values = {}
  for _, line in ipairs(lines) do
    local ok, value = pcall(cjson.decode, line)
    if ok and type(value) == "table" then values[#values + 1] = value end
  end
  if #values == 0 then return nil, "it printed no figures" end
  return values
end

--- Middle of a list of numbers; nil for none.
---@param list number[]
---@return number?
function bench.median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local n = #sorted
  if n == 0 then return nil end
  return n % 2 == 1 and sorted[n // 2 + 1] or (sorted[n // 2] + sorted[n // 2 + 1]) / 2
end

--- Says on a terminal what is being measured.
---@param text string
function bench.progress(text)
  if os.getenv("BENCH_PROGRESS") then io.stderr:write("\r\27[K", text) end
end

--- What one run says, per call.
local function per_call(figures)
  return {
    rate = figures.calls / figures.wall,
    cpu = figures.cpu / figures.calls * 1e6, -- microseconds
    memory = figures.rss_kb / 1024,          -- MiB
    wall = figures.wall,
  }
end

--- Medians of each figure over the rounds; `to` holds the medians of the ratios to the yardstick of
--- the same round, so that a machine that slows down slows both.
local function summarize(rounds, yardstick)
  local median, to = {}, {}
  for _, figure in ipairs { "rate", "cpu", "memory", "wall" } do
    local values, ratios = {}, {}
    for i, round in ipairs(rounds) do
      values[i] = round[figure]
      if yardstick[i] then ratios[#ratios + 1] = round[figure] / yardstick[i][figure] end
    end
    median[figure], to[figure] = bench.median(values), bench.median(ratios)
  end
  median.to = to
  return median
end

--- One run of an entry, noted in its state. Sets the number of calls for the next run.
local function run_once(entry, state, round, seconds)
  local warmup = entry.compiles and math.max(state.calls, 3000) or state.calls // 5
  local values, why = bench.run(entry.words(state.calls, warmup))
  state.failed = why and "FAILED: " .. why
  if not values then return end
  local figures = per_call(values[1])
  if round > 0 then state.rounds[round] = figures end
  if seconds then state.calls = math.max(200, math.floor(figures.rate * seconds)) end
end

--- Runs every entry once a round, by turns. With `seconds`, a short run first finds how many calls
--- take about that long. An entry is what clients.entry returns.
--- Returns { name, rate, cpu, memory, wall, to } or { name, failed } for each, in order and by key.
---@param title string
---@param entries table[] the first one is the yardstick
---@param rounds integer
---@param seconds number?
---@return table[]
function bench.rounds(title, entries, rounds, seconds)
  local states = {}
  for i, entry in ipairs(entries) do
    states[i] = { rounds = {}, calls = 300, failed = entry.missing and "skipped: " .. entry.missing }
  end
  for round = seconds and 0 or 1, rounds do
    for i, entry in ipairs(entries) do
      if not states[i].failed then
        bench.progress(("%s: round %d of %d: %s"):format(title, round, rounds, entry.name))
        run_once(entry, states[i], round, seconds)
      end
    end
  end
  bench.progress("")
  local results = {}
  for i, entry in ipairs(entries) do
    local s = states[i]
    local result = s.failed and { failed = s.failed } or summarize(s.rounds, states[1].rounds)
    result.name = entry.name
    results[i], results[entry.key] = result, result
  end
  return results
end

return bench
