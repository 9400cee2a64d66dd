--- Rooms. The record of a room carries all that is in it, so that a rename moves one reference.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local pages = require "lbhost.local.http.pagination"

local null = json.null

-- ---- Sharing -------------------------------------------------------------------------------------

-- Most rooms have the same few lists of permissions and no entries: they share them, which is possible because what
-- hangs on a room is replaced and never changed.
local EMPTY <const> = json.object {}
local lists = setmetatable({}, { __mode = "v" })

local function share_list(permissions)
  local name = table.concat(permissions, "\n")
  local known = lists[name]
  if not known then
    known = json.array(permissions)
    lists[name] = known
  end
  return known
end

local function share_lists(map)
  if next(map) == nil then return EMPTY end
  for id, permissions in pairs(map) do map[id] = share_list(permissions) end
  return map
end

local function share_empty(map)
  return next(map) == nil and EMPTY or map
end

-- ---- What is shown and what is allowed -----------------------------------------------------------

local function check_room_id(id)
  check.id(id, "body.id", 128)
  if id:find("*", 1, true) then responses.invalid("a room id must not contain '*'") end
  return id
end

local function check_accesses(map, where)
  if check.count(map) > 1000 then responses.invalid("%s has %d ids, allowed are 1000", where, check.count(map)) end
  for id in pairs(map) do check.id(id, "an id in " .. where, 256) end
  return map
end

-- Entries with null are deleted; null for the whole map deletes them all.
local function merge_accesses(old, changes, where)
  if changes == nil then return old end
  if changes == null then return {} end
  local merged = {}
  for id, permissions in pairs(old) do merged[id] = permissions end
  for id, permissions in pairs(changes) do
    if permissions == null then merged[id] = nil else merged[id] = permissions end
  end
  return check_accesses(merged, where)
end

local function merge_metadata(old, changes)
  if changes == nil then return old end
  return check.merge_metadata(old, changes, check.room_metadata, "body.metadata")
end

-- The fields of a new room from those that count when it is made and those that count in any case.
local function create_and_update(create, update)
  return {
    organizationId = create.organizationId, engine = create.engine,
    defaultAccesses = update.defaultAccesses ~= null and update.defaultAccesses or create.defaultAccesses,
    usersAccesses = merge_accesses(create.usersAccesses or {}, update.usersAccesses, "body.update.usersAccesses"),
    groupsAccesses = merge_accesses(create.groupsAccesses or {}, update.groupsAccesses, "body.update.groupsAccesses"),
    metadata = merge_metadata(create.metadata or {}, update.metadata),
  }
end

