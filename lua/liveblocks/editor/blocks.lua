--- BlockNote's blocks as Tiptap's JSON, and Tiptap's JSON as blocks.
local json = require "liveblocks.json"

local blocks = {}

-- ---- To Tiptap -----------------------------------------------------------------------------------

local function marks_of(styles, link)
  local marks = json.array {}
  if link then marks[1] = { type = "link", attrs = { href = link } } end
  local names = {}
  for name in pairs(type(styles) == "table" and styles or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local style = styles[name]
    local several = type(style) == "table" and (json.is_array(style) or style[1] ~= nil) and style or { style }
    for _, one in ipairs(several) do
      if one == true then
        marks[#marks + 1] = { type = name }
      elseif one ~= false and one ~= json.null then
        -- Colours are Tiptap's own in another form.
        local attrs = type(one) == "table" and one or { stringValue = one }
        if name == "textColor" or name == "backgroundColor" then
          marks[#marks + 1] = name == "textColor" and { type = "textStyle", attrs = { color = one } }
            or { type = "highlight", attrs = { color = one } }
        else
          marks[#marks + 1] = { type = name, attrs = attrs }
        end
      end
    end
  end
  return marks[1] and marks or nil
end

--- Adds text as nodes: a line break in it is a node of its own, but in code.
---@param out table[]
---@param text string
---@param marks table[]?
---@param is_code boolean?
function blocks.add_text(out, text, marks, is_code)
  local at = 1
  while true do
    local stop = not is_code and text:find("\n", at, true)
    local part = text:sub(at, stop and stop - 1 or -1)
    if part ~= "" then out[#out + 1] = { type = "text", text = part, marks = marks } end
    if not stop then return end
    out[#out + 1] = { type = "hardBreak" }
    at = stop + 1
  end
end

local function add_text(out, part, link, is_code)
  blocks.add_text(out, part.text or "", marks_of(part.styles, link), is_code)
end

local function line(content, is_code)
  local out = json.array {}
  if type(content) == "string" then content = { { type = "text", text = content } } end
  for _, part in ipairs(content or {}) do
    if type(part) == "string" then part = { type = "text", text = part } end
    if part.type == "text" then
      add_text(out, part, nil, is_code)
    elseif part.type == "link" then
      local inner = type(part.content) == "string" and { { text = part.content } } or part.content
      for _, one in ipairs(inner or {}) do add_text(out, one, part.href, is_code) end
    else
      out[#out + 1] = { type = part.type, attrs = part.props, content = part.content and line(part.content) }
    end
  end
  return out
end

local function node(kind, content, attrs)
  return { type = kind, attrs = attrs, content = content and content[1] and json.array(content) or nil }
end

local function props_of(block, names)
  local attrs, props = {}, block.props or {}
  for _, name in ipairs(names) do
    if props[name] ~= nil and props[name] ~= "default" and not (name == "textAlignment" and props[name] == "left") then
      attrs[name == "textAlignment" and "textAlign" or name] = props[name]
    end
  end
  return next(attrs) ~= nil and attrs or nil
end

local function file_of(block)
  local props = block.props or {}
  local name = props.caption ~= "" and props.caption or props.name ~= "" and props.name or props.url
  return node("paragraph", { { type = "text", text = tostring(name or "file") ~= "" and tostring(name or "file") or "file",
    marks = json.array { { type = "link", attrs = { href = props.url } } } } })
end

local simple = {
  paragraph = function(block) return node("paragraph", line(block.content), props_of(block, { "textAlignment" })) end,
  heading = function(block) return node("heading", line(block.content), props_of(block, { "level", "textAlignment" })) end,
  quote = function(block) return node("blockquote", { node("paragraph", line(block.content)) }) end,
  codeBlock = function(block)
    local language = block.props and block.props.language
    return node("codeBlock", line(block.content, true), { language = language ~= "text" and language or json.null })
  end,
  divider = function() return { type = "horizontalRule" } end,
  pageBreak = function() return { type = "horizontalRule" } end,
  image = function(block)
    local props = block.props or {}
    return { type = "image", attrs = { src = props.url, alt = props.caption ~= "" and props.caption or props.name } }
  end,
  file = file_of, video = file_of, audio = file_of,
  table = function(block)
    local rows, content = {}, block.content or {}
    for i, row in ipairs(content.rows or {}) do
      local cells = {}
      for j, cell in ipairs(row.cells or {}) do
        local is_cell = type(cell) == "table" and cell.type == "tableCell"
        local inner
        if is_cell then inner = cell.content else inner = cell end
        local header, props = i <= (content.headerRows or 0) or j <= (content.headerCols or 0), is_cell and cell.props or {}
        local attrs = (props.colspan or 1) ~= 1 or (props.rowspan or 1) ~= 1
        cells[j] = node(header and "tableHeader" or "tableCell", { node("paragraph", line(inner)) },
          attrs and { colspan = props.colspan, rowspan = props.rowspan } or nil)
      end
      rows[i] = node("tableRow", cells)
    end
    return node("table", rows)
  end,
}

local lists = { bulletListItem = "bulletList", toggleListItem = "bulletList", numberedListItem = "orderedList",
  checkListItem = "taskList" }

local add_all

local function add_item(out, block)
  local kind = lists[block.type]
  local last = out[#out]
  local props = block.props or {}
  local start = kind == "orderedList" and type(props.start) == "number" and props.start or nil
  if not last or last.type ~= kind or start and start ~= 1 then
    last = { type = kind, content = json.array {}, attrs = start and { start = start } or nil }
    out[#out + 1] = last
  end
  local content = json.array { node("paragraph", line(block.content)) }
  add_all(content, block.children)
  last.content[#last.content + 1] = kind == "taskList" and node("taskItem", content, { checked = props.checked == true })
    or node("listItem", content)
end

function add_all(out, list)
  for _, block in ipairs(list or {}) do
    if lists[block.type] then
      add_item(out, block)
    else
      local make = simple[block.type]
      if make then
        out[#out + 1] = make(block)
      elseif block.type == "yjsNode" then
        out[#out + 1] = block.node
      elseif block.type ~= "columnList" and block.type ~= "column" then
        -- A custom block stays a node of its name.
        out[#out + 1] = node(block.type, type(block.content) == "table" and line(block.content) or nil, block.props)
      end
      add_all(out, block.children)
    end
  end
end

--- Tiptap's JSON from blocks.
---@param list table[]
---@return table
function blocks.to_tiptap(list)
  local content = json.array {}
  add_all(content, list)
  return { type = "doc", content = content }
end

-- ---- From Tiptap ---------------------------------------------------------------------------------

local function styles_of(marks)
  local styles, link = json.object {}, nil
  for _, mark in ipairs(marks or {}) do
    local attrs = type(mark.attrs) == "table" and next(mark.attrs) ~= nil and mark.attrs or nil
    if mark.type == "link" then
      link = attrs and attrs.href
    elseif mark.type == "textStyle" and attrs and attrs.color then
      styles.textColor = attrs.color
    elseif mark.type == "highlight" then
      styles.backgroundColor = attrs and attrs.color or "yellow"
    else
      styles[mark.type] = attrs or true
    end
  end
  return styles, link
end

local function inline(list)
  local out = json.array {}
  for _, one in ipairs(list or {}) do
    local styles, link = styles_of(one.marks)
    local part = one.type == "text" and { type = "text", text = one.text, styles = styles }
      or one.type == "hardBreak" and { type = "text", text = "\n", styles = json.object {} }
    local last = out[#out]
    if not part then
      out[#out + 1] = { type = one.type, props = one.attrs or json.object {}, content = one.content and inline(one.content) }
    elseif not link then
      out[#out + 1] = part
    elseif last and last.type == "link" and last.href == link then
      last.content[#last.content + 1] = part
    else
      out[#out + 1] = { type = "link", href = link, content = json.array { part } }
    end
  end
  return out
end

local function block(kind, content, props, children)
  return { type = kind, props = props or json.object {}, content = content, children = json.array(children or {}) }
end

local from

local function first_line(item)
  local content, rest = nil, {}
  for i, one in ipairs(item.content or {}) do
    if i == 1 and one.type == "paragraph" then content = inline(one.content) else rest[#rest + 1] = one end
  end
  local children = json.array {}
  from(children, rest)
  return content or json.array {}, children
end

local function items(kind)
  return function(out, list)
    for i, item in ipairs(list.content or {}) do
      local content, children = first_line(item)
      local props = kind == "checkListItem" and { checked = item.attrs ~= nil and item.attrs.checked == true } or json.object {}
      local start = kind == "numberedListItem" and i == 1 and list.attrs and list.attrs.start
      if type(start) == "number" and start ~= 1 then props.start = start end
      out[#out + 1] = block(kind, content, props, children)
    end
  end
end

local makers = {
  paragraph = function(out, one) out[#out + 1] = block("paragraph", inline(one.content)) end,
  heading = function(out, one) out[#out + 1] = block("heading", inline(one.content), { level = one.attrs and one.attrs.level or 1 }) end,
  bulletList = items "bulletListItem", orderedList = items "numberedListItem", taskList = items "checkListItem",
  blockquote = function(out, one)
    for _, inner in ipairs(one.content or {}) do
      if inner.type == "paragraph" then out[#out + 1] = block("quote", inline(inner.content)) else from(out, { inner }) end
    end
  end,
  codeBlock = function(out, one)
    local language = one.attrs and one.attrs.language
    out[#out + 1] = block("codeBlock", inline(one.content), { language = type(language) == "string" and language or "text" })
  end,
  horizontalRule = function(out) out[#out + 1] = block "divider" end,
  image = function(out, one)
    local attrs = one.attrs or {}
    out[#out + 1] = block("image", nil, { url = attrs.src, name = attrs.alt or "" })
  end,
  table = function(out, one)
    local content = { type = "tableContent", columnWidths = json.array {}, rows = json.array {} }
    for i, row in ipairs(one.content or {}) do
      local cells, all = json.array {}, true
      for j, cell in ipairs(row.content or {}) do
        local inner = json.array {}
        for k, paragraph in ipairs(cell.content or {}) do
          if k > 1 then inner[#inner + 1] = { type = "text", text = "\n", styles = json.object {} } end
          for _, part in ipairs(inline(paragraph.content)) do inner[#inner + 1] = part end
        end
        cells[j] = { type = "tableCell", content = inner, props = cell.attrs or json.object {} }
        all = all and cell.type == "tableHeader"
        if i == 1 then content.columnWidths[j] = json.null end
      end
      if all and i == (content.headerRows or 0) + 1 then content.headerRows = i end
      content.rows[i] = { cells = cells }
    end
    out[#out + 1] = block("table", content)
  end,
}

function from(out, list)
  for _, one in ipairs(list or {}) do
    local make = makers[one.type]
    if make then make(out, one) else out[#out + 1] = block(one.type, one.content and inline(one.content), one.attrs) end
  end
end

--- Blocks, without ids, from Tiptap's JSON.
---@param doc table
---@return table[]
function blocks.of_tiptap(doc)
  local out = json.array {}
  from(out, doc.content)
  return out
end

return blocks
