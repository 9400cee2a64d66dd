-- What a benchmark run measures, one function for each subject. Each takes the size of the run, prints
-- its table and notes its goals.
local bench, clients, load, report = require "bench", require "clients", require "load", require "report"
local count_instructions = require "instructions"

local number, ratio = report.number, report.ratio
local dir, url = os.getenv("BENCH_DIR"), os.getenv("BENCH_URL")
local SCRIPTED = { "lbhost", "node", "bun", "python" }

local measures = {}

--- One row: name, then rate, CPU and memory, each with its ratio to the yardstick.
local function call_row(r)
  if r.failed then return { r.name, note = r.failed } end
  return {
    r.name,
    number(r.rate), ratio(r.to.rate),
    number(r.cpu), ratio(r.to.cpu),
    number(r.memory), ratio(r.to.memory),
  }
end

local function call_table(title, what, unit, yardstick, results)
  local rows = {}
  for i, r in ipairs(results) do rows[i] = call_row(r) end
  local of = "of " .. yardstick
  report.table(title, { what, unit .. "/s", of, "CPU µs", of, "peak MiB", of }, rows)
end

--- The figure of lbhost as a ratio to the first yardstick, as report.ratio_goal takes it.
local function to_yardstick(results, figure)
  return bench.ratio(results.lbhost, results[1], figure)
end

