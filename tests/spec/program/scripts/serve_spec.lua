-- The files of scripts/ as they are deployed: `lbhost serve` with a configuration, events of `lbhost send`, and
-- `lbhost local` as the API, each a process of its own.
local directory = require "tests.support.directory"
local eventually = require "tests.support.eventually"
local handlers = require "tests.support.handlers"
local http = require "liveblocks.http"
local liveblocks = require "liveblocks"
local process = require "tests.support.process"
local sqlite = require "lbhost.sqlite"

local SECRET <const> = "whsec_dGhlIHNlY3JldCBvZiB0aGUgc2NyaXB0cw=="
local TOKEN <const> = "0123456789abcdef0123"

describe("lbhost serve with the files of scripts/", function()
  local place, api, base_url, client, serve, hook, chat, mail

  setup(function()
    place = directory.new()
    chat, mail = handlers.receiver(), handlers.receiver()
    api = process.start { "local", "--port", "0" }
    base_url = api:wait_for "listens on (http://[%w.:]+)"
    client = liveblocks.new { base_url = base_url, secret = "sk_localdev" }
    place:write("lbhost.lua", ([[return { plugins = {
      chat = { url = %q },
      email = { from = "Planner <notify@app.example>", api_key = "re_key", api_url = %q },
      trigger = { token = %q },
      mirror_storage = { path = %q },
      digest = { url = %q, path = %q },
      stale_threads = { days = 1 },
    } }]]):format(chat.url .. "/chat", mail.url .. "/emails", TOKEN, place.path .. "/storage.db", chat.url .. "/digest",
      place.path .. "/digest.db"))
    serve = process.start({ "--config", place.path .. "/lbhost.lua", "serve", "scripts/webhooks/chat.lua",
      "scripts/webhooks/mirror_storage.lua", "scripts/webhooks/digest.lua", "scripts/webhooks/stale_threads.lua",
      "scripts/notifications/email.lua", "scripts/notifications/trigger.lua", "--port", "0",
      "--store", place.path .. "/events.db", "--backoff", "0.05" },
      { env = { LIVEBLOCKS_BASE_URL = base_url, LIVEBLOCKS_SECRET_KEY = "sk_localdev", LIVEBLOCKS_WEBHOOK_SECRET = SECRET } })
    hook = serve:wait_for("listening on (http://[%w.:]+)", true)
    client:create_room { id = "plan", defaultAccesses = { "room:write" } }
  end)

  teardown(function()
    for _, one in ipairs { serve, api } do
      one:signal "TERM"
      one:wait()
    end
    chat:stop()
    mail:stop()
    place:remove()
  end)

  local function send(event, fields)
    local arguments = { "send", event, "--to", hook .. "/" }
    for name, value in pairs(fields) do arguments[#arguments + 1] = name .. "=" .. value end
    local output, problem, status = process.run(arguments, { env = { LIVEBLOCKS_WEBHOOK_SECRET = SECRET } })
    assert.equal(0, status, output .. problem)
  end

  local function wait_for(what, fn)
    return eventually(fn, function() return ("%s did not come:\n%s"):format(what, serve:errors()) end)
  end

  local function write(text, user)
    local thread = client:create_thread("plan", { comment = { userId = user, body = liveblocks.comment.from_markdown(text) } })
    return thread, thread.comments[1]
  end

  it("loads them all, with their options from the configuration", function()
    local health = http.request { url = hook .. "/healthz" }:json()
    assert.same({ status = "ok", refused = {} }, health)
  end)

  it("posts a comment to the chat, after a failure again, and once", function()
    local thread, comment = write("Hello **@bob**", "alice")
    local first = true
    chat.response = function()
      if first then
        first = false
        return { status = 400, body = "no" }
      end
    end
    send("commentCreated", { roomId = "plan", threadId = thread.id, commentId = comment.id, createdBy = "alice" })
    wait_for("the second attempt", function() return chat.requests[2] end)
    assert.equal("*alice* in *plan*\n> Hello *@bob*", chat.requests[2].json.text)
    assert.matches("handler failed.*plugin=chat", serve:errors())
  end)

  it("sends an e-mail about a mention", function()
    local thread = write("Look @carol@app.example", "alice")
    local notification = client:get_inbox_notifications("carol@app.example").data[1]
    send("notification", { roomId = "plan", threadId = thread.id, userId = "carol@app.example", kind = "thread",
      channel = "email", inboxNotificationId = notification.id, triggeredAt = notification.notifiedAt })
    local request = wait_for("the e-mail", function() return mail.requests[1] end)
    assert.same({ "carol@app.example" }, request.json.to)
    assert.equal("alice mentioned you in plan", request.json.subject)
  end)

  it("copies Storage into the database", function()
    client:initialize_storage_document("plan", { liveblocksType = "LiveObject", data = { title = "Plan" } })
    send("storageUpdated", { roomId = "plan" })
    wait_for("the copy", function()
      local db = sqlite.open(place.path .. "/storage.db", { readonly = true, busy_timeout = 5 })
      local title = db:row "SELECT document ->> '$.title' FROM rooms WHERE room_id = 'plan'"
      db:close()
      return title == "Plan"
    end)
  end)

  it("puts notifications into inboxes when the route is asked", function()
    local request = { url = hook .. "/notify", json = { users = { "dave" }, subject = "build-1", data = { ok = false } } }
    assert.equal(401, select(2, http.try_request(request)).status)
    request.headers = { authorization = "Bearer " .. TOKEN }
    assert.equal(202, http.request(request).status)
    assert.equal("build-1", client:get_inbox_notifications("dave").data[1].subjectId)
  end)

  -- Ends the service: a store has one owner.
  it("runs the timers with --once: the digest, and the stale threads", function()
    local body = liveblocks.comment.from_markdown "old"
    local old = client:create_thread("plan", { comment = { userId = "alice", body = body,
      createdAt = "2020-01-01T00:00:00.000Z" } })
    serve:signal "TERM"
    local _, _, status = serve:wait()
    assert.equal(0, status)
    local function once(name)
      return process.start({ "--config", place.path .. "/lbhost.lua", "serve", "scripts/webhooks/digest.lua",
        "scripts/webhooks/stale_threads.lua", "--store", place.path .. "/events.db", "--once", name },
        { env = { LIVEBLOCKS_BASE_URL = base_url, LIVEBLOCKS_SECRET_KEY = "sk_localdev" } })
    end
    local digest = once "digest"
    local posted = wait_for("the digest", function()
      local last = chat.requests[#chat.requests]
      return last.path == "/digest" and last
    end)
    assert.matches("^Since the last digest:\n• %*plan%*: %d+ comment", posted.json.text)
    assert.equal(0, select(3, digest:wait()))
    local sweep = once "stale_threads"
    assert.equal(0, select(3, sweep:wait()), sweep:errors())
    assert.is_true(client:get_thread("plan", old.id).resolved)
  end)
end)