return function(app)
  local list = index.new()

  local function view(room)
    return {
      type = "room", id = room.id, organizationId = room.organizationId, createdAt = app:date(room.created),
      lastConnectionAt = room.lastConnection and app:date(room.lastConnection), metadata = room.metadata,
      defaultAccesses = room.defaultAccesses, usersAccesses = room.usersAccesses, groupsAccesses = room.groupsAccesses,
      experimental_textEditor = room.text_editor,
    }
  end

  app:on("loaded", function()
    list = index.new()
    for _, room in pairs(app.state.rooms) do list:insert(room) end
  end)

  local rooms = {}
  app.rooms = rooms

  --- All rooms, the newest first; others run now and then.
  ---@param call table app
  ---@return fun(): table?
  function rooms.newest(call) return pages.each(call, list, "newest") end

  -- ---- Changes ---------------------------------------------------------------------------------

  local function create(id, fields)
    local room = {
      id = check_room_id(id), seq = app:sequence(), created = app:now(),
      organizationId = check.id(fields.organizationId or "default", "body.organizationId"),
      defaultAccesses = share_list(fields.defaultAccesses or {}),
      usersAccesses = share_lists(check_accesses(fields.usersAccesses or {}, "body.usersAccesses")),
      groupsAccesses = share_lists(check_accesses(fields.groupsAccesses or {}, "body.groupsAccesses")),
      metadata = share_empty(merge_metadata({}, fields.metadata or {})), engine = fields.engine,
    }
    app.state.rooms[id] = room
    list:insert(room)
    app:signal("room.created", room)
    app:event("roomCreated", { roomId = id, createdAt = app:date(room.created) })
    return room
  end

  local function update(room, fields)
    local users = merge_accesses(room.usersAccesses, fields.usersAccesses, "body.usersAccesses")
    local groups = merge_accesses(room.groupsAccesses, fields.groupsAccesses, "body.groupsAccesses")
    local metadata = merge_metadata(room.metadata, fields.metadata)
    room.usersAccesses, room.groupsAccesses, room.metadata = share_lists(users), share_lists(groups), share_empty(metadata)
    if fields.defaultAccesses then
      room.defaultAccesses = share_list(fields.defaultAccesses == null and {} or fields.defaultAccesses)
    end
    return room
  end

  -- ---- Lists -----------------------------------------------------------------------------------

  local function filters(query)
    local tests = {}
    local groups = {}
    for id in (query.groupIds or ""):gmatch("[^,]+") do groups[#groups + 1] = id end
    local user = query.userId ~= "" and query.userId or nil
    if user or groups[1] then
      tests[#tests + 1] = function(room)
        if user and room.usersAccesses[user] then return true end
        for _, id in ipairs(groups) do
          if room.groupsAccesses[id] then return true end
        end
        return false
      end
    end
    local organization = query.organizationId or query.tenantId
    if organization then tests[#tests + 1] = function(room) return room.organizationId == organization end end
    for name, value in pairs(query) do
      local key = name:match("^metadata%.(.+)$")
      if key then
        tests[#tests + 1] = function(room)
          local held = room.metadata[key]
          if type(held) ~= "table" then return held == value end
          for _, text in ipairs(held) do
            if text == value then return true end
          end
          return false
        end
      end
    end
    if query.query and query.query ~= "" then
      tests[#tests + 1] = require("lbhost.local.query.predicate").compile(query.query, "rooms")
    end
    return tests
  end

  local function keep(query)
    local tests = filters(query)
    if not tests[1] then return nil end
    return function(room)
      for _, test in ipairs(tests) do
        if not test(room) then return false end
      end
      return true
    end
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.get_rooms(call)
    return pages.page(call, list, { keep = keep(call.query), view = view })
  end

  function handlers.create_room(call)
    local id = check_room_id(call.body.id)
    local room = app.state.rooms[id]
    if room then
      if call.query.idempotent then return view(room) end
      responses.fail(409, "ROOM_ALREADY_EXISTS", ("Room with id '%s' already exists"):format(id),
        "Please use another room ID, or add ?idempotent to get the room that exists",
        "https://liveblocks.io/docs/api-reference/rest-api-endpoints#post-rooms")
    end
    return view(create(id, call.body))
  end

  handlers.get_or_create_room = handlers.create_room

  function handlers.get_room(call)
    return view(app:room(call.path.roomId))
  end

  function handlers.update_room(call)
    return view(update(app:room(call.path.roomId), call.body))
  end

  function handlers.upsert_room(call)
    local id = call.path.roomId
    local room = app.state.rooms[id]
    if room then return view(update(room, call.body.update)) end
    return view(create(id, create_and_update(call.body.create or {}, call.body.update)))
  end

  function handlers.delete_room(call)
    local id = call.path.roomId
    local room = app.state.rooms[id]
    if not room then return end
    app.state.rooms[id] = nil
    list:remove(room)
    app:signal("room.deleted", room)
    app:event("roomDeleted", { roomId = id, deletedAt = app:date(app:now()) })
  end

  function handlers.update_room_id(call)
    local room = app:room(call.path.roomId)
    local old, new = room.id, check_room_id(call.body.newRoomId)
    if new == old then return view(room) end
    if app.state.rooms[new] then
      responses.fail(409, "ROOM_ALREADY_EXISTS", ("Room with id '%s' already exists"):format(new), "Please use another room ID")
    end
    app.state.rooms[old], app.state.rooms[new] = nil, room
    room.id = new
    app:signal("room.renamed", room, old)
    return view(room)
  end

  function handlers.update_room_organization_id(call)
    local room = app:room(call.path.roomId)
    if room.organizationId ~= call.body.fromOrganizationId then
      responses.fail(422, "UNPROCESSABLE_ENTITY", ("Room '%s' is in the organization '%s', not in '%s'"):format(room.id,
        room.organizationId, call.body.fromOrganizationId), "Send the organization that the room is in now")
    end
    room.organizationId = check.id(call.body.toOrganizationId, "body.toOrganizationId")
    return view(room)
  end

  function handlers.prewarm_room(call)
    app:room(call.path.roomId)
  end

  return handlers
end
