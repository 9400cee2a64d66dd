-- Inbox notifications, settings, groups.

local USER = { "alice" }

return function(build)
  local add, ids, sets, empty = build.add, build.ids, build.sets, build.empty

  for _, op in ipairs({ "get_inbox_notification", "delete_inbox_notification" }) do
    ids(op, { "alice", "in_1" })
  end
  ids("get_inbox_notifications", USER)
  build.pages("get_inbox_notifications", USER, "startingAfter", 50)
  sets("get_inbox_notifications", USER, {
    ["query-text"] = { query = "unread:true" },
    ["query-table"] = { query = { unread = false } },
    ["organization"] = { organizationId = "org é&" },
    ["limit-too-large"] = { limit = 51 },
    ["all"] = { organizationId = "org", query = "unread:true", limit = 50, startingAfter = "abc" },
  })
  ids("delete_all_inbox_notifications", USER)
  add("delete_all_inbox_notifications", "organization", USER, { organizationId = "org é&" })
  ids("mark_inbox_notification_as_read", { "in_1" })

  ids("trigger_inbox_notification", {}, {
    userId = "alice", kind = "$fileUploaded", subjectId = "s1", activityData = { file = "a.txt" },
  })
  sets("trigger_inbox_notification", {}, {
    ["data-empty"] = { userId = "a", kind = "$k", subjectId = "s/é", activityData = {} },
    ["all"] = {
      userId = "a/é", kind = "$my_kind", subjectId = "s 🎉", roomId = "r/1", organizationId = "org",
      activityData = { text = "日本", n = 1, f = 0.5, yes = true, no = false },
    },
  })

  for _, op in ipairs({ "get_notification_settings", "delete_notification_settings" }) do ids(op, USER) end
  ids("update_notification_settings", USER, { email = { thread = true } })
  sets("update_notification_settings", USER, {
    ["nothing"] = {},
    ["channel-empty"] = { email = {} },
    ["all"] = {
      email = { thread = true, textMention = false, ["$custom"] = true }, slack = { thread = false },
      teams = { textMention = true }, webPush = { ["$größe"] = false },
    },
  })

  local BOTH = { "room-1", "alice" }
  for _, op in ipairs({ "get_room_subscription_settings", "delete_room_subscription_settings" }) do
    ids(op, BOTH)
  end
  ids("update_room_subscription_settings", BOTH, { threads = "all" })
  sets("update_room_subscription_settings", BOTH, {
    ["nothing"] = {},
    ["mentions"] = { textMentions = "none" },
    ["all"] = { threads = "replies_and_mentions", textMentions = "mine" },
  })
  ids("get_user_room_subscription_settings", USER)
  build.pages("get_user_room_subscription_settings", USER, "startingAfter", 50)
  add("get_user_room_subscription_settings", "organization", USER, { organizationId = "org é&" })

  build.pages("get_groups", {}, "startingAfter")
  ids("get_user_groups", USER)
  build.pages("get_user_groups", USER, "startingAfter")
  ids("get_group", { "eng" })
  ids("delete_group", { "eng" })
  sets("create_group", {}, {
    ["least"] = { id = "eng" },
    ["id-special"] = { id = "a/b é 日本🎉" },
    ["members-empty"] = { id = "eng", memberIds = empty() },
    ["all"] = {
      id = "eng", memberIds = { "alice", "bob/é" }, organizationId = "org", scopes = { mention = true },
    },
  })
  add("create_group", "members-empty-plain", {}, { id = "eng", memberIds = empty() }, { plain = true })
  for _, op in ipairs({ "add_group_members", "remove_group_members" }) do
    ids(op, { "eng" }, { memberIds = { "alice" } })
    add(op, "members-empty", { "eng" }, { memberIds = empty() })
    add(op, "members-empty-plain", { "eng" }, { memberIds = empty() }, { plain = true })
    add(op, "members-special", { "eng" }, { memberIds = { "a/é", "日本", "" } })
  end

  local function iterator(label, user, args, cursors)
    local answers = build.page_answers("/v2/users/alice/inbox-notifications", cursors)
    add("iter_inbox_notifications", label, { user }, args, { answers = answers })
  end
  iterator("one-page", "a/é", { limit = 25 }, {})
  iterator("two-pages", "alice", { limit = 25 }, { "cursor 2/é" })
  iterator("filters", "alice", { limit = 10, query = "unread:true", organizationId = "o" }, { "2" })
  iterator("defaults", "alice", {}, { "2" })
end
