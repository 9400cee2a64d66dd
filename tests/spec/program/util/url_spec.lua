local url = require "lbhost.util.url"

describe("percent-encoding", function()
  it("is undone, and refused where it is malformed or no UTF-8", function()
    assert.equal("a/b é?#", url.decode "a%2Fb%20%C3%A9%3F%23")
    assert.equal("+", url.decode "+")
    for _, text in ipairs { "%", "%4", "%zz", "a%2", "%C3", "%FF", "\255", "%ED%A0%80" } do assert.is_nil(url.decode(text)) end
  end)

  it("is undone in queries, where a plus is a space and the last of a repeated name counts", function()
    assert.same({ a = "b c", ["d e"] = "+", flag = "", x = "2" }, url.parse_query "a=b+c&d+e=%2B&flag&x=1&&x=2")
    assert.same({}, url.parse_query(nil))
    assert.is_nil(url.parse_query "a=%zz")
    assert.same({ a = "b=c" }, url.parse_query "a=b=c")
  end)

  it("comes back from every byte that is text", function()
    local all = {}
    for code = 1, 0x2ff do all[#all + 1] = utf8.char(code) end
    local text = table.concat(all)
    assert.equal(text, url.decode(url.encode(text)))
    assert.truthy(url.encode(text):find("^[%w%%._~-]+$"))
  end)
end)
