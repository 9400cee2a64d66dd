require "tests.support.client"
local responses = require "lbhost.local.http.response"
local comment_body = require "lbhost.local.rules.comment_body"
local comments = require "tests.support.local_comments"
local json = require "liveblocks.json"

-- As it comes over the wire.
local function decoded(body) return json.decode(json.encode(body)) end

describe("the body of a comment", function()
  it("names its mentions in their order; those without a kind are of users", function()
    local body = comments.body("hi ", "@bob", "@@eng", "@bob")
    body.content[2] = { type = "paragraph", children = { { type = "mention", id = "old" },
      { type = "mention", kind = "group", id = "ops", userIds = { "cat" } } } }
    assert.same({ { kind = "user", id = "bob" }, { kind = "group", id = "eng" }, { kind = "user", id = "bob" },
      { kind = "user", id = "old" }, { kind = "group", id = "ops", userIds = { "cat" } } }, comment_body.mentions(body))
    assert.same({}, comment_body.mentions(nil))
    assert.same({}, comment_body.mentions { version = 1, content = {} })
  end)

  it("keeps what is beyond the documented fields", function()
    local body = json.decode '{"version":1,"content":[{"type":"paragraph","children":[],"align":"left"}],"extra":1}'
    comment_body.check(body, "body")
    assert.equal("left", body.content[1].align)
    assert.equal(1, body.extra)
  end)

  it("is refused with the place of the mistake", function()
    local ok, failure = pcall(comment_body.check, decoded { version = 1, content = { { type = "paragraph", children = {
      { text = "fine" }, { type = "link" } } } } }, "body.comment.body")
    assert.is_false(ok)
    assert.is_true(responses.is_failure(failure))
    assert.equal(422, failure.status)
    assert.equal("body.comment.body.content[0].children[1].url must be a string, got nothing", failure.message)
  end)
end)
