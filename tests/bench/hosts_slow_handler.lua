-- A handler that stays at each event, for `lbhost serve` with many pending.
return { api = 1, name = "slow", events = { commentCreated = function() require("liveblocks").task.sleep(600) end } }
