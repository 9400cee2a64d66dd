-- Backup and restore through two local projects: what comes back is what was there.
local directory = require "tests.support.directory"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"
local live = require "tests.support.live"
local same = require "tests.support.same"

local here = io.popen("pwd"):read "l"

local object = live.object
local function paragraph(text)
  return { version = 1, content = { { type = "paragraph", children = { { text = text } } } } }
end

local HALF = "\xed\xa0\xbd" -- of a surrogate pair
local YJS = "\1\1\1\0\4\1\1t\2hi\0" -- an update that inserts "hi" into a text

local function fill(client)
  client:create_room { id = "plan/1 é", defaultAccesses = { "room:read" }, usersAccesses = { alice = { "room:write" } },
    groupsAccesses = { design = { "room:write" } }, metadata = { color = "blue", tags = { "a", "b" }, title = "Launch " .. HALF } }
  local file = client:upload_file("plan/1 é", { kind = "storage", data = ("x"):rep(1000), name = "x.bin" })
  client:initialize_storage_document("plan/1 é", object { n = 0.1, big = 9007199254740991, larger = json.number "12345678901234567890123",
    cut = HALF, [HALF] = json.number "1e400", plain = { 1, { a = {} } },
    list = { liveblocksType = "LiveList", data = json.array { 1, "x", json.null } },
    map = { liveblocksType = "LiveMap", data = json.object { k = object {} } },
    text = { liveblocksType = "LiveText", data = json.array { { "hi", { bold = true } } } },
    file = { liveblocksType = "LiveFile", data = file } })
  client:send_yjs_binary_update("plan/1 é", YJS)
  local attachment = client:upload_file("plan/1 é", { kind = "attachment", data = "attached\0bytes", name = "a.txt",
    userId = "alice" })
  local thread = client:create_thread("plan/1 é", { metadata = { x = 1.5, pinned = true, note = "n" .. HALF }, visibility = "private",
    comment = { userId = "alice", body = paragraph("first " .. HALF), createdAt = "2024-01-31T12:00:00.000Z",
      attachmentIds = { attachment.id }, metadata = { m = 1 } } })
  local second = client:create_comment("plan/1 é", thread.id, { userId = "bob", body = paragraph "second",
    createdAt = "2024-02-01T12:00:00.000Z" })
  client:add_comment_reaction("plan/1 é", thread.id, second.id, { emoji = "👍", userId = "carol",
    createdAt = "2024-02-02T12:00:00.000Z" })
  client:edit_comment("plan/1 é", thread.id, second.id, { body = paragraph "edited", editedAt = "2024-02-03T12:00:00.000Z" })
  local deleted = client:create_comment("plan/1 é", thread.id, { userId = "bob", body = paragraph "gone" })
  client:delete_comment("plan/1 é", thread.id, deleted.id)
  client:mark_thread_as_resolved("plan/1 é", thread.id, { userId = "alice" })
  client:create_room { id = "empty", defaultAccesses = json.array {} }
end

local made_by_api = { id = true, threadId = true, roomId = true, updatedAt = true }

-- A thread without what the API gives a new one.
local function comparable(value)
  if type(value) ~= "table" then return value end
  local out = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    if not made_by_api[key] or (key == "id" and tostring(item):find "^at_") then out[key] = comparable(item) end
  end
  return out
end

local function threads_of(client, room)
  local list = client:get_threads(room).data
  for _, thread in ipairs(list) do
    for i = #thread.comments, 1, -1 do
      if not thread.comments[i].body then table.remove(thread.comments, i) end
    end
  end
  return comparable(list)
end

-- What a shell command prints.
local function shell(format, ...)
  local pipe = assert(io.popen(format:format(...)))
  local text = pipe:read "a"
  pipe:close()
  return text
end

local function download(client, room, id)
  return liveblocks.http.request({ url = client:get_attachment(room, id).url }).body
end

