-- Measures lbhost against raw libcurl and the official SDKs, by turns, and prints ratios and goals.
-- run.sh starts this, with nginx at BENCH_URL and the compiled yardsticks in BENCH_DIR.
package.path = (arg[0]:match("^(.*/)") or "./") .. "?.lua;" .. package.path
local bench, load, report, measures = require "bench", require "load", require "report", require "measures"
for _, more in ipairs { "bulk", "https", "receive", "text_documents", "frame_table", "hosts" } do
  for name, measure in pairs(require(more)) do measures[name] = measure end
end

local FULL = {
  rounds = 5, seconds = 1.0, near_rounds = 40, near_seconds = 0.4, starts = 30, json = 1.0,
  sets = { 1000, 10000, 100000 }, set_rounds = 3, edits = 2000, lists = { 100000, 1000000 },
  receive = 2, receive_events = 600000, counted = 1000, https = 20000, https_rounds = 12,
  items = { 1000, 4000, 16000, 64000 }, operations = 260000, many_frames = true,
  hosts_rounds = 9, hosts_seconds = 4, hosts_events = 300000, hosts_done = 1000000,
  skip = {},
}
local QUICK = {
  rounds = 3, seconds = 0.2, near_rounds = 6, near_seconds = 0.2, starts = 6, json = 0.3,
  sets = { 1000, 10000 }, set_rounds = 1, edits = 300, lists = { 50000, 100000 }, items = { 1000, 4000 }, operations = 26000,
  receive = 1, receive_events = 200000, counted = 600, https = 2000, https_rounds = 5,
  hosts_rounds = 1, hosts_seconds = 2, hosts_events = 150000, hosts_done = 100000,
  skip = { webhook = true },
}
local ORDER = { "turn", "flight", "https", "frames", "start", "growth", "json", "webhook", "receive", "hosts", "edit", "items", "list",
  "yjs" }

local function usage()
  io.stderr:write("usage: run.sh [--quick] [--markdown] [--only ", table.concat(ORDER, "|"), "] [--done EVENTS]\n")
  os.exit(2)
end

local function options(arguments)
  local size, only, done, i = FULL, nil, nil, 1
  while arguments[i] do
    if arguments[i] == "--quick" then
      size = QUICK
    elseif arguments[i] == "--markdown" then
      report.markdown = true
    elseif arguments[i] == "--only" and measures[arguments[i + 1]] then
      only, i = arguments[i + 1], i + 1
    elseif arguments[i] == "--done" and (arguments[i + 1] or ""):find "^[1-9]%d*$" then
      done, i = math.tointeger(tonumber(arguments[i + 1])), i + 1
    else
      usage()
    end
    i = i + 1
  end
  size.hosts_done = done or size.hosts_done
  return size, only
end

local function first_line(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return pipe:read() or "?"
end

local size, only = options(arg)
local began = os.time()
local watched = load.watch()
print(("%s processors; nginx with one worker on loopback, a room of 396 bytes;"):format(first_line("nproc")))
print("medians of rounds by turns, ratios within a round.\n")
for _, name in ipairs(ORDER) do
  if only == name or not only and not size.skip[name] then measures[name](size) end
end
report.print_goals()
local others = watched()
if report.disturbed(others) then
  print(("Other programs kept %.1f processors busy: figures of time are worse than they should be. Instructions, bytes and")
    :format(others))
  print("memory hold.\n")
end
bench.progress("")
io.stderr:write(("bench: %d s\n"):format(os.time() - began))
