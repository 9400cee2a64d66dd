-- Half a surrogate pair and numbers that neither an integer nor a float holds, on their way through the program: nothing is lost.
local directory = require "tests.support.directory"
local helper = require "tests.support.client"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"
local process = require "tests.support.process"
local serve = require "tests.support.serve"

local storage, webhook = liveblocks.storage, liveblocks.webhook
local HALF, OTHER = "\xed\xa0\xbd", "\xed\xb8\x80"
local TEXT = [[{"big":12345678901234567890123,"far":1e400,"id":18446744073709551615,"list":[1e400,"\ude00"],"title":"Launch \ud83d"}]]

local function paragraph(text)
  return { version = 1, content = { { type = "paragraph", children = { { text = text } } } } }
end

describe("half a surrogate pair and a large number", function()
  local server, client, dir
  setup(function()
    dir = directory.new()
    server = local_server.start("--data", dir.path .. "/state.json")
    client = server:client()
    client:create_room { id = "r", defaultAccesses = {}, metadata = { title = "Launch " .. HALF } }
    local value = json.decode(TEXT)
    client:initialize_storage_document("r", { liveblocksType = "LiveObject", data = {
      plain = value, live = { liveblocksType = "LiveObject", data = value },
      list = { liveblocksType = "LiveList", data = { value.big, value.title, value.far } },
    } })
  end)
  teardown(function()
    server:stop()
    dir:remove()
  end)

  it("do not make a page unreadable", function()
    assert.equal("Launch " .. HALF, client:get_rooms().data[1].metadata.title)
    for room in client:iter_rooms() do assert.equal("r", room.id) end
  end)

  it("are in a Storage document as they were sent", function()
    local document = client:get_storage_document "r"
    assert.equal(TEXT, json.encode(document.data.plain))
    assert.equal(TEXT, json.encode(document.data.live.data))
    assert.equal(TEXT, json.encode((client:get_storage_document("r", { format = "json" })).live))
  end)

  it("are edited, tested for and sent by mutate_storage", function()
    local patch = client:mutate_storage("r", function(root)
      root.live.title = root.live.title .. OTHER
      root.live.big = json.number "99999999999999999999999"
      root.live.list[2] = "y" .. root.plain.list[2]
      root.list[1] = root.plain.id
      root.list:insert(2, root.plain.far)
      root[HALF] = HALF
      assert.equal('"Launch \u{1f600}"', json.encode(storage.to_json(root.live).title))
    end, { allow_conversion = true })
    assert.is_true(#patch > 0)
    local document = client:get_storage_document("r", { format = "json" })
    assert.equal('{"big":99999999999999999999999,"far":1e400,"id":18446744073709551615,"list":[1e400,"y\\ude00"],' ..
      '"title":"Launch \u{1f600}"}', json.encode(document.live))
    assert.equal('[18446744073709551615,1e400,"Launch \\ud83d",1e400]', json.encode(document.list))
    assert.equal(HALF, document[HALF])
    assert.same({}, client:mutate_storage("r", function(root)
      root.live.big = json.number "99999999999999999999999"
      root.list[2] = json.number "10e399"
      root[HALF] = HALF
    end))
  end)

  it("make the difference of two documents", function()
    local before = { liveblocksType = "LiveObject", data = { a = json.number "1e400", b = HALF, c = json.number "1e400" } }
    local after = { liveblocksType = "LiveObject", data = { a = json.number "1e400", b = OTHER, c = json.number "2e400" } }
    local patch = json.encode(storage.diff(before, after, { guard = false }))
    assert.is_truthy(patch:find([["path":"/b","value":"\ude00"]], 1, true), patch)
    assert.is_truthy(patch:find([["path":"/c","value":2e400]], 1, true), patch)
    assert.is_nil(patch:find('"/a"', 1, true), patch)
  end)

  it("come back from comments, metadata, presence and notifications; text and HTML of a comment are UTF-8", function()
    local number = json.number "12345678901234567890123"
    local thread = client:create_thread("r", { comment = { userId = "u", body = paragraph("cut " .. HALF) },
      metadata = { note = HALF, number = number } })
    local body = client:get_comment("r", thread.id, thread.comments[1].id).body
    assert.equal("cut " .. HALF, body.content[1].children[1].text)
    assert.equal([[{"note":"\ud83d","number":12345678901234567890123}]], json.encode((client:get_thread("r", thread.id)).metadata))
    assert.equal(1, #client:get_threads("r", { query = { metadata = { number = { gt = 5 } } } }).data)
    assert.equal("cut \u{FFFD}", liveblocks.comment.to_text(body))
    assert.equal("<p>cut \u{FFFD}</p>", liveblocks.comment.to_html(body))
    assert.equal("cut \u{1f600}", liveblocks.comment.to_text(paragraph("cut " .. HALF .. OTHER)))
    client:trigger_inbox_notification { userId = "u", kind = "$k", subjectId = "s", activityData = { t = HALF, n = number } }
    local activity = client:get_inbox_notifications "u".data[1].activities[1].data
    assert.equal([[{"n":12345678901234567890123,"t":"\ud83d"}]], json.encode(activity))
    client:set_presence("r", { userId = "u", userInfo = { name = HALF }, data = { n = number } })
    assert.equal(HALF, client:get_active_users "r".data[1].info.name)
    client:broadcast_event("r", json.decode(TEXT))
  end)

  it("go through lbhost call and a patch from the shell", function()
    local out, err, status = server:run { "call", "get_storage_document", "r", "format=json" }
    assert.equal(0, status, err)
    assert.is_truthy(out:find([["plain":]] .. TEXT, 1, true), out)
    dir:write("patch.json", '[{"op":"add","path":"/shell","value":' .. TEXT .. "}]")
    out, err, status = server:run { "call", "patch_storage_document", "r", "--body", "@" .. dir.path .. "/patch.json" }
    assert.equal(0, status, out .. err)
    assert.equal(TEXT, json.encode((client:get_storage_document("r", { format = "json" })).shell))
  end)

  it("are kept in the file of the local Liveblocks", function()
    server.process:signal "TERM"
    server.process:wait()
    server = local_server.start("--data", dir.path .. "/state.json")
    client = server:client()
    assert.equal("Launch " .. HALF, client:get_room "r".metadata.title)
    assert.equal(TEXT, json.encode((client:get_storage_document("r", { format = "json" })).plain))
  end)

  it("come in webhooks, are handled once, and are in the store as they were sent", function()
    local body = [[{"type":"roomCreated","data":{"roomId":"Launch \ud83d","n":12345678901234567890123,"far":1e400}}]]
    local headers = {}
    for _, line in ipairs(serve.headers("msg_0", body)) do headers[line:match "^(.-):"] = line:match ": (.*)$" end
    local event = assert(webhook.verify { secret = serve.SECRET, headers = headers, body = body })
    assert.equal([[{"far":1e400,"n":12345678901234567890123,"roomId":"Launch \ud83d"}]], json.encode(event.data))
    local running = serve.start { files = { ["h.lua"] = [[
      return { api = 1, name = "h", events = { roomCreated = function(event, ctx)
        ctx.once("seen " .. event.data.roomId, function() ctx.log("info", "seen", { id = event.data.roomId, n = event.data.n }) end)
        if not event.data.again then error("cut " .. event.data.roomId) end
      end } }]] }, arguments = { "--log", "json" } }
    assert.equal(200, (running:post(body, serve.headers("msg_1", body))))
    running:wait_for '"n":12345678901234567890123'
    running:wait_for "cut Launch"
    local out = process.run({ "queue", "show", "msg_1", "--store", running.store })
    running:stop()
    assert.is_truthy(out:find([["roomId": "Launch \ud83d"]], 1, true), out)
    assert.is_truthy(out:find("12345678901234567890123", 1, true), out)
  end)
end)

describe("the same call", function()
  it("is the same request in every process, byte for byte", function()
    local srv = helper.server()
    local code = [[
      local client, fields = require("liveblocks").new(), {}
      for i = 1, 40 do fields["key" .. i] = tostring(i) end
      client:get_rooms { limit = 5, startingAfter = "x", userId = "u", groupIds = { "a", "b" }, organizationId = "o", metadata = fields }
      client:get_rooms { query = { metadata = fields } }
      client:create_room { id = "r", defaultAccesses = {}, metadata = fields, idempotent = true }
      client:request("POST", "/v2/any", { query = fields, headers = { ["x-b"] = "1", ["x-a"] = "2", ["x-c"] = "3" }, json = fields })
      print((require("liveblocks").mail.message { from = "a@b.c", to = "d@e.f", subject = "s", text = "t", id = "i",
        headers = { ["X-B"] = "1", ["X-A"] = "2", ["X-C"] = "3", ["X-D"] = "4" } }):gsub("Date: [^\r]*", ""))]]
    local first
    for _ = 1, 6 do
      srv:log()
      local out, err, status = process.run({ "-e", code }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_x", LIVEBLOCKS_BASE_URL = srv.url } })
      assert.equal(0, status, err)
      local requests = { out }
      for i, request in ipairs(srv:log()) do requests[i + 1] = { request.target or request.path, request.query, request.body } end
      assert.equal(5, #requests)
      first = first or json.encode(requests)
      assert.equal(first, json.encode(requests))
    end
    srv:stop()
  end)
end)
