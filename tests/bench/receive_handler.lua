-- The handler that the benchmark gives to `lbhost serve`.
local handled = 0
return { api = 1, name = "count", events = {
  commentCreated = function(event) if event.data.threadId then handled = handled + 1 end end,
} }
