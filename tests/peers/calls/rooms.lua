-- Rooms.

local ROOM = { "room-1" }

local QUERIES = {
  ["query-text"] = { query = [[metadata["color"]:"blue" AND roomId^"eng:"]] },
  ["query-unicode"] = { query = [[metadata["größe"]:'日本 & 🎉 + 100%']] },
  ["query-table-prefix"] = { query = { roomId = { startsWith = "eng:" } } },
  ["query-table-metadata"] = { query = { metadata = { color = "blue", kind = "board" } } },
  ["query-table-quotes"] = { query = { metadata = { a = "it's", b = 'say "hi"' } } },
}

return function(build)
  local add, ids, sets, null, empty = build.add, build.ids, build.sets, build.null, build.empty

  build.pages("get_rooms", {}, "startingAfter")
  sets("get_rooms", {}, QUERIES)
  sets("get_rooms", {}, {
    ["user"] = { userId = "user/1 é" },
    ["limit-too-large"] = { limit = 101 },
    ["limit-too-small"] = { limit = 0 },
    ["organization"] = { organizationId = "org 1&2" },
    ["groups-text"] = { groupIds = "marketing,GZo7tQ,product" },
    ["groups-list"] = { groupIds = { "marketing", "größe & co" } },
    ["groups-one"] = { groupIds = { "marketing" } },
    ["all"] = {
      limit = 50, startingAfter = "abc", organizationId = "org", query = "roomId^'x'", userId = "alice",
      groupIds = { "a", "b" },
    },
  })

  for _, op in ipairs({ "create_room", "get_or_create_room" }) do
    sets(op, {}, {
      ["least"] = { id = "room-1", defaultAccesses = { "room:write" } },
      ["private"] = { id = "room-1", defaultAccesses = empty() },
      ["id-special"] = { id = "a/b é 日本🎉 \"q\" \\ \n", defaultAccesses = empty() },
      ["maps-empty"] = {
        id = "room-1", defaultAccesses = empty(), usersAccesses = {}, groupsAccesses = {}, metadata = {},
      },
      ["lists-empty"] = {
        id = "room-1", defaultAccesses = empty(), usersAccesses = { alice = empty() },
        groupsAccesses = { ["g/é"] = empty() }, metadata = { tags = empty() },
      },
      ["permissions-new"] = { id = "room-1", defaultAccesses = { "*:read", "storage:none" } },
      ["permission-unknown"] = { id = "room-1", defaultAccesses = { "room:everything" } },
      ["all"] = {
        id = "room-1", defaultAccesses = { "room:read", "room:presence:write" }, organizationId = "org é",
        usersAccesses = { alice = { "room:write" }, ["bob/é"] = { "room:read", "comments:write" } },
        groupsAccesses = { product = { "room:write" } },
        metadata = { color = "blue", tags = { "a", "日本" }, empty = "" },
      },
    })
    add(op, "private-plain", {}, { id = "room-1", defaultAccesses = empty() }, { plain = true })
  end
  sets("create_room", {}, {
    ["idempotent"] = { id = "room-1", defaultAccesses = { "room:write" }, idempotent = true },
    ["idempotent-false"] = { id = "room-1", defaultAccesses = { "room:write" }, idempotent = false },
    ["engine"] = { id = "room-1", defaultAccesses = { "room:write" }, engine = 2 },
  })

  ids("get_room", ROOM)
  -- Ids that a URL parser takes for path navigation, or that name the whole collection.
  for label, id in pairs({ dot = ".", dots = "..", inside = "a/../b", escaped = "%2e%2e", empty = "" }) do
    add("get_room", "ids-" .. label, { id })
  end
  add("delete_room", "ids-dots", { ".." })
  add("delete_room", "ids-empty", { "" })
  for _, op in ipairs({ "get_room", "get_active_users" }) do
    add(op, "base-path", ROOM, nil, { base = "/some/path" })
    add(op, "base-path-slash", ROOM, nil, { base = "/some/path/" })
  end

  ids("update_room", ROOM, { metadata = { color = "red" } })
  sets("update_room", ROOM, {
    ["nothing"] = {},
    ["defaults-null"] = { defaultAccesses = null },
    ["defaults-empty"] = { defaultAccesses = empty() },
    ["users-null"] = { usersAccesses = null },
    ["groups-null"] = { groupsAccesses = null },
    ["user-null"] = { usersAccesses = { alice = null, bob = { "room:write" } } },
    ["user-empty"] = { usersAccesses = { alice = empty() } },
    ["group-null"] = { groupsAccesses = { ["g/1"] = null } },
    ["metadata-null"] = { metadata = { color = null, ["größe"] = "日本", tags = { "a" } } },
    ["metadata-empty"] = { metadata = {} },
    ["all"] = {
      defaultAccesses = { "room:write" }, usersAccesses = { alice = { "room:read" } },
      groupsAccesses = { product = { "room:write" } }, metadata = { a = "1", b = { "2", "3" } },
    },
  })
  add("update_room", "defaults-empty-plain", ROOM, { defaultAccesses = empty() }, { plain = true })

  for _, op in ipairs({ "delete_room", "prewarm_room", "get_active_users" }) do ids(op, ROOM) end

  ids("upsert_room", ROOM, { update = { metadata = { color = "red" } } })
  sets("upsert_room", ROOM, {
    ["update-empty"] = { update = {} },
    ["update-null"] = { update = { defaultAccesses = null, usersAccesses = { alice = null } } },
    ["create"] = { update = { metadata = {} }, create = { defaultAccesses = empty() } },
    ["create-with-id"] = { update = {}, create = { id = "room-1", defaultAccesses = empty() } },
    ["all"] = {
      update = {
        defaultAccesses = { "room:read" }, usersAccesses = { alice = { "room:write" } },
        groupsAccesses = { g = empty() }, metadata = { color = null, tags = { "é" } },
      },
      create = {
        defaultAccesses = { "room:write" }, usersAccesses = { bob = { "room:read" } },
        groupsAccesses = {}, metadata = { a = "b" }, organizationId = "org",
      },
    },
  })

  ids("update_room_id", ROOM, { newRoomId = "room-2" })
  add("update_room_id", "new-special", ROOM, { newRoomId = "a/b é 🎉" })
  ids("update_room_organization_id", ROOM, { fromOrganizationId = "old", toOrganizationId = "new/é" })

  ids("set_presence", ROOM, { userId = "agent", data = { status = "active" }, userInfo = { name = "A" } })
  sets("set_presence", ROOM, {
    ["data-empty"] = { userId = "agent", data = {}, userInfo = {} },
    ["data-deep"] = {
      userId = "a/é", ttl = 60,
      data = { cursor = { x = 1.5, y = -2 }, gone = null, list = empty(), nested = { { 1, 2 }, { a = {} } } },
      userInfo = { name = "日本", avatar = "https://x.y/z?a=1&b=2", color = "#fff", extra = { k = null } },
    },
    ["info-missing"] = { userId = "agent", data = { a = 1 } },
  })

  ids("broadcast_event", ROOM, nil, { body = { type = "EMOJI", emoji = "🔥" } })
  for label, body in pairs({
    text = "hello é 日本🎉 \"q\" \\ / \n\t\0\127", ["text-empty"] = "", ["number"] = 42, float = 1.5,
    tiny = 1e-7, huge = 1e21, negative = -0.25, safe = 9007199254740991, long = 12345678901234567,
    ["true"] = true, ["false"] = false, null = null, list = { 1, "a", null, false },
    ["list-empty"] = empty(), ["object-empty"] = {},
    deep = { a = { b = { c = { d = { empty(), {}, null, { { 1.0, 2 } } } } } } },
    keys = { [""] = 1, ["a.b"] = 2, ["日本"] = 3, ["\"\\"] = 4, __proto__x = 5 },
  }) do
    add("broadcast_event", "body-" .. label, ROOM, nil, { body = body })
  end

  local function iterator(label, args, cursors)
    add("iter_rooms", label, {}, args, { answers = build.page_answers("/v2/rooms", cursors) })
  end
  iterator("one-page", { limit = 25 }, {})
  iterator("three-pages", { limit = 25 }, { "cursor 2/é", "3+=" })
  local filters = { limit = 20, userId = "alice", groupIds = { "a", "b" }, query = "roomId^'x'" }
  iterator("filters", filters, { "2" })
  iterator("defaults", {}, { "2" })
end
