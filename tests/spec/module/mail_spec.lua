require "tests.support.client"
local eventually = require "tests.support.eventually"
local liveblocks = require "liveblocks"
local smtp = require "tests.support.smtp"

local mail = liveblocks.mail

local function with(changes)
  local options = { plain = true, from = "Planner <notify@app.example>", to = "alice@app.example", subject = "News",
    text = "Hello" }
  for name, value in pairs(changes or {}) do options[name] = value end
  return options
end

local function refusal(changes)
  local ok, err = pcall(mail.send, with(changes))
  assert.is_false(ok)
  assert.equal("usage", err.kind)
  return err.message
end

describe("mail.send", function()
  local server
  setup(function() server = smtp.start() end)
  teardown(function() server:stop() end)

  local function send(changes)
    changes.url = changes.url or server.url
    return mail.send(with(changes))
  end

  local function failure(changes)
    local ok, err = pcall(send, changes)
    assert.is_false(ok)
    return err
  end

  local function last()
    local list = server:mails()
    return list[#list], #list
  end

  it("hands the e-mail to the server, with all recipients and no trace of hidden ones", function()
    local sent = send { to = { "alice@app.example", '"Bob, B." <bob@app.example>' }, cc = "carol@app.example",
      bcc = "dave@app.example", reply_to = "re@app.example", headers = { ["List-Id"] = "news" } }
    local got = last()
    assert.equal("notify@app.example", got.from)
    assert.same({ "alice@app.example", "bob@app.example", "carol@app.example", "dave@app.example" }, got.to)
    assert.matches('^From: "Planner" <notify@app.example>\r\nTo: alice@app.example,\r\n "Bob, B." <bob@app.example>\r\n'
      .. "Cc: carol@app.example\r\nReply%-To: re@app.example\r\nSubject: News\r\nDate: %a%a%a, %d+ %a%a%a %d%d%d%d %d%d:%d%d:%d%d %+0000",
      got.data)
    assert.matches("\r\nList-Id: news\r\n", got.data, 1, true)
    assert.matches("\r\nMessage-ID: " .. sent.id .. "\r\n", got.data, 1, true)
    assert.is_nil(got.data:find("dave", 1, true))
    assert.matches("\r\n\r\nHello", got.data, 1, true)
  end)

  it("keeps every character and line of the text, also a lonely full stop", function()
    local text = "Grüße = 1\n.\n..\nend \n" .. ("é"):rep(100)
    send { text = text }
    local body = last().data:match("\r\n\r\n(.*)$"):gsub("=\r\n", ""):gsub("=(%x%x)", function(hex)
      return string.char(tonumber(hex, 16))
    end)
    assert.equal(text, (body:gsub("\r\n", "\n"):gsub("\n$", "")))
    for line in last().data:gmatch("[^\r\n]+") do assert.is_true(#line <= 78, line) end
  end)

  it("sends text and HTML as two forms of the same", function()
    send { text = "Hello", html = "<p>Hello</p>" }
    local data = last().data
    local boundary = data:match('multipart/alternative; boundary="([%w_-]+)"')
    assert.matches(("--%s\r\nContent-Type: text/plain; charset=utf-8"):format(boundary), data, 1, true)
    assert.matches(("--%s\r\nContent-Type: text/html; charset=utf-8"):format(boundary), data, 1, true)
    assert.matches(("--%s--"):format(boundary), data, 1, true)
  end)

  it("says its name to the server", function()
    send { user = "app", password = "pässword" }
    local got = last()
    assert.equal("app", got.user)
    assert.equal("pässword", got.password)
  end)

  it("sends many side by side, in tasks", function()
    local _, before = last()
    local ids = {}
    for i = 1, 20 do ids[i] = "m" .. i end
    liveblocks.task.map(ids, function(id) return send { id = id } end, { concurrency = 5 })
    local _, count = last()
    assert.equal(before + 20, count)
  end)

  it("opens one connection for each e-mail, whether they follow each other or go side by side", function()
    for _, concurrency in ipairs { 1, 5 } do
      local before = server:connections()
      liveblocks.task.map(20, function() return send {} end, { concurrency = concurrency })
      assert.equal(before + 20, server:connections())
    end
  end)

  it("leaves no connection open", function()
    local function descriptors()
      local pipe = assert(io.popen "ls /proc/$PPID/fd")
      local list = pipe:read "*a"
      pipe:close()
      return select(2, list:gsub("\n", ""))
    end
    send {}
    local before = descriptors()
    for _ = 1, 10 do send {} end
    eventually(function() return descriptors() <= before end) -- those of others may have been closed meanwhile
  end)

  it("takes a Message-ID, so that a second copy can be recognised", function()
    assert.equal("<in_1.2@app.example>", send { id = "in_1.2" }.id)
  end)

  it("reports the code of a server that refuses, and does not try again", function()
    local _, before = last()
    local err = failure { to = "reject@app.example" }
    assert.equal("network", err.kind)
    assert.equal(550, err.status)
    assert.equal(1, err.attempts)
    assert.equal("nobody of that name", err.message)
    assert.equal(451, failure({ to = "later@app.example" }).status)
    assert.equal(552, failure({ from = "full@app.example" }).status)
    local wrong = failure { user = "app", password = "wrong" }
    assert.equal(535, wrong.status)
    assert.equal(1, wrong.attempts)
    assert.is_nil(tostring(wrong):find("wrong", 1, true))
    local _, count = last()
    assert.equal(before, count)
  end)

  it("does not wait for a server that has refused and says no more", function()
    assert.equal(550, failure({ to = "stuck@app.example" }).status)
  end)

  it("does not send again what may have been taken", function()
    local _, before = last()
    local err = failure { from = "drop@app.example" }
    assert.equal("network", err.kind)
    assert.equal(1, err.attempts)
    local _, count = last()
    assert.equal(before + 1, count)
  end)

  it("does not send without TLS unless an option says so", function()
    local err = failure { plain = false }
    assert.equal("tls", err.kind)
    assert.is_nil(err.status)
  end)

  it("ends at its deadline", function()
    local silent = require("socket").bind("127.0.0.1", 0)
    local _, port = silent:getsockname()
    local err = failure { url = "smtp://127.0.0.1:" .. port, timeout = 0.2 }
    silent:close()
    assert.equal("timeout", err.kind)
    assert.equal("no response from the mail server within 0.2 s", err.message)
  end)

  it("can be cancelled", function()
    local silent = require("socket").bind("127.0.0.1", 0)
    local _, port = silent:getsockname()
    local kind
    liveblocks.task.run(function()
      local one = liveblocks.task.spawn(function() send { url = "smtp://127.0.0.1:" .. port } end)
      liveblocks.task.sleep(0.05)
      one:cancel()
      local ok, err = pcall(one.wait, one)
      kind = not ok and err.kind
    end)
    silent:close()
    assert.equal("cancelled", kind)
  end)

  it("refuses what could add a header, a recipient or a command", function()
    assert.matches("'subject' has a line break", refusal { url = "smtp://x", subject = "a\r\nBcc: b@c.de" })
    assert.matches("'to' is not a valid e%-mail address", refusal { url = "smtp://x", to = "a@b.c,d@e.f" })
    assert.matches("'to' is not a valid e%-mail address", refusal { url = "smtp://x", to = "a b@c.de" })
    assert.matches("'to' has a line break", refusal { url = "smtp://x", to = "a@b.c>\r\nRCPT TO:<d@e.f" })
    assert.matches("'from' is not a valid e%-mail address", refusal { url = "smtp://x", from = "nobody" })
    assert.matches("'X%-A' has a line break", refusal { url = "smtp://x", headers = { ["X-A"] = "1\n2" } })
    assert.matches("not a valid header name", refusal { url = "smtp://x", headers = { ["X A"] = "1" } })
    assert.matches("'id' may have", refusal { url = "smtp://x", id = "a b" })
  end)

  it("reports unknown options", function()
    assert.matches("unknown option 'body'", refusal { url = "smtp://x", body = "x" })
    assert.matches("'url' is required", refusal {})
    assert.matches("does not begin with smtp:// or smtps://", refusal { url = "https://x" })
    assert.matches("both a user and a password", refusal { url = "smtp://x", user = "a" })
    assert.matches("not valid UTF%-8", refusal { url = "smtp://x", text = "\xff" })
    assert.matches("'to' has no address", refusal { url = "smtp://x", to = {} })
    local ok, err = pcall(mail.message, { from = "a@b.c", to = "d@e.f", subject = "s" })
    assert.is_false(ok)
    assert.matches("give 'text', 'html' or both", err.message)
  end)
end)
