local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local webhook = liveblocks.webhook

-- The published test vector, with a body that is an event.
local SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
local BODY = '{"type":"storageUpdated","data":{"n":12345678901234567}}'

local function request(changes)
  local all = { secret = SECRET, now = 1614265330, body = BODY, headers = {
    ["Webhook-Id"] = "msg_1", ["webhook-timestamp"] = "1614265330",
    ["WEBHOOK-SIGNATURE"] = webhook.sign(SECRET, "msg_1", 1614265330, BODY),
  } }
  for name, value in pairs(changes or {}) do all[name] = value end
  return all
end

describe("webhook.verify", function()
  it("agrees with the published test vector", function()
    assert.equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      webhook.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'))
  end)

  it("returns the event with all its digits", function()
    assert.equal("12345678901234567", tostring(webhook.verify(request()).data.n))
  end)

  it("takes one of several secrets", function()
    assert.is_table(webhook.verify(request { secrets = { "whsec_AAAA", SECRET } }))
    assert.is_nil((webhook.verify(request { secret = "whsec_AAAA" })))
  end)

  it("takes each of many secrets in turn, and no other", function()
    local secrets = {}
    for i = 1, 40 do secrets[i] = ("whsec_%08d"):format(i) end
    for _ = 1, 2 do
      for i, secret in ipairs(secrets) do
        local headers = { ["webhook-id"] = "msg_1", ["webhook-timestamp"] = "1614265330",
          ["webhook-signature"] = webhook.sign(secret, "msg_1", 1614265330, BODY) }
        assert.is_table(webhook.verify(request { secret = secret, headers = headers }))
        local other = secrets[i % #secrets + 1]
        assert.is_nil((webhook.verify(request { secret = other, headers = headers })))
      end
    end
  end)

  it("takes 300 seconds and not 301, both ways", function()
    for age, good in pairs { [300] = true, [301] = false, [-300] = true, [-301] = false } do
      assert.equal(good, webhook.verify(request { now = 1614265330 + age }) ~= nil, age)
    end
  end)

  it("never shows the right signature", function()
    local right = webhook.sign(SECRET, "msg_1", 1614265330, BODY):sub(4)
    for _, changes in ipairs { { body = BODY .. " " }, { headers = {} }, { now = 0 }, { secret = "whsec_AAAA" } } do
      local event, err = webhook.verify(request(changes))
      assert.is_nil(event)
      assert.equal("webhook", err.kind)
      assert.is_nil(tostring(err):find(right, 1, true))
    end
  end)

  it("reads headers of a response, too", function()
    local srv = helper.server()
    local _, meta = helper.client(srv):get_rooms()
    local event, err = webhook.verify(request { headers = meta.headers })
    srv:stop()
    assert.is_nil(event)
    assert.matches("webhook%-id is missing", err.message)
  end)

  it("explains an invalid secret or body", function()
    for _, changes in ipairs { { secret = "x" }, { secret = "whsec_!" }, { body = {} }, { headers = 1 } } do
      local ok, err = pcall(webhook.verify, request(changes))
      assert.is_false(ok)
      assert.equal("usage", err.kind)
    end
  end)
end)
