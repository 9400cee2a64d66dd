local eventually = require "tests.support.eventually"
local html = require "lbhost.web.html"
local http_server = require "lbhost.http_server"
local json = require "liveblocks.json"
local origin = require "lbhost.web.origin"
local page = require "lbhost.web.page"
local page_client = require "tests.support.page_client"
local socket = require "socket"
local task = require "liveblocks.task"
local web = require "lbhost.web.site"

describe("a site of pages", function()
  local site, server, count, failures, done
  before_each(function()
    count, failures, done = 0, {}, {}
    site = web.new { product = "Test", nav = { { "/", "First" }, { "/list", "List", count = function() return count end } },
      check = origin.checker(), on_error = function(err) failures[#failures + 1] = tostring(err) end,
        about = function() return "<about>" end }
    site:page("/", function() return { title = "Test", parts = { page.part("now", "Now", count, "now " .. count), page.block("b",
      "same") } } end)
    site:page("/list", function(call) return { title = "List", parts = { page.block("q", call.query.q or "") } } end)
    site:page("/items/{id}", function(call) return { title = call.path.id, section = "/list", parts = {} } end)
    site:page("/fails", function() error "no luck today" end)
    site:page("/gone", function() web.fail(404, "It is <gone>.", "Look elsewhere.") end)
    site:action("/add", function(call)
      done[#done + 1] = call.form.what or ""
      return "/list?q=" .. (call.form.what or ""), "Added <" .. (call.form.what or "") .. ">"
    end)
    server = http_server.start { handler = function(request) return site:handle(request) or { status = 404, body = "elsewhere" } end,
      max_streams = 210 }
  end)
  after_each(function()
    site:close()
    server:stop()
  end)

  local function ask(path, options) return page_client(server.url, path, options) end

  local function post(path, fields, headers, content_type)
    return ask(path, { body = fields, headers = headers, content_type = content_type })
  end

  it("shows pages with navigation, and what keeps a browser to them", function()
    local status, text, headers = ask "/items/a%3Cb"
    assert.equal(200, status)
    assert.matches("<title>a&lt;b - Test</title>", text, 1, true)
    assert.matches("<h1>a&lt;b</h1>", text, 1, true)
    assert.matches("&lt;about&gt;", text, 1, true)
    assert.matches('<a href="/list" aria-current="page">List</a>', text, 1, true)
    assert.matches('<a class="skip" href="#main">', text, 1, true)
    local policy = headers["content-security-policy"]
    for _, part in ipairs { "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'self'",
      "base-uri 'none'", "frame-ancestors 'none'" } do assert.matches(part, policy, 1, true) end
    assert.is_nil(policy:find "unsafe")
    assert.equal("no-store", headers["cache-control"])
    assert.equal("nosniff", headers["x-content-type-options"])
    assert.equal("same-origin", headers["referrer-policy"])
    assert.is_nil(text:find " style=" or text:find " on%l+=" or text:find "<style" or text:find "https?://")
    for script in text:gmatch "<script([^>]*)>" do assert.matches('src="/script%.js%?', script) end
  end)

  it("has its style, script and icon itself", function()
    local _, text = ask "/"
    for target, kind in pairs { ['href="(/style%.css%?[%w_-]+)"'] = "text/css", ['src="(/script%.js%?[%w_-]+)"'] = "text/javascript",
      ['href="(/icon%.svg%?[%w_-]+)"'] = "image/svg+xml" } do
      local status, body, headers = ask(text:match(target))
      assert.equal(200, status)
      assert.matches(kind, headers["content-type"], 1, true)
      assert.is_true(#body > 100)
      assert.is_nil(body:find("https?://[^w]"))
    end
  end)

  it("answers HEAD as GET, and what it does not know", function()
    assert.equal(200, (ask("/", { method = "HEAD" })))
    assert.equal(404, (ask "/none"))
    assert.equal(405, (ask("/", { method = "DELETE" })))
    assert.equal(405, (post("/list", "token=" .. site.token)))
    assert.equal(400, (ask "/list?q=%zz"))
    local status, text = ask "/gone"
    assert.equal(404, status)
    assert.matches("It is &lt;gone&gt;.", text, 1, true)
    assert.matches("Look elsewhere.", text, 1, true)
    status, text = ask "/fails"
    assert.equal(500, status)
    assert.is_nil(text:find("luck", 1, true))
    assert.matches("no luck today", failures[1], 1, true)
  end)

  it("refuses a foreign Host and Origin, and shows them nothing", function()
    count = 7
    for _, path in ipairs { "/", "/live?page=/", "/style.css" } do
      local status, text = ask(path, { headers = { host = "evil.example" } })
      assert.equal(403, status)
      assert.is_nil(text:find "[<>]")
      assert.equal(403, (ask(path, { headers = { origin = "https://evil.example" } })))
    end
    assert.equal(403, (post("/add", "what=x&token=" .. site.token, { host = "evil.example" })))
    assert.same({}, done)
  end)

  describe("makes changes", function()
    it("by a form with its token, and then shows what has happened, once it is loaded again as well", function()
      local form = html.escape(site:form("/add", { what = 'a"b' }, "Add"))
      assert.matches('<form method="post" action="/add"><input type="hidden" name="token" value="' .. site.token, form, 1, true)
      assert.matches('name="what" value="a&quot;b"', form, 1, true)
      local status, _, headers = post("/add", "what=x%3Cy&token=" .. site.token, { origin = server.url,
        ["sec-fetch-site"] = "same-origin" })
      assert.equal(303, status)
      assert.same({ "x<y" }, done)
      local target = headers.location
      assert.matches("^/list%?notice=[%w_-]+&q=x%%3Cy$", target)
      for _ = 1, 2 do
        local _, text = ask(target)
        assert.matches('role="status">Added &lt;x&lt;y&gt;</p>', text, 1, true)
      end
      local _, text = ask "/list?notice=made-up"
      assert.is_nil(text:find('class="notice', 1, true))
    end)

    it("not without it, nor with another one, nor by GET", function()
      for _, form in ipairs { "what=x", "what=x&token=", "what=x&token=" .. ("A"):rep(43), "token[]=" .. site.token, "" } do
        local status, text = post("/add", form)
        assert.equal(403, status)
        assert.is_nil(text:find(site.token, 1, true))
      end
      assert.equal(404, (ask("/add?what=x&token=" .. site.token)))
      assert.equal(415, (ask("/add?what=x&token=" .. site.token, { method = "POST" })))
      assert.same({}, done)
    end)

    it("not for a page of another origin, whatever it knows", function()
      for _, headers in ipairs { { origin = "http://localhost:3000" }, { origin = "null" }, { origin = "http://127.0.0.1:1" },
        { ["sec-fetch-site"] = "cross-site" }, { ["sec-fetch-site"] = "same-site" } } do
        assert.equal(403, (post("/add", "what=x&token=" .. site.token, headers)))
      end
      assert.same({}, done)
    end)

    it("not by what is not a form", function()
      assert.equal(415, (post("/add", json.encode { token = site.token }, nil, "application/json")))
      assert.equal(415, (post("/add", "token=" .. site.token, nil, "text/plain")))
      assert.equal(400, (post("/add", "what=%zz&token=" .. site.token)))
      assert.same({}, done)
    end)

    it("and what cannot be taken back opens first, without a script", function()
      local form = html.escape(site:confirm("drop-1", "Drop…", "/add", { id = 1 }, "It is gone then.", "Drop it"))
      assert.matches('<details class="confirm" id="drop-1"><summary>Drop…</summary><form method="post"', form, 1, true)
    end)
  end)

  it("is loaded again by a browser without JavaScript when that is asked for", function()
    local _, text = ask "/list?q=a%26b"
    assert.is_nil(text:find "http%-equiv")
    assert.matches('<noscript><a href="/list?q=a%26b&amp;refresh=5">Load this page every 5 s</a></noscript>', text, 1, true)
    _, text = ask "/list?q=a%26b&refresh=5"
    assert.matches('<noscript><meta http-equiv="refresh" content="5"></noscript>', text, 1, true)
    assert.matches('<a href="/list?q=a%26b">Stop</a>', text, 1, true)
    for _, wrong in ipairs { "0", "x", "99999", "%22%3E" } do
      assert.is_nil(select(2, ask("/list?refresh=" .. wrong)):find "http%-equiv")
    end
  end)

  describe("is live:", function()
    -- A reader of the events of a page: next() -> name, data of the next event.
    local function listen(name)
      local one = assert(socket.connect("127.0.0.1", server.port))
      one:settimeout(0)
      one:send(("GET /live?page=%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):format(name))
      local bytes = ""
      local function until_there(pattern)
        return eventually(function()
          local more, _, part = one:receive(65536)
          bytes = bytes .. (more or part or "")
          return bytes:match(pattern)
        end, "bytes that match " .. pattern)
      end
      local head = until_there "^(.-\r\n\r\n)"
      bytes = bytes:sub(#head + 1)
      return one, function()
        local event, data = until_there "event: (%l+)\ndata: ([^\n]*)\n\n"
        bytes = bytes:gsub("^.-event: %l+\ndata: [^\n]*\n\n", "", 1)
        return event, data
      end, head
    end

    it("who listens gets the parts of a page, and then those that have changed", function()
      local one, next_event, head = listen "/"
      assert.matches("^HTTP/1.1 200", head)
      assert.matches("content%-type: text/event%-stream", head)
      assert.same({ "begin", site.run }, { next_event() })
      local event, data = next_event()
      assert.equal("parts", event)
      local ids = {}
      for i, part in ipairs(json.decode(data)) do ids[i] = part.id end
      assert.same({ "nav", "now", "b" }, ids)
      count = 1
      site.live:wake()
      event, data = next_event()
      assert.equal("parts", event)
      local parts = json.decode(data)
      assert.equal(2, #parts) -- the navigation has a count, too
      assert.matches("now 1", parts[2].html, 1, true)
      one:close()
    end)

    it("nothing is made when nobody listens", function()
      local made = 0
      site:page("/counted", function()
        made = made + 1
        return { title = "x", parts = {} }
      end)
      local one, next_event = listen "/counted"
      next_event()
      next_event()
      one:close()
      eventually(function() return site.live.task == nil end, "it has stopped to look")
      local so_far = made
      task.sleep(1.5)
      assert.equal(so_far, made)
    end)

    it("of a page that there is", function()
      assert.equal(404, (ask "/live?page=/none"))
      assert.equal(404, (ask "/live"))
      assert.equal(404, (ask "/live?page=list"))
      assert.equal(404, (ask "/live?page=https://evil.example/"))
      assert.equal(400, (ask "/live?page=/list%3Fq=%25zz"))
    end)

    it("one who does not read misses what is in between, costs no memory for it, and keeps nobody waiting", function()
      site:page("/large", function()
        count = count + 1
        return { title = "x", parts = { page.block("large", ("x"):rep(100000) .. count) } }
      end)
      local silent = assert(socket.connect("127.0.0.1", server.port))
      silent:send "GET /live?page=/large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
      local one, next_event = listen "/large"
      next_event()
      for _ = 1, 120 do
        site.live:wake()
        next_event()
      end
      assert.is_true(server:counts().bytes < 1 << 20)
      one:close()
      silent:close()
    end)

    it("200 listen at the same time, to pages that are made once for all of them", function()
      local made = 0
      site:page("/shared", function()
        made = made + 1
        return { title = "x", parts = { page.block("p", made) } }
      end)
      local readers, next_events = {}, {}
      for i = 1, 200 do readers[i], next_events[i] = listen "/shared" end
      assert.equal(200, server:counts().streams)
      for i = 1, 200 do assert.equal("begin", (next_events[i]())) end
      for i = 1, 200 do assert.equal("parts", (next_events[i]())) end
      assert.is_true(made < 200 + 100) -- each is checked when it asks
      assert.equal(200, (ask "/list")) -- others are served meanwhile
      for i = 1, 200 do readers[i]:close() end
      eventually(function() return server:counts().streams == 0 end)
    end)

    it("one that waits for what it shows keeps no other waiting", function()
      local waits = true
      site:page("/waits", function()
        while waits and count > 0 do task.sleep(0.01) end
        return { title = "x", parts = { page.block("w", "at last") } }
      end)
      local slow, next_slow = listen "/waits"
      next_slow()
      next_slow()
      count = 1
      local one, next_event = listen "/"
      next_event()
      next_event()
      count = 2
      site.live:wake()
      assert.matches("now 2", select(2, next_event()), 1, true)
      waits = false
      slow:close()
      one:close()
    end)

    it("it ends with the site", function()
      local one, next_event = listen "/"
      next_event()
      site:close()
      one:settimeout(eventually.seconds)
      eventually(function() return server:counts().streams == 0 end)
      one:close()
    end)
  end)
end)
