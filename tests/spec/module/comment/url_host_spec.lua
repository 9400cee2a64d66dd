require "tests.support.client"
local host = require "liveblocks.comment.url_host"

describe("the host of an address", function()
  it("has the one form that browsers make of it", function()
    for given, normal in pairs {
      ["EXAMPLE.com"] = "example.com", ["a%2Eb"] = "a.b", ["bücher.example"] = "xn--bcher-kva.example", ["0x7f.1"] = "127.0.0.1",
      ["2130706433"] = "127.0.0.1", ["017700000001"] = "127.0.0.1", ["[0:0:0:0:0:0:0:1]"] = "[::1]",
      ["[2001:DB8:0:0:1:0:0:1]"] = "[2001:db8::1:0:0:1]", ["[::ffff:1.2.3.4]"] = "[::ffff:102:304]",
    } do
      assert.equal(normal, host.normal(given), given)
    end
  end)

  it("is nil when it is not valid", function()
    for _, given in ipairs { "", "a b", "a<b", "1.2.3.4.5", "256.256.256.256", "[1:2]", "[::1::2]", "a%ff" } do
      assert.is_nil(host.normal(given), given)
    end
  end)
end)
