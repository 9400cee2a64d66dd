-- Threads, comments, reactions, subscriptions to threads.

local ROOM = { "room-1" }
local THREAD = { "room-1", "th_1" }
local COMMENT = { "room-1", "th_1", "cm_1" }

local TIMES = {
  milliseconds = "2024-01-02T03:04:05.678Z",
  seconds = "2024-01-02T03:04:05Z",
  offset = "2024-01-02T05:04:05.500+02:00",
}

return function(build)
  local add, ids, sets, null, empty = build.add, build.ids, build.sets, build.null, build.empty

  local SIMPLE = { version = 1, content = { { type = "paragraph", children = { { text = "Hi" } } } } }
  local BODIES = {
    ["body-empty"] = { version = 1, content = empty() },
    ["body-paragraph-empty"] = { version = 1, content = { { type = "paragraph", children = empty() } } },
    ["body-rich"] = {
      version = 1,
      content = {
        { type = "paragraph", children = {
          { text = "Hello é 日本🎉 \"q\" \\ \n", bold = true, italic = true, code = true },
          { text = " struck", strikethrough = true, bold = false },
          { type = "mention", kind = "user", id = "alice/é" },
          { type = "mention", kind = "group", id = "eng", userIds = { "a", "b" } },
          { type = "mention", kind = "group", id = "none", userIds = empty() },
          { type = "link", url = "https://x.y/?a=1&b=é", text = "link" },
        } },
        { type = "paragraph", children = { { text = "" } } },
      },
    },
  }
  local METADATA = {
    ["metadata-empty"] = {},
    ["metadata-types"] = { text = "é 日本", n = 3, f = 0.5, yes = true, no = false, ["größe"] = "" },
  }

  ids("get_threads", ROOM)
  sets("get_threads", ROOM, {
    ["query-text"] = { query = [[metadata["status"]:"open" AND resolved:true]] },
    ["query-unicode"] = { query = [[metadata['é']^"日本 🎉+"]] },
    ["query-table"] = {
      query = { resolved = false, metadata = {
        p = 3, pinned = true, org = { startsWith = "x'" }, n = { gt = 1, lte = 5 }, gone = null,
      } },
    },
  })

  ids("create_thread", ROOM, { comment = { userId = "alice", body = SIMPLE } })
  for label, body in pairs(BODIES) do
    add("create_thread", label, ROOM, { comment = { userId = "alice/é", body = body } })
  end
  for label, metadata in pairs(METADATA) do
    add("create_thread", label, ROOM, { comment = { userId = "a", body = SIMPLE }, metadata = metadata })
  end
  for label, time in pairs(TIMES) do
    local comment = { userId = "a", body = SIMPLE, createdAt = time }
    add("create_thread", "time-" .. label, ROOM, { comment = comment })
  end
  sets("create_thread", ROOM, {
    ["attachments"] = { comment = { userId = "a", body = SIMPLE, attachmentIds = { "at_1", "at_2" } } },
    ["attachments-empty"] = { comment = { userId = "a", body = SIMPLE, attachmentIds = empty() } },
    ["comment-metadata"] = { comment = { userId = "a", body = SIMPLE, metadata = { spam = false, n = 2 } } },
    ["visibility"] = { comment = { userId = "a", body = SIMPLE }, visibility = "private" },
  })

  for _, op in ipairs({ "get_thread", "delete_thread", "get_thread_subscriptions", "get_thread_participants",
                        "get_thread_inbox_notifications" }) do
    ids(op, THREAD)
  end
  for _, op in ipairs({ "mark_thread_as_resolved", "mark_thread_as_unresolved", "subscribe_to_thread",
                        "unsubscribe_from_thread" }) do
    ids(op, THREAD, { userId = "alice" })
    add(op, "user-special", THREAD, { userId = "a/b é 日本🎉" })
  end

  for op, path in pairs({ edit_thread_metadata = THREAD, edit_comment_metadata = COMMENT }) do
    ids(op, path, { userId = "alice", metadata = { color = "red" } })
    for label, metadata in pairs(METADATA) do
      add(op, label, path, { userId = "a", metadata = metadata })
    end
    add(op, "metadata-null", path, { userId = "a", metadata = { gone = null, kept = "x" } })
    for label, time in pairs(TIMES) do
      add(op, "time-" .. label, path, { userId = "a", metadata = { x = 1 }, updatedAt = time })
    end
  end

  ids("create_comment", THREAD, { userId = "alice", body = SIMPLE })
  ids("edit_comment", COMMENT, { body = SIMPLE })
  for label, body in pairs(BODIES) do
    add("create_comment", label, THREAD, { userId = "alice/é", body = body })
    add("edit_comment", label, COMMENT, { body = body })
  end
  for label, metadata in pairs(METADATA) do
    add("create_comment", label, THREAD, { userId = "a", body = SIMPLE, metadata = metadata })
    add("edit_comment", label, COMMENT, { body = SIMPLE, metadata = metadata })
  end
  for label, time in pairs(TIMES) do
    add("create_comment", "time-" .. label, THREAD, { userId = "a", body = SIMPLE, createdAt = time })
    add("edit_comment", "time-" .. label, COMMENT, { body = SIMPLE, editedAt = time })
  end
  add("create_comment", "attachments", THREAD, { userId = "a", body = SIMPLE, attachmentIds = { "at_1" } })
  add("edit_comment", "attachments", COMMENT, { body = SIMPLE, attachmentIds = { "at_1", "at_2" } })
  for _, plain in ipairs({ false, true }) do
    local label = plain and "attachments-empty-plain" or "attachments-empty"
    local args = { body = SIMPLE, attachmentIds = empty() }
    add("edit_comment", label, COMMENT, args, { plain = plain })
    args = { userId = "a", body = SIMPLE, attachmentIds = empty() }
    add("create_comment", label, THREAD, args, { plain = plain })
  end

  ids("get_comment", COMMENT)
  ids("delete_comment", COMMENT)
  for op, field in pairs({ add_comment_reaction = "createdAt", remove_comment_reaction = "removedAt" }) do
    ids(op, COMMENT, { userId = "alice", emoji = "👍" })
    add(op, "emoji-joined", COMMENT, { userId = "a/é", emoji = "👩‍👩‍👧‍👦" })
    for label, time in pairs(TIMES) do
      add(op, "time-" .. label, COMMENT, { userId = "a", emoji = "🔥", [field] = time })
    end
  end
  ids("get_attachment", { "room-1", "at_1" })
end
