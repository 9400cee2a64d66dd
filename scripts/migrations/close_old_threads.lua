--- Marks threads as resolved in which nothing has happened for some days.
---
---   lbhost migrate close_old_threads days=90 user=system --dry-run
---
--- user    who resolves them
--- query   of threads, besides that they are open: metadata["kind"]:"bug"
--- rooms   a query of rooms
local function seconds_of(date)
  local year, month, day, hour, minute, second = date:match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)"
  if not year then error(("'%s' is not a date"):format(date), 0) end
  local local_time = os.time { year = year, month = month, day = day, hour = hour, min = minute, sec = second }
  -- os.time takes it for local time; the difference to UTC at that moment.
  local utc = os.date("!*t", local_time)
  utc.isdst = nil
  return local_time + os.difftime(local_time, os.time(utc))
end

-- The last thing that happened: a comment, an edit or a change of the thread.
local function last_activity(thread)
  local last = thread.updatedAt or thread.createdAt
  for _, comment in ipairs(thread.comments) do
    for _, date in ipairs { comment.createdAt, comment.editedAt or "", comment.deletedAt or "" } do
      if date > last then last = date end
    end
  end
  return last
end

return {
  api = 1, about = "Marks old threads as resolved.", idempotent = true,
  options = {
    days = { type = "number", required = true, min = 0 }, user = { type = "string", required = true },
    query = { type = "string", default = "" }, rooms = { type = "string", default = "" },
  },
  threads = {
    rooms = function(ctx) return { query = ctx.options.rooms ~= "" and ctx.options.rooms or nil } end,
    query = function(ctx) return "resolved:false " .. ctx.options.query end,
  },
  each = function(thread, ctx)
    if thread.resolved then return false, "is resolved" end
    local last = last_activity(thread)
    if os.time() - seconds_of(last) < ctx.options.days * 86400 then return false, "last activity " .. last end
    ctx.client:mark_thread_as_resolved(thread.roomId, thread.id, { userId = ctx.options.user })
  end,
}
