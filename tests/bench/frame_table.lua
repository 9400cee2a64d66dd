-- The frames of an engine (frames.lua): the longest step of 60 a second with and without a budget, and what the collector adds.
local bench, clients, load, report = require "bench", require "clients", require "load", require "report"

local dir, url, tls_url = os.getenv "BENCH_DIR", os.getenv "BENCH_URL", os.getenv "BENCH_TLS_URL"
local BUDGET <const> = 0.002

-- name, scenario and how many; over TLS; with a lookup that hangs
local rows <const> = {
  { "100 tasks, first wave", "tasks", 100 },
  { "1,000 tasks ready", "tasks", 1000, many = true },
  { "10,000 tasks ready", "tasks", 10000, many = true, goal = true },
  { "first HTTPS call, with liveblocks.new", "new", 1, tls = true },
  { "the same, warmed", "warm", 1, tls = true },
  { "100 tasks, first wave, HTTPS, warmed", "warm", 100, tls = true },
  { "a lookup hangs: 5 cancelled, 5 too late", "lookup", 5 },
  { "1 response of 1 MB", "storage", 1 },
  { "10 responses of 1 MB", "storage", 10 },
  { "100 responses of 1 MB", "storage", 100, many = true, goal = true },
  { "1 document of 1 MB, edited in each item", "patch", 1 },
  { "100 responses of 1 MB, HTTP/2", "storage", 100, tls = true, many = true },
  { "the same, the longest call of libcurl alone", "libcurl", 100, tls = true, many = true },
  { "liveblocks.new, first call", "new", 1 },
  { "the same, warmed", "warm", 1 },
}

local function frames(row, budget, collector)
  bench.progress(("frames: %s, %s"):format(row[1], collector))
  local words = { "env", "LUA_CPATH=" .. os.getenv "LBHOST":match "^(.*)/" .. "/?.so;;", "SSL_CERT_FILE=" .. dir .. "/bundle.pem" }
  if row[2] == "lookup" then words[#words + 1] = "LD_PRELOAD=" .. dir .. "/hanging_lookup.so" end
  for _, word in ipairs { "lua5.4", clients.directory .. "frames.lua", row[2], row.tls and tls_url or url, row[3], budget, collector } do
    words[#words + 1] = word
  end
  local figures, why = bench.run(words)
  return figures and figures[1], why
end

local function ms(figures)
  return figures and ("%.1f, %.1f"):format(figures.p99, figures.worst) or "-"
end

-- What raw_libcurl.c spends in one call of libcurl, which nobody can divide.
local function measure_libcurl(row)
  bench.progress("frames: " .. row[1])
  local figures, why = bench.run { "env", "BENCH_CA=" .. dir .. "/bundle.pem", dir .. "/raw_libcurl", "frames", tls_url, row[3] }
  if not figures then return { row[1], note = "FAILED: " .. why } end
  return { row[1], ("%.1f"):format(figures[1].worst), "-", "-", "-", "-" }
end

-- One row: without a budget; with one, the collector aside; and with the collector as Lua has it, and in small steps.
local function measure(row)
  local whole, why = frames(row, 0, "none")
  if not whole then return { row[1], note = "FAILED: " .. why } end
  local ours = frames(row, BUDGET, "none")
  return { row[1], ms(whole), ms(ours), report.ratio(ours and ours.cpu / whole.cpu),
    ms(frames(row, BUDGET, "incremental")), ms(frames(row, BUDGET, "small")) }, whole, ours
end

return { frames = function(size)
  local made, why = bench.run { os.getenv "LBHOST", "run", clients.directory .. "json_documents.lua", dir }
  if not made then return print("Frames: skipped: " .. why .. "\n") end
  local watched, cells, over, time = load.watch(), {}, nil, nil
  for _, row in ipairs(rows) do
    if size.many_frames or not row.many then
      local cell, whole, ours = (row[2] == "libcurl" and measure_libcurl or measure)(row)
      cells[#cells + 1] = cell
      if row.goal and ours then
        over, time = math.max(over or 0, ours.worst - BUDGET * 1e3), math.max(time or 0, ours.cpu / whole.cpu)
      end
    end
  end
  bench.progress ""
  print(("Frames: milliseconds of CPU in a step, p99 and the longest, of 60 a second; the budget is %g ms."):format(BUDGET * 1e3))
  report.table("Frames of an engine", { "", "no budget", "a budget", "CPU", "and the collector", "in small steps" }, cells)
  local doubt = report.disturbed(watched())
  report.goal("longest step, collector aside", "the budget and 1 ms", over, over and ("%.2f ms over it"):format(over),
    over and over <= 1, doubt)
  report.goal("CPU of divided work", "at most 1.3 of the whole", time, report.ratio(time), time and time <= 1.3, doubt)
end }
