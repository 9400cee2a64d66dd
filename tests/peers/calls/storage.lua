-- Storage and Yjs documents.

local ROOM = { "room-1" }

return function(build)
  local add, ids, sets, null, empty = build.add, build.ids, build.sets, build.null, build.empty

  ids("get_storage_document", ROOM)
  sets("get_storage_document", ROOM, { lson = { format = "plain-lson" }, json = { format = "json" } })

  ids("initialize_storage_document", ROOM, { liveblocksType = "LiveObject", data = {} })
  sets("initialize_storage_document", ROOM, {
    ["values"] = {
      liveblocksType = "LiveObject",
      data = {
        text = "é 日本🎉", n = 1, f = 1.5, yes = true, no = false, gone = null, list = empty(), map = {},
      },
    },
    ["tree"] = {
      liveblocksType = "LiveObject",
      data = {
        shapes = { liveblocksType = "LiveMap", data = {
          ["s/1"] = { liveblocksType = "LiveObject", data = { x = 0.1, y = -3 } },
        } },
        order = { liveblocksType = "LiveList", data = { "s/1", 2, null, { plain = empty() } } },
        none = { liveblocksType = "LiveList", data = empty() },
        text = { liveblocksType = "LiveText", data = { { "Hello" }, { "bold", { bold = true } } } },
      },
    },
  })
  ids("delete_storage_document", ROOM)

  ids("patch_storage_document", ROOM, nil, { body = { { op = "remove", path = "/a" } } })
  for label, body in pairs({
    none = empty(),
    test = {
      { op = "test", path = "/a~1b/~0c", value = null },
      { op = "replace", path = "/n", value = 1.5 },
    },
    values = {
      { op = "add", path = "/list/-", value = empty() },
      { op = "add", path = "/map", value = {} },
      { op = "add", path = "/é", value = { liveblocksType = "LiveText", data = { { "日本" } } } },
      { op = "add", path = "", value = false },
    },
    moves = { { op = "move", from = "/a", path = "/b" }, { op = "copy", from = "/b", path = "/c/0" } },
  }) do
    add("patch_storage_document", "body-" .. label, ROOM, nil, { body = body })
  end

  ids("get_yjs_document", ROOM)
  sets("get_yjs_document", ROOM, {
    ["formatting"] = { formatting = true },
    ["formatting-false"] = { formatting = false },
    ["key"] = { key = "root é&=" },
    ["type"] = { key = "root", type = "ymap" },
    ["all"] = { formatting = true, key = "a/b", type = "yxmlfragment" },
  })
  add("get_yjs_document", "base-path", ROOM, nil, { base = "/some/path" })
  add("get_yjs_document", "base-path-slash", ROOM, nil, { base = "/some/path/" })

  ids("send_yjs_binary_update", ROOM, nil, { hex = "0000" })
  for label, hex in pairs({
    empty = "", zero = "00", bytes = "00ff0a0d1a22225c7f80c3a9e2", json = "7b2261223a317d",
  }) do
    add("send_yjs_binary_update", "bytes-" .. label, ROOM, nil, { hex = hex })
  end
  add("send_yjs_binary_update", "guid", ROOM, { guid = "sub/doc é" }, { hex = "0102" })
  ids("get_yjs_document_as_binary_update", ROOM)
  add("get_yjs_document_as_binary_update", "guid", ROOM, { guid = "sub/doc é" })

  ids("get_yjs_versions", ROOM)
  build.pages("get_yjs_versions", ROOM, "cursor")
  ids("get_yjs_version", { "room-1", "vh_1" })
  ids("create_yjs_version", ROOM)
  ids("delete_version", { "room-1", "vh_1" })

  ids("request_storage_mutation", ROOM)
  ids("send_message", ROOM, {
    messages = { { type = 201, ops = { { opId = "7:0", id = "root", type = 3, data = { n = 2 } } } } },
  }, { node = { update = { n = 2 } } })
  add("send_message", "values", ROOM, {
    messages = { { type = 201, ops = { {
      opId = "7:0", id = "root", type = 3,
      data = { text = "é 🎉", list = empty(), map = {}, gone = null, f = 0.5 },
    } } } },
  }, { node = { update = { text = "é 🎉", list = empty(), map = {}, gone = null, f = 0.5 } } })
end
