-- To-be-closed variables, which Lua has since 5.4.
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"

describe("a to-be-closed variable", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  local function closing(fn) return setmetatable({}, { __close = fn }) end

  for name, leave in pairs {
    ["the end of its block"] = function(fetch)
      do local _ <close> = closing(fetch) end
    end,
    ["an error"] = function(fetch)
      pcall(function()
        local _ <close> = closing(fetch)
        error "left"
      end)
    end,
  } do
    it("may make calls when " .. name .. " closes it, inside and outside a task", function()
      local client, got = helper.client(srv), {}
      local function fetch() got[#got + 1] = type((client:get_room("a"))) end
      leave(fetch)
      task.run(leave, fetch)
      assert.same({ "table", "table" }, got)
    end)
  end

  it("ends the call of a handle", function()
    local silent = helper.client(srv, "silent")
    do local _ <close> = silent:submit("get_room", "r") end
    assert.equal(0, liveblocks.pending())
  end)

  it("cancels a task", function()
    local one
    do
      local running <close> = task.spawn(task.sleep, 60)
      one = running
      liveblocks.step()
    end
    local ok, err = pcall(one.wait, one)
    assert.same({ false, "cancelled" }, { ok, err.kind })
    assert.equal(0, liveblocks.pending())
  end)

  it("closes a client", function()
    local closed
    do
      local client <close> = liveblocks.new { secret = "sk_x" }
      closed = client
    end
    local ok, err = pcall(closed.get_room, closed, "r")
    assert.same({ false, "usage" }, { ok, err.kind })
  end)
end)
