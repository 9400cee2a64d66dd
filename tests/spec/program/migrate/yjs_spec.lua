-- Migrations that edit Yjs documents, in processes of their own, against the local Liveblocks.
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local migrations = require "tests.support.migration"

local yjs = liveblocks.yjs

describe("a migration of Yjs documents", function()
  local site = migrations.site(setup, teardown, before_each, after_each)
  local client, dir
  before_each(function() client, dir = site.client, site.dir end)

  local id_of, all, migration, run = migrations.id, migrations.list, site.write, site.run
  local function rooms(count)
    site.rooms(count, function(id)
      client:mutate_yjs(id, function(doc) doc:get_text("t"):insert(0, "teh cat and teh dog") end)
    end)
  end
  local function texts()
    local list = {}
    for room in client:iter_rooms() do list[#list + 1] = client:get_yjs_document(room.id).t end
    return list
  end

  local edit = [[ctx:mutate_yjs(function(doc) doc:get_text("t"):insert(0, "+") end)]]
  local each_edit = "rooms = {}, each = function(_, ctx) " .. edit .. " end"

  it("edits each once, and leaves alone what it does not change", function()
    rooms(30)
    client:create_room { id = "empty", defaultAccesses = {} }
    migration [[rooms = {}, each = function(room, ctx)
      ctx:mutate_yjs(function(doc)
        if room.id ~= "empty" then doc:get_text("t"):insert(0, "+") end
      end)
    end]]
    local out, err, status = run("--report", "report.jsonl")
    assert.equal(0, status, err)
    assert.matches("m: 30 done, 1 unchanged", out)
    assert.matches("nothing was left to do", (run()))
    client:delete_room "empty"
    assert.same(all(30, "+teh cat and teh dog"), texts())
    local row = json.decode(dir:read("report.jsonl"):match '[^\n]*room%-001[^\n]*')
    assert.same({ "Yjs: t" }, row.changes)
    assert.equal("done", row.state)
    local status_text = run "--status"
    assert.matches("30 done", status_text)
  end)

  it("shows in a dry run what would change, and writes nothing", function()
    rooms(1)
    migration [[rooms = {}, each = function(_, ctx)
      local update = ctx:mutate_yjs(function(doc)
        local text = doc:get_text "t"
        text:delete(0, 3)
        text:insert(0, "the")
      end)
      assert(type(update) == "string")
      ctx.client:mutate_yjs(ctx.key, function(doc) doc:get_map("m"):set("seen", true) end)
    end]]
    local out = run "--dry-run"
    assert.equal('room-001\n    - t: "teh cat and teh dog"\n    + t: "the cat and teh dog"\n    + m: {"seen":true}\n', out)
    assert.same({ "teh cat and teh dog" }, texts())
    local row = json.decode((run("--dry-run", "--json")):match "[^\n]+")
    assert.same({ "t" }, row.calls[1].changed)
    assert.equal('- t: "teh cat and teh dog"\n+ t: "the cat and teh dog"', row.calls[1].text)
  end)

  it("calls the before_send of the options, which may stop the edit", function()
    rooms(1)
    migration [[rooms = {}, options = { fail = "boolean" }, each = function(_, ctx)
      local function before_send(what)
        ctx:log("before " .. type(what))
        if ctx.options.fail then error("not now", 0) end
      end
      ctx:mutate_yjs(function(doc) doc:get_text("t"):insert(0, "+") end, { before_send = before_send })
      ctx:mutate_storage(function(root) root.seen = true end, { before_send = before_send })
    end]]
    local out, err, status = run "fail=true"
    assert.not_equal(0, status)
    assert.matches("not now", out .. err)
    assert.same({ "teh cat and teh dog" }, texts())
    out, err, status = run("fail=false", "--accept-change", "--retry-failed")
    assert.equal(0, status, err)
    assert.matches("before string.*before table", out .. err)
    assert.same({ "+teh cat and teh dog" }, texts())
  end)

  it("makes no edit twice when it is killed", function()
    rooms(30)
    migration(([[rooms = {}, concurrency = 3, options = { wait = "number" }, each = function(room, ctx)
      %s
      ctx:log("did " .. room.id)
      require("liveblocks").task.sleep(ctx.options.wait)
    end]]):format(edit))
    for i = 1, 3 do
      local running <close> = site.spawn "wait=0.4"
      running:wait_for(("did room.-"):rep(i * 2), true)
      running:signal "KILL"
      assert.equal(137, select(3, running:wait()))
    end
    assert.matches("m: 30 done", (run("wait=0", "--accept-change")))
    assert.same(all(30, "+teh cat and teh dog"), texts())
  end)

  it("makes no edit twice when answers are lost, whatever others write meanwhile", function()
    rooms(12)
    migration(each_edit)
    -- All that is sent is done, and nothing of it answered.
    client:request("PUT", "/local/faults", { body = "drop=100%@after,seed=1", content_type = "application/octet-stream" })
    local _, _, status = run("--timeout", "2")
    assert.not_equal(0, status)
    client.try:request("PUT", "/local/faults", { body = "", content_type = "application/octet-stream" })
    for i = 1, 12, 2 do
      client:mutate_yjs(id_of(i), function(doc) doc:get_text("t"):insert(0, "others ") end)
    end
    local out, err
    out, err, status = run "--retry-failed"
    assert.equal(0, status, err)
    assert.matches("12 done", out)
    for i, text in ipairs(texts()) do
      assert.equal(1, select(2, text:gsub("%+", "")), text)
      assert.equal(text:find("others", 1, true) ~= nil, (13 - i) % 2 == 1, text)
    end
  end)

  it("sends again what an earlier attempt made, not what it would make now", function()
    rooms(1)
    -- The request is noted, and its run dies ahead of it.
    migration [[rooms = {}, options = { die = "boolean" }, each = function(_, ctx)
      local real = ctx.client
      ctx.client = setmetatable({}, { __index = function(_, name)
        if name ~= "mutate_yjs" or not ctx.options.die then
          return function(_, ...) return real[name](real, ...) end
        end
        return function(_, room, fn, options)
          local note = options.before_send
          options.before_send = function(update)
            note(update)
            ctx:log "noted"
            require("liveblocks").task.sleep(1000)
          end
          return real:mutate_yjs(room, fn, options)
        end
      end })
      ctx:mutate_yjs(function(doc)
        doc:get_text("t"):insert(0, ctx.options.die and "first " or "second ")
      end)
    end]]
    local running <close> = site.spawn "die=true"
    running:wait_for("noted", true)
    running:signal "KILL"
    running:wait()
    assert.same({ "teh cat and teh dog" }, texts())
    client:mutate_yjs("room-001", function(doc) doc:get_text("t"):insert(19, "!") end)
    local out, err, status = run("die=false", "--accept-change")
    assert.equal(0, status, out .. err)
    assert.same({ "first teh cat and teh dog!" }, texts())
  end)

  it("edits subdocuments, other rooms, and what a key names", function()
    rooms(2)
    migration [[ids = { "all" }, each = function(_, ctx)
      ctx:mutate_yjs("room-001", function(_, text) text:insert(0, "key ") end, { key = "t" })
      ctx:mutate_yjs("room-002", function(doc) doc:get_text("s"):insert(0, "inner") end, { guid = "sub" })
    end]]
    local out, err, status = run()
    assert.equal(0, status, out .. err)
    assert.same({ t = "key teh cat and teh dog" }, client:get_yjs_document "room-001")
    assert.same({ t = "teh cat and teh dog" }, client:get_yjs_document "room-002")
    assert.equal("inner", yjs.open(client:get_yjs_document_as_binary_update("room-002", { guid = "sub" })):get_text("s"):to_string())
  end)

  it("fails items whose document cannot be edited, and goes on", function()
    rooms(3)
    migration [[rooms = {}, each = function(room, ctx)
      ctx:mutate_yjs(function(doc) doc:get_text("t"):insert(room.id == "room-002" and 1000 or 0, "+") end)
    end]]
    local out, _, status = run()
    assert.equal(1, status)
    assert.matches("2 done, 1 failed", out)
    assert.matches("room%-002: .-position 1000 is beyond the end", out)
  end)
end)
