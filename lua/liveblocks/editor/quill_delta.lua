--- Quill's delta in Tiptap's JSON: the format of a line is that of the newline which ends it.
local inline = require "liveblocks.editor.inline"
local json = require "liveblocks.json"

local deltas = {}

local marks = { bold = "bold", italic = "italic", underline = "underline", strike = "strike", code = "code" }
local order = { "bold", "code", "italic", "strike", "underline" }

local function given(value) return value ~= nil and value ~= json.null and value ~= false end

local function marks_of(attributes)
  local list = json.array {}
  attributes = attributes or {}
  if type(attributes.link) == "string" then list[1] = { type = "link", attrs = { href = attributes.link } } end
  for _, name in ipairs(order) do
    if given(attributes[name]) then list[#list + 1] = { type = marks[name] } end
  end
  return list[1] and list or nil
end

-- The lines of a delta: what is in them, and their format.
local function lines_of(delta)
  local lines, content = {}, json.array {}
  for _, part in ipairs(delta) do
    if type(part.insert) == "string" then
      local at = 1
      while true do
        local stop = part.insert:find("\n", at, true)
        local text = part.insert:sub(at, stop and stop - 1 or -1)
        if text ~= "" then content[#content + 1] = { type = "text", text = text, marks = marks_of(part.attributes) } end
        if not stop then break end
        lines[#lines + 1] = { content = content, format = part.attributes or {} }
        content, at = json.array {}, stop + 1
      end
    elseif type(part.insert) == "table" then
      local embed = part.insert
      if embed.image then
        content[#content + 1] = { type = "image", attrs = { src = embed.image } }
      elseif type(embed.mention) == "table" then
        content[#content + 1] = { type = "mention", attrs = { id = embed.mention.id, label = embed.mention.value } }
      elseif type(embed.formula) == "string" or type(embed.video) == "string" then
        content[#content + 1] = { type = "text", text = embed.formula or embed.video, marks = marks_of(part.attributes) }
      end
    end
  end
  if content[1] then lines[#lines + 1] = { content = content, format = {} } end
  return lines
end

local function element(kind, content, attrs)
  return { type = kind, attrs = attrs, content = content and content[1] and content or nil }
end

local lists = { bullet = "bulletList", ordered = "orderedList", checked = "taskList", unchecked = "taskList" }

-- Puts an item into the list of its depth.
local function add_item(out, line)
  local kind, list = lists[line.format.list] or "bulletList", out
  local depth = inline.integer({ attrs = line.format }, "indent", 0, 0, 20)
  for _ = 1, depth do
    local last = list[#list]
    local items = last and last.content
    local content = items and items[#items].content
    if not lists[line.format.list] or not content or not (last.type:find "List$") then break end
    list = content
  end
  local last = list[#list]
  if not last or last.type ~= kind then
    last = { type = kind, content = json.array {} }
    list[#list + 1] = last
  end
  local item = { element("paragraph", line.content) }
  last.content[#last.content + 1] = kind == "taskList"
    and element("taskItem", json.array(item), { checked = line.format.list == "checked" }) or element("listItem", json.array(item))
end

local function text_of(line)
  local parts = {}
  for i, node in ipairs(line.content) do parts[i] = node.text or "" end
  return table.concat(parts)
end

local function add_code(out, line)
  local last, text = out[#out], text_of(line)
  local language = line.format["code-block"]
  if type(language) ~= "string" or language == "plain" then language = json.null end
  if not last or last.type ~= "codeBlock" or not last.is_open or last.attrs.language ~= language then
    last = { type = "codeBlock", attrs = { language = language }, parts = {}, is_open = true }
    out[#out + 1] = last
  end
  last.parts[#last.parts + 1] = text
end

--- Tiptap's JSON from a delta.
---@param delta table[]
---@return table
function deltas.to_tiptap(delta)
  local out = json.array {}
  for _, line in ipairs(lines_of(delta)) do
    local format, last = line.format, out[#out]
    if given(format["code-block"]) then
      add_code(out, line)
    elseif given(format.list) then
      add_item(out, line)
    elseif given(format.blockquote) then
      if not last or last.type ~= "blockquote" then
        last = { type = "blockquote", content = json.array {} }
        out[#out + 1] = last
      end
      last.content[#last.content + 1] = element("paragraph", line.content)
    elseif given(format.header) then
      out[#out + 1] = element("heading", line.content, { level = inline.integer({ attrs = format }, "header", 1, 1, 6) })
    else
      out[#out + 1] = element("paragraph", line.content)
    end
  end
  for _, node in ipairs(out) do
    if node.parts then
      local text = table.concat(node.parts, "\n")
      node.content = text ~= "" and json.array { { type = "text", text = text } } or nil
      node.parts, node.is_open = nil, nil
    end
  end
  return { type = "doc", content = out }
end

--- The text, as getText of Quill: without what is embedded.
---@param delta table[]
---@param options liveblocks.EditorTextOptions
---@return string
function deltas.get_text(delta, options)
  inline.resolve("get_text", { content = {} }, options)
  local parts = {}
  for _, part in ipairs(delta) do
    if type(part.insert) == "string" then parts[#parts + 1] = part.insert end
  end
  return table.concat(parts)
end

-- ---- From Tiptap ---------------------------------------------------------------------------------

local function add_line(out, content, format)
  for _, node in ipairs(content or {}) do
    local attributes = {}
    for _, mark in ipairs(node.marks or {}) do
      if mark.type == "link" then attributes.link = mark.attrs.href elseif marks[mark.type] then attributes[mark.type] = true end
    end
    attributes = next(attributes) ~= nil and attributes or nil
    if node.type == "text" then
      out[#out + 1] = { insert = node.text, attributes = attributes }
    elseif node.type == "image" then
      out[#out + 1] = { insert = { image = inline.string(node, "src") }, attributes = attributes }
    elseif node.type == "hardBreak" then
      out[#out + 1] = { insert = "\n", attributes = next(format) ~= nil and format or nil }
    end
  end
  out[#out + 1] = { insert = "\n", attributes = next(format) ~= nil and format or nil }
end

local function with(format, name, value)
  local copy = { [name] = value }
  for key, one in pairs(format) do copy[key] = copy[key] or one end
  return copy
end

local list_names = { bulletList = "bullet", orderedList = "ordered" }

-- The lines of a node, by its type: f(out, node, format, depth). `format` is that of the nodes around it, `depth` the number of
-- lists. What is not here is one line.
local lines = {}

local function add(out, list, format, depth)
  for _, node in ipairs(list or {}) do
    if lines[node.type] then lines[node.type](out, node, format, depth) else add_line(out, node.content, format) end
  end
end

local function add_inner(out, node, format, depth) add(out, node.content, format, depth) end

local function add_list(out, node, format, depth)
  for _, item in ipairs(node.content or {}) do
    local name = list_names[node.type] or item.attrs and item.attrs.checked and "checked" or "unchecked"
    local inner = with(format, "list", name)
    inner.indent = depth > 0 and depth or nil
    add(out, item.content, inner, depth + 1)
  end
end

lines.bulletList, lines.orderedList, lines.taskList = add_list, add_list, add_list
lines.table, lines.tableRow, lines.tableCell, lines.tableHeader = add_inner, add_inner, add_inner, add_inner

function lines.heading(out, node, format)
  add_line(out, node.content, with(format, "header", inline.integer(node, "level", 1, 1, 6)))
end

function lines.blockquote(out, node, format, depth) add(out, node.content, with(format, "blockquote", true), depth) end

function lines.codeBlock(out, node)
  local language = inline.string(node, "language") or "plain"
  for text in ((node.content and node.content[1].text or "") .. "\n"):gmatch "([^\n]*)\n" do
    add_line(out, text ~= "" and { { type = "text", text = text } } or nil, { ["code-block"] = language })
  end
end

function lines.image(out, node, format) add_line(out, { node }, format) end

function lines.horizontalRule(out) add_line(out, { { type = "text", text = "---" } }, {}) end

--- A delta from Tiptap's JSON.
---@param doc table
---@return table[]
function deltas.of_tiptap(doc)
  local out = json.array {}
  add(out, doc.content, {}, 0)
  return out
end

return deltas
