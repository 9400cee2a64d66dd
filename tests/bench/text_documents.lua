-- Yjs documents, beside Yjs under Node in the same run. BENCH_TRACE=FILE is a recorded editing trace (yjs_trace.mjs says in
-- which form), such as automerge-paper.json.gz, 260,000 operations of one paper; without it a trace of that size is made.
local bench, clients, report = require "bench", require "clients", require "report"

local number, ratio = report.number, report.ratio
local dir = os.getenv "BENCH_DIR"

local rows = {
  { "open", "a trace, update by update, and read it" },
  { "state", "its whole state, and read it", calls = 10 },
  { "merge", "a trace in updates of 100 operations, merged" },
  { "edit", "an edit in that document, and its update", calls = 300 },
  { "small", "10,000 small edits of a new document", calls = 10000 },
  { "clients", "4,000 clients at one place", calls = 10 },
}

local function compare(what, calls, rounds, directory)
  local entries = {}
  for i, key in ipairs { "node", "lbhost" } do
    entries[i] = clients.entry(key, "yjs", function() return { directory, what, calls } end)
  end
  entries[1].name = "Yjs, Node"
  return bench.rounds("Yjs documents: " .. what, entries, rounds)
end

local function prepare(directory, operations)
  os.execute("mkdir -p " .. bench.quote(directory))
  return bench.run { "node", clients.directory .. "yjs_trace.mjs", directory, operations, os.getenv "BENCH_TRACE" }
end

local function seconds(result) return result.wall and number(result.wall * 1e3) end

local function yjs(size)
  if clients.node.missing then return print("Yjs documents: skipped: " .. clients.node.missing .. "\n") end
  local whole, quarter = dir .. "/yjs", dir .. "/yjs-quarter"
  local trace, why = prepare(whole, size.operations)
  if trace then why = select(2, prepare(quarter, size.operations // 4)) end
  if why then return print("Yjs documents: FAILED: " .. why .. "\n") end
  local shown, memory = {}, nil
  for i, row in ipairs(rows) do
    local what, calls = row[1], row.calls or 1
    local results = compare(what, calls, size.rounds, whole)
    local ours, theirs = results.lbhost, results.node
    if ours.failed or theirs.failed then
      shown[i] = { row[2], note = ours.failed or theirs.failed }
    else
      local took = bench.ratio(ours, theirs, "wall")
      shown[i] = { row[2], seconds(theirs), seconds(ours), ratio(took.value), number(theirs.memory), number(ours.memory),
        ratio(ours.memory / theirs.memory) }
      if what == "open" then memory = bench.ratio(ours, theirs, "memory") end
      if what == "edit" then
        local each = ours.wall / calls * 1e3
        report.goal("Yjs: an edit in a large document", "less than 5 ms", each, number(each) .. " ms", each < 5,
          report.disturbed(ours.others))
      else
        report.ratio_goal("Yjs: " .. row[2], "at most", 1, "Yjs's time", took)
      end
    end
  end
  print(("Yjs documents: %s of %s operations, %s units long in the end"):format(
    os.getenv "BENCH_TRACE" and "a recorded trace" or "a made trace", number(trace[1].operations), number(trace[1].length)))
  report.table("Yjs documents, milliseconds and peak MiB", { "what", "Yjs, Node", "lbhost", "of Node", "MiB", "lbhost", "of Node" },
    shown)
  if memory then report.ratio_goal("Yjs: memory of a trace", "at most", 0.5, "Node's", memory) end
  local small, large = compare("open", 1, size.rounds, quarter).lbhost, compare("open", 1, size.rounds, whole).lbhost
  if small.cpu and large.cpu then
    local growth = large.cpu / small.cpu
    report.goal("Yjs: four times the trace", "at most 5.5 times the CPU", growth, ratio(growth), growth <= 5.5,
      report.disturbed(large.others))
  end
end

return { yjs = yjs }
