-- Tokens: authorize_user, identify_user and the session that builds the former.

return function(build)
  local add, sets, empty = build.add, build.sets, build.empty

  sets("authorize_user", {}, {
    ["least"] = { userId = "alice", permissions = { ["room-1"] = { "room:write" } } },
    ["permissions-none"] = { userId = "alice", permissions = {} },
    ["permissions-many"] = {
      userId = "a/é", permissions = { ["*"] = { "room:read" }, ["é/*"] = { "room:read", "comments:write" } },
    },
    ["info-empty"] = { userId = "alice", permissions = { a = { "room:write" } }, userInfo = {} },
    ["all"] = {
      userId = "alice", organizationId = "org é", permissions = { ["a:*"] = { "room:write" } },
      userInfo = { name = "日本🎉", n = 1.5, list = empty(), map = {}, gone = build.null },
    },
  })

  sets("identify_user", {}, {
    ["least"] = { userId = "alice" },
    ["user-special"] = { userId = "a/b é 日本🎉" },
    ["groups-empty"] = { userId = "alice", groupIds = empty() },
    ["info-empty"] = { userId = "alice", userInfo = {} },
    ["user-empty"] = { userId = "" },
    ["all"] = {
      userId = "alice", organizationId = "org", groupIds = { "eng", "g/é" },
      userInfo = { name = "A", nested = { list = empty(), gone = build.null } },
    },
  })
  add("identify_user", "groups-empty-plain", {}, { userId = "alice", groupIds = empty() }, { plain = true })

  local function session(label, allow, args, extra)
    local row = { allow = build.json.array(allow) }
    for key, value in pairs(extra or {}) do row[key] = value end
    add("session", label, {}, args or { userId = "alice" }, row)
  end
  session("one", { { "room-1", { "room:write" } } })
  session("union", {
    { "a", { "room:read" } }, { "b*", { "room:write" } }, { "a", { "comments:write", "room:read" } },
  })
  session("star", { { "*", { "room:read", "room:presence:write" } } })
  session("permissions-new", {
    { "a", { "*:write", "storage:none", "comments:private:read", "feeds:write" } },
  })
  session("nothing", {})
  session("all", { { "é 日本/🎉*", { "room:write" } } }, {
    userId = "a/é", organizationId = "org", userInfo = { name = "日本", list = empty(), gone = build.null },
  })
  session("info-empty", { { "a", { "room:write" } } }, { userId = "alice", userInfo = {} })
  session("again", { { "a", { "room:write" } } }, nil, { twice = true })
  local ten, eleven = {}, {}
  for index = 1, 11 do
    eleven[index] = { "room-" .. index, { "room:write" } }
    ten[index] = index < 11 and eleven[index] or { "room-1", { "room:read" } }
  end
  session("rooms-ten", ten)
  session("rooms-eleven", eleven)
  for label, pattern in pairs({
    empty = "", middle = "a*b", stars = "a**", ["two-stars"] = "**", ["length-128"] = ("a"):rep(128),
    ["length-128-star"] = ("a"):rep(128) .. "*", ["length-129"] = ("a"):rep(129),
    ["length-128-accents"] = ("é"):rep(128), ["length-128-emoji"] = ("🎉"):rep(128),
  }) do
    session("pattern-" .. label, { { pattern, { "room:write" } } })
  end
  session("permissions-empty", { { "a", empty() } })
  session("permission-unknown", { { "a", { "room:everything" } } })
  session("user-empty", { { "a", { "room:write" } } }, { userId = "" })
end
