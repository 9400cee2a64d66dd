local option_schema = require "lbhost.util.option_schema"
local secrets = require "lbhost.util.secrets"

describe("secrets", function()
  it("are hidden by their form and by their place", function()
    for text, shown in pairs {
      ["sk_prod_a-b1, lbs_x, whsec_AbC+/="] = "***, ***, ***",
      ["eyJhbGciOi.eyJzdWIi.c2ln"] = "***",
      ["postgres://u:s3cret@db/x?sslmode=off"] = "postgres://u:***@db/x?sslmode=off",
      ["postgres://db/x?user=u&password=s3cret&a=b"] = "postgres://db/x?user=u&password=***&a=b",
      ["host: 'https://hooks.slack.com/services/T0/B0/abc' failed"] = "host: 'https://hooks.slack.com/***' failed",
      ["https://discord.com/api/webhooks/12/abc"] = "https://discord.com/api/webhooks/***",
      ["https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c"] = "https://x.webhook.office.com/***",
      ["Authorization: Bearer abc.def"] = "Authorization: Bearer ***",
      ["?to=https://h/?password=a?b&x=y"] = "?to=https://h/?password=***&x=y",
      ["https://h/x?to=https://hooks.slack.com/services/T0"] = "https://h/x?to=https://hooks.slack.com/***",
      ["https://h/x?to=postgres://u:s3cret@db"] = "https://h/x?to=postgres://u:***@db",
      ["?token=abc&api_key=d&client_secret=e"] = "?token=***&api_key=***&client_secret=***",
    } do
      assert.equal(shown, secrets.hide(text))
    end
  end)

  it("leaves what is not a secret", function()
    for _, text in ipairs { "task_map, disk_full, ask_me", "https://api.liveblocks.io/v2/rooms?limit=5", "a: b@c", "http://h:80/x@y",
      "see http://[::1]:8787/ for more", "user@example.com" } do
      assert.equal(text, secrets.hide(text))
      assert.is_false(secrets.found(text))
    end
  end)

  it("are hidden everywhere once they are registered, the longest first", function()
    secrets.add "hunter2"
    secrets.add "hunter2-and-more"
    secrets.add "short"
    secrets.add(nil)
    assert.equal("a *** b ***.", secrets.hide "a hunter2 b hunter2-and-more.")
    assert.equal("short", secrets.hide "short")
    secrets.add_url "postgres://u:p%40ss%2Fword@h/db"
    assert.equal("*** and ***", secrets.hide "p%40ss%2Fword and p@ss/word")
  end)

  it("are the parts of a password that a URL should have had encoded, too", function()
    secrets.add_url "postgres://u:slash-first/second-part@h/db"
    assert.equal('"***" is not a port, db "***@h/db"', secrets.hide '"slash-first" is not a port, db "second-part@h/db"')
    secrets.add_url "postgres://h/db?user=u&password=query%zzpass&sslpassword=of%20the%20key#x"
    assert.equal("*** *** ***", secrets.hide "query%zzpass of%20the%20key of the key")
    secrets.add_url "postgres://u:before-the-host@h/db?options=a@b"
    assert.equal("*** at h", secrets.hide "before-the-host at h")
  end)

  -- With work that grows with the square of the length this would not end.
  it("are looked for in long strings in time that grows with their length", function()
    for _, unit in ipairs { "a", "eyJ", "-eyJ", "webhook.", "Pass", "Token", "a:", "?a", "://", "https://", "sk_", "a.", "Bearer " } do
      for _, before in ipairs { "=", "https://", "&", "x://u:", "" } do
        local text = before .. unit:rep(200000 // #unit)
        assert.is_string(secrets.hide(text))
      end
    end
  end)

  it("are registered with the options that say so", function()
    local rows = option_schema.declare { token = { type = "string", secret = true },
      urls = { type = "list", secret = true, default = {} } }
    assert(option_schema.resolve(rows, { token = "not-for-you", urls = { "https://a.example/hook-1", "https://b.example/hook-2" } }))
    assert.equal("*** ***", secrets.hide "not-for-you https://b.example/hook-2")
  end)
end)
