local handlers = require "tests.support.handlers"
local json = require "liveblocks.json"

local TOKEN = "0123456789abcdef0123"

describe("scripts/notifications/trigger.lua", function()
  local handler

  before_each(function() handler = handlers.start("scripts/notifications/trigger.lua", { token = TOKEN }) end)
  after_each(function() handler:stop() end)

  local function ask(body, token)
    local response = handler:route("POST /notify", {
      headers = { authorization = token or "Bearer " .. TOKEN }, body = type(body) == "string" and body or json.encode(body),
    })
    return response.status, json.decode(response.body)
  end

  it("puts a notification into the inboxes of all users", function()
    local status, answer = ask { users = { "alice", "bob" }, subject = "build-17", data = { title = "Failed", seconds = 93 } }
    assert.equal(202, status)
    assert.equal(2, answer.notified)
    for _, user in ipairs { "alice", "bob" } do
      local one = handler.client:get_inbox_notifications(user).data[1]
      assert.equal("$alert", one.kind)
      assert.equal("build-17", one.subjectId)
      assert.same({ title = "Failed", seconds = 93 }, one.activities[1].data)
    end
  end)

  it("takes a kind of its own", function()
    assert.equal(202, (ask { users = { "alice" }, subject = "s", kind = "$invoice" }))
    assert.equal("$invoice", handler.client:get_inbox_notifications("alice").data[1].kind)
  end)

  it("refuses callers without the token", function()
    for _, token in ipairs { "", "Bearer", "Bearer wrong", "Basic " .. TOKEN, "Bearer " .. TOKEN .. "x" } do
      assert.equal(401, (ask({ users = { "alice" }, subject = "s" }, token)))
    end
    assert.equal(0, #handler.client:get_inbox_notifications("alice").data)
  end)

  it("says what is wrong with a request", function()
    local function message(body)
      local status, answer = ask(body)
      assert.equal(400, status)
      return answer.error
    end
    assert.matches("not valid JSON", message "{")
    assert.matches("must be a JSON object", message "[]")
    assert.matches("must be a JSON object", message '"x"')
    assert.matches("unknown field 'user'; did you mean 'users'", message { user = "a" })
    assert.matches("subject must be a string", message { users = { "a" } })
    assert.matches("users must be a list of 1 to 100 ids", message { subject = "s" })
    assert.matches("users must be a list", message { subject = "s", users = json.array {} })
    assert.matches("users must be strings", message { subject = "s", users = { 1 } })
    assert.matches("kind must begin with %$", message { subject = "s", users = { "a" }, kind = "alert" })
    assert.matches("room must be a string", message { subject = "s", users = { "a" }, room = 1 })
    assert.matches("data must be an object", message { subject = "s", users = { "a" }, data = json.array {} })
    assert.matches("data.list must be a string, a number or a boolean", message { subject = "s", users = { "a" }, data = { list = { 1 } } })
  end)

  it("shows callers the cause when the API refuses", function()
    for plan, expected in pairs { ["422=100%"] = 400, ["403=100%"] = 400, ["401=100%"] = 502, ["501=100%"] = 502 } do
      handler.liveblocks.front:set_faults(plan)
      local status, answer = ask { users = { "alice" }, subject = "s" }
      assert.equal(expected, status, plan)
      assert.is_string(answer.error)
    end
  end)

  it("is refused with a token that is short", function()
    local plugins = require "lbhost.plugin.registry"
    local plugin = assert(plugins.load_file("scripts/notifications/trigger.lua", { token = "short" }))
    local host, refusal = plugins.start(plugin, {})
    assert.is_nil(host)
    assert.matches("at least 16 characters", tostring(refusal))
  end)
end)
