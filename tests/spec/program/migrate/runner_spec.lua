-- A run whose journal changes between two of its questions, as where other hosts share it: the test decides when.
local errors = require "liveblocks.errors"
local journals = require "lbhost.migrate.journal"
local liveblocks = require "liveblocks"
local runner = require "lbhost.migrate.runner"
local task = require "liveblocks.task"

describe("the runner of a migration", function()
  local journal, client, did, finished
  before_each(function()
    journal, did, finished = journals.open ":memory:", {}, 0
    client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:1" }
  end)
  after_each(function()
    journal:close()
    client:close()
  end)

  local function perform(settings, fields)
    local migration = { name = "m", source = "ids", ids = { "a", "b" },
      each = function(id) did[#did + 1] = id end, finish = function() finished = finished + 1 end }
    for name, value in pairs(fields or {}) do migration[name] = value end
    local run = runner.new(migration, settings or { concurrency = 1 }, { client = client, journal = journal, log = function() end,
      show = error })
    task.run(run.perform, run)
    return run
  end

  -- Both items were listed and done before this run.
  local function done_before(settings)
    journal:add({ "a", "b" }, settings)
    for _, key in ipairs { "a", "b" } do journal:mark(key, "done") end
    journal:flush()
  end

  -- Calls fn once, after the first of these methods has answered.
  local function after_first(names, fn)
    for _, name in ipairs(names) do
      local method = journal[name]
      journal[name] = function(...)
        local answer = table.pack(method(...))
        for _, one in ipairs(names) do journal[one] = nil end
        fn()
        return table.unpack(answer, 1, answer.n)
      end
    end
  end

  it("does not take it for complete when another host lists between its two questions", function()
    after_first({ "get", "recount" }, function() journal:insert({ "a", "b" }, {}, { listed = 1 }) end)
    local run = perform()
    assert.same({ nil, { "a", "b" }, 1 }, { run.was_complete, did, finished })
  end)

  it("does not finish what another host finishes, though it finds all done", function()
    done_before { listed = 1 }
    function journal.complete() return false end -- the other one was first
    local run = perform()
    assert.same({ "an earlier run", {}, 0 }, { run.was_complete, did, finished })
  end)

  it("finishes again what was complete, when it is the only host", function()
    done_before { listed = 1, completedAt = "2026-01-01T00:00:00Z" }
    for first, count in pairs { [true] = 1, [false] = 0 } do
      finished, journal.first = 0, first
      function journal.complete() return false end
      assert.equal("2026-01-01T00:00:00Z", perform().was_complete)
      assert.equal(count, finished)
    end
  end)

  it("does another one in the place of an item that went to another host, as --limit lets it", function()
    local run = perform({ concurrency = 1, limit = 2 }, { ids = { "a", "b", "c", "d" }, each = function(id)
      if id == "b" then error(errors.new("store", "another one has the item", { code = "ITEM_MOVED" }), 0) end
      did[#did + 1] = id
    end })
    assert.same({ { "a", "c" }, 2 }, { did, run.outcome.handled })
  end)
end)
