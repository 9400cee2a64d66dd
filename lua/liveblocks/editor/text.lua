--- The text of a document: as Tiptap's getText, with a separator before each block but the first.
local inline = require "liveblocks.editor.inline"
local wtf8 = require "liveblocks.wtf8"

---@param doc table Tiptap's JSON
---@param options liveblocks.EditorTextOptions
---@param of_lines boolean? separators between blocks that hold text alone, not where lists and the like begin
---@return string
return function(doc, options, of_lines)
  local known = inline.resolve("get_text", doc, options)
  local names_mentions = options.users or options.groups
  local separator, parts, is_first = options.separator or "\n\n", {}, true
  local function add(list)
    local is_line = inline.is_line(list)
    for _, node in ipairs(list or {}) do
      if node.type == "text" then
        parts[#parts + 1] = node.text
      elseif inline.mentions[node.type] and names_mentions then
        parts[#parts + 1] = "@" .. inline.name(node, known)
      elseif not is_line and not (of_lines and node.content and not inline.is_line(node.content)) then
        if not is_first then parts[#parts + 1] = separator end
        is_first = false
      end
      if not of_lines then is_first = false end
      add(node.content)
    end
  end
  add(doc.content)
  return wtf8.to_utf8(table.concat(parts))
end
