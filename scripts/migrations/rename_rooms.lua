--- Gives rooms other ids by a pattern. Connected users get the new id.
---
---   lbhost migrate rename_rooms from='^old:(.*)$' to='new:%1' query='roomId^"old:"' --dry-run
---
--- from, to   a Lua pattern and its replacement; rooms that do not match are left alone
return {
  api = 1, about = "Gives rooms other ids by a pattern.", idempotent = true,
  options = {
    from = { type = "string", required = true }, to = { type = "string", required = true },
    query = { type = "string", default = "" },
  },
  setup = function(ctx)
    local ok, problem = pcall(string.gsub, "", ctx.options.from, ctx.options.to)
    if not ok then error("not a pattern and a replacement: " .. problem, 0) end
  end,
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(room, ctx)
    local id, count = room.id:gsub(ctx.options.from, ctx.options.to)
    if count == 0 or id == room.id then return false, "does not match" end
    if id == "" or #id > 128 or id:find("*", 1, true) then error(("'%s' is not an id for a room"):format(id), 0) end
    local done, err = ctx.client.try:update_room_id(room.id, { newRoomId = id })
    if done then return end
    -- A run that was killed may have renamed it already.
    if err.status == 404 and ctx.client.try:get_room(id) then return end
    error(err, 0)
  end,
}
