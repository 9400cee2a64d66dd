--- Waits until an event is set, for at most so many seconds; who waits looks for itself which of the two it was.
local task = require "liveblocks.task"

---@param event userdata of task.event(); it is set afterwards in any case
---@param seconds number
return function(event, seconds)
  local clock <close> = task.spawn(task.sleep, seconds)
  clock:notify { event } -- however it ends
  event:wait()
  clock:cancel()
end