--- get_room through the yardsticks named (modes of raw_libcurl), lbhost and the SDKs. lbhost has a goal of a few percent:
--- it and the yardsticks have many short rounds by themselves, then the SDKs and the first yardstick have theirs, with
--- all processors.
local function get_room(title, mode, yardsticks, size)
  local function yardstick(i)
    local entry = clients.entry("raw", "", function(calls, warmup)
      return { yardsticks[i].mode, url, calls, warmup, 64 }
    end)
    entry.name, entry.key = yardsticks[i].name, yardsticks[i].mode
    return entry
  end
  local function client(key)
    return clients.entry(key, "get_room", function(calls, warmup) return { mode, url, calls, warmup, 64 } end)
  end
  local near, far = {}, { yardstick(1) }
  for i in ipairs(yardsticks) do near[i] = clients.apart(yardstick(i)) end
  for _, key in ipairs(SCRIPTED) do
    if key == "lbhost" then table.insert(near, clients.apart(client(key))) else table.insert(far, client(key)) end
  end
  local results = bench.rounds(title, near, size.near_rounds, size.near_seconds)
  local others = bench.rounds(title .. ", SDKs", far, size.rounds, size.seconds)
  return table.move(others, 2, #others, #results + 1, results)
end

function measures.turn(size)
  local results = get_room("in turn", "turn", { { name = "raw libcurl", mode = "turn" } }, size)
  call_table("Calls in turn", "get_room", "calls", "raw", results)
  report.ratio_goal("get_room in turn", "at least", 0.95, "raw libcurl", to_yardstick(results, "rate"), true)
  count_instructions("in turn", url, "turn", size.counted, 1.1)
end

function measures.flight(size)
  local results = get_room("64 in flight", "flight", {
    { name = "raw libcurl, poll", mode = "poll" },
    { name = "raw libcurl, epoll", mode = "socket" },
  }, size)
  call_table("64 calls in flight", "get_room", "calls", "raw", results)
  local memory = results.lbhost.memory
  report.ratio_goal("64 in flight", "at least", 0.9, "raw libcurl", to_yardstick(results, "rate"), true)
  report.ratio_goal("CPU a call, 64 in flight", "at most", 1.15, "raw libcurl", to_yardstick(results, "cpu"), true)
  count_instructions("64 in flight", url, "poll", size.counted, 1.15)
  report.goal("memory, 64 in flight", "at most 14 MiB", memory, number(memory) .. " MiB",
    memory and memory <= 14)
end

--- The programs of the start-up table: name, and for each stage the arguments to start.
local function starters()
  local programs = {
    { name = "raw libcurl, one call", answer = { dir .. "/raw_libcurl", "turn", url, 1 } },
    { name = "lua5.4", line = { "lua5.4", clients.command("lbhost", "start")[3], "line" } },
  }
  for _, key in ipairs(SCRIPTED) do
    local program = { name = clients[key].name, key = key }
    local missing = clients[key].missing
    program.note = missing and "skipped: " .. missing
    for _, stage in ipairs { "line", "module", "answer" } do
      local arguments = clients.command(key, "start")
      arguments[#arguments + 1], arguments[#arguments + 2] = stage, url
      program[stage] = not program.note and arguments or nil
    end
    table.insert(programs, program)
  end
  for _, program in ipairs(programs) do programs[program.key or program.name] = program end
  return programs
end

function measures.start(size)
  local stages, programs, arguments, slots = { "line", "module", "answer" }, starters(), {}, {}
  for _, program in ipairs(programs) do
    program.times = {}
    for _, stage in ipairs(stages) do
      if program[stage] then
        arguments[#arguments + 1] = "---"
        table.move(program[stage], 1, #program[stage], #arguments + 1, arguments)
        slots[#slots + 1] = { times = program.times, stage = stage }
      end
    end
  end
  bench.progress(("start-up: %d programs, %d times"):format(#slots, size.starts))
  local command = { dir .. "/start_time", size.starts }
  local watched = load.watch()
  local lines, why = bench.run(table.move(arguments, 2, #arguments, 3, command))
  local others = watched()
  bench.progress("")
  if not lines then error("start_time: " .. why) end
  for i, slot in ipairs(slots) do slot.times[slot.stage] = lines[i] end

  local rows = {}
  for i, program in ipairs(programs) do
    local row = { program.name, note = program.note }
    for _, stage in ipairs(stages) do
      local time = program.times[stage]
      if time and time.failed then row.note = ("FAILED at %s: exit status %d"):format(stage, time.failed) end
      row[#row + 1] = number(time and time.first)
    end
    local last = program.times.answer or program.times.line
    row[#row + 1] = number(last and last.rss_kb and last.rss_kb / 1024)
    rows[i] = row
  end
  local ours, theirs = programs.lbhost.times.line, programs["lua5.4"].times.line
  if ours and theirs and ours.first and theirs.first then
    local share = ours.first / theirs.first
    report.ratio_goal("start to first line of script", "at most", 3, "lua5.4", { value = share, others = others,
      error = share * (ours.first_error / ours.first + theirs.first_error / theirs.first) })
  end
  report.table("Start-up: milliseconds from exec, and memory at the end",
    { "", "first line", "client loaded", "first response", "peak MiB" }, rows)
end

function measures.growth(size)
  local rows, heads, peaks = {}, { "iter_rooms, pages of 100" }, {}
  for _, set in ipairs(size.sets) do
    local entries = { clients.entry("raw", "", function() return { "pages", url, set } end) }
    for _, key in ipairs { "lbhost", "node", "bun" } do
      table.insert(entries, clients.entry(key, "iter_rooms", function() return { url, set } end))
    end
    local results = bench.rounds(("%d rooms"):format(set), entries, size.set_rounds)
    for i, r in ipairs(results) do
      local row = rows[i] or { r.name }
      rows[i], row.note = row, row.note or r.failed
      row[#row + 1], row[#row + 2] = number(r.wall and r.wall * 1e3), number(r.memory)
    end
    peaks[#peaks + 1] = results.lbhost.memory
    table.insert(heads, number(set) .. " rooms, ms")
    table.insert(heads, "peak MiB")
  end
  report.table("Growth with the number of rooms", heads, rows)
  local growth = #peaks > 1 and peaks[#peaks] / peaks[1] or nil
  report.goal(("memory, %s rooms to %s"):format(number(size.sets[#size.sets]), number(size.sets[1])),
    "flat: at most 1.10", growth, ratio(growth), growth and growth <= 1.1)
end

--- What json.lua prints, as { ["lua-cjson"] = { [subject] = MB/s }, lbhost = ... }.
local function codecs(seconds)
  local arguments = clients.command("lbhost", "json")
  arguments[#arguments + 1] = seconds
  local lines, why = bench.lines(arguments)
  if not lines then return nil, why end
  local ours, theirs = {}, {}
  for _, line in ipairs(lines) do
    local subject, a, b = line:match("^(.-%S)%s+([%d.]+)%s+([%d.]+)%s+[%d.]+%s*$")
    if subject then ours[subject], theirs[subject] = tonumber(a), tonumber(b) end
  end
  return { lbhost = ours, ["lua-cjson"] = theirs }
end

--- The same of another codec, on the files that json_documents.lua wrote.
local function peer_codec(arguments, documents)
  local lines, why = bench.run(arguments)
  if not lines then return nil, why end
  local speeds = {}
  for i, document in ipairs(documents) do
    speeds["decode, " .. document.name] = lines[i].decode
    speeds["encode, " .. document.name] = lines[i].encode
  end
  return speeds
end

function measures.json(size)
  if clients.lbhost.missing then return print("JSON: skipped: " .. clients.lbhost.missing .. "\n") end
  bench.progress("JSON")
  local arguments = clients.command("lbhost", "json_documents")
  arguments[#arguments + 1] = dir
  local documents, why = bench.run(arguments)
  if not documents then return print("JSON: FAILED: " .. why .. "\n") end
  local speeds
  local watched = load.watch()
  speeds, why = codecs(size.json)
  if not speeds then return print("JSON: FAILED: " .. why .. "\n") end

  local heads, columns = { "MB/s", "lua-cjson", "lbhost" }, { speeds["lua-cjson"], speeds.lbhost }
  for _, key in ipairs { "node", "bun", "python" } do
    local client = clients[key]
    if client.missing then
      print(("JSON of %s: skipped: %s"):format(key, client.missing))
    else
      arguments = clients.command(key, "json_peer")
      arguments[#arguments + 1] = size.json
      for _, document in ipairs(documents) do arguments[#arguments + 1] = document.file end
      local figures, failure = peer_codec(arguments, documents)
      if failure then print(("JSON of %s: FAILED: %s"):format(key, failure)) end
      heads[#heads + 1], columns[#columns + 1] = client.json, figures or {}
      columns[key] = figures
    end
  end
  bench.progress("")
  local others = watched()

  local rows = {}
  for _, document in ipairs(documents) do
    for _, direction in ipairs { "decode, ", "floor, ", "encode, " } do
      local subject = direction .. document.name
      local yardstick, row = speeds["lua-cjson"][subject] or 1, { subject }
      for _, figures in ipairs(columns) do
        local speed = figures[subject]
        row[#row + 1] = speed and ("%s (%s)"):format(number(speed), ratio(speed / yardstick)) or "-"
      end
      rows[#rows + 1] = row
      local share = speeds.lbhost[subject] and speeds.lbhost[subject] / yardstick
      if share and direction ~= "floor, " then
        report.goal("JSON " .. subject, "at least lua-cjson", share, ratio(share), share >= 1, report.disturbed(others))
      end
      local other = direction == "encode, " and "node" or direction == "decode, " and "python"
      local theirs = other and columns[other] and columns[other][subject]
      if theirs then
        local to_other = speeds.lbhost[subject] / theirs
        report.goal("JSON " .. subject, "at least " .. clients[other].json, to_other, ratio(to_other), to_other >= 1,
          report.disturbed(others))
      end
    end
  end
  print('JSON "floor": the same tables, made by C from nothing, in this Lua.')
  report.table("JSON, and the ratio to lua-cjson", heads, rows)
end

function measures.webhook(size)
  local signed, why = bench.run { "python3", clients.directory .. "webhook.py", "sign", dir }
  if not signed then return print("Webhooks: skipped, the event cannot be signed: " .. why .. "\n") end
  local entries = {}
  for i, key in ipairs { "node", "bun", "python", "lbhost" } do
    entries[i] = clients.entry(key, "webhook", function(calls, warmup) return { dir, calls, warmup } end)
  end
  local results = bench.rounds("webhooks", entries, size.rounds, size.seconds / 2)
  call_table("Webhooks verified and dispatched, in process", "", "events", "Node", results)
  report.ratio_goal("webhooks verified and dispatched a second", "at least", 1, "Bun", bench.ratio(results.lbhost, results.bun, "rate"))
end

return measures
