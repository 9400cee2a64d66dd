-- The migrations of scripts/migrations, each in a process of its own against the local Liveblocks.
local liveblocks = require "liveblocks"
local editor = require "liveblocks.editor"
local json = require "liveblocks.json"
local live = require "tests.support.live"
local migrations = require "tests.support.migration"

local here = io.popen("pwd"):read "l"

local object, list, map = live.object, live.list, live.map
local function paragraph(text)
  return { version = 1, content = { { type = "paragraph", children = { { text = text } } } } }
end

describe("scripts/migrations", function()
  local site = migrations.site(setup, teardown, before_each, after_each)
  local server, client, dir
  before_each(function() server, client, dir = site.server, site.client, site.dir end)

  local function room(id, data, fields)
    local all = { id = id, defaultAccesses = json.array {} }
    for name, value in pairs(fields or {}) do all[name] = value end
    client:create_room(all)
    if data then client:initialize_storage_document(id, object(data)) end
  end
  local function lson(id) return client:get_storage_document(id).data end
  local function simple(id) return client:get_storage_document(id, { format = "json" }) end
  local function run(name, ...)
    return server:run({ "migrate", ("%s/scripts/migrations/%s.lua"):format(here, name), ... }, { cwd = dir.path })
  end
  -- Runs it, first dry: which must leave everything as it is.
  local function good(name, ...)
    local before = json.encode(client:request("GET", "/local/state"), { pretty = true })
    local out, err, status = run(name, "--dry-run", ...)
    assert.equal(0, status, err)
    assert.equal(before, json.encode(client:request("GET", "/local/state"), { pretty = true }))
    local plan = out
    out, err, status = run(name, ...)
    assert.equal(0, status, out .. err)
    return out, err, plan
  end

  it("add_field adds a field with a default where it is missing", function()
    room("a", { todos = list { object { t = 1 }, object { t = 2, done = true } } })
    room("b", {})
    local out = good("add_field", "field=done", "value=false", "at=/todos/*")
    assert.matches("1 done, 1 unchanged", out)
    assert.matches("checked: 2 good, 0 bad", out)
    assert.same({ { t = 1, done = false }, { t = 2, done = true } }, simple("a").todos)
    good("add_field", "field=tags", 'value=["x",{"y":1}]', "--restart")
    assert.same(list { "x", object { y = 1 } }, lson("b").tags)
  end)

  local function document(id, kind, content)
    room(id)
    client:mutate_yjs(id, function(doc) editor.open(doc, { kind = kind }):set_content(content) end)
  end
  local function opened(id, kind)
    return editor.open(liveblocks.yjs.open((client:get_yjs_document_as_binary_update(id))), { kind = kind })
  end

  it("replace_text replaces a term, also over parts with other formats", function()
    document("a", "tiptap", "Ac**me** makes boats. Acmes do not.\n\n- Acme again\n")
    document("b", "tiptap", "nothing of it")
    local out = good("replace_text", "from=Acme", "to=Example", "words=true")
    assert.matches("1 done, 1 unchanged", out)
    assert.equal("Example makes boats. Acmes do not.\n\n* Example again", opened("a", "tiptap"):to_markdown())
    document("c", "quill", "one two\n")
    good("replace_text", "from=two", "to=2", "kind=quill", "--only", "c", "--restart", "--accept-change")
    assert.equal("one 2\n", opened("c", "quill"):get_text())
  end)

  it("replace_text shows in a dry run the text that changes, of each editor", function()
    for _, kind in ipairs { "tiptap", "blocknote", "lexical", "slate", "quill" } do
      document(kind, kind, "# Title\n\n- one two\n")
      local out = good("replace_text", "from=two", "to=2", "kind=" .. kind, "--only", kind, "--dry-run")
      assert.matches("%- %w+: [^\n]*one two", out)
      assert.matches("%+ %w+: [^\n]*one 2", out)
    end
    local out = good("rename_type", "node=list-item", "to=li", "kind=slate", "--only", "slate", "--dry-run")
    assert.matches('%+ content: [^\n]*type=\\"li\\"', out)
  end)

  it("refuse an editor and a term that cannot be, before any room is read", function()
    for _, wanted in ipairs { { "kind=lexcal", "option 'kind' must be one of .*, got 'lexcal'; did you mean 'lexical'%?" },
      { "from=", "give from=TERM" } } do
      local words = { "from=a", "to=b" }
      if wanted[1] == "from=" then words[1] = wanted[1] else words[3] = wanted[1] end
      local _, err, status = run("replace_text", table.unpack(words))
      assert.matches(wanted[2], err)
      assert.equal(2, status)
    end
  end)

  it("rename_type renames marks and nodes", function()
    document("a", "tiptap", { type = "doc", content = { { type = "callout", content = { { type = "text", text = "one",
      marks = { { type = "highlight", attrs = { color = "red" } } } } } } } })
    good("rename_type", "mark=highlight", "to=marker")
    local node = opened("a", "tiptap"):to_json().content[1]
    assert.same({ { type = "marker", attrs = { color = "red" } } }, node.content[1].marks)
    good("rename_type", "node=callout", "to=note", "--restart", "--accept-change")
    node = opened("a", "tiptap"):to_json().content[1]
    assert.equal("note", node.type)
    assert.equal("one", node.content[1].text)
    document("b", "quill", "**one**\n")
    good("rename_type", "mark=bold", "to=strong", "kind=quill", "--only", "b", "--restart", "--accept-change")
    assert.same({ strong = true }, opened("b", "quill"):to_json()[1].attributes)
    for _, wrong in ipairs { { "to=x" }, { "to=x", "mark=a", "node=b" }, { "to=", "mark=a" } } do
      local _, err, status = run("rename_type", wrong[1], wrong[2] or "--restart", wrong[3] or "--restart", "--accept-change")
      assert.equal(2, status)
      assert.matches("give %a+=NAME", err)
    end
  end)

  it("blocknote_to_tiptap converts documents in place, and leaves those of Tiptap", function()
    document("a", "blocknote", "# Title\n\n- one\n  - two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    document("b", "tiptap", "# Title\n")
    local out = good "blocknote_to_tiptap"
    assert.matches("1 done, 1 unchanged", out)
    assert.matches("checked: 2 good, 0 bad", out)
    assert.equal("# Title\n\n* one\n\n  * two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n", opened("a", "tiptap"):to_markdown())
    assert.matches("2 unchanged", (good("blocknote_to_tiptap", "--restart")))
  end)

  it("export_markdown writes documents with their comments, and brings them up to date", function()
    document("plan/1", "tiptap", "a")
    local from_markdown = liveblocks.comment.from_markdown
    local thread = client:create_thread("plan/1", { comment = { userId = "alice", body = from_markdown "Is *this* right?" } })
    client:create_comment("plan/1", thread.id, { userId = "bob", body = from_markdown "Yes" })
    client:mutate_yjs("plan/1", function(doc)
      editor.open(doc, { kind = "tiptap" }):set_content { type = "doc", content = { { type = "paragraph", content = {
        { type = "text", text = "The " }, { type = "text", text = "boat", marks = { { type = "liveblocksCommentMark",
          attrs = { threadId = thread.id } } } } } } } }
    end)
    local planned, planning = run("export_markdown", "to=" .. dir.path .. "/notes", "--dry-run")
    assert.matches("plan/1\n    ! write .-/notes/rooms/plan%%2F1/document%.md %d+ bytes\n", planned .. planning)
    assert.matches("dry run: 1 of 1 would change, 0 would fail", planned .. planning)
    assert.is_nil(io.open(dir.path .. "/notes/rooms"))
    good("export_markdown", "to=" .. dir.path .. "/notes")
    local file = assert(io.open(dir.path .. "/notes/rooms/plan%2F1/document.md"))
    local text = file:read "a"
    file:close()
    assert.matches("^The boat\n\n## Comments\n\n> boat\n\n%*%*alice%*%*, ....%-..%-..T.-:\n\nIs _this_ right%?\n\n", text)
    assert.matches("%*%*bob%*%*, .-:\n\nYes\n$", text)
    assert.matches("1 unchanged", (good("export_markdown", "to=" .. dir.path .. "/notes")))
    planned, planning = run("export_markdown", "to=" .. dir.path .. "/notes", "--dry-run")
    assert.matches("dry run: 0 of 1 would change, 0 would fail", planned .. planning)
  end)

  it("export_markdown writes no empty file for a document of another editor", function()
    document("a", "lexical", "one\n")
    room("b")
    local out, err, status = run("export_markdown", "to=" .. dir.path .. "/notes")
    assert.equal(1, status)
    assert.matches("1 done, 1 failed", out .. err)
    assert.matches("a: the document has no root type 'default', but 'root': give kind= and field=", out .. err)
    assert.is_nil(io.open(dir.path .. "/notes/rooms/a/document.md"))
  end)

  it("import_markdown fills documents from files, and only what differs is changed", function()
    document("a", "lexical", "# Old\n\nkept\n")
    dir:write("a.md", "# New\n\nkept\n")
    dir:write("b.md", "- new\n")
    dir:write("list.csv", "id,file\na,a.md\nb,b.md\n")
    good("import_markdown", "file=" .. dir.path .. "/list.csv", "kind=lexical", "create=true")
    assert.equal("# New\n\nkept", opened("a", "lexical"):to_markdown())
    assert.equal("- new", opened("b", "lexical"):to_markdown())
    local again = { "file=" .. dir.path .. "/list.csv", "kind=lexical", "--restart", "--accept-change" }
    assert.matches("2 unchanged", (good("import_markdown", table.unpack(again))))
    dir:write("bad.md", "caf\xE9\n")
    dir:write("list.csv", "id,file\na,a.md\nnew,a.md\nbad,bad.md\n")
    local planned, problems = run("import_markdown", "--dry-run", "create=true", table.unpack(again))
    assert.matches("1 of 3 would change, 1 would fail", planned .. problems)
    assert.matches("bad: would fail: .-not valid UTF%-8", planned .. problems)
    assert.not_matches('create_room {[^\n]*"a"', planned)
    dir:write("list.csv", "id,file\na,missing.md\n")
    local out, err, status = run("import_markdown", table.unpack(again))
    assert.not_equal(0, status)
    assert.matches("missing.md", out .. err)
  end)

  it("rename_key renames a field, and leaves a clash to people", function()
    room("a", { cards = map { k = object { desc = "d" } } })
    good("rename_key", "from=desc", "to=description", "at=/cards/*")
    assert.same({ k = { description = "d" } }, simple("a").cards)
    room("b", { old = 1, new = 2 })
    local out, _, status = run("rename_key", "from=old", "to=new", "--restart")
    assert.equal(1, status)
    assert.matches("b:  has 'old' and 'new' %(overwrite=true", out)
    good("rename_key", "from=old", "to=new", "overwrite=true", "--restart", "--only", "b", "--accept-change")
    assert.same({ new = 1 }, simple "b")
  end)

  it("list_to_map makes a map of a list", function()
    room("a", { todos = list { object { id = "x", t = 1 }, object { id = "y", t = 2 } } })
    good("list_to_map", "list=todos", "position=order")
    assert.same(map { x = object { id = "x", t = 1, order = 0 }, y = object { id = "y", t = 2, order = 1 } }, lson("a").todos)
    room("b", { todos = list { object { id = "x" }, object { id = "x" } } })
    local out = run("list_to_map", "list=todos", "--restart", "--only", "b", "--accept-change")
    assert.matches("two items have the key 'x'", out)
    assert.equal("LiveList", lson("b").todos.liveblocksType)
  end)

  it("split_rooms moves items to rooms of their own, and merge_rooms brings them together", function()
    room("board", { cards = list { object { id = "1", team = "a" }, object { id = "2", team = "b" }, object { id = "3" },
      object { id = "4", team = "a" } } }, { metadata = { kind = "board" } })
    good("split_rooms", "list=cards", "by=team", 'query=roomId^"board"')
    assert.same({ { id = "3" } }, simple("board").cards)
    assert.same({ { id = "1", team = "a" }, { id = "4", team = "a" } }, simple("board-a").cards)
    assert.same({ { id = "2", team = "b" } }, simple("board-b").cards)
    assert.equal("board", client:get_room("board-a").metadata.kind)
    good("merge_rooms", "into=board", "lists=cards", 'query=roomId^"board-"', "delete=true")
    local ids = {}
    for i, card in ipairs(simple("board").cards) do ids[i] = card.id end
    table.sort(ids)
    assert.same({ "1", "2", "3", "4" }, ids)
    assert.is_nil((client.try:get_room "board-a"))
  end)

  it("rename_rooms gives rooms other ids", function()
    room("old:1", { n = 1 })
    room("other")
    assert.matches("1 done, 1 unchanged", (good("rename_rooms", "from=^old:(.*)$", "to=new:%1")))
    assert.same({ n = 1 }, simple "new:1")
    assert.matches("not a pattern", select(2, run("rename_rooms", "from=[", "to=x", "--restart")))
  end)

  it("move_to_organization moves rooms", function()
    room("a")
    assert.matches("checked: 1 good", (good("move_to_organization", "to=acme")))
    assert.equal("acme", client:get_room("a").organizationId)
  end)

  it("update_from_csv sets metadata and permissions", function()
    room("a", nil, { metadata = { color = "red", old = "x" } })
    room("b, c", nil, { usersAccesses = { alice = { "room:write" } } })
    dir:write("r.csv", '\xEF\xBB\xBFid,metadata.color,metadata.old,metadata.tags,defaultAccesses,usersAccesses.alice\r\n'
      .. 'a,blue,null,"x; ""y""",room:write,\r\n"b, c",,,,,null\r\n')
    good("update_from_csv", "file=r.csv")
    local a = client:get_room "a"
    assert.same({ color = "blue", tags = { "x", '"y"' } }, a.metadata)
    assert.same({ "room:write" }, a.defaultAccesses)
    assert.same({}, client:get_room("b, c").usersAccesses)
    dir:write("bad.csv", "id,colour\na,b\n")
    assert.matches("the column 'colour' is not one of", select(2, run("update_from_csv", "file=bad.csv", "--restart")))
    dir:write("bad.csv", "id,metadata.a\na\n")
    assert.matches("bad.csv:2: 1 fields, but 2 columns", select(2, run("update_from_csv", "file=bad.csv", "--restart")))
    dir:write("bad.csv", "id,metadata.a\na,1\na,2\n")
    assert.matches("two different items with the id 'a'", select(2, run("update_from_csv", "file=bad.csv", "--restart")))
  end)

  it("delete_rooms asks, backs up and deletes", function()
    room("tmp-1", { n = 1 })
    room("keep")
    local arguments = { 'query=roomId^"tmp-"', "backup=gone" }
    local _, err, status = run("delete_rooms", table.unpack(arguments))
    assert.equal(1, status)
    assert.matches("asks before it goes on, and there is no terminal", err)
    assert.is_table(client:get_room "tmp-1")
    good("delete_rooms", "yes=true", "--accept-change", table.unpack(arguments))
    assert.is_nil((client.try:get_room "tmp-1"))
    assert.is_table(client:get_room "keep")
    assert.matches('"n": 1', dir:read "gone/rooms/tmp-1/storage.json")
    assert.matches("must not be empty", select(2, run("delete_rooms", "query=", "backup=none", "--restart")))
  end)

  it("import_comments imports threads once, with dates and reactions", function()
    room("a")
    dir:write("t.jsonl", json.encode { id = "jira-1", roomId = "a", resolved = true, metadata = { x = 1 }, comments = {
      { userId = "alice", body = "Hello **you**", createdAt = "2024-01-31T12:00:00.000Z",
        reactions = { { emoji = "👍", userId = "bob", createdAt = "2024-02-01T12:00:00.000Z" } } },
      { userId = "bob", body = paragraph "yes", createdAt = "2024-01-31T13:00:00.000Z" } } } .. "\n")
    good("import_comments", "file=t.jsonl")
    run("import_comments", "file=t.jsonl", "--restart")
    local threads = client:get_threads("a").data
    assert.equal(1, #threads)
    local thread = threads[1]
    assert.is_true(thread.resolved)
    assert.same({ x = 1, importId = "jira-1" }, thread.metadata)
    assert.equal(2, #thread.comments)
    assert.equal("2024-01-31T12:00:00.000Z", thread.comments[1].createdAt)
    assert.equal("bob", thread.comments[1].reactions[1].userId)
    assert.is_true(thread.comments[1].body.content[1].children[2].bold)
  end)

  it("close_old_threads resolves threads in which nothing has happened", function()
    room("a")
    local function thread(date)
      return client:create_thread("a", { comment = { userId = "u", body = paragraph "x", createdAt = date } }).id
    end
    local old, new = thread "2020-01-31T12:00:00.000Z", thread(nil)
    local out = good("close_old_threads", "days=30", "user=system")
    assert.matches("1 done, 1 unchanged", out)
    assert.is_true(client:get_thread("a", old).resolved)
    assert.is_false(client:get_thread("a", new).resolved)
  end)

  it("resend_notifications sends notifications again", function()
    room("a")
    dir:write("n.jsonl", json.encode { userId = "alice", kind = "$file", subjectId = "s", activityData = { n = 1 } } .. "\n")
    good("resend_notifications", "file=n.jsonl")
    assert.equal(1, #client:get_inbox_notifications("alice").data)
    dir:write("users.txt", "alice\nbob\n")
    good("resend_notifications", "users=users.txt", "kind=$file", "--restart")
    local data = client:get_inbox_notifications("alice").data
    assert.equal(2, #data)
    assert.same({ data[1].subjectId, data[1].activities[1].data }, { data[2].subjectId, data[2].activities[1].data })
  end)
end)
