--- Moves rooms from one organisation to another.
---
---   lbhost migrate move_to_organization to=acme query='metadata["customer"]:"acme"'
---
--- from   the organisation they are in now ("default")
return {
  api = 1, about = "Moves rooms from one organisation to another.", idempotent = true,
  options = {
    from = { type = "string", default = "default" }, to = { type = "string", required = true },
    query = { type = "string", default = "" },
  },
  rooms = function(ctx)
    return { query = ctx.options.query ~= "" and ctx.options.query or nil, organizationId = ctx.options.from }
  end,
  each = function(room, ctx)
    if room.organizationId == ctx.options.to then return false, "is there already" end
    ctx.client:update_room_organization_id(room.id, { fromOrganizationId = ctx.options.from,
      toOrganizationId = ctx.options.to })
  end,
  check = function(room, ctx)
    return room.organizationId == ctx.options.to, ("is in %s"):format(tostring(room.organizationId))
  end,
}
