require "tests.support.client"
local eventually = require "tests.support.eventually"
local saver = require "lbhost.local.saver"
local state = require "lbhost.local.state"
local support = require "tests.support.local_app"

describe("the data file", function()
  local path
  before_each(function() path = os.tmpname() end)
  after_each(function() os.execute(("rm -rf '%s' '%s'.*"):format(path, path)) end)

  it("is written at once, soon after a change, and at the end", function()
    local app = support.new()
    local keeper = saver.new(app, path, error)
    assert.same({}, state.load(path).rooms)
    support.call(app, "POST", "/v2/rooms", { id = "a", defaultAccesses = {} })
    assert.is_nil(state.load(path).rooms.a)
    eventually(function() return state.load(path).rooms.a end)
    support.call(app, "POST", "/v2/rooms", { id = "b", defaultAccesses = {} })
    assert.is_true(keeper:stop())
    assert.is_table(state.load(path).rooms.b)
  end)

  it("belongs to one program at a time", function()
    local lock = saver.lock(path)
    local ok, err = pcall(saver.lock, path)
    assert.is_false(ok)
    assert.matches("another lbhost local uses the data file", err.message, 1, true)
    lock:close()
    saver.lock(path):close()
  end)

  it("is refused where it cannot be written, and when that ceases to be possible it is reported", function()
    local ok, err = pcall(saver.lock, "/nonexistent-directory/x")
    assert.is_false(ok)
    assert.matches("cannot use the data file: /nonexistent-directory/x", err.message, 1, true)
    local directory = path .. ".d"
    os.execute(("mkdir '%s'"):format(directory))
    local app, reported = support.new(), nil
    local keeper = saver.new(app, directory .. "/x", function(message) reported = message end)
    os.execute(("rm -r '%s'"):format(directory))
    keeper:changed()
    assert.is_false(keeper:stop())
    assert.matches("cannot write the data file: .*/x: No such file", reported)
  end)
end)
