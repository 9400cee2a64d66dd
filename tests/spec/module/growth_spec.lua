-- How the work of texts grows that others write: names, queries, e-mails.
local liveblocks = require "liveblocks"
local query = require "liveblocks.query"
local steps = require "tests.support.steps"
local trim = require "liveblocks.trim"

local MAX <const> = 6 -- for four times as much; 4.8 for n log n, 16 for what is quadratic

local function message(change)
  local options = { from = "app@app.example", to = "a@b.example", subject = "News", text = "x" }
  for name, value in pairs(change) do options[name] = value end
  return liveblocks.mail.message(options)
end

local function addresses(n)
  local list = {}
  for i = 1, n do list[i] = ('"Name %d" <a%d@b.example>'):format(i, i) end
  return list
end

local function fields(n, value)
  local map = {}
  for i = 1, n do map["key" .. i] = value end
  return map
end

local kinds = {
  ["an e-mail with a long line"] = function(n) message { text = ("word "):rep(n) } end,
  ["an e-mail with a long line of other characters"] = function(n) message { text = ("\u{e9}"):rep(n) } end,
  ["an e-mail with many lines"] = function(n) message { text = ("line =\n"):rep(n), html = ("<p>\n"):rep(n) } end,
  ["an e-mail with a long subject"] = function(n) message { subject = ("s "):rep(n) .. "\u{20ac}" } end,
  ["an e-mail with a long header"] = function(n) message { headers = { ["X-A"] = ("\u{20ac}"):rep(n) } } end,
  ["an e-mail with many headers"] = function(n)
    local headers = {}
    for i = 1, n do headers["X-" .. i] = "value" end
    message { headers = headers }
  end,
  ["an e-mail to many"] = function(n) message { to = addresses(n), cc = addresses(n) } end,
  ["a long name"] = function(n) message { to = ("name "):rep(n) .. "<a@b.example>" } end,
  ["a query of many fields"] = function(n) query.format { metadata = fields(n, "v'a\"l") } end,
  ["a query of many comparisons"] = function(n) query.format { metadata = fields(n, { gt = 1, lt = 5 }) } end,
  ["a query with a long value"] = function(n) query.format { roomId = { startsWith = ("'\"\\ "):rep(n) } } end,
}

describe("the work of", function()
  for name, work in pairs(kinds) do
    it(name .. " grows with it", function()
      local growth = steps.growth(function(n) return function() work(n) end end, 1000)
      assert.is_true(growth < MAX, ("4 times as much takes %.1f times the work"):format(growth))
    end)
  end
end)

-- Patterns are outside of what is counted. What these have in them a million times would keep them busy for hours.
describe("a long run of spaces", function()
  local run = (" "):rep(1000000)

  it("in the middle of a name of an e-mail does not stop it", function()
    local text = message { to = "a" .. run .. "b <a@b.example>", subject = "s" }
    assert.matches("<a@b.example>", text, 1, true)
    assert.has_error(function() message { to = run .. "<" .. run } end)
  end)

  it("is trimmed at the ends of a text and left in its middle", function()
    assert.equal("a" .. run .. "b", trim.both(run .. "a" .. run .. "b" .. run))
    assert.equal("", trim.both(run))
    assert.equal("", trim.ending(""))
    assert.equal("a\n\nb", trim.ending("a\n\nb\n\n", "\n"))
  end)

  it("in an address, a heading and code does not stop what reads comments", function()
    local comment = liveblocks.comment
    for _, text in ipairs {
      "[a](<https://example.com/" .. run .. "b>)", "# a" .. ("#"):rep(1000000) .. "b", "    code" .. ("\n"):rep(100000) .. "    b",
      "| a" .. ("\\|"):rep(100000) .. " |\n| - |\n| b |\n",
    } do
      assert.is_table(comment.from_markdown(text))
    end
  end)
end)
