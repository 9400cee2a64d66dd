-- Lists all rooms into the journal, and stops: prints the figures then.
local liveblocks = require "liveblocks"

local started = liveblocks.now()

return {
  api = 1, rooms = {}, each = function() end,
  confirm = function(count)
    local peak
    for line in io.lines "/proc/self/status" do peak = line:match "^VmHWM:%s+(%d+)" or peak end
    print(('{"calls":%d,"wall":%.6f,"cpu":%.6f,"rss_kb":%d}'):format(count, liveblocks.now() - started, os.clock(), peak))
    return false
  end,
}
