local directory = require "tests.support.directory"
local json = require "liveblocks.json"
local report = require "lbhost.migrate.report"

describe("a report of a migration", function()
  local dir
  before_each(function() dir = directory.new() end)
  after_each(function() dir:remove() end)

  it("has a line of JSON for each item", function()
    local file = report.open(dir.path .. "/r.jsonl")
    file:add("a", "done", "said", { attempts = 1, seconds = 0.5, changes = { "+ /n" } })
    file:add("b", "failed", "it\27[2J broke", { attempts = 0 })
    file:finish()
    local first, second = dir:read "r.jsonl":match "^([^\n]*)\n([^\n]*)\n$"
    assert.same({ key = "a", state = "done", attempts = 1, seconds = 0.5, changes = { "+ /n" }, note = "said" }, json.decode(first))
    assert.same({ key = "b", state = "failed", error = "it\27[2J broke" }, json.decode(second))
    assert.is_nil(second:find("\27", 1, true))
  end)

  it("counts items in words", function()
    local none = { done = 0, unchanged = 0, failed = 0, gone = 0, missing = 0, pending = 0 }
    assert.equal("nothing to do", report.counts(none))
    none.done, none.missing = 1234, 1
    assert.equal("1,234 done, 1 not found", report.counts(none))
  end)

  it("that cannot be written says so", function()
    local ok, err = pcall(report.open, dir.path .. "/nowhere/r.jsonl")
    assert.is_false(ok)
    assert.matches("cannot write the report: ", err.message)
  end)
end)
