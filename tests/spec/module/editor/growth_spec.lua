-- How the work of a change grows with the document, counted in instructions.
local liveblocks = require "liveblocks"
local editor = require "liveblocks.editor"
local steps = require "tests.support.steps"
local yjs = liveblocks.yjs

local MAX_GROWTH <const> = 6 -- 4.8 for n log n, 16 for what is quadratic

local function words(n)
  local list = {}
  for i = 1, n do list[i] = ("word%d"):format(i) end
  return list
end

local function paragraphs(texts)
  local content = {}
  for i, text in ipairs(texts) do content[i] = { type = "paragraph", content = { { type = "text", text = text } } } end
  return { type = "doc", content = content }
end

local function backwards(list)
  local out = {}
  for i, one in ipairs(list) do out[#list + 1 - i] = one end
  return out
end

local function changing(before, after, kind)
  return function(n)
    local note = editor.open(yjs.open(nil, { client_id = 1 }), { kind = kind or "tiptap" })
    note:set_content(before(n))
    return function() note:set_content(after(n)) end
  end
end

local function one_text(text) return paragraphs { text } end

local changes = {
  ["paragraphs in the other order"] = changing(function(n) return paragraphs(words(n)) end,
    function(n) return paragraphs(backwards(words(n))) end),
  ["every paragraph with another text"] = changing(function(n) return paragraphs(words(n)) end, function(n)
    local list = words(n)
    for i = 1, n do list[i] = list[i] .. " more" end
    return paragraphs(list)
  end),
  ["the same paragraph again and again"] = changing(function(n)
    local list = {}
    for i = 1, n do list[i] = i % 2 == 0 and "a" or "b" end
    return paragraphs(list)
  end, function(n)
    local list = {}
    for i = 1, n do list[i] = i % 3 == 0 and "a" or "b" end
    return paragraphs(list)
  end),
  ["words in the other order"] = changing(function(n) return one_text(table.concat(words(n), " ")) end,
    function(n) return one_text(table.concat(backwards(words(n)), " ")) end),
  ["the same word again and again"] = changing(function(n) return one_text(("a "):rep(n)) end,
    function(n) return one_text(("a b "):rep(n / 2)) end),
  ["formats of every second word"] = changing(function(n) return one_text(("word "):rep(n)) end, function(n)
    local content = {}
    for i = 1, n do content[i] = { type = "text", text = "word ", marks = i % 2 == 0 and { { type = "bold" } } or nil } end
    return { type = "doc", content = { { type = "paragraph", content = content } } }
  end),
}

describe("the work of a change", function()
  for name, make in pairs(changes) do
    it("grows no faster than n log n: " .. name, function()
      local growth = steps.growth(make, 400)
      assert.is_true(growth < MAX_GROWTH, ("%s: 4 times as much takes %.1f times the work"):format(name, growth))
    end)
  end

  it("grows with the depth as with the length", function()
    local growth = steps.growth(function(depth)
      local function nested(text)
        local node = { type = "paragraph", content = { { type = "text", text = text } } }
        for _ = 1, depth do node = { type = "blockquote", content = { node, { type = "paragraph" } } } end
        return { type = "doc", content = { node } }
      end
      return changing(function() return nested "one" end, function() return nested "two" end)(1)
    end, 100)
    assert.is_true(growth < MAX_GROWTH, ("%.1f"):format(growth))
  end)
end)

describe("the work of Markdown", function()
  local lines = {
    ["line breaks after marked text"] = function(n)
      local content = {}
      for i = 1, n do
        content[i] = i % 2 == 0 and { type = "hardBreak", marks = { { type = "bold" } } }
          or { type = "text", text = "x ", marks = { { type = "bold" } } }
      end
      return { type = "doc", content = { { type = "paragraph", content = content } } }
    end,
    ["rows of many lengths"] = function(n)
      local rows = {}
      for i = 1, n do
        local cells = {}
        for j = 1, i == 1 and n or 1 do cells[j] = { type = "tableCell", content = { { type = "paragraph" } } } end
        rows[i] = { type = "tableRow", content = cells }
      end
      return { type = "doc", content = { { type = "table", content = rows } } }
    end,
  }
  it("of Lexical grows no faster than n log n where marks stay open in a link", function()
    local growth = steps.growth(function(n)
      local function text(format) return { type = "text", text = "x", format = format } end
      local inner = {}
      for i = 1, n do inner[i] = text(i % 2) end
      local link = { type = "link", url = "https://example.com", children = inner }
      local note = editor.open(yjs.open(nil, { client_id = 1 }), { kind = "lexical" })
      note:set_content { root = { children = { { type = "paragraph", children = { text(1), link, text(1) } } } } }
      return function() note:to_markdown() end
    end, 800)
    assert.is_true(growth < MAX_GROWTH, ("%.1f"):format(growth))
  end)

  for name, make in pairs(lines) do
    it("grows no faster than n log n: " .. name, function()
      local growth = steps.growth(function(n)
        local note = editor.open(yjs.open(nil, { client_id = 1 }), { kind = "tiptap" })
        note:set_content(make(n))
        return function() note:to_markdown() end
      end, 300)
      assert.is_true(growth < MAX_GROWTH, ("%.1f"):format(growth))
    end)
  end
end)
