-- Editors with whatever a script may pass by mistake: it works, or raises a usage error that names the function, and then the
-- document is as it was.
local liveblocks = require "liveblocks"
local editor = require "liveblocks.editor"
local errors = require "liveblocks.errors"
local seed = require "tests.support.seed"
local yjs = liveblocks.yjs

local MARKDOWN = [[
# Title

A **bold** word, *one* more and `code`, [a link](https://example.com) ~~gone~~.

- one
  - two
- three

1. first

- [x] done

> quoted

```lua
print(1)
```

| a | b |
| --- | --- |
| 1 | 2 |

---

![picture](https://example.com/p.png)
]]

local NIL = {}

local function hostile_values()
  local other = yjs.open()
  local cyclic, deep = {}, {}
  cyclic[1], cyclic.a = cyclic, cyclic
  local looped, ring = { type = "paragraph" }, { type = "paragraph" }
  looped.content, ring.children = { looped }, { ring }
  for _ = 1, 1100 do deep = { content = { deep }, type = "paragraph" } end
  return { NIL, true, false, 0 / 0, math.huge, -1, 0, 1.5, 2 ^ 53, 2 ^ 63, "", "x", "doc", "yjs", "yjsNode", "text", "linebreak",
    "\255", "a\237\160\128", {}, { 5 }, { "x" }, { {} }, { { {} } }, { a = 1 }, { 1, nil, 3 }, { 1, a = 2 }, { [1.5] = 1 }, cyclic,
    looped, ring, deep, function() end, coroutine.create(function() end), io.stdout, other, other:get_text "t", yjs.map(),
    yjs.binary "\255", yjs.undefined, yjs.subdocument "g",
    liveblocks.null, liveblocks.array {}, liveblocks.object {}, { type = "text" }, { type = "yjs", attrs = { id = "9" } }, { type = 5 },
    { type = "text", text = 5 }, { text = {} }, { insert = 5 }, { insert = "" }, { root = 5 }, { root = { children = 5 } }, { ops = 5 },
    { type = "yjsNode", node = 5 }, { type = "text", text = "x", marks = 5 }, { type = "text", text = "x", marks = { 5 } },
    { type = "paragraph", content = 5 }, { type = "paragraph", attrs = { 1, 2 } }, { type = "link", content = 5 },
    { type = "tableContent", rows = 5 },
    { type = "list", children = 5 }, { children = 5 }, { type = "paragraph", content = { { type = "text", text = "x", styles = 5 } } } }
end

local values = hostile_values()

local function value_of(i)
  local value = values[i]
  if value ~= NIL then return value end
end

local function each_value(fn)
  for i = 1, #values do fn(value_of(i), "value " .. i) end
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = setmetatable({}, getmetatable(value))
  for key, one in pairs(value) do made[key] = copy(one) end
  return made
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- Puts a value in the place of something in the content.
local function replaced(content, value)
  local made, path = copy(content), {}
  local at = made
  while true do
    local keys = sorted_keys(at)
    if not keys[1] then return made, path end
    local key = keys[math.random(#keys)]
    path[#path + 1] = tostring(key)
    if type(at[key]) ~= "table" or math.random(4) == 1 then
      at[key] = value
      return made, path
    end
    at = at[key]
  end
end

local function open(kind, content)
  local doc = yjs.open(nil, { client_id = 1 })
  local note = editor.open(doc, { kind = kind })
  note:set_content(content or MARKDOWN)
  doc:update()
  return note, doc
end

local function check(where, ok, err, what, kind)
  if ok then return end
  local good = errors.is(err) and (err.kind == "usage" or err.kind == kind) and err.message:find(what, 1, true)
  if not good then error(("%s: %s"):format(where, tostring(err)), 0) end
end

local readers = { "get_text", "to_markdown", "to_html", "mentions", "threads", "to_tiptap" }

local function check_document(where, note, doc)
  for _, method in ipairs(readers) do
    local ok, err = pcall(note[method], note)
    if not ok then error(("%s: then %s: %s"):format(where, method, tostring(err)), 0) end
  end
  local content = note:to_json()
  doc:update()
  local ok, err = pcall(note.set_content, note, content)
  if not ok then error(("%s: what was read: %s"):format(where, tostring(err)), 0) end
  if doc:update() then error(where .. ": what was read is not what is there", 0) end
end

-- After a call: it has failed and changed nothing, or what is there can be worked with.
local function after(where, ok, err, what, note, doc)
  check(where, ok, err, what)
  if not ok then
    if doc:update() then error(("%s: failed, and changed something: %s"):format(where, tostring(err)), 0) end
  else
    check_document(where, note, doc)
  end
end

-- try(where, ...) calls a method of a new document of the kind, which after() then looks at; and what the document holds.
local function attempts(kind, method)
  local filled, original = open(kind)
  local content, state = filled:to_json(), original:update "\0"
  return function(where, ...)
    local doc = yjs.open(state, { client_id = 2 })
    local note = editor.open(doc, { kind = kind })
    local ok, err = pcall(note[method], note, ...)
    after(kind .. ", " .. where, ok, err, method, note, doc)
  end, content
end

describe("an editor refuses wrong arguments, or takes them:", function()
  before_each(function() seed.start() end)

  it("open", function()
    local doc = yjs.open()
    doc:get_text("text"):insert(0, "text")
    local function try(where, ...)
      local ok, err = pcall(editor.open, ...)
      check(where, ok, err, "editor.open")
      return ok
    end
    each_value(function(value, where)
      try(where .. " as document", value, { kind = "tiptap" })
      try(where .. " as options", doc, value)
      try(where .. " as kind", doc, { kind = value })
      try(where .. " as field", doc, { kind = "tiptap", field = value })
    end)
    assert.is_false(try("a field of another type", doc, { kind = "tiptap", field = "text" }))
  end)

  for _, kind in ipairs(editor.kinds) do
    it("set_content of " .. kind, function()
      local try, content = attempts(kind, "set_content")
      each_value(function(value, where) try(where, value) end)
      for _ = 1, 100 do
        local i = math.random(#values)
        local given, path = replaced(content, value_of(i))
        try(("value %d at %s"):format(i, table.concat(path, ".")), given)
      end
    end)

    it("update of " .. kind, function()
      local try = attempts(kind, "update")
      local fields = { "type", "content", "children", "attrs", "text", "marks", "insert", "styles", "props" }
      each_value(function(value, where)
        if type(value) ~= "function" then try("fn is " .. where, value) end
        local count = 0
        try("fn returns " .. where, function()
          count = count + 1
          if count == 3 then return value end
        end)
        for _ = 1, 2 do
          local field = fields[math.random(#fields)]
          count = 0
          try(("fn sets %s to %s"):format(field, where), function(node)
            count = count + 1
            if count == 2 or count == 5 then node[field] = value end
          end)
        end
      end)
    end)

    it("reading of " .. kind, function()
      local note = open(kind)
      each_value(function(value, where)
        for _, method in ipairs { "get_text", "to_markdown", "to_html" } do
          local function try(options)
            local ok, err = pcall(note[method], note, options)
            check(("%s, %s, %s"):format(kind, where, method), ok, err, method)
          end
          try(value)
          for _, option in ipairs { "users", "groups", "separator" } do try { [option] = value } end
          try { users = function() return value end, groups = function() return { value } end }
        end
      end)
    end)

    it("replace of " .. kind, function()
      local try = attempts(kind, "replace")
      each_value(function(value, where)
        try(where .. " as the old text", value, "b")
        try(where .. " as the new text", "word", value)
        try(where .. " as options", "word", "b", value)
        try(where .. " as words", "word", "b", { words = value })
      end)
    end)
  end

  it("half of a surrogate pair is U+FFFD, and the same the second time", function()
    for _, kind in ipairs(editor.kinds) do
      local note, doc = open(kind, "# a half")
      local content = note:to_json()
      local text = liveblocks.json.encode(content):gsub("a half", "a \\ud83d half")
      note:set_content(liveblocks.json.decode(text))
      assert.matches("a \239\191\189 half", note:get_text(), 1, true)
      assert.is_string(doc:update())
      note:set_content(liveblocks.json.decode(text))
      assert.is_nil(doc:update(), kind)
    end
  end)
end)
