-- Feeds and their messages. Times are milliseconds; only the Node SDK has these calls.

local ROOM = { "room-1" }
local FEED = { "room-1", "feed-1" }
local MESSAGE = { "room-1", "feed-1", "msg-1" }
local TIME = 1704164645678

return function(build)
  local add, ids, sets, null, empty = build.add, build.ids, build.sets, build.null, build.empty

  ids("get_feeds", ROOM)
  ids("get_feed", FEED)
  ids("delete_feed", FEED)
  ids("get_feed_messages", FEED)
  ids("delete_feed_message", MESSAGE)

  ids("create_feed", ROOM, { feedId = "feed-1" })
  sets("create_feed", ROOM, {
    ["id-special"] = { feedId = "a/b é 🎉" },
    ["metadata-empty"] = { feedId = "f", metadata = {} },
    ["time-zero"] = { feedId = "f", timestamp = 0 },
    ["all"] = { feedId = "f", metadata = { name = "日本", tags = empty(), gone = null }, timestamp = TIME },
  })
  ids("update_feed", FEED, { metadata = { name = "x" } })
  sets("update_feed", FEED, {
    ["metadata-empty"] = { metadata = {} },
    ["metadata-null"] = { metadata = { gone = null, n = 1.5 } },
  })
  ids("create_feed_message", FEED, { data = { role = "user" } })
  sets("create_feed_message", FEED, {
    ["data-empty"] = { data = {} },
    ["all"] = { data = { text = "é 🎉", list = empty(), gone = null }, id = "msg/1", timestamp = TIME },
  })
  ids("update_feed_message", MESSAGE, { data = { role = "ai" } })
  add("update_feed_message", "all", MESSAGE, { data = { deep = { { 1, {} } } }, timestamp = TIME })
end
