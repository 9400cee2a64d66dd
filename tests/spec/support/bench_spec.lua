-- What the benchmarks decide, what they must not decide, and what they count.
local directory = require "tests.support.directory"

local path = package.path
package.path = "tests/bench/?.lua;" .. path
local bench, report = require "bench", require "report"
package.path = path

local function verdict()
  return table.remove(report.goals)[4]
end

describe("a goal of the benchmarks", function()
  it("is met, or missed, when the rounds agree and nothing else ran", function()
    local function verdict_of(sense, value)
      report.ratio_goal("speed", sense, 0.95, "raw libcurl", { value = value, error = 0.01, others = 0.02 })
      return verdict()
    end
    assert.equal("met", verdict_of("at least", 0.97))
    assert.equal("MISSED", verdict_of("at least", 0.9))
    assert.equal("met", verdict_of("at most", 0.9))
    assert.equal("MISSED", verdict_of("at most", 0.97))
  end)

  it("is not decided when its rounds vary too much, when other programs ran, or when it was not measured", function()
    report.ratio_goal("speed", "at least", 0.95, "raw libcurl", { value = 0.97, error = 0.03, others = 0 })
    assert.equal("not decided: its rounds vary too much, by 0.03", verdict())
    report.ratio_goal("speed", "at least", 0.95, "raw libcurl", { value = 0.5, error = 0.01, others = 1.25 })
    assert.matches("^not decided: other programs kept 1.[23] processors busy$", verdict())
    report.ratio_goal("speed", "at least", 0.95, "raw libcurl", nil)
    assert.equal("not measured", verdict())
  end)

  it("leaves a few percent of time that are missing to the count of instructions", function()
    local function verdict_of(value)
      report.ratio_goal("speed", "at least", 0.95, "raw libcurl", { value = value, error = 0.01, others = 0 }, true)
      return verdict()
    end
    assert.equal("met", verdict_of(0.97))
    assert.equal("not decided: its instructions decide", verdict_of(0.9))
  end)

  it("compares what ran in the same round, and does not mind a few that went wrong", function()
    local function rounds(...)
      local list = { rounds = {} }
      for i, rate in ipairs { ... } do list.rounds[i] = { rate = rate } end
      return list
    end
    local ratio = bench.ratio(rounds(99, 198, 50, 101, 99, 100, 99, 98), rounds(100, 200, 100, 100, 100, 100, 100, 100), "rate")
    assert.is_true(ratio.value == 0.99 and ratio.error < 0.02)
    ratio = bench.ratio(rounds(90, 120, 70, 130, 80, 110), rounds(100, 100, 100, 100, 100, 100), "rate")
    assert.is_true(ratio.error > 0.2)
    assert.is_nil(bench.ratio({ failed = "no luck" }, rounds(1), "rate"))
  end)
end)

describe("the load of other programs", function()
  it("is what others use, and not what the benchmark has started", function()
    local script <close> = directory.new()
    local path_of = script:write("watch.lua", [[
      package.path = "tests/bench/?.lua;" .. package.path
      local watched = require("load").watch()
      os.execute "timeout 0.4 sh -c 'while :; do :; done'"
      print(watched())]])
    local function others(root)
      local pipe <close> = assert(io.popen(("BENCH_PID=%s; export BENCH_PID; exec lua5.4 '%s'"):format(root, path_of)))
      return tonumber(pipe:read "l")
    end
    -- Both see what else this machine does; one of them takes the loop for the work of others.
    local ours, foreign = math.huge, 0
    for _ = 1, 5 do
      ours, foreign = math.min(ours, others "$$"), math.max(foreign, others "1000000000")
    end
    assert.is_true(ours < foreign)
  end)

  it("is not that of a program in the background, which its parent has left, while it runs and when it has ended", function()
    local here <close> = directory.new()
    assert(os.execute(("LD_PRELOAD= cc -std=c11 -o %s/adopt tests/bench/adopt.c"):format(here.path)))
    here:write("count.sh", [[
      i=0; while [ "$i" -lt 200000 ]; do i=$((i + 1)); done
      cut -d ' ' -f 14,15 /proc/$$/stat >"$1.new" && mv "$1.new" "$1"
      read -r _ <"$2"]])
    local script = here:write("watch.lua", ([[
      package.path = "tests/bench/?.lua;" .. package.path
      local load, root = require "load", tonumber(os.getenv "BENCH_PID")
      os.execute "cd '%s' && mkfifo go && sh -c 'sh count.sh ticks go & echo $! >pid'"
      os.execute "cd '%s' && until [ -e ticks ]; do sleep 0.05; done"
      print(load.used_by(root))
      os.execute "cd '%s' && echo >go && while [ -e /proc/$(cat pid) ]; do sleep 0.05; done"
      print(load.used_by(root))]]):gsub("%%s", here.path))
    local pipe <close> = assert(io.popen(("BENCH_PID=$$; export BENCH_PID; exec %s/adopt lua5.4 %s"):format(here.path, script)))
    local running, ended = pipe:read("n", "n")
    local user, system = here:read "ticks":match "(%d+) (%d+)"
    local ticks = user + system
    assert.is_true(ticks > 0 and running >= ticks and ended >= ticks)
  end)
end)
