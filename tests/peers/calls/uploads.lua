-- Uploads. The high-level calls choose a random id, which the comparison reads as at_* or fl_*.
-- The single steps of an upload in parts are hidden inside those calls in the Node SDK: its driver
-- lets the one request through and answers the others itself.

local KINDS = {
  attachment = {
    upload = "upload_attachment", prefix = "attachment_multipart", id = "at_aaaaaaaaaaaaaaaaaaaaa",
    args = { userId = "alice/é" },
  },
  file = { upload = "upload_file", prefix = "storage_file_multipart", id = "fl_aaaaaaaaaaaaaaaaaaaaa" },
}
local MEBIBYTE = 1024 * 1024

-- What the server says while a file goes up in two parts.
local function answer(method, pattern, body)
  return { method = method, path = pattern, pattern = true, times = 1, body = body }
end
local PART_ANSWERS = {
  answer("POST", "/multipart/[^/]+$", '{"uploadId":"up 1/é"}'),
  answer("PUT", "/multipart/[^/]+/1$", '{"partNumber":1,"etag":"e1"}'),
  answer("PUT", "/multipart/[^/]+/2$", '{"partNumber":2,"etag":"e\\"2"}'),
}

return function(build)
  local add, ids, fixed = build.add, build.ids, build.fixed

  for kind, facts in pairs(KINDS) do
    local function upload(label, room, name, size, extra)
      local row = { file = { name = name, mime = "application/octet-stream", size = size } }
      for key, value in pairs(extra or {}) do row[key] = value end
      add(facts.upload, label, { room }, facts.args, row)
    end
    upload("small", "room-1", "notes.txt", 10)
    upload("empty", "room-1", "empty.bin", 0)
    upload("special", "r/é 🎉", "a/b é 日本.txt", 300)
    upload("mime", "room-1", "photo.png", 3, { file = { name = "photo.png", mime = "image/png", size = 3 } })
    upload("limit", "room-1", "limit.bin", 5 * MEBIBYTE)
    upload("parts", "room-1", "big é.bin", 5 * MEBIBYTE + 7, { sorted = true, answers = PART_ANSWERS })

    local function step(name) return { node = { upload = kind, step = name } } end
    local create = "create_" .. facts.prefix .. "_upload"
    ids(create, { "room-1", fixed(facts.id), "big.bin" }, { fileSize = 5 * MEBIBYTE + 7 }, step("create"))
    local part = step("part")
    part.file = { name = "part", mime = "application/octet-stream", size = 7 }
    ids("upload_" .. facts.prefix .. "_part", { "room-1", fixed(facts.id), "up_1", fixed("2") }, nil, part)
    local done = { parts = { { partNumber = 1, etag = "e1" }, { partNumber = 2, etag = 'é"2"' } } }
    if facts.args then done.userId = facts.args.userId end
    local open = { "room-1", fixed(facts.id), "up_1" }
    ids("complete_" .. facts.prefix .. "_upload", open, done, step("complete"))
    ids("abort_" .. facts.prefix .. "_upload", open, nil, step("abort"))
  end
  -- The same request as that of upload_file, with an id of the caller's own.
  local bytes = { name = "-", mime = "application/octet-stream", size = 9 }
  ids("upload_attachment", { "room-1", fixed(KINDS.attachment.id), "notes.txt" }, { userId = "alice/é", fileSize = 9 },
    { file = bytes, step = true })
  local path = { "room-1", fixed(KINDS.file.id), "notes.txt" }
  ids("upload_storage_file", path, { fileSize = 9 }, { file = bytes })
  ids("get_storage_file", { "room-1", "fl_1" })
end
