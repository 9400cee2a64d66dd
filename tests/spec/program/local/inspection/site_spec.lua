local helper = require "tests.support.client"
local http = require "liveblocks.http"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local page_client = require "tests.support.page_client"
local server = require "lbhost.local.server"
local url = require "lbhost.util.url"

describe("the pages of the local Liveblocks", function()
  local running
  before_each(function() running = {} end)
  after_each(function()
    for _, one in ipairs(running) do one:stop() end
  end)

  local function start(options)
    local one = server.start(options)
    running[#running + 1] = one
    return one, liveblocks.new { secret = one.app.options.secret, base_url = one.url, backoff = 0.01, retries = 0 }
  end

  local function page(one, path)
    local response = http.request { url = one.url .. path }
    assert.equal("text/html; charset=utf-8", response.headers["content-type"])
    return response.body
  end

  local function post(one, path, fields)
    local words = { "token=" .. one.front.site.token }
    for name, value in pairs(fields or {}) do words[#words + 1] = name .. "=" .. url.encode(value) end
    local status, _, headers = page_client(one.url, path, { body = table.concat(words, "&") })
    return status, headers.location and page(one, headers.location)
  end

  local function has(text, ...)
    for _, part in ipairs { ... } do assert.matches(part, text, 1, true) end
  end

  local every_page = { "/", "/page/rooms", "/page/threads", "/page/inbox", "/page/groups", "/page/webhooks", "/page/events",
    "/page/requests",
    "/page/faults" }

  it("show what there is", function()
    local srv = helper.server()
    local one, client = start { webhooks = { srv:base("nocontent", "pages") .. "/" }, faults = "latency=1ms" }
    client:create_room { id = "my/room", defaultAccesses = { "room:write" }, metadata = { color = "blue" } }
    client:create_thread("my/room", { comment = { userId = "ann", body = { version = 1, content = {
      { type = "paragraph", children = { { text = "first words" }, { type = "mention", kind = "user", id = "bob" } } } } } } })
    client:trigger_inbox_notification { userId = "cat", kind = "$built", subjectId = "build 7", activityData = {} }
    client:create_group { id = "designers", memberIds = { "ann", "bob" } }
    client:set_presence("my/room", { userId = "cat", data = {}, userInfo = { name = "Cat" } })
    client:broadcast_event("my/room", { type = "EMOJI" })
    client:create_feed("my/room", { feedId = "chat" })
    client:create_feed_message("my/room", "chat", { data = { text = "said last" } })
    one.app:room("my/room").ydocs = { [""] = { "abc" } }
    one.app.delivery:idle()
    has(page(one, "/"), "sk_localdev", "Requests a minute", "/v2/rooms", "roomCreated")
    has(page(one, "/page/rooms"), "my/room", "blue")
    has(page(one, "/page/threads"), "first words", "my/room", "ann")
    has(page(one, "/page/inbox"), "$built", "build 7", "unread")
    has(page(one, "/page/inbox?user=cat&unread=yes"), "build 7")
    has(page(one, "/page/inbox?user=nobody"), "None.")
    has(page(one, "/page/groups"), "designers", "ann, bob")
    has(page(one, "/page/webhooks"), "all events", "delivered", "roomCreated")
    has(page(one, "/page/events"), "roomCreated", "my/room")
    has(page(one, "/page/faults"), "latency=1ms")
    has(page(one, "/page/rooms/my%2Froom"), "room:write", "first words@bob", "cat", "EMOJI", "said last", "1 comment", "the main one")
    has(page(one, "/page/deliveries/" .. next(one.app.state.messages)), "Send it again")
    srv:stop()
  end)

  it("show Storage as a tree, with what is live in it and without, and as text", function()
    local one, client = start()
    client:create_room { id = "r", defaultAccesses = {} }
    client:initialize_storage_document("r", { liveblocksType = "LiveObject", data = { title = "Plan", plain = { kind = "x", id = "y",
      deep = { 1, "two" } },
      map = { liveblocksType = "LiveMap", data = { k = 1 } }, list = { liveblocksType = "LiveList", data = { "a",
        { liveblocksType = "LiveObject",
      data = {} } } }, none = liveblocks.null, empty = liveblocks.array {} } })
    local text = page(one, "/page/rooms/r")
    has(text, '<details id="s" open>', '<span class="key">title</span> <span class="text">&quot;Plan&quot;</span>', "list 2", "object 1",
      "null",
      '<span class="key">kind</span> <span class="text">&quot;x&quot;</span>', "list 0")
    assert.is_nil(text:find("LiveList", 1, true))
    has(page(one, "/page/rooms/r?form=lson"), "LiveObject 6", "LiveList 2", "LiveMap 1", "LiveObject 0")
    has(page(one, "/page/rooms/r?form=text"), "&quot;liveblocksType&quot;: &quot;LiveMap&quot;")
  end)

  it("show of a very large document what a page can hold, and how much more there is", function()
    local one, client = start()
    client:create_room { id = "r", defaultAccesses = {} }
    local items = liveblocks.array {}
    for i = 1, 5000 do items[i] = i end
    client:initialize_storage_document("r", { liveblocksType = "LiveObject", data = { list = { liveblocksType = "LiveList",
      data = items } } })
    local text = page(one, "/page/rooms/r")
    has(text, "list 5,000", "… 2,001 more")
    assert.is_true(#text < 500000)
  end)

  it("have pages of rooms and a search", function()
    local one, client = start()
    for i = 1, 120 do client:create_room { id = ("room-%03d"):format(i), defaultAccesses = {}, metadata = { team = "t" .. i % 7 } } end
    local text, seen, pages_read = page(one, "/page/rooms"), {}, 0
    has(text, "the newest 50 of 120")
    repeat
      pages_read = pages_read + 1
      for id in text:gmatch ">(room%-%d+)</a>" do seen[id] = true end
      local older = text:match '<a href="(/page/rooms%?before=[^"]+)">Older rooms'
      text = older and page(one, (older:gsub("&amp;", "&")))
    until not text
    assert.equal(3, pages_read)
    local count = 0
    for _ in pairs(seen) do count = count + 1 end
    assert.equal(120, count)
    text = page(one, "/page/rooms?search=ROOM-01")
    has(text, "10 found, of 120")
    assert.is_nil(text:find("room-020", 1, true))
    has(page(one, "/page/rooms?search=t3"), "17 found, of 120")
    has(page(one, "/page/rooms?search=%3Cscript"), "No room.", 'value="&lt;script"')
    assert.equal(422, select(2, http.try_request { url = one.url .. "/page/rooms?before=x" }).status)
  end)

  it("keep requests with their headers and bodies, and without their secrets", function()
    local one, client = start()
    client:create_room { id = "r", defaultAccesses = {}, metadata = { note = "sk_prod_abcdefgh" } }
    client.try:get_room "nope"
    http.try_request { url = one.url .. "/v2/rooms?token=abcdefgh", headers = { authorization = "Basic dXNlcjpwYXNz",
      cookie = "session=1" } }
    local list = page(one, "/page/requests")
    has(list, "POST", "/v2/rooms/nope", "404")
    assert.is_nil(list:find("abcdefgh", 1, true))
    local first = page(one, "/page/requests/1")
    has(first, "authorization", "***", "&quot;id&quot;: &quot;r&quot;", "What came back", "createdAt", "The next one")
    for _, secret in ipairs { "sk_localdev", "sk_prod" } do assert.is_nil(first:find(secret, 1, true)) end
    local third = page(one, "/page/requests/3")
    for _, secret in ipairs { "dXNlcjpw", "session=1", "abcdefgh" } do assert.is_nil(third:find(secret, 1, true)) end
    has(page(one, "/page/requests?failed=yes"), "/v2/rooms/nope")
    assert.is_nil(page(one, "/page/requests?search=nope"):find(">POST<", 1, true))
    for _, path in ipairs { "0", "99", "x" } do
      assert.equal(404, select(2, http.try_request { url = one.url .. "/page/requests/" .. path }).status)
    end
    client:upload_storage_file("r", "fl_" .. ("a"):rep(21), "a.bin", ("\0\1"):rep(50000))
    has(page(one, "/page/requests/4"), "98 KiB of binary data")
  end)

  it("do not show a secret key of one's own", function()
    local one = start { secret = "sk_my_own_key_12" }
    local text = page(one, "/")
    assert.is_nil(text:find("my_own_key", 1, true))
    has(text, "the one that was given", "lbs_localdev")
  end)

  it("switch faults on and off", function()
    local one, client = start()
    local status, text = post(one, "/page/faults", { plan = "503=100%,limit=1" })
    assert.equal(303, status)
    has(text, "Faults are on: 503=100%,limit=1", '<span class="count">on</span>')
    assert.equal(503, select(2, client.try:get_rooms()).status)
    has(page(one, "/page/faults"), "1 so far")
    has(page(one, "/page/requests/1"), "503", "A fault on demand")
    has(select(2, post(one, "/page/faults", { made = "yes", latency = "1ms~1ms", ["429"] = " 5% ", only = "get_rooms", seed = "" })),
      "Faults are on: latency=1ms~1ms,429=5%,only=get_rooms")
    has(select(2, post(one, "/page/faults", { plan = "429=<b>" })), "notice bad", "fault: 429 must be a rate", "&lt;b&gt;")
    assert.equal("latency=1ms~1ms,429=5%,only=get_rooms", one.front.plan.text)
    has(select(2, post(one, "/page/faults", { plan = "" })), "Faults are off.")
  end)

  it("send a delivery again, and delete all data", function()
    local srv = helper.server()
    local one, client = start { webhooks = { srv:base("nocontent", "again") .. "/=roomCreated" } }
    client:create_room { id = "r", defaultAccesses = {} }
    one.app.delivery:idle()
    local id = next(one.app.state.messages)
    local status, text = post(one, "/page/deliveries/replay", { id = id })
    assert.equal(303, status)
    has(text, "It is sent again", id)
    assert.equal(2, #srv:wait_log("again", 2))
    assert.equal(404, (post(one, "/page/deliveries/replay", { id = "none" })))
    has(select(2, post(one, "/page/delete-all")), "All data were deleted.")
    assert.equal(404, select(2, client.try:get_room "r").status)
    srv:stop()
  end)

  it("in which nothing is executed that came from outside, and which no other page can show in a frame", function()
    local one, client = start()
    local evil = "<script>alert(1)</script>'\"&<img src=x onerror=alert(2)>"
    client:create_room { id = evil, defaultAccesses = {}, metadata = { [evil:sub(1, 30)] = evil } }
    client:initialize_storage_document(evil, { liveblocksType = "LiveObject", data = { [evil] = evil, list = { [evil] = { evil } } } })
    client:create_thread(evil, { metadata = { a = evil }, comment = { userId = evil, body = { version = 1, content = {
      { type = "paragraph", children = { { text = evil .. "\1\u{202e}" } } } } } } })
    client:trigger_inbox_notification { userId = evil, kind = "$x", subjectId = evil, roomId = evil, activityData = {} }
    client:create_group { id = evil, memberIds = { evil } }
    client:set_presence(evil, { userId = evil, data = {}, userInfo = { name = evil } })
    client:broadcast_event(evil, { type = evil })
    http.try_request { url = one.url .. "/v2/<script>?" .. url.encode(evil), headers = { ["x-evil"] = evil }, method = "POST", body = evil }
    local list = table.move(every_page, 1, #every_page, 1, {})
    for _, form in ipairs { "json", "lson", "text" } do list[#list + 1] = "/page/rooms/" .. url.encode(evil) .. "?form=" .. form end
    for i = 1, #one.front.recent do list[#list + 1] = "/page/requests/" .. i end
    for _, name in ipairs { "/page/rooms?search=", "/page/inbox?user=", "/page/requests?search=", "/page/rooms?x=",
      "/page/rooms/r?form=" } do
      list[#list + 1] = name .. url.encode(evil)
    end
    local shown = 0
    for _, path in ipairs(list) do
      local _, text, headers = page_client(one.url, path)
      assert.is_nil(text:find("<script>", 1, true), path)
      assert.is_nil(text:find("<img", 1, true), path)
      assert.is_nil(text:find "[\0-\8]", path)
      assert.is_nil(text:find("\u{202e}", 1, true), path)
      assert.matches("frame-ancestors 'none'", headers["content-security-policy"], 1, true)
      if text:find("&lt;script&gt;", 1, true) then shown = shown + 1 end
    end
    assert.is_true(shown >= 15, shown)
  end)

  it("say to a browser on a page what is not there, and to a program in JSON", function()
    local one = start()
    for _, path in ipairs { "/page/rooms/none", "/page/deliveries/none", "/page/nothing", "/nothing", "/local/deliveries/none" } do
      local _, err = http.try_request { url = one.url .. path, headers = { accept = "text/html,*/*" } }
      assert.equal(404, err.status)
      assert.matches("^<!doctype html>", err.body)
      assert.matches("Local Liveblocks", err.body, 1, true)
    end
    for _, path in ipairs { "/v2/rooms/none", "/local/deliveries/none", "/local/none" } do
      local _, err = http.try_request { url = one.url .. path }
      assert.is_string(json.decode(err.body).error)
    end
  end)

  it("are answered to HEAD", function()
    local one = start()
    for _, path in ipairs(every_page) do assert.equal(200, http.request({ url = one.url .. path, method = "HEAD" }).status) end
  end)
end)
