local committer = require "lbhost.util.group_commit"
local liveblocks = require "liveblocks"
local eventually = require "tests.support.eventually"
local task = require "liveblocks.task"

describe("a committer", function()
  local one, notes, commits, problem

  before_each(function()
    notes, commits, problem = {}, {}, nil
    one = committer.new(function()
      if problem then return false, problem end
      commits[#commits + 1], notes = notes, {}
      return true
    end)
  end)
  after_each(function() one:close() end)

  local function note(what) notes[#notes + 1] = what end

  it("commits once what several tasks noted in one turn of the loop", function()
    task.map(5, function(i)
      note(i)
      one:plan()
      assert.equal(0, #commits)
    end)
    while not commits[1] do task.sleep(0) end
    assert.same({ { 1, 2, 3, 4, 5 } }, commits)
  end)

  it("waits for all that could join, and not for those that do not come", function()
    local ended = 0
    task.map(3, function(i)
      task.sleep(i / 100)
      note(i)
      one:wait(3, 3600)
      ended = ended + 1
      assert.same({ { 1, 2, 3 } }, commits)
    end)
    assert.equal(3, ended)
    task.run(function()
      note(4)
      one:wait(2, 0.02)
    end)
    assert.same({ { 1, 2, 3 }, { 4 } }, commits)
  end)

  it("makes a commit of later wait no longer than the earliest that is planned", function()
    task.run(function()
      one:plan(3600)
      one:plan(0.01)
      one:plan(3600)
      note "soon"
      one:wait(2, 3600)
    end)
    assert.same({ { "soon" } }, commits)
  end)

  it("commits now when it is asked to, and then no second time", function()
    task.run(function()
      one:plan(0.01)
      assert.is_true(one:flush())
      task.sleep(0.05)
    end)
    assert.equal(1, #commits)
  end)

  it("gives all who wait the error of a commit, and goes on afterwards", function()
    local got = {}
    problem = { code = "FULL" }
    task.map(2, function(i)
      local ok, err = pcall(one.wait, one, 2, 3600)
      got[i] = not ok and err
    end)
    assert.is_true(got[1] == problem and got[2] == problem)
    local ok, err = one:flush()
    assert.is_false(ok)
    assert.equal(problem, err)
    problem = nil
    task.run(one.wait, one, 1, 3600)
    assert.equal(1, #commits)
  end)

  it("loses nobody who waits, however short the times are", function()
    local count = 0
    task.map(2000, function(i)
      note(i)
      if i % 3 == 0 then one:plan(1e-7 * i) end
      one:wait(8, i % 5 * 1e-6)
      count = count + 1
    end, { concurrency = 8 })
    assert.equal(2000, count)
    local noted = 0
    for _, commit in ipairs(commits) do noted = noted + #commit end
    assert.equal(2000, noted)
  end)

  it("leaves nothing behind that runs when it is closed", function()
    local before = liveblocks.pending()
    one:plan(3600)
    task.sleep(0)
    assert.is_true(liveblocks.pending() > before)
    one:close()
    eventually(function() return liveblocks.pending() == before end)
    assert.equal(0, #commits)
  end)
end)
