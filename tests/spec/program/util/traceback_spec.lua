local traceback = require "lbhost.util.traceback"

describe("a traceback for the author of a script", function()
  it("has the author's frames alone", function()
    local text = "boom\nstack traceback:\n\t[C]: in function 'error'\n\trooms.lua:2: in upvalue 'inner'\n\t[C]: in function 'pcall'\n"
      .. "\trooms.lua:5: in main chunk\n\tlua/liveblocks/task.lua:90: in function <lua/liveblocks/task.lua:80>\n\t[C]: in ?"
    assert.same({ "rooms.lua:2: in upvalue 'inner'", "[C]: in function 'pcall'", "rooms.lua:5: in main chunk" },
      traceback.frames(text))
  end)

  it("has no lines of a message that is several lines long, as that of require is", function()
    local message = "rooms.lua:1: module 'x' not found:\n\tno field package.preload['x']\n\tno file '/srv/x.lua'"
    local text = message .. "\nstack traceback:\n\t[C]: in function 'require'\n\trooms.lua:1: in main chunk"
    assert.same({ "rooms.lua:1: in main chunk" }, traceback.frames(text))
    assert.equal(message .. "\nstack traceback:\n\trooms.lua:1: in main chunk", traceback.clean(text))
    assert.same({}, traceback.frames(message))
  end)
end)
