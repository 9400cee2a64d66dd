--- The names of the same nodes and marks in Tiptap and in ProseMirror's own schemas.
local names = {}

local pairs_of = {
  nodes = {
    { "bulletList", "bullet_list" }, { "orderedList", "ordered_list" }, { "listItem", "list_item" },
    { "codeBlock", "code_block" }, { "horizontalRule", "horizontal_rule" }, { "hardBreak", "hard_break" },
    { "tableRow", "table_row" }, { "tableCell", "table_cell" }, { "tableHeader", "table_header" },
  },
  marks = { { "bold", "strong" }, { "italic", "em" }, { "strike", "strikethrough" } },
  attrs = { { "codeBlock", "language", "params" }, { "orderedList", "start", "order" } },
}

local function direction(from, to)
  local map = { nodes = {}, marks = {}, attrs = {} }
  for _, kind in ipairs { "nodes", "marks" } do
    for _, pair in ipairs(pairs_of[kind]) do map[kind][pair[from]] = pair[to] end
  end
  for _, row in ipairs(pairs_of.attrs) do map.attrs[row[1]] = { row[from + 1], row[to + 1] } end
  map.is_tiptap = to == 1
  return map
end

--- To Tiptap's names, and to ProseMirror's.
names.tiptap = direction(2, 1)
names.prosemirror = direction(1, 2)

local function renamed(value, swap)
  if type(value) ~= "table" or not swap or value[swap[1]] == nil then return value end
  local copy = {}
  for name, one in pairs(value) do copy[name == swap[1] and swap[2] or name] = one end
  return copy
end

--- A copy of a node with all that is in it, by other names.
---@param node table
---@param map table names.tiptap or names.prosemirror
---@return table
function names.change(node, map)
  local copy = {}
  for field, value in pairs(node) do copy[field] = value end
  copy.type = map.nodes[node.type] or node.type
  copy.attrs = renamed(node.attrs, map.attrs[map.is_tiptap and copy.type or node.type])
  for _, list in ipairs { "content", "marks" } do
    if type(node[list]) == "table" then
      copy[list] = setmetatable({}, getmetatable(node[list]))
      for i, one in ipairs(node[list]) do
        if list == "content" then
          copy[list][i] = names.change(one, map)
        else
          local mark = {}
          for field, value in pairs(one) do mark[field] = value end
          mark.type = map.marks[one.type] or one.type
          copy[list][i] = mark
        end
      end
    end
  end
  return copy
end

return names
