local directory = require "tests.support.directory"
local host = require "lbhost.host"
local limits = require "lbhost.limits"
local task = require "liveblocks.task"

describe("for want of memory", function()
  local home
  before_each(function() home = directory.new() end)
  after_each(function() home:remove() end)

  local function descriptors()
    collectgarbage()
    collectgarbage()
    return #host.list_directory "/proc/self/fd"
  end

  it("a list of a directory leaves no descriptor behind", function()
    for i = 1, 2000 do assert(io.open(home.path .. "/file" .. i, "w")):close() end
    local before, failed = descriptors(), 0
    for bytes = 1, 100000, 997 do
      local budget = limits.new { memory = bytes }
      local ok, err = pcall(task.run, function()
        collectgarbage()
        local _ <close> = budget:begin()
        host.list_directory(home.path)
      end)
      if not ok then
        failed = failed + 1
        assert.matches("memory", err)
      end
    end
    assert.is_true(failed > 5, "nothing was refused")
    assert.equal(before, descriptors())
  end)
end)