describe("backup and restore", function()
  local from, to, dir
  setup(function()
    from, to, dir = local_server.start(), local_server.start(), directory.new()
    fill(from:client())
  end)
  teardown(function()
    from:stop()
    to:stop()
    dir:remove()
  end)

  local function run(server, name, ...)
    local out, err, status = server:run({ "migrate", ("%s/scripts/migrations/%s.lua"):format(here, name), ... },
      { cwd = dir.path })
    assert.equal(0, status, out .. err)
    return out, err
  end

  local function check(prefix)
    local a, b = from:client(), to:client()
    local id = prefix .. "plan/1 é"
    local one, two = a:get_room "plan/1 é", b:get_room(id)
    for _, field in ipairs { "metadata", "defaultAccesses", "usersAccesses", "groupsAccesses" } do
      assert.same(one[field], two[field])
    end
    assert.is_true(same.exactly(a:get_storage_document "plan/1 é", b:get_storage_document(id)))
    assert.equal(a:get_yjs_document_as_binary_update "plan/1 é", b:get_yjs_document_as_binary_update(id))
    assert.same(threads_of(a, "plan/1 é"), threads_of(b, id))
    local thread = b:get_threads(id).data[1]
    local attachment = thread.comments[1].attachments[1]
    assert.equal("attached\0bytes", download(b, id, attachment.id))
    local stored = b:get_storage_document(id).data.file.data
    assert.equal(("x"):rep(1000), liveblocks.http.request({ url = b:get_storage_file(id, stored.id).url }).body)
    assert.is_table(b:get_room(prefix .. "empty"))
  end

  it("bring everything back that the API allows, and list what it does not", function()
    run(from, "backup", "to=b")
    assert.matches('"color": "blue"', dir:read "b/rooms/plan%2F1%20%C3%A9/room.json")
    run(to, "restore", "from=b")
    check ""
    local losses = dir:read "restore-losses.jsonl"
    assert.matches("comment cm_[%w_-]+ of thread th_[%w_-]+ was deleted", losses)
    assert.matches('"newThread":"th_', losses)
  end)

  it("make nothing twice when they are repeated", function()
    run(to, "restore", "from=b", "--restart")
    check ""
    assert.equal(1, #to:client():get_threads("plan/1 é").data)
  end)

  it("bring rooms back under a prefix", function()
    run(to, "restore", "from=b", "prefix=again:", "--journal", "again.journal")
    check "again:"
  end)

  it("say in the summary what a restore over rooms that are there leaves", function()
    to:client():patch_storage_document("plan/1 é", { { op = "replace", path = "/n", value = 7 } })
    local out = run(to, "restore", "from=b", "--restart")
    assert.matches("restore: 4 losses are listed in restore%-losses.jsonl: 1 Storage that differed, 1 deleted comment, 2 createdAt\n", out)
    assert.equal(7, to:client():get_storage_document("plan/1 é").data.n)
  end)

  it("refuse a directory that is not a backup", function()
    local _, err, status = to:run({ "migrate", here .. "/scripts/migrations/restore.lua", "from=/nonexistent", "--journal",
      "x" }, { cwd = dir.path })
    assert.equal(1, status)
    assert.matches("'/nonexistent' is not a backup", err)
  end)
end)

describe("a backup each night", function()
  local server, dir
  setup(function() server = local_server.start() end)
  teardown(function() server:stop() end)
  before_each(function() dir = directory.new() end)
  after_each(function()
    server:clear()
    dir:remove()
  end)

  local function make(first, last)
    for i = first, last do
      server:client():create_room { id = "r" .. i, defaultAccesses = json.array {} }
      server:client():initialize_storage_document("r" .. i, object { n = i })
    end
  end
  local function run(name, ...)
    return server:run({ "migrate", ("%s/scripts/migrations/%s.lua"):format(here, name), ... }, { cwd = dir.path })
  end
  local function night(...)
    local out, err, status = run("backup", "to=d", ...)
    assert.equal(0, status, out .. err)
    return out
  end
  local function stored(id) return json.decode(dir:read(("d/rooms/%s/storage.json"):format(id))).data.n end

  it("is the same line, and has new, changed and deleted rooms", function()
    make(1, 3)
    assert.matches("backup: 3 done, in", night())
    local before = json.decode(dir:read "d/backup.json")
    make(4, 5)
    server:client():patch_storage_document("r1", { { op = "replace", path = "/n", value = 70 } })
    server:client():delete_room "r2"
    local out = night()
    assert.matches("backup: 3 done, 1 unchanged, in", out)
    assert.matches("backup: 1 rooms of the backup are not in the project any more, and stay in it", out)
    assert.same({ 70, 2, 3, 4, 5 }, { stored "r1", stored "r2", stored "r3", stored "r4", stored "r5" })
    local after = json.decode(dir:read "d/backup.json")
    assert.equal(before.startedAt, after.startedAt)
    assert.is_true(after.completedAt >= before.completedAt)
    assert.matches("backup: 4 unchanged, in", night())
    -- Restored, it is the project as it was; what had been deleted comes back only when asked for.
    server:client():delete_room "r1"
    out = run("restore", "from=d")
    assert.matches("restore: 4 done, 1 unchanged", out)
    assert.equal(70, server:client():get_storage_document("r1", { format = "json" }).n)
    assert.is_nil((server:client().try:get_room "r2"))
    run("restore", "from=d", "deleted=true", "--restart")
    assert.equal(2, server:client():get_storage_document("r2", { format = "json" }).n)
    assert.matches("backup: 2 done, 3 unchanged", night()) -- with another createdAt
    assert.is_nil(dir:read "d/rooms/r2/deleted.json")
  end)

  it("does first what the last one has left, and then all of it", function()
    make(1, 150)
    night("--limit", "20")
    server:client():patch_storage_document("r150", { { op = "replace", path = "/n", value = 7 } })
    assert.matches("backup: 150 unchanged, in", night())
    assert.equal(7, stored "r150")
  end)

  it("fails when a room fails, and tries that again the next time without being asked", function()
    make(1, 2)
    night()
    server:client():patch_storage_document("r1", { { op = "replace", path = "/n", value = 8 } })
    -- Where the file of r1 is to be, there is a directory.
    assert(os.execute(("cd '%s/d/rooms/r1' && rm storage.json && mkdir storage.json"):format(dir.path)))
    local out, _, status = run("backup", "to=d")
    assert.equal(1, status)
    assert.matches("backup: 1 unchanged, 1 failed", out)
    assert.matches("do the failed ones again with: lbhost migrate [^\n]*backup.lua to=d\n", out)
    assert(os.execute(("rmdir '%s/d/rooms/r1/storage.json'"):format(dir.path)))
    night()
    assert.equal(8, stored "r1")
  end)

  it("has a journal in each directory, and keeps to the query that a directory was begun with", function()
    make(1, 2)
    night()
    assert.is_string(dir:read "d/backup.journal")
    assert.equal(0, select(3, run("backup", "to=e/f")))
    assert.is_string(dir:read "e/f/rooms/r1/room.json")
    local _, err, status = run("backup", "to=d", "query=roomId^'x'")
    assert.equal(2, status)
    assert.matches("the options of .*backup.lua have changed since the journal 'd/backup.journal' was made", err)
    _, err, status = run("backup", "to=d", "query=roomId^'x'", "--restart")
    assert.equal(1, status)
    assert.matches("'d' is a backup with query='': give that query, or another directory", err)
    assert.matches("^backup: 2 ", (run("backup", "to=e/f", "--status")))
  end)
end)

describe("the backup of a room", function()
  local archive, backup = require "lbhost.migrate.archive", require "lbhost.migrate.backup"
  local errors = require "liveblocks.errors"
  local dir
  before_each(function() dir = directory.new() end)
  after_each(function() dir:remove() end)

  -- A room with an attachment that cannot be had.
  local function room_with(problem)
    local client = {}
    function client.get_room() return { id = "r" } end
    function client.get_storage_document() return { liveblocksType = "LiveObject", data = {} } end
    function client.get_yjs_document_as_binary_update() return "\0\0" end
    function client.get_threads() return { data = { { id = "th", comments = { { attachments = { { id = "at_1" } } } } } } } end
    function client.get_attachment() error(problem, 0) end
    local kept = archive.open(dir.path .. "/b", true)
    return kept, pcall(backup.room, client, kept, "r")
  end

  it("names what is not there any more", function()
    local kept, ok, missing = room_with(errors.new("http", "Not Found", { status = 404 }))
    assert.is_true(ok)
    assert.same({ "attachment at_1: 404: Not Found" }, missing)
    assert.same(missing, kept:read_json("r", "room.json").missing)
  end)

  it("fails, to be made again, when the API cannot be reached", function()
    for _, problem in ipairs { errors.new("network", "no route to host"), errors.new("http", "503", { status = 503 }),
      errors.new("http", "429", { status = 429 }), "an error of a script" } do
      local kept, ok, err = room_with(problem)
      assert.is_false(ok)
      assert.equal(problem, err)
      assert.is_nil(kept:read("r", "room.json"))
    end
  end)

  -- A room of which a server says what it likes: its ids are names of files elsewhere.
  local function hostile_client(id)
    local client = {}
    function client.get_room() return { id = "r" } end
    function client.get_storage_document()
      return { liveblocksType = "LiveObject", data = { f = { liveblocksType = "LiveFile", data = { id = id } } } }
    end
    function client.get_yjs_document_as_binary_update() return "\0\0" end
    function client.get_threads()
      return { data = { { id = "th", comments = { { attachments = { { id = id } } } } } } }
    end
    function client.get_attachment() return { url = "http://127.0.0.1:1/" } end
    function client.get_storage_file() return { url = "http://127.0.0.1:1/" } end
    return client
  end

  it("writes no file elsewhere, whatever the ids of attachments and files are", function()
    local http = require "liveblocks.http"
    local request = http.request
    finally(function() http.request = request end)
    http.request = function() return { body = "bytes" } end
    for _, id in ipairs { "../../../outside", "/etc/outside", "a/b", "a\0b", "..", ".", ("x"):rep(300), "~", "é\n" } do
      local kept = archive.open(dir.path .. "/b", true)
      backup.room(hostile_client(id), kept, "r")
      assert.equal("bytes", kept:read("r", archive.name("attachments", id)))
      assert.equal("bytes", kept:read("r", archive.name("files", id)))
    end
    assert.equal(("D/b\nD/b/rooms\nD/b/rooms/r\n"):gsub("D", dir.path),
      shell("find '%s' -mindepth 1 -type d -not -name files -not -name attachments", dir.path))
    assert.equal("9\n", shell("ls -A '%s/b/rooms/r/files' | wc -l", dir.path))
    local kept = archive.open(dir.path .. "/b", true)
    for _, id in ipairs { "", 7, {} } do
      assert.is_false(pcall(backup.room, hostile_client(id), kept, "r2"))
    end
  end)

  it("keeps what the last backup had of a room that cannot be read whole", function()
    local kept = archive.open(dir.path .. "/b", true)
    local client = hostile_client "at_1"
    client.get_threads = function() return { data = {} } end
    client.get_storage_document = function() return { liveblocksType = "LiveObject", data = { n = 1 } } end
    assert.is_true(select(2, backup.room(client, kept, "r")))
    assert.is_false(select(2, backup.room(client, kept, "r")))
    client.get_storage_document = function() return { liveblocksType = "LiveObject", data = { n = 2 } } end
    client.get_threads = function() error(errors.new("http", "503", { status = 503 }), 0) end
    assert.is_false(pcall(backup.room, client, kept, "r"))
    assert.equal(1, kept:read_json("r", "storage.json").data.n)
    client.get_threads = function() return { data = {} } end
    assert.is_true(select(2, backup.room(client, kept, "r")))
    assert.equal(2, kept:read_json("r", "storage.json").data.n)
  end)

  it("is its owner's alone", function()
    local kept = archive.open(dir.path .. "/b", true)
    kept:write("r", "room.json", "{}")
    assert.equal("600\n", shell("stat -c %%a '%s/b/rooms/r/room.json'", dir.path))
    assert.equal("700\n", shell("stat -c %%a '%s/b/rooms/r'", dir.path))
  end)
end)

describe("an archive that others have made", function()
  local archive = require "lbhost.migrate.archive"
  local dir, kept
  before_each(function()
    dir = directory.new()
    kept = archive.open(dir.path .. "/b", true)
    kept:write_json("r", "room.json", { id = "r" })
    dir:write("secret", "a secret of this machine")
  end)
  after_each(function() dir:remove() end)

  local function link(target, name)
    assert(os.execute(("mkdir -p '%s' && ln -s '%s' '%s/b/%s'"):format(dir.path .. "/b/" .. name:match "^(.*)/", target,
      dir.path, name)))
  end

  it("is not read through symbolic links, nor written through them", function()
    link(dir.path .. "/secret", "rooms/r/attachments/at_1")
    link("../../../secret", "rooms/r/yjs.bin")
    link(dir.path, "rooms/linked")
    link(dir.path, "rooms/r/files")
    for _, read in ipairs {
      function() return kept:find("r", archive.name("attachments", "at_1")) end,
      function() return kept:open("r", archive.name("attachments", "at_1")) end,
      function() return kept:read("r", "yjs.bin") end,
      function() return kept:read("linked", "secret") end,
      function() return kept:find("r", archive.name("files", "secret")) end,
      function() kept:write("linked", "room.json", "x") end,
      function() kept:write("r", "files/secret", "x") end,
      function() for _ in kept:rooms() do end end,
    } do
      local ok, err = pcall(read)
      assert.is_false(ok)
      assert.matches("a part of this path is a symbolic link: nothing outside of a backup is read or written", err.message)
    end
    assert.equal("a secret of this machine", dir:read "secret")
  end)

  it("is read as it was opened, when a link takes the place of a file or of its directory meanwhile", function()
    kept:write("r", archive.name("attachments", "at_1"), "the attachment")
    local handle <close>, path = kept:open("r", archive.name("attachments", "at_1"))
    assert(os.execute(("cd '%s/b/rooms/r' && mv attachments moved && mkdir attachments && ln -s '%s/secret' attachments/at_1")
      :format(dir.path, dir.path)))
    local other <close> = assert(io.open(path, "rb"))
    assert.same({ "the attachment", "the attachment" }, { handle:read "a", other:read "a" })
    assert.is_false((pcall(kept.open, kept, "r", archive.name("attachments", "at_1"))))
  end)

  it("may itself be reached by a link", function()
    assert(os.execute(("ln -s b '%s/link'"):format(dir.path)))
    local other = archive.open(dir.path .. "/link")
    assert.equal("r", other:rooms()())
  end)

  it("is not read into memory where it is larger than any room", function()
    assert(os.execute(("truncate -s 3G '%s/b/rooms/r/storage.json'"):format(dir.path)))
    assert.matches("/storage.json is larger than 1 GiB", select(2, pcall(kept.read_json, kept, "r", "storage.json")).message)
    assert.is_truthy(kept:open("r", "storage.json")) -- as attachments are, which are sent in parts
  end)

  it("does not make the program wait for a pipe", function()
    assert(os.execute(("mkfifo '%s/b/rooms/r/yjs.bin'"):format(dir.path)))
    for _, read in ipairs { kept.read, kept.open, kept.find } do
      assert.matches("this is not a regular file", select(2, pcall(read, kept, "r", "yjs.bin")).message)
    end
  end)

  it("is refused with the file and the line when its files are not as a backup has them", function()
    local restore = require "lbhost.migrate.restore"
    local client = setmetatable({ get_threads = function() return { data = {} } end }, { __index = function() return function() end end })
    local function problem(name, text)
      kept:write("r", name, text)
      local ok, err = pcall(restore.room, client, kept, "r", "new")
      kept:write("r", name, name == "room.json" and '{"id":"r"}' or name == "storage.json" and '{"data":{}}' or "")
      return not ok and (err.message or err)
    end
    for name, rows in pairs {
      ["room.json"] = { { "[1]", "/room.json: a JSON object expected" } },
      ["storage.json"] = { { "null", "/storage.json: a JSON object expected" }, { "{bad", "/storage.json: $: a key" },
        { "{}", "is not Storage" }, { '{"data":5}', "is not Storage" } },
      ["threads.jsonl"] = { { "\n\n{bad", "/threads.jsonl:3: $: a key" }, { "null", "/threads.jsonl:1: a JSON object expected" },
        { '{"comments":5}', "/threads.jsonl:1: 'comments' is not a list of objects" },
        { '{"comments":[5]}', "'comments' is not a list of objects" },
        { '{"comments":[{"attachments":[5]}]}', "'attachments' is not a list of objects" },
        { '{"comments":[{"attachments":null,"reactions":{"a":1}}]}', "'reactions' is not a list of objects" },
        { '{"comments":null,"metadata":5}', "'metadata' is not an object" } },
    } do
      for _, row in ipairs(rows) do assert.matches(row[2], problem(name, row[1]), 1, true) end
    end
    assert.is_false(problem("room.json", '{"id":"r","missing":null}'))
    assert.is_false(problem("threads.jsonl", '{"id":"th","comments":[{"id":"c","body":null}],"metadata":{}}'))
    assert(os.execute(("mkdir '%s/b/rooms/r/yjs.bin'"):format(dir.path)))
    assert.matches("/yjs.bin is a directory, not the file of a backup", select(2, pcall(restore.room, client, kept, "r", "new")).message)
  end)

  it("is refused when a directory holds the room of another", function()
    kept:write_json("other", "room.json", { id = "../r" })
    assert.matches("this is not the room that the name of its directory says", select(2, pcall(function()
      for _ in kept:rooms() do end
    end)).message)
  end)
end)
