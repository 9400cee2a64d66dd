--- Waits for what a test expects: polls a condition until it holds and returns what it returned. Fails after a minute and
--- more, since a test says what happens and not how fast: on a machine that is busy or slow, it takes longer.
---   local eventually = require "tests.support.eventually"
---   local row = eventually(function() return store:find "a" end, "the event was stored")
--- The second argument, a string or a function that makes one, goes into the message of the failure.
local socket = require "socket"

local PATIENCE = 90 -- seconds

local eventually = { seconds = PATIENCE }

-- In a program with the module, other tasks go on meanwhile.
local function pause(seconds)
  local task = package.loaded["liveblocks.task"]
  return (task and task.sleep or socket.sleep)(seconds)
end

--- Until when to wait that begins now: for loops of other kinds.
function eventually.deadline() return socket.gettime() + PATIENCE end

return setmetatable(eventually, { __call = function(_, condition, what)
  local till = eventually.deadline()
  while true do
    local found = table.pack(condition())
    if found[1] then return table.unpack(found, 1, found.n) end
    if socket.gettime() > till then
      if type(what) == "function" then what = what() end
      error("waited in vain" .. (what and ": " .. what or ""), 2)
    end
    pause(0.005)
  end
end })
