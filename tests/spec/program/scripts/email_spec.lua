local eventually = require "tests.support.eventually"
local handlers = require "tests.support.handlers"
local liveblocks = require "liveblocks"

local from_markdown = liveblocks.comment.from_markdown

describe("scripts/notifications/email.lua", function()
  local mail, people, rooms, handler

  before_each(function()
    mail = handlers.receiver()
    people = handlers.directory { alice = { name = "Alice", email = "alice@app.example" }, bob = { name = "Bob <b>" },
      evil = { name = "Eve", email = "a@b.example\r\nBcc: c@d.example" } }
    rooms = handlers.directory { plan = { name = "The <Plan>", url = "https://app.example/plan?a=1&b=2" } }
    handler = handlers.start("scripts/notifications/email.lua", { from = "Planner <notify@app.example>", api_key = "re_key",
      api_url = mail.url .. "/emails", users_url = people.url .. "/users", rooms_url = rooms.url .. "/rooms" })
    handler.client:create_room { id = "plan", defaultAccesses = { "room:write" } }
  end)

  after_each(function()
    handler:stop()
    mail:stop()
    people:stop()
    rooms:stop()
  end)

  -- Waits for a notification event that comes after its delay.
  local function notified()
    return eventually(function()
      for _, one in ipairs(handler.events) do
        if one.event.type == "notification" then return one end
      end
    end, "a notification")
  end

  local function write(text, user)
    return handler.client:create_thread("plan", { comment = { userId = user or "bob", body = from_markdown(text) } })
  end

  it("sends a mention that is still unread", function()
    local thread = write "**Look** @alice: <script>"
    notified()
    assert.same({}, handler.errors)
    assert.equal(1, #mail.requests)
    local request = mail.requests[1]
    assert.equal("Bearer re_key", request.headers.authorization)
    assert.matches("^in_.+/%d%d%d%d%-", request.headers["idempotency-key"])
    assert.equal("Planner <notify@app.example>", request.json.from)
    assert.same({ "alice@app.example" }, request.json.to)
    assert.equal("Bob <b> mentioned you in The <Plan>", request.json.subject)
    assert.matches("<strong style=\"font%-weight:500;\">Look</strong> <span data%-mention style=\"color:blue;\">@Alice</span>",
      request.json.html)
    assert.matches("&lt;script&gt;", request.json.html, 1, true)
    assert.matches("<b>Bob &lt;b&gt;</b>", request.json.html, 1, true)
    assert.matches(('<a href="https://app.example/plan?a=1&amp;b=2#%s">'):format(thread.comments[1].id), request.json.html, 1, true)
    assert.matches("Look @Alice: <script>", request.json.text, 1, true)
    assert.matches("https://app.example/plan?a=1&b=2#" .. thread.comments[1].id, request.json.text, 1, true)
  end)

  it("sends nothing when it has been read", function()
    write "Hi @alice"
    local notification = handler.client:get_inbox_notifications("alice").data[1]
    handler.client:mark_inbox_notification_as_read(notification.id)
    local event = { type = "notification", data = { channel = "email", kind = "thread", roomId = "plan", userId = "alice",
      threadId = notification.threadId, inboxNotificationId = notification.id, triggeredAt = notification.notifiedAt } }
    assert.is_true(handler:handle(event, "msg_1"))
    assert.equal("nothing is left to notify of", handler:last_log())
    assert.equal(0, #mail.requests)
  end)

  it("sends nothing when the thread is gone, or of another kind, or for another channel", function()
    local data = { channel = "email", kind = "thread", roomId = "gone", userId = "alice", threadId = "th_1",
      inboxNotificationId = "in_1", triggeredAt = "2026-01-01T00:00:00.000Z" }
    assert.is_true(handler:handle({ type = "notification", data = data }, "msg_1"))
    data.kind = "$alert"
    assert.is_true(handler:handle({ type = "notification", data = data }, "msg_2"))
    data.kind, data.channel = "thread", "slack"
    assert.is_true(handler:handle({ type = "notification", data = data }, "msg_3"))
    assert.equal(0, #mail.requests)
  end)

  it("sends a mention in the text of a document, while it is unread and still there", function()
    local client = handler.client
    local function set(...)
      local inline = { ... }
      client:mutate_yjs("plan", function(doc)
        local content = { type = "doc", content = { { type = "paragraph", content = inline } } }
        liveblocks.editor.open(doc, { kind = "tiptap" }):set_content(content)
      end)
    end
    set({ type = "text", text = "See " }, { type = "liveblocksMention", attrs = { id = "alice", notificationId = "in_7" } })
    client:request("POST", "/local/rooms/plan/text-mentions",
      { json = { userId = "alice", createdBy = "bob", mentionId = "in_7", editor = "tiptap" } })
    local event = notified().event
    assert.equal("textMention", event.data.kind)
    eventually(function() return mail.requests[1] end)
    assert.equal("Bob <b> mentioned you in The <Plan>", mail.requests[1].json.subject)
    assert.matches("See <span data-mention style=\"color:blue;\">@Alice</span></div>", mail.requests[1].json.html, 1, true)
    assert.matches('<a href="https://app.example/plan?a=1&amp;b=2">Show the document</a>', mail.requests[1].json.html, 1, true)
    assert.matches("https://app.example/plan?a=1&b=2", mail.requests[1].json.text, 1, true)
    set { type = "text", text = "See " }
    assert.is_true(handler:handle(event, "msg_2"))
    assert.equal("nothing is left to notify of", handler:last_log())
    set { type = "liveblocksMention", attrs = { id = "alice", notificationId = "in_7" } }
    client:mark_inbox_notification_as_read(event.data.inboxNotificationId)
    assert.is_true(handler:handle(event, "msg_3"))
    assert.equal(1, #mail.requests)
    assert.equal("nothing is left to notify of", handler:last_log())
  end)

  it("sends nothing to an invalid address", function()
    write "Hi @evil and @carol"
    notified()
    eventually(function() return #handler.logs >= 2 end)
    assert.equal(0, #mail.requests)
    assert.equal("no e-mail address is known", handler:last_log())
  end)

  it("sends by SMTP instead", function()
    local smtp = require("tests.support.smtp").start()
    handler:stop()
    handler = handlers.start("scripts/notifications/email.lua", { from = "Planner <notify@app.example>", smtp_url = smtp.url,
      smtp_user = "app", smtp_password = "secret", smtp_plain = true, users_url = people.url .. "/users" })
    handler.client:create_room { id = "plan", defaultAccesses = { "room:write" } }
    write "Hi @alice"
    notified()
    local got = smtp:mails()
    smtp:stop()
    assert.same({}, handler.errors)
    assert.equal(1, #got)
    assert.same({ "alice@app.example" }, got[1].to)
    assert.equal("app", got[1].user)
    assert.matches("\r\nSubject: Bob <b> mentioned you in plan\r\n", got[1].data, 1, true)
    assert.matches("\r\nMessage%-ID: <in_[%w_.-]+@app.example>\r\n", got[1].data)
    assert.equal(0, #mail.requests)
  end)

  it("is refused without a way to send", function()
    local plugins = require "lbhost.plugin.registry"
    local plugin = assert(plugins.load_file("scripts/notifications/email.lua", { from = "a@b.c" }))
    local host, refusal = plugins.start(plugin, {})
    assert.is_nil(host)
    assert.matches("api_key %(or MAIL_API_KEY%)", tostring(refusal))
  end)

  it("fails when the mail API does, with the key for the next attempt the same", function()
    mail.response = { status = 422, body = "{}" }
    write "Hi @alice"
    local one = notified()
    assert.equal(422, handler.errors[1].status)
    mail.response = nil
    assert.is_true(handler:handle(one.event, one.id))
    assert.is_true(handler:handle(one.event, one.id))
    local last = #mail.requests
    assert.equal(mail.requests[1].headers["idempotency-key"], mail.requests[last].headers["idempotency-key"])
    local answered = 0
    for _, request in ipairs(mail.requests) do
      if request.json then answered = answered + 1 end
    end
    assert.equal(last, answered)
  end)
end)
