local html = require "lbhost.web.html"
local secrets = require "lbhost.util.secrets"
local show = require "lbhost.web.show"

describe("values on a page", function()
  it("are spans and ages that a person reads", function()
    for seconds, expected in pairs { [0.0004] = "0.4 ms", [0.012] = "12 ms", [0.9] = "900 ms", [1] = "1.0 s", [9.96] = "10 s",
      [59] = "59 s",
      [60] = "1 min", [3600] = "1 h", [3720] = "1 h 2 min", [90000] = "1 d", [0] = "0 ms" } do
      assert.equal(expected, show.span(seconds))
    end
    for seconds, expected in pairs { [0] = "now", [0.99] = "now", [7.9] = "7 s", [13] = "10 s", [59] = "55 s", [119] = "1 min",
      [7300] = "2 h 1 min" } do
      assert.equal(expected, show.age(seconds))
    end
  end)

  it("are numbers, bytes and counts", function()
    assert.same({ "0", "999", "1,000", "1,234,567", "-1,000" }, { show.number(0), show.number(999), show.number(1000), show.number(1234567),
      show.number(-1000) })
    assert.same({ "0 B", "1023 B", "1.0 KiB", "15 KiB", "3.5 MiB", "2048 MiB" }, { show.bytes(0), show.bytes(1023), show.bytes(1024),
      show.bytes(15000), show.bytes(3670016), show.bytes(1 << 31) })
    assert.same({ "1 event", "2 events" }, { show.count(1, "event"), show.count(2, "event") })
  end)

  it("are times of the day, with the date of another one", function()
    assert.matches('datetime="2026%-11%-29T15:16:17Z"[^>]*>15:16:17<', html.escape(show.time(1795965377.9, 1795965400)))
    assert.matches(">29 Nov 15:16:17<", html.escape(show.time(1795965377, 1795965377 + 86400)), 1, true)
  end)

  it("have no secret in them, also where they are cut", function()
    secrets.add "correct horse"
    local text = html.escape(html.join { show.text("x correct horse y", 8), show.compact { a = "Bearer abcdefgh", b = "sk_live_12345" },
      show.pretty { c = "correct horse" }, show.body "postgres://u:hunter22@h/ whsec_abcdefgh", show.block "lbs_12345678" })
    for _, secret in ipairs { "correct", "abcdefgh", "live_12345", "hunter22", "12345678" } do assert.is_nil(text:find(secret, 1, true),
      secret) end
    assert.matches("***", text, 1, true)
  end)

  it("are bodies: JSON, text, the beginning of a long one, and the size of binary data", function()
    assert.matches('{\n  &quot;a&quot;: 1\n}', html.escape(show.body '{"a":1}'), 1, true)
    assert.matches("not {json", html.escape(show.body "not {json"), 1, true)
    assert.matches("No body.", html.escape(show.body ""), 1, true)
    assert.matches("The first 3 B of 2.0 KiB.", html.escape(show.body("abc", 2048)), 1, true)
    assert.matches("5 B of binary data", html.escape(show.body "a\0b\xff\xfe"), 1, true)
    assert.matches("abc", html.escape(show.body("abc\xe2\x82", 9)), 1, true) -- cut inside of a character
  end)
end)
