-- What lbhost migrate says and which items it takes: --only, --check, --report, keys, files of ids.
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"
local migrations = require "tests.support.migration"

local edit = [[
  each = function(room, ctx) ctx:mutate_storage(function(root) root.n = root.n + 1 end) end,
]]

describe("lbhost migrate", function()
  local site = migrations.site(setup, teardown, before_each, after_each)
  local server, client, dir
  before_each(function() server, client, dir = site.server, site.client, site.dir end)

  local id_of, rooms, migration, run = migrations.id, site.rooms, site.write, site.run
  local function number(i) return client:get_storage_document(id_of(i), { format = "json" }).n end
  -- 2 when the command line says it already, 1 when the source or the project says it.
  local function refused(pattern, ...)
    local out, err, status = run(...)
    assert.matches(pattern, err)
    assert.equal("", out)
    assert.is_true(status == 1 or status == 2)
  end
  local function rows(name)
    local list = {}
    for line in dir:read(name):gmatch "[^\n]+" do
      local row = json.decode(line)
      list[row.key] = row
    end
    return list
  end

  describe("with --only", function()
    it("refuses a room that is not there, and does nothing to the others", function()
      rooms(2)
      migration("rooms = {}," .. edit)
      refused("%-%-only: there is no room 'room%-0001'\n", "--only", "room-001", "--only", "room-0001")
      refused("%-%-only: there is no room 'room%-0001'\n", "--only", "room-0001", "--dry-run")
      assert.same({ 1, 1 }, { number(1), number(2) })
      run()
      refused("there is no room 'room%-0001'", "--only", "room-0001")
    end)

    it("refuses what no list has", function()
      rooms(2)
      for _, source in ipairs { 'ids = { "room-001" }', 'items = function() return ipairs { "room-001" } end',
        'users = { "room-001" }' } do
        migration(source:gsub("ipairs { (.-) }", "coroutine.wrap(function() coroutine.yield(%1) end)") .. "," .. [[
          each = function() end]])
        refused("there is no %a+ 'room%-002' in what the migration goes through", "--only", "room-002", "--journal", source:sub(1, 2))
        refused("there is no %a+ 'room%-002' in what the migration goes through", "--only", "room-002", "--dry-run")
        assert.equal(0, select(3, run("--only", "room-001", "--journal", source:sub(1, 2))))
      end
    end)

    it("and --restart does one item again, and keeps what is known of the others", function()
      rooms(3)
      migration("rooms = {}," .. edit)
      run()
      assert.matches("room%-002: it is done already; %-%-restart with %-%-only does it again", select(2, run("--only", "room-002")))
      local out, _, status = run("--only", "room-002", "--restart")
      assert.equal(0, status)
      assert.matches("m: 3 done", out)
      assert.same({ 2, 3, 2 }, { number(1), number(2), number(3) })
      out = run()
      assert.matches("^m: 3 done; nothing was left to do %(complete since 20%d%d%-.-Z%): %-%-restart begins again\n$", out)
      assert.same({ 2, 3, 2 }, { number(1), number(2), number(3) })
    end)
  end)

  it("says with --limit that the listing goes on", function()
    rooms(150)
    migration("rooms = {}," .. edit)
    local out = run("--limit", "5")
    assert.matches("^m: 5 done, 95 pending so far, for the listing goes on, in %d+ s\n", out)
    assert.matches("m: 150 done, in", (run()))
  end)

  describe("with --check", function()
    local check = [[rooms = {}, each = function() end, check = function(room, ctx)
      return ctx.client:get_storage_document(room.id, { format = "json" }).n ~= 7, "n is 7"
    end]]

    it("and without a journal lists all items and checks them", function()
      rooms(120)
      migration(check)
      local out, _, status = run "--check"
      assert.same({ "m: checked: 120 good, 0 bad\n", 0 }, { out, status })
      assert.is_nil(dir:read "m.journal")
      client:patch_storage_document("room-003", { { op = "replace", path = "/n", value = 7 } })
      local err
      out, err, status = run "--check"
      assert.same({ "m: checked: 119 good, 1 bad\n", 1 }, { out, status })
      assert.matches("room%-003: check: n is 7", err)
      assert.same({ "m: checked: 1 good, 0 bad\n", 0 }, { (run("--check", "--only", "room-001")), 0 })
      refused("there is no room 'x'", "--check", "--only", "x")
    end)

    it("checks what its journal knows, when it has one", function()
      rooms(5)
      migration(check)
      run("--only", "room-001")
      assert.equal("m: checked: 1 good, 0 bad\n", (run "--check"))
    end)

    it("refuses what it cannot do", function()
      migration "rooms = {}, each = function() end"
      local _, err, status = run "--check"
      assert.equal(2, status)
      assert.matches("m.lua has no function 'check'", err)
      refused("%-%-check only reads", "--check", "--restart")
    end)
  end)

  describe("with a list of ids", function()
    it("reads what Windows writes, and says which ids are not there", function()
      rooms(2)
      dir:write("ids.txt", "\xEF\xBB\xBFroom-001\r\n\r\nroom-002\r\nromm-003\r\n")
      migration("ids = { file = 'ids.txt' }," .. edit)
      local out, _, status = run()
      assert.equal(1, status)
      assert.matches("m: 2 done, 1 not found", out)
      assert.matches("\n  romm%-003: not found: ", out)
    end)

    it("names a file in another encoding, and an empty id", function()
      dir:write("ids.txt", "room-001\nM\xFCller\n")
      migration("ids = { file = 'ids.txt' }," .. edit)
      local _, err, status = run()
      assert.equal(1, status)
      assert.matches("ids.txt:2: this is not UTF%-8", err)
      migration('name = "e", ids = function() return coroutine.wrap(function() coroutine.yield "a" coroutine.yield "" end) end,'
        .. edit)
      _, err = run()
      assert.matches("item 2 of the source has an empty id", err)
    end)
  end)

  describe("with a report", function()
    it("says of each item how often it was tried, how long it took, and what was changed", function()
      rooms(2)
      migration [[rooms = {}, options = { fail = "boolean" }, each = function(room, ctx)
        ctx:mutate_storage(function(root) root.n = 5 root.list = require("liveblocks").storage.list {} end)
        ctx.client.try:update_room(room.id, { metadata = { a = "b" } })
        ctx.client:get_room(room.id)
        if ctx.options.fail and room.id == "room-002" then error "no" end
        ctx.client:with({ timeout = 9 }):set_presence(room.id, { userId = "u", data = { x = 1 }, userInfo = { name = "U" } })
        return true, "a note"
      end]]
      run("fail=true", "--report", "r.jsonl")
      local list = rows "r.jsonl"
      assert.equal(1, list["room-001"].attempts)
      assert.equal("a note", list["room-001"].note)
      assert.is_true(list["room-001"].seconds > 0)
      table.sort(list["room-001"].changes)
      assert.same({ "add /list", "replace /n", "set_presence room-001", "update_room room-001" }, list["room-001"].changes)
      assert.equal("failed", list["room-002"].state)
      assert.matches("m.lua:5: no", list["room-002"].error)
      assert.equal(3, #list["room-002"].changes)
      run("fail=false", "--retry-failed", "--accept-change", "--report", "r.jsonl")
      list = rows "r.jsonl"
      assert.same({ 1, 2 }, { list["room-001"].attempts, list["room-002"].attempts })
      assert.equal("done", list["room-002"].state)
    end)

    it("of a dry run has what would fail, too, and so has its JSON", function()
      rooms(2)
      migration [[rooms = {}, each = function(room, ctx)
        ctx:mutate_storage(function(root) root.n = 5 end)
        if room.id == "room-002" then error "no" end
      end]]
      local out = run("--dry-run", "--json", "--report", "r.jsonl")
      local list = rows "r.jsonl"
      assert.same({ "done", { "replace /n" } }, { list["room-001"].state, list["room-001"].changes })
      assert.equal("failed", list["room-002"].state)
      assert.matches("m.lua:3: no", list["room-002"].error)
      local shown = {}
      for line in out:gmatch "[^\n]+" do shown[json.decode(line).key] = json.decode(line) end
      assert.is_nil(shown["room-001"].error)
      assert.matches("m.lua:3: no", shown["room-002"].error)
      assert.equal(1, number(1))
    end)

    it("can be read by its owner alone, also when it was there before", function()
      rooms(1)
      migration("rooms = {}," .. edit)
      dir:write("r.jsonl", "old")
      assert(os.execute(("chmod 644 '%s/r.jsonl'"):format(dir.path)))
      run("--report", "r.jsonl")
      local pipe = io.popen(("stat -c %%a '%s/r.jsonl' '%s/m.journal'"):format(dir.path, dir.path))
      assert.equal("600\n600\n", pipe:read "a")
      pipe:close()
    end)
  end)

  it("writes lines of progress without a terminal, also in a dry run and a check", function()
    rooms(4)
    migration [[rooms = {}, concurrency = 1, each = function() require("liveblocks").task.sleep(0.2) end,
      check = function() require("liveblocks").task.sleep(0.2) end]]
    for _, mode in ipairs { "--dry-run", "--check", "--accept-change" } do
      local _, err = run(mode, "--progress", "0.1")
      assert.matches("m: %a* ?%d of 4 %(%d+ %%%), .*1 in flight\n", err)
    end
    refused("a number of seconds expected", "--progress", "x")
  end)

  it("shows no secret and no control of a terminal, and keeps none in the journal", function()
    migration [[ids = { "a\27[31m\nb" }, each = function()
      error("https://u:pass@example.com/?token=abcdef sk_live_abcdef \27]0;x\7", 0)
    end]]
    local out, err = run("--report", "r.jsonl")
    assert.matches("a\\x1b%[31m\\nb: ", out)
    for _, text in ipairs { out .. err, dir:read "m.journal" .. (dir:read "m.journal-wal" or ""), dir:read "r.jsonl" } do
      assert.is_nil(text:find("sk_live", 1, true))
      assert.is_nil(text:find(":pass@", 1, true))
      assert.is_nil(text:find("token=abcdef", 1, true))
    end
    assert.is_nil((out .. err .. dir:read "r.jsonl"):find "[\27\7]")
  end)

  it("advises what can be typed, once", function()
    rooms(2)
    migration [[rooms = {}, options = { t = "string" }, each = function() error "no" end]]
    run("t=it's (a) b")
    local out = run("t=it's (a) b", "--retry-failed", "--rate", "20")
    assert.matches("do the failed ones again with: lbhost migrate m.lua 't=it'\\''s (a) b' --rate 20 --retry-failed\n", out, 1, true)
    assert.is_nil(out:find("retry-failed --retry", 1, true))
  end)

  describe("that goes on with another key", function()
    local other
    setup(function() other = local_server.start("--secret", "sk_other") end)
    teardown(function() other:stop() end)

    -- Runs with another key: the same project on another server of the state, or another project.
    local function run_with(url, secret, ...)
      return server:run({ "migrate", "m.lua", ... }, { cwd = dir.path, env = { LIVEBLOCKS_BASE_URL = url,
        LIVEBLOCKS_SECRET_KEY = secret, HOME = "/nonexistent" } })
    end

    it("looks whether it is the same project, and goes on", function()
      rooms(3)
      migration("rooms = {}," .. edit)
      run("--limit", "1")
      -- Another name of the host.
      local url = server.url:gsub("127%.0%.0%.1", "localhost")
      local _, err, status = run_with(url, "sk_localdev")
      assert.equal(2, status)
      assert.matches("was made for another host, http://127.0.0.1:%d+: .* go on with %-%-accept%-key", err)
      local out
      out, err, status = run_with(url, "sk_localdev", "--accept-key")
      assert.equal(0, status, err)
      assert.matches("the same project: 3 of 3 rooms that the journal knows are there, created at the same time", err)
      assert.matches("m: 3 done", out)
      assert.equal(0, select(3, run_with(url, "sk_localdev")))
      -- The case of the host and a slash say nothing.
      assert.equal(0, select(3, run_with(url:gsub("localhost", "LOCALHOST") .. "/", "sk_localdev")))
    end)

    it("refuses another project", function()
      rooms(2)
      migration("rooms = {}," .. edit)
      run("--limit", "1")
      local client_of_other = liveblocks.new { base_url = other.url, secret = "sk_other" }
      local _, err, status = run_with(other.url, "sk_other", "--accept-key")
      assert.equal(2, status)
      assert.matches("nothing shows that this is the project .* none of the 2 rooms that it knows is there; .*%-%-accept%-project", err)
      client_of_other:create_room { id = "room-001", defaultAccesses = {} }
      for _, accept in ipairs { "--accept-key", "--accept-project" } do
        _, err, status = run_with(other.url, "sk_other", accept)
        assert.equal(2, status)
        assert.matches("is of another project: the room 'room%-001' was created at another time there", err)
      end
      client_of_other:delete_room "room-001"
      _, err = run_with(other.url, "sk_other", "--accept-project")
      assert.matches("nothing shows whether this is the same project; it goes on", err)
    end)
  end)
end)
