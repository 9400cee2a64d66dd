require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("inbox notifications of the local Liveblocks", function()
  local it_is, changed
  before_each(function()
    it_is = comments.new()
    changed = {}
    it_is.app:on("notification.changed", function(user, n) changed[#changed + 1] = user .. " " .. n.kind end)
  end)

  local function trigger(fields)
    local all = { userId = "bob", kind = "$alert", subjectId = "s", activityData = { n = 1 } }
    for name, value in pairs(fields or {}) do all[name] = value end
    return it_is.call("POST", "/v2/inbox-notifications/trigger", all)
  end

  local function settings(user, threads)
    it_is.call("POST", ("/v2/rooms/r/users/%s/subscription-settings"):format(user), { threads = threads })
  end

  -- The users among the given ones that have a notification, each with its threads' number.
  local function told(...)
    local users = {}
    for _, user in ipairs { ... } do
      if #it_is.inbox(user).data > 0 then users[#users + 1] = user end
    end
    return users
  end

  describe("of threads", function()
    it("tell who is mentioned, and not who writes", function()
      local thread = it_is.thread("ann", comments.body("@bob", "@ann"))
      assert.same({ "bob" }, told("ann", "bob", "cat"))
      local n = it_is.inbox("bob").data[1]
      assert.matches("^in_", n.id)
      assert.same({ kind = "thread", id = n.id, roomId = "r", threadId = thread.id, organizationId = "default",
        notifiedAt = "2026-05-28T20:26:40.000Z", readAt = json.null }, n)
      assert.same(n, it_is.call("GET", "/v2/users/bob/inbox-notifications/" .. n.id))
      assert.same({ "bob thread" }, changed)
    end)

    it("tell the members of a group that is mentioned", function()
      it_is.call("POST", "/v2/groups", { id = "eng", memberIds = { "ann", "bob", "cat" } })
      it_is.thread("ann", comments.body "@@eng")
      assert.same({ "bob", "cat" }, told("ann", "bob", "cat"))
      it_is.thread("ann", { version = 1, content = { { type = "paragraph", children = {
        { type = "mention", kind = "group", id = "elsewhere", userIds = { "dan" } } } } } })
      assert.same({ "dan" }, told("dan"))
      it_is.thread("ann", comments.body "@@unknown")
    end)

    it("tell authors and the mentioned of replies, in one notification per thread", function()
      local thread = it_is.thread("ann", comments.body "@bob")
      it_is.wait(1000)
      it_is.reply(thread, "cat")
      assert.same({ "ann", "bob" }, told("ann", "bob", "cat"))
      local n = it_is.inbox("bob").data
      assert.equal(1, #n)
      assert.equal("2026-05-28T20:26:41.000Z", n[1].notifiedAt)
      it_is.wait(1000)
      it_is.reply(thread, "ann")
      assert.same({ "ann", "bob", "cat" }, told("ann", "bob", "cat"))
    end)

    it("become unread and go to the top when more happens", function()
      local first = it_is.thread("ann", comments.body "@bob")
      it_is.wait(1)
      local second = it_is.thread("ann", comments.body "@bob")
      assert.equal(second.id, it_is.inbox("bob").data[1].threadId)
      local id = it_is.inbox("bob").data[2].id
      it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(id))
      assert.equal("2026-05-28T20:26:40.001Z", it_is.inbox("bob").data[2].readAt)
      it_is.wait(1)
      it_is.reply(first, "ann")
      local top = it_is.inbox("bob").data[1]
      assert.equal(id, top.id)
      assert.equal(json.null, top.readAt)
      assert.equal("2026-05-28T20:26:40.002Z", top.notifiedAt)
    end)

    it("follow the setting of the room: all, replies_and_mentions, none", function()
      settings("all", "all")
      settings("none", "none")
      local thread = it_is.thread("ann", comments.body("@none", "@some"))
      assert.same({ "all", "some" }, told("all", "none", "some", "other"))
      settings("ann", "none")
      it_is.reply(thread, "other")
      assert.same({}, told("ann", "none", "other"))
    end)

    it("follow what was said of the thread, until the room's setting is chosen again", function()
      local thread = it_is.thread("ann")
      local path = it_is.path(thread)
      it_is.call("POST", path .. "/subscribe", { userId = "bob" })
      it_is.call("POST", path .. "/unsubscribe", { userId = "ann" })
      it_is.reply(thread, "cat")
      assert.same({ "bob" }, told("ann", "bob", "cat"))
      settings("bob", "none")
      it_is.call("DELETE", "/v2/users/bob/inbox-notifications")
      it_is.reply(thread, "cat")
      assert.same({}, told("bob"))
      it_is.call("POST", path .. "/subscribe", { userId = "bob" })
      it_is.reply(thread, "cat")
      assert.same({ "bob" }, told("bob"))
    end)

    it("tell of a mention also who has unsubscribed from the thread", function()
      local thread = it_is.thread("ann")
      it_is.call("POST", it_is.path(thread) .. "/unsubscribe", { userId = "bob" })
      it_is.reply(thread, "ann", comments.body "@bob")
      assert.same({ "bob" }, told("bob"))
    end)

    it("tell those whom an edit mentions for the first time", function()
      local thread = it_is.thread("ann", comments.body "@bob")
      changed = {}
      it_is.call("POST", it_is.path(thread) .. "/comments/" .. thread.comments[1].id, { body = comments.body("@bob", "@cat") })
      assert.same({ "cat thread" }, changed)
    end)

    it("of private threads do not reach whom the room keeps out of them", function()
      it_is.call("POST", "/v2/groups", { id = "staff", memberIds = { "cat" } })
      it_is.call("POST", "/v2/rooms/r", { defaultAccesses = { "*:write", "comments:private:none" },
        groupsAccesses = { staff = { "*:write" } }, usersAccesses = { dan = { "*:read", "comments:none", "comments:private:read" },
          eve = { "*:write", "comments:none" } } })
      local everyone = comments.body("@bob", "@cat", "@dan", "@eve")
      it_is.thread("ann", everyone, { visibility = "private" })
      assert.same({ "cat", "dan" }, told("bob", "cat", "dan", "eve"))
      it_is.thread("ann", everyone)
      assert.same({ "bob", "cat", "dan", "eve" }, told("bob", "cat", "dan", "eve"))
    end)

    it("are listed by thread, with their users", function()
      local thread = it_is.thread("ann", comments.body("@bob", "@cat"))
      local list = it_is.call("GET", it_is.path(thread) .. "/inbox-notifications").data
      local users = { list[1].userId, list[2].userId }
      table.sort(users)
      assert.same({ "bob", "cat" }, users)
      assert.equal(thread.id, list[1].threadId)
    end)

    it("go with their thread, and with their room where it goes", function()
      local thread = it_is.thread("ann", comments.body "@bob")
      it_is.call("DELETE", it_is.path(thread))
      assert.same({}, told("bob"))
      thread = it_is.thread("ann", comments.body "@bob")
      trigger { roomId = "s", userId = "cat" }
      it_is.call("POST", "/v2/rooms/r/update-organization-id", { fromOrganizationId = "default", toOrganizationId = "acme" })
      assert.equal("acme", it_is.inbox("bob", "?organizationId=acme").data[1].organizationId)
      it_is.call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "s" })
      assert.equal("s", it_is.inbox("bob").data[1].roomId)
      it_is.reply({ roomId = "s", id = thread.id }, "ann")
      assert.equal(1, #it_is.inbox("bob").data)
      it_is.call("DELETE", "/v2/rooms/s")
      assert.same({}, told("bob", "cat"))
    end)
  end)

  it("become events after their delay, unless they are read", function()
    it_is = comments.new { notification_delay = 60 }
    local function notified()
      local found = {}
      it_is.app:tick()
      for _, event in ipairs(it_is.app.events) do
        if event.type == "notification" then found[#found + 1] = event.data end
      end
      return found
    end
    it_is.call("POST", "/v2/users/bob/notification-settings", { slack = { thread = true } })
    local thread = it_is.thread("ann", comments.body("@bob", "@cat", "@dan"))
    it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(it_is.inbox("cat").data[1].id))
    it_is.call("DELETE", "/v2/users/dan/inbox-notifications")
    it_is.wait(30 * 1000)
    it_is.reply(thread, "ann")
    assert.equal(0, #notified())
    it_is.wait(30 * 1000)
    local found = notified()
    assert.equal(2, #found)
    assert.same({ channel = "email", kind = "thread", userId = "bob", roomId = "r", threadId = thread.id,
      projectId = "localdev", inboxNotificationId = it_is.inbox("bob").data[1].id,
      createdAt = "2026-05-28T20:27:40.000Z", triggeredAt = thread.comments[1].createdAt }, found[1])
    assert.equal("slack", found[2].channel)
    it_is.wait(30 * 1000)
    found = notified()
    assert.equal("cat", found[3].userId)
  end)

  describe("of mentions in texts", function()
    local function mention(user)
      return it_is.call("POST", "/local/rooms/r/text-mentions", { userId = user, createdBy = "ann", mentionId = "m1" })
    end

    it("come one by one, unless the setting of the room says otherwise", function()
      assert.same({ mentionId = "m1" }, mention "bob")
      mention "bob"
      mention "ann"
      it_is.call("POST", "/v2/rooms/r/users/cat/subscription-settings", { textMentions = "none" })
      mention "cat"
      assert.same({ "bob" }, told("ann", "bob", "cat"))
      local list = it_is.inbox("bob").data
      assert.equal(2, #list)
      assert.same({ kind = "textMention", id = list[1].id, roomId = "r", organizationId = "default", mentionId = "m1",
        createdBy = "ann", mention = { kind = "user", id = "bob" }, notifiedAt = "2026-05-28T20:26:40.000Z",
        readAt = json.null }, list[1])
      assert.same({ "bob textMention", "bob textMention" }, changed)
    end)

    it("become events that name the mention, and go where their room goes", function()
      it_is = comments.new { notification_delay = 60 }
      mention "bob"
      it_is.wait(60 * 1000)
      it_is.app:tick()
      local event = it_is.last_event()
      assert.same({ "notification", "textMention", "m1", "bob" }, { event.type, event.data.kind, event.data.mentionId,
        event.data.userId })
      it_is.call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "s" })
      assert.equal("s", it_is.inbox("bob").data[1].roomId)
      it_is.call("DELETE", "/v2/rooms/s")
      assert.same({}, told("bob"))
    end)

    it("need a room and both users", function()
      assert.equal(404, (it_is.try("POST", "/local/rooms/none/text-mentions", { userId = "bob", createdBy = "ann" })))
      assert.equal(422, (it_is.try("POST", "/local/rooms/r/text-mentions", { userId = "bob" })))
      assert.equal(400, (it_is.try("POST", "/local/rooms/r/text-mentions", "{")))
    end)
  end)

  describe("of own kinds", function()
    it("are put into the inbox as they are triggered", function()
      assert.equal("", trigger { roomId = "elsewhere", organizationId = "acme", activityData = { a = "x", b = 1.5, c = false } })
      local n = it_is.inbox("bob").data[1]
      assert.matches("^ac_", n.activities[1].id)
      assert.same({ kind = "$alert", id = n.id, subjectId = "s", roomId = "elsewhere", organizationId = "acme",
        notifiedAt = "2026-05-28T20:26:40.000Z", readAt = json.null, activities = { { id = n.activities[1].id,
          createdAt = "2026-05-28T20:26:40.000Z", data = { a = "x", b = 1.5, c = false } } } }, n)
      trigger()
      assert.equal(json.null, it_is.inbox("bob").data[1].roomId)
      assert.equal(2, #it_is.inbox("bob").data)
      assert.same({ "bob $alert", "bob $alert" }, changed)
      it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(n.id))
      assert.equal(3, #changed)
    end)

    it("are batched where the kind is set to it, up to 50 activities", function()
      it_is = comments.new { batch = { "$alert" } }
      for i = 1, 51 do
        it_is.wait(1)
        trigger { activityData = { n = i } }
      end
      trigger { subjectId = "other" }
      trigger { kind = "$single" }
      trigger { kind = "$single" }
      local data = it_is.inbox("bob").data
      assert.equal(5, #data)
      local counts = {}
      for i, n in ipairs(data) do counts[i] = #n.activities end
      table.sort(counts)
      assert.same({ 1, 1, 1, 1, 50 }, counts)
    end)

    it("are refused when they are not well formed", function()
      for what, fields in pairs { kind = { kind = "alert" }, digits = { kind = "$a1" }, long = { kind = "$" .. ("a"):rep(129) },
        user = { userId = "" }, subject = { subjectId = "" }, data = { activityData = { x = {} } } } do
        local body = { userId = "bob", kind = "$alert", subjectId = "s", activityData = {} }
        for name, value in pairs(fields) do body[name] = value end
        assert.equal(422, (it_is.try("POST", "/v2/inbox-notifications/trigger", body)), what)
      end
      assert.equal(422, (it_is.try("POST", "/v2/inbox-notifications/trigger", "{}")))
    end)
  end)

  describe("in lists", function()
    it("come in pages that stay right while the inbox changes", function()
      for i = 1, 12 do
        it_is.wait(i % 2)
        trigger { subjectId = "s" .. i }
      end
      local page = it_is.inbox("bob", "?limit=5")
      assert.equal("s12", page.data[1].subjectId)
      assert.equal("s8", page.data[5].subjectId)
      it_is.call("DELETE", "/v2/users/bob/inbox-notifications/" .. page.data[5].id)
      trigger { subjectId = "new" }
      page = it_is.inbox("bob", "?limit=5&startingAfter=" .. page.nextCursor)
      assert.equal("s7", page.data[1].subjectId)
      page = it_is.inbox("bob", "?startingAfter=" .. page.nextCursor)
      assert.equal("s1", page.data[#page.data].subjectId)
      assert.equal(json.null, page.nextCursor)
      assert.equal(422, (it_is.try("GET", "/v2/users/bob/inbox-notifications?limit=51")))
    end)

    it("are filtered by unread and by organisation", function()
      trigger { subjectId = "a", organizationId = "acme" }
      trigger { subjectId = "b" }
      it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(it_is.inbox("bob").data[1].id))
      for query, subjects in pairs { ["unread:true"] = "a", ["unread:false"] = "b", ["unread:true unread:false"] = "" } do
        local found = ""
        for _, n in ipairs(it_is.inbox("bob", "?query=" .. query:gsub(" ", "+")).data) do found = found .. n.subjectId end
        assert.equal(subjects, found, query)
      end
      assert.equal("a", it_is.inbox("bob", "?organizationId=acme").data[1].subjectId)
      assert.equal(1, #it_is.inbox("bob", "?organizationId=acme").data)
      assert.equal(422, (it_is.try("GET", "/v2/users/bob/inbox-notifications?query=kind:1")))
      it_is.call("DELETE", "/v2/users/bob/inbox-notifications?organizationId=acme")
      assert.equal("b", it_is.inbox("bob").data[1].subjectId)
      it_is.call("DELETE", "/v2/users/bob/inbox-notifications")
      assert.same({}, it_is.inbox("bob").data)
    end)

    it("belong to their user", function()
      trigger()
      local id = it_is.inbox("bob").data[1].id
      assert.equal(404, (it_is.try("GET", "/v2/users/ann/inbox-notifications/" .. id)))
      assert.equal(404, (it_is.try("DELETE", "/v2/users/ann/inbox-notifications/" .. id)))
      it_is.call("DELETE", "/v2/users/bob/inbox-notifications/" .. id)
      assert.equal(404, (it_is.try("GET", "/v2/users/bob/inbox-notifications/" .. id)))
      assert.equal(404, (it_is.try("POST", ("/v2/inbox-notifications/%s/read"):format(id))))
    end)
  end)

  it("are as they were after the state was saved and loaded", function()
    local thread = it_is.thread("ann", comments.body "@bob")
    trigger()
    it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(it_is.inbox("bob").data[1].id))
    local before, unread = it_is.inbox("bob"), it_is.inbox("bob", "?query=unread:true")
    it_is.reload()
    assert.same(before, it_is.inbox("bob"))
    assert.same(unread, it_is.inbox("bob", "?query=unread:true"))
    it_is.reply(thread, "ann")
    assert.equal(2, #it_is.inbox("bob").data)
    it_is.call("DELETE", "/v2/rooms/r")
    assert.equal(1, #it_is.inbox("bob").data)
  end)
end)
