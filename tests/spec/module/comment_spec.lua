require "tests.support.client"
local comments = require "tests.support.comments"
local json = require "liveblocks.json"
local instructions = require "tests.support.instructions"
local liveblocks = require "liveblocks"
local same = require "tests.support.same"

local comment = liveblocks.comment

-- With the collector at work all the time, one row in eight is enough to find what it takes too early.
local EACH = os.getenv "LBHOST_TEST_GC" and 8 or 1

local function check(name)
  local count = 0
  for row in comments.rows(name, EACH) do
    count = count + 1
    local good, difference = same.exactly(row.output, comments.make[name](row.input))
    assert(good, difference and ("%s\n%s"):format(json.encode(row.input), difference))
  end
  assert.is_true(count > 9)
end

local function paragraph(...)
  return { version = 1, content = { { type = "paragraph", children = { ... } } } }
end

local function refusal(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.equal("usage", err.kind)
  return err.message
end

local mention = { type = "mention", kind = "user", id = "alice" }

describe("comment bodies", function()
  it("are written as the Node SDK writes them, as text, HTML and Markdown, and give the same mentions", function()
    check "bodies"
  end)

  it("come from Markdown as from the Node SDK", function() check "markdown" end)

  it("come back from what they are written as", function()
    local body = comment.from_markdown "**bold** _it_ ~~no~~ `code` [link](https://x.co) plain"
    assert.equal("**bold** _it_ ~~no~~ `code` [link](https://x.co) plain", comment.to_markdown(body))
  end)

  it("with no paragraph are still a list in JSON", function()
    assert.equal("[]", json.encode(comment.from_markdown("").content))
    assert.equal("[]", json.encode(comment.mentions { version = 1, content = {} }))
  end)

  it("of deleted comments mention nobody", function()
    assert.same({}, comment.mentions(nil))
    assert.same({}, comment.mentions(json.null))
  end)

  it("give only the mentions that a predicate takes", function()
    local body = paragraph(mention, { type = "mention", kind = "group", id = "eng" })
    local function is_group(one) return one.kind == "group" end
    assert.same({ { type = "mention", kind = "group", id = "eng" } }, comment.mentions(body, is_group))
  end)

  it("take elements of the caller", function()
    local elements = {
      mention = function(part, index) return ("<@%s %d>"):format(part.element.id, index) end,
      link = function(part) return part.href end,
      paragraph = function(part, index) return index .. ":" .. part.children end,
    }
    local body = paragraph({ text = "a" }, mention, { type = "link", url = "www.x.co" })
    assert.equal("1:a<@alice 2>https://www.x.co", comment.to_text(body, { elements = elements }))
    assert.equal("a@alicewww.x.co", comment.to_text(body))
  end)

  it("ask once about all users, each once", function()
    local asked = {}
    local function users(ids)
      asked[#asked + 1] = table.concat(ids, " ")
      return { { name = "Alice" }, false }
    end
    local body = paragraph(mention, { type = "mention", kind = "user", id = "bob" }, mention)
    assert.equal("@Alice@bob@Alice", comment.to_text(body, { users = users }))
    assert.same({ "alice bob" }, asked)
  end)

  it("do not ask about nobody", function()
    comment.to_text(paragraph { text = "a" }, { users = error, groups = error })
  end)

  it("report resolvers whose results do not fit", function()
    local function none() return {} end
    local function text() return "Alice" end
    assert.matches("'users' must return as many entries as it got ids: 1, got 0",
      refusal(comment.to_text, paragraph(mention), { users = none }))
    assert.matches("'users' must return a list, got string", refusal(comment.to_html, paragraph(mention), { users = text }))
    assert.equal("@alice", comment.to_text(paragraph(mention), { users = function() end }))
  end)

  it("report wrong arguments", function()
    assert.matches("the body is missing; a deleted comment has none", refusal(comment.to_text, nil))
    assert.matches("a comment body expected", refusal(comment.to_text, "hello"))
    assert.matches("unknown option 'user'; did you mean 'users'", refusal(comment.to_text, paragraph(), { user = print }))
    assert.matches("'users' must be a function, got table", refusal(comment.to_text, paragraph(), { users = {} }))
    assert.matches("unknown element 'mentions'", refusal(comment.to_text, paragraph(), { elements = { mentions = print } }))
    assert.matches("a string expected, got nil", refusal(comment.from_markdown))
    assert.matches("not valid UTF%-8 at byte 2", refusal(comment.from_markdown, "a\xff"))
  end)

  it("come from Markdown that is deep, long or made to be slow, at a cost that grows with its length and no faster", function()
    local shapes = {
      function(n) return (">"):rep(math.floor(n / 10)) end,
      function(n) return "|" .. ("a|"):rep(n) .. "\n|" .. ("-|"):rep(n) end,
      function(n) return (" "):rep(n) .. "a" end,
      function(n)
        local lines = {}
        for depth = 1, math.floor(n / 32) do lines[depth] = ("  "):rep(depth) .. "- a" end
        return table.concat(lines, "\n")
      end,
    }
    for _, part in ipairs { "*a ", "[", "~a ", "`a", "<a ", "\\", "[a](", "[a](b'", "_a", "a@", "- a\n" } do
      shapes[#shapes + 1] = function(n) return part:rep(n) end
    end
    for _, shape in ipairs(shapes) do
      local short, long = shape(500), shape(2000)
      assert.is_table(comment.from_markdown(long).content)
      local growth = instructions(comment.from_markdown, long) / (instructions(comment.from_markdown, short) + 100)
      assert.is_true(growth <= 1.5 * #long / #short, ("%g times for %s"):format(growth, short:sub(1, 20)))
    end
  end)
end)
