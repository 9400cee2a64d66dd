require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("notification settings of users", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  it("have defaults: e-mail is on, the rest is off", function()
    local on, off = { thread = true, textMention = true }, { thread = false, textMention = false }
    assert.same({ email = on, slack = off, teams = off, webPush = off }, it_is.call("GET", "/v2/users/ann/notification-settings"))
    assert.same({ "email" }, it_is.app.notification_settings.channels("ann", "thread"))
    assert.same({ "email" }, it_is.app.notification_settings.channels("ann", "$alert"))
  end)

  it("are changed in part, for own kinds too, and are reset", function()
    local path = "/v2/users/ann/notification-settings"
    local settings = it_is.call("POST", path, { email = { thread = false }, slack = { ["$alert"] = true } })
    assert.same({ thread = false, textMention = true, ["$alert"] = true }, settings.email)
    assert.same({ thread = false, textMention = false, ["$alert"] = true }, settings.slack)
    assert.same(settings, it_is.call("GET", path))
    assert.same({ "email", "slack" }, it_is.app.notification_settings.channels("ann", "$alert"))
    assert.same({}, it_is.app.notification_settings.channels("ann", "thread"))
    it_is.call("DELETE", path)
    assert.is_true(it_is.call("GET", path).email.thread)
  end)

  it("list the kinds that were triggered", function()
    it_is.call("POST", "/v2/inbox-notifications/trigger", { userId = "bob", kind = "$alert", subjectId = "s", activityData = {} })
    assert.is_true(it_is.call("GET", "/v2/users/ann/notification-settings").email["$alert"])
  end)

  it("refuse invalid kinds and values", function()
    for _, body in ipairs { { email = { threads = true } }, { email = { ["$a1"] = true } }, { email = { thread = "yes" } },
      { email = true }, { email = { thread = json.null } } } do
      assert.equal(422, (it_is.try("POST", "/v2/users/ann/notification-settings", body)), json.encode(body))
    end
    assert.is_nil(it_is.call("GET", "/v2/users/ann/notification-settings").email["$a1"])
  end)
end)
