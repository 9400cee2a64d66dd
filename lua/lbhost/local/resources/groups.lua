--- Groups of users, which can be mentioned.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local pages = require "lbhost.local.http.pagination"

return function(app)
  local list = index.new()
  local by_user = {} -- user -> index of groups

  local function enter(group, user)
    by_user[user] = by_user[user] or index.new()
    by_user[user]:insert(group)
  end

  local function leave(group, user)
    by_user[user]:remove(group)
    if by_user[user]:count() == 0 then by_user[user] = nil end
  end

  app:on("loaded", function()
    app.state.groups = app.state.groups or {}
    list, by_user = index.new(), {}
    for _, group in pairs(app.state.groups) do
      list:insert(group)
      for _, member in ipairs(group.members) do enter(group, member.id) end
    end
  end)

  local function view(group)
    local members = json.array {}
    for i, member in ipairs(group.members) do members[i] = { id = member.id, addedAt = app:date(member.added) } end
    return {
      type = "group", id = group.id, organizationId = group.organizationId, createdAt = app:date(group.created),
      updatedAt = app:date(group.updated), scopes = group.scopes, members = members,
    }
  end

  local function find(id)
    return app.state.groups[id] or responses.not_found("group", id)
  end

  local function check_members(ids)
    for i, id in ipairs(ids) do check.id(id, ("body.memberIds[%d]"):format(i - 1)) end
    return ids
  end

  local function index_of(group, user)
    for at, member in ipairs(group.members) do
      if member.id == user then return at end
    end
  end

  local function add(group, ids)
    local known = {}
    for _, member in ipairs(group.members) do known[member.id] = true end
    for _, id in ipairs(ids) do
      if not known[id] then
        known[id] = true
        group.updated = app:now()
        group.members[#group.members + 1] = { id = id, added = group.updated }
        enter(group, id)
      end
    end
  end

  -- ---- For mentions ----------------------------------------------------------------------------

  local groups = {}
  app.groups = groups

  --- The users in a group; none when there is no such group.
  ---@param id string
  ---@return string[]
  function groups.members(id)
    local ids, group = {}, app.state.groups[id]
    for i, member in ipairs(group and group.members or {}) do ids[i] = member.id end
    return ids
  end

  --- The ids of the groups a user is in.
  ---@param user string
  ---@return string[]
  function groups.of_user(user)
    local ids = {}
    if by_user[user] then
      for group in by_user[user]:newest() do ids[#ids + 1] = group.id end
    end
    return ids
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.get_groups(call)
    return pages.page(call, list, { view = view })
  end

  function handlers.get_user_groups(call)
    return pages.page(call, by_user[call.path.userId] or index.new(), { view = view })
  end

  function handlers.create_group(call)
    local id = check.id(call.body.id, "body.id")
    if app.state.groups[id] then
      responses.fail(409, "RESOURCE_ALREADY_EXISTS", ("Group with id '%s' already exists"):format(id),
        "Please use another group ID, or add the members to the group that exists")
    end
    local members = check_members(call.body.memberIds or {})
    local scopes = { mention = call.body.scopes == nil or call.body.scopes.mention ~= false }
    local now = app:now()
    local group = { id = id, seq = app:sequence(), created = now, updated = now, members = {}, scopes = scopes,
      organizationId = check.id(call.body.organizationId or "default", "body.organizationId") }
    app.state.groups[id] = group
    list:insert(group)
    add(group, members)
    return view(group)
  end

  function handlers.get_group(call)
    return view(find(call.path.groupId))
  end

  function handlers.delete_group(call)
    local group = find(call.path.groupId)
    app.state.groups[group.id] = nil
    list:remove(group)
    for _, member in ipairs(group.members) do leave(group, member.id) end
  end

  function handlers.add_group_members(call)
    local group = find(call.path.groupId)
    add(group, check_members(call.body.memberIds))
    return view(group)
  end

  function handlers.remove_group_members(call)
    local group = find(call.path.groupId)
    for _, id in ipairs(check_members(call.body.memberIds)) do
      local at = index_of(group, id)
      if at then
        table.remove(group.members, at)
        leave(group, id)
        group.updated = app:now()
      end
    end
    return view(group)
  end

  return handlers
end
