-- Runs the programs of a benchmark by turns and makes medians of what they report.
local cjson = require "cjson"
local load = require "load"

local bench = {}

--- Quotes one argument for the shell.
---@param argument string|number
---@return string
function bench.quote(argument)
  return "'" .. tostring(argument):gsub("'", "'\\''") .. "'"
end

local function command_line(arguments)
  local quoted = {}
  for i, argument in ipairs(arguments) do quoted[i] = bench.quote(argument) end
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
---@param arguments (string|number)[]
---@return string[]?, string?
function bench.lines(arguments)
  local errors = os.getenv("BENCH_DIR") .. "/stderr"
  local pipe = assert(io.popen(command_line(arguments) .. " 2>" .. bench.quote(errors)))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  local _, how, code = pipe:close()
  if code ~= 0 then return nil, ("%s %d: %s"):format(how, code, complaint(errors)) end
  return lines
end

--- The same for a program that prints JSON objects, one for each line.
---@param arguments (string|number)[]
---@return table[]?, string?
function bench.run(arguments)
  local lines, why = bench.lines(arguments)
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

--- What one run says, per call. Not all say what they have used.
local function per_call(figures)
  return {
    rate = figures.calls / figures.wall,
    cpu = figures.cpu and figures.cpu / figures.calls * 1e6, -- microseconds
    memory = figures.rss_kb and figures.rss_kb / 1024,       -- MiB
    wall = figures.wall,
  }
end

--- How far the median of a list may be from the one of endless rounds: twice its standard error, from the quartiles,
--- which a few rounds gone wrong do not move. Of less than four values, all that they differ.
---@param list number[]
---@return number
function bench.error(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local n = #sorted
  if n < 4 then return n > 1 and sorted[n] - sorted[1] or math.huge end
  local function at(share) return sorted[1 + math.floor(share * (n - 1) + 0.5)] end
  return 2 * 1.2533 * (at(0.75) - at(0.25)) / 1.349 / math.sqrt(n)
end

--- The median of the ratios of two results of the same rounds, so that a machine that slows down slows both; nil when one
--- of them failed.
---@param ours table a result of bench.rounds
---@param theirs table another one of the same call
---@param figure "rate"|"cpu"|"memory"|"wall"
---@return { value: number, error: number, others: number }?
function bench.ratio(ours, theirs, figure)
  if ours.failed or theirs.failed then return nil end
  local ratios = {}
  for i, round in ipairs(ours.rounds) do
    local other = theirs.rounds[i]
    if other and round[figure] and other[figure] then ratios[#ratios + 1] = round[figure] / other[figure] end
  end
  if #ratios == 0 then return nil end
  return { value = bench.median(ratios), error = bench.error(ratios), others = ours.others }
end

--- Medians of each figure over the rounds; `to` holds those of the ratios to the yardstick of the same round.
local function summarize(rounds, yardstick)
  local median = { to = {}, rounds = rounds }
  for _, figure in ipairs { "rate", "cpu", "memory", "wall" } do
    local values = {}
    for _, round in ipairs(rounds) do values[#values + 1] = round[figure] end
    median[figure] = bench.median(values)
    local ratio = bench.ratio(median, { rounds = yardstick }, figure)
    median.to[figure] = ratio and ratio.value
  end
  return median
end

--- One run of an entry, noted in its state. Sets the number of calls for the next run.
local function run_once(entry, state, round, seconds)
  local warmup = entry.compiles and math.max(state.calls, 3000) or state.calls // 5
  local values, why = bench.run(entry.arguments(state.calls, warmup))
  state.failed = why and "FAILED: " .. why
  if not values then return end
  local figures = per_call(values[1])
  if round > 0 then state.rounds[round] = figures end
  if seconds then state.calls = math.max(200, math.floor(figures.rate * seconds)) end
end

--- Runs every entry once a round, by turns. With `seconds`, a short run first finds how many calls
--- take about that long. An entry is what clients.entry returns.
--- Returns { name, rate, cpu, memory, wall, to, rounds, others } or { name, failed } for each, in order and by key; others
--- is how many processors were busy with other programs meanwhile.
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
  local watched = load.watch()
  for round = seconds and 0 or 1, rounds do
    for i, entry in ipairs(entries) do
      if not states[i].failed then
        bench.progress(("%s: round %d of %d: %s"):format(title, round, rounds, entry.name))
        run_once(entry, states[i], round, seconds)
      end
    end
  end
  bench.progress("")
  local results, others = {}, watched()
  for i, entry in ipairs(entries) do
    local s = states[i]
    local result = s.failed and { failed = s.failed } or summarize(s.rounds, states[1].rounds)
    result.name, result.others = entry.name, others
    results[i], results[entry.key] = result, result
  end
  return results
end

--- The instructions that a program runs for a call, in user space, by callgrind: what a longer run has more than a
--- shorter one, by its calls. The same on every machine with the same libraries, to a percent or two.
---@param entry table as clients.entry makes it
---@param calls integer
---@param environment string[]? { "env", "NAME=value", ... }
---@return number?, string? why
function bench.instructions(entry, calls, environment)
  if entry.missing then return nil, entry.missing end
  local counts = {}
  for i, count in ipairs { calls, 5 * calls } do
    bench.progress(("instructions: %s, %d calls"):format(entry.name, count))
    local arguments = { table.unpack(environment or {}) }
    for _, list in ipairs { { "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null" }, entry.arguments(count, 200) } do
      table.move(list, 1, #list, #arguments + 1, arguments)
    end
    local pipe = assert(io.popen(command_line(arguments) .. " 2>&1 >/dev/null"))
    local text = pipe:read "a"
    counts[i] = pipe:close() and tonumber(text:match "Collected : (%d+)")
    if not counts[i] then return nil, "FAILED: " .. (text:match "%f[^\n%z][^=\n][^\n]*" or text) end
  end
  bench.progress ""
  return (counts[2] - counts[1]) / (4 * calls)
end

return bench
