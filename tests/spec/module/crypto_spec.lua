require "liveblocks"
local crypto = require "liveblocks.crypto"

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

describe("crypto", function()
  it("has HMAC-SHA256 as RFC 4231 has it", function()
    assert.equal("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", hex(crypto.hmac_sha256(("\11"):rep(20), "Hi There")))
    assert.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      hex(crypto.hmac_sha256("Jefe", "what do ya want for nothing?")))
    assert.equal("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      hex(crypto.hmac_sha256(("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First")))
    assert.equal(32, #crypto.hmac_sha256("", ""))
  end)

  it("has base64 as RFC 4648 has it, with padding", function()
    for plain, text in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foobar = "Zm9vYmFy", ["\0\255\254"] = "AP/+" } do
      assert.equal(text, crypto.base64_encode(plain))
      assert.equal(plain, crypto.base64_decode(text))
    end
    for _, wrong in ipairs { "Zg", "Zg=", "Zg==x", "Zm9v=", "Z", "Zm9v\n", "Zm-_", "====", "Zh==" } do
      local decoded = crypto.base64_decode(wrong)
      assert.is_true(decoded == nil or crypto.base64_encode(decoded) ~= wrong, wrong)
    end
  end)

  it("compares strings", function()
    assert.is_true(crypto.equal("", ""))
    assert.is_true(crypto.equal("a\0b", "a\0b"))
    assert.is_false(crypto.equal("a\0b", "a\0c"))
    assert.is_false(crypto.equal("a", "ab"))
  end)

  it("makes ids of the length asked for, of characters that need no encoding, and no two alike", function()
    local seen = {}
    for i = 1, 64 do
      local id = crypto.random_id(i)
      assert.equal(i, #id)
      assert.is_nil(id:find "[^%w_-]")
      assert.is_nil(i > 8 and seen[id] or nil)
      seen[id] = true
    end
    assert.has_error(function() crypto.random_id(0) end)
    assert.has_error(function() crypto.random_id(65) end)
  end)
end)
