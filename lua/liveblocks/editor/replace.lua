--- Replaces a term in the text of nodes, also where it goes on over several of them: of parts in bold, say.
local replace = {}

local function text_of(node)
  if type(node) ~= "table" then return nil end
  if type(node.text) == "string" then return node.text, "text" end
  if type(node.insert) == "string" then return node.insert, "insert" end
end

local function is_word(char) return char ~= "" and (char:find("^[%w_]") ~= nil or char:byte() >= 128) end

-- Where the term stands in a string: a list of positions.
local function find_all(text, from, words)
  local positions, at = {}, 1
  while true do
    local first, last = text:find(from, at, true)
    if not first then return positions end
    local is_whole = not words or not (is_word(text:sub(first - 1, first - 1)) and is_word(from:sub(1, 1)))
      and not (is_word(text:sub(last + 1, last + 1)) and is_word(from:sub(-1)))
    -- Not the byte before the first, which sub(0, 0) is not.
    if is_whole then positions[#positions + 1] = first end
    at = is_whole and last + 1 or first + 1
  end
end

-- Replaces in nodes first to last of a list, whose texts follow each other. What takes the place of a term is in the node in
-- which the term begins.
local function in_run(list, first, last, from, to, words)
  local texts = {}
  for i = first, last do texts[#texts + 1] = (text_of(list[i])) end
  local whole = table.concat(texts)
  local positions = find_all(whole, from, words)
  if not positions[1] then return 0 end
  local start, next_position = 1, 1
  local skip_to = 1 -- the first byte that is in no term
  for i = first, last do
    local text, field = text_of(list[i])
    local stop = start + #text - 1
    local parts, at = {}, math.max(start, skip_to)
    while positions[next_position] and positions[next_position] <= stop do
      local position = positions[next_position]
      parts[#parts + 1] = whole:sub(at, position - 1)
      parts[#parts + 1] = to
      skip_to = position + #from
      at = skip_to
      next_position = next_position + 1
    end
    if at <= stop then parts[#parts + 1] = whole:sub(at, stop) end
    list[i][field] = table.concat(parts)
    start = stop + 1
  end
  return #positions
end

-- Removes the nodes whose text is gone.
local function remove_empty(list)
  local kept, count = 0, #list
  for i = 1, count do
    local one = list[i]
    if text_of(one) ~= "" then
      kept = kept + 1
      list[kept] = one
    end
  end
  for i = kept + 1, count do list[i] = nil end
end

-- Replaces in the text nodes of a list itself.
local function in_texts(list, from, to, words)
  local count, first, had_empty = 0, nil, false
  for i = 1, #list + 1 do
    local text = text_of(list[i])
    if text and not first then first = i end
    if not text and first then
      count = count + in_run(list, first, i - 1, from, to, words)
      for k = first, i - 1 do had_empty = had_empty or text_of(list[k]) == "" end
      first = nil
    end
  end
  if had_empty and count > 0 then remove_empty(list) end
  return count
end

--- Replaces in a list of nodes and in all that is in them; nodes whose text is gone are removed.
---@param list table[]
---@param from string
---@param to string
---@param lists string[] the fields with the nodes in a node
---@param words boolean? whole words only
---@return integer count
function replace.all(list, from, to, lists, words)
  local count = in_texts(list, from, to, words)
  local function within(inner)
    if type(inner) == "table" then count = count + replace.all(inner, from, to, lists, words) end
  end
  for _, one in ipairs(list) do
    for _, name in ipairs(lists) do
      local inner = type(one) == "table" and one[name]
      if type(inner) == "table" and inner.rows then
        for _, row in ipairs(inner.rows) do
          for _, cell in ipairs(type(row) == "table" and row.cells or {}) do
            within(type(cell) == "table" and cell.content or cell)
          end
        end
      else
        within(inner)
      end
    end
  end
  return count
end

return replace
