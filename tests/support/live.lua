-- Live structures in plain LSON: live.object { a = 1 }, live.list { 1, live.map {} }, live.text { { "hi" } }.
local json = require "liveblocks.json"

local live = {}

function live.object(data) return { liveblocksType = "LiveObject", data = json.object(data) } end
function live.map(data) return { liveblocksType = "LiveMap", data = json.object(data) } end
function live.list(data) return { liveblocksType = "LiveList", data = json.array(data) } end
function live.text(data) return { liveblocksType = "LiveText", data = json.array(data) } end

return live
