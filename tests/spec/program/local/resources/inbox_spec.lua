require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("inbox notifications of the local Liveblocks", function()
  local it_is
  before_each(function() it_is = comments.new() end)

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

  describe("of own kinds", function()
    it("are put into the inbox as they are triggered", function()
      assert.equal("", it_is.trigger { roomId = "elsewhere", organizationId = "acme", activityData = { a = "x", b = 1.5, c = false } })
      local n = it_is.inbox("bob").data[1]
      assert.matches("^ac_", n.activities[1].id)
      assert.same({ kind = "$alert", id = n.id, subjectId = "s", roomId = "elsewhere", organizationId = "acme",
        notifiedAt = "2026-05-28T20:26:40.000Z", readAt = json.null, activities = { { id = n.activities[1].id,
          createdAt = "2026-05-28T20:26:40.000Z", data = { a = "x", b = 1.5, c = false } } } }, n)
      it_is.trigger()
      assert.equal(json.null, it_is.inbox("bob").data[1].roomId)
      assert.equal(2, #it_is.inbox("bob").data)
      assert.same({ "bob $alert", "bob $alert" }, it_is.changed)
      it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(n.id))
      assert.equal(3, #it_is.changed)
    end)

    it("are batched where the kind is set to it, up to 50 activities", function()
      it_is = comments.new { batch = { "$alert" } }
      for i = 1, 51 do
        it_is.wait(1)
        it_is.trigger { activityData = { n = i } }
      end
      it_is.trigger { subjectId = "other" }
      it_is.trigger { kind = "$single" }
      it_is.trigger { kind = "$single" }
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
        it_is.trigger { subjectId = "s" .. i }
      end
      local page = it_is.inbox("bob", "?limit=5")
      assert.equal("s12", page.data[1].subjectId)
      assert.equal("s8", page.data[5].subjectId)
      it_is.call("DELETE", "/v2/users/bob/inbox-notifications/" .. page.data[5].id)
      it_is.trigger { subjectId = "new" }
      page = it_is.inbox("bob", "?limit=5&startingAfter=" .. page.nextCursor)
      assert.equal("s7", page.data[1].subjectId)
      page = it_is.inbox("bob", "?startingAfter=" .. page.nextCursor)
      assert.equal("s1", page.data[#page.data].subjectId)
      assert.equal(json.null, page.nextCursor)
      assert.equal(422, (it_is.try("GET", "/v2/users/bob/inbox-notifications?limit=51")))
    end)

    it("are filtered by unread and by organisation", function()
      it_is.trigger { subjectId = "a", organizationId = "acme" }
      it_is.trigger { subjectId = "b" }
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
      it_is.trigger()
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
    it_is.trigger()
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
