--- Pages of the documentation: read from Markdown into blocks, written for a terminal or as a manual page (roff).
local terminal = require "lbhost.util.terminal"

local page = {}

---@class lbhost.Page
---@field title string
---@field summary string
---@field blocks lbhost.Block[]

---@class lbhost.Block
---@field kind "heading"|"paragraph"|"item"|"row"|"code"
---@field text string? of all but rows
---@field cells string[]? of a row
---@field level integer? of a heading: 2, 3...

-- ---- Reading -------------------------------------------------------------------------------------

-- Links become their text, code and emphasis lose their marks.
local function plain(text)
  return (text:gsub("%[([^%]]*)%]%([^)]*%)", "%1"):gsub("%*%*([^*]+)%*%*", "%1"):gsub("`", ""))
end

local function cells_of(line)
  local cells = {}
  for cell in line:gsub("\\|", "\0"):gmatch "|([^|\n]*)%f[|]" do
    cells[#cells + 1] = plain(cell:match "^%s*(.-)%s*$"):gsub("%z", "|")
  end
  return cells
end

local function kind_of(line)
  if line:find "^#+ " then return "heading" end
  if line:find "^|" then return "row" end
  if line:find "^[-*] " or line:find "^%d+%. " then return "item" end
  return "paragraph"
end

--- Reads a page.
---@param markdown string
---@return lbhost.Page
function page.parse(markdown)
  local blocks, code, open = {}, nil, nil
  local function add(block)
    blocks[#blocks + 1] = block
    return block
  end
  for line in (markdown .. "\n"):gmatch "([^\n]*)\n" do
    if code then
      if line:find "^```" then code = nil else code.text = code.text .. line .. "\n" end
    elseif line:find "^```" then
      code, open = add { kind = "code", text = "" }, nil
    elseif line == "" then
      open = nil
    else
      local kind = kind_of(line)
      if kind == "row" then
        local cells = cells_of(line)
        if not cells[1]:find "^:?%-+:?$" then
          add { kind = "row", cells = cells }
        elseif table.concat(blocks[#blocks].cells, "", 2) == "" then
          blocks[#blocks] = nil -- a header row that names the first column at most
        end
      elseif kind == "heading" then
        add { kind = "heading", level = #line:match "^#+", text = plain(line:match "^#+%s+(.*)$") }
      elseif kind == "paragraph" and open then
        open.text = open.text .. " " .. plain(line:match "^%s*(.*)$")
      else
        open = add { kind = kind, text = plain(line) }
      end
    end
  end
  local title, summary = blocks[1], blocks[2]
  assert(title and title.kind == "heading" and summary and summary.kind == "paragraph", "a page begins with a title and a summary")
  return { title = title.text, summary = summary.text, blocks = table.move(blocks, 3, #blocks, 1, {}) }
end

--- The part of a page below one of its headings, to the next of the same level.
---@param self lbhost.Page
---@param heading string
---@return lbhost.Page?
function page.section(self, heading)
  for i, block in ipairs(self.blocks) do
    if block.kind == "heading" and block.text == heading then
      local last = i
      while self.blocks[last + 1] and not (self.blocks[last + 1].kind == "heading" and self.blocks[last + 1].level <= block.level) do
        last = last + 1
      end
      return { title = self.title, summary = self.summary, blocks = table.move(self.blocks, i, last, 1, {}) }
    end
  end
end

-- ---- For a terminal ------------------------------------------------------------------------------

local INDENT, FIRST_COLUMN = "  ", 28

local function row_text(cells)
  local first = cells[1] or ""
  local rest = table.concat(cells, "  ", 2)
  if rest == "" then return INDENT .. first end
  if #first >= FIRST_COLUMN then return ("%s%s\n%s%s"):format(INDENT, first, (" "):rep(FIRST_COLUMN + 2), rest) end
  return ("%s%-" .. FIRST_COLUMN .. "s%s"):format(INDENT, first .. "  ", rest)
end

--- Blocks as text of a width; code stays as it is.
---@param blocks lbhost.Block[]
---@param width integer?
---@return string
function page.to_text(blocks, width)
  local out, before = {}, nil
  for _, block in ipairs(blocks) do
    if before and not (block.kind == before and (block.kind == "row" or block.kind == "item")) then out[#out + 1] = "\n" end
    before = block.kind
    if block.kind == "heading" then out[#out + 1] = block.text .. "\n"
    elseif block.kind == "code" then out[#out + 1] = (block.text:gsub("([^\n]*\n)", "    %1"))
    elseif block.kind == "row" then out[#out + 1] = terminal.wrap(row_text(block.cells), width) .. "\n"
    else out[#out + 1] = terminal.wrap(INDENT .. block.text, width) .. "\n" end
  end
  return table.concat(out)
end

-- ---- As a manual page ----------------------------------------------------------------------------

--- Text that roff takes literally; what is not ASCII as its code point.
---@param text string
---@return string
function page.roff_text(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("[\xC2-\xF4][\x80-\xBF]+", function(character)
    return ("\\[u%04X]"):format(utf8.codepoint(character))
  end)
  return (("\n" .. text):gsub("\n([.'])", "\n\\&%1"):sub(2))
end

local roff_text = page.roff_text

local roff = {
  heading = function(block) return (block.level > 2 and ".SS " or ".SH ") .. roff_text(block.text:upper()) .. "\n" end,
  paragraph = function(block) return ".PP\n" .. roff_text(block.text) .. "\n" end,
  item = function(block) return ".IP \\(bu 2\n" .. roff_text(block.text:gsub("^%S+%s+", "")) .. "\n" end,
  code = function(block) return ".PP\n.nf\n.RS 4\n" .. roff_text(block.text) .. ".RE\n.fi\n" end,
  row = function(block)
    return ".TP\n\\fB" .. roff_text(block.cells[1] or "") .. "\\fR\n" .. roff_text(table.concat(block.cells, "  ", 2)) .. "\n"
  end,
}

--- Blocks as roff, with the macros of man(7).
---@param blocks lbhost.Block[]
---@return string
function page.to_roff(blocks)
  local out = {}
  for i, block in ipairs(blocks) do out[i] = roff[block.kind](block) end
  return table.concat(out)
end

return page
