--- A Storage document as a tree that opens and closes: with what is live in it (LSON), or as the JSON that scripts read.
local document = require "lbhost.local.storage.document"
local html = require "lbhost.web.html"
local json = require "liveblocks.json"
local show = require "lbhost.web.show"
local sorted_keys = require "liveblocks.sorted_keys"

local tree = {}

local MAX_LINES <const> = 3000
local OPEN <const> = 2     -- levels that are open at first
local LONGEST <const> = 400 -- bytes of a string

local function leaf(value)
  if type(value) == "string" then return html.format('<span class="text">%s</span>', show.text(json.encode(value), LONGEST)) end
  return html.format('<span class="word">%s</span>', json.encode(value))
end

local function key_of(name)
  return name and html.format('<span class="key">%s</span> ', type(name) == "number" and ("%d"):format(name)
    or show.text(name, LONGEST)) or html.NOTHING
end

local function note(text)
  return html.format('<span class="kind">%s</span>', text)
end

-- The children of a branch, while lines are left; of those that are not shown, the number.
local function write_children(state, branch, depth, path)
  local lines, done = {}, 0
  for name, child in branch.next do
    if state.left <= 0 then break end
    state.left = state.left - 1
    lines[#lines + 1] = html.format("<li>%s</li>", branch.write(state, name, child, depth + 1, ("%s.%s"):format(path, name)))
    done = done + 1
  end
  if done < branch.count then
    lines[#lines + 1] = html.format("<li>%s</li>", note(("… %s more"):format(show.number(branch.count - done))))
  end
  return html.format("<ul>%s</ul>", html.join(lines))
end

-- branch: kind, count (of children), next (an iterator: name, child), write (writes a child)
local function write_branch(state, name, branch, depth, path)
  local head = html.join({ key_of(name), note(("%s %s"):format(branch.kind, show.number(branch.count))) }, "")
  if branch.count == 0 then return html.format('<span class="leaf">%s</span>', head) end
  return html.format('<details id="%s"%s><summary>%s</summary>%s</details>', path, depth < OPEN and html.raw " open" or "", head,
    write_children(state, branch, depth, path))
end

local function each_item(items)
  local i = 0
  return function()
    i = i + 1
    if items[i] ~= nil then return i - 1, items[i] end
  end
end

local function each_key(map)
  local keys, i = sorted_keys(map), 0
  return #keys, function()
    i = i + 1
    if keys[i] ~= nil then return keys[i], map[keys[i]] end
  end
end

local function write_plain(state, name, value, depth, path)
  if type(value) ~= "table" or value == json.null or json.is_number(value) then
    return html.format('<span class="leaf">%s%s</span>', key_of(name), leaf(value))
  end
  local branch = { kind = "object", write = write_plain }
  if json.is_array(value) then branch.kind, branch.count, branch.next = "list", #value, each_item(value)
  else branch.count, branch.next = each_key(value) end
  return write_branch(state, name, branch, depth, path)
end

local function write_text(state, name, node)
  local text = {}
  for _, segment in ipairs(node.data) do text[#text + 1] = type(segment) == "table" and tostring(segment[1]) or tostring(segment) end
  local kind = state.lson and note(("LiveText, version %d "):format(node.version or 0)) or ""
  return html.format('<span class="leaf">%s%s%s</span>', key_of(name), kind, leaf(table.concat(text)))
end

local write_node

-- A member of a LiveObject or LiveMap: a plain value or a node.
local function write_member(state, name, member, depth, path)
  if member.node then return write_node(state, name, member.node, depth, path) end
  return write_plain(state, name, member.plain, depth, path)
end

local function members(node)
  local all = {}
  for name, value in pairs(node.data or {}) do all[name] = { plain = value } end
  for name, child in pairs(node.children) do all[name] = { node = child } end
  return all
end

function write_node(state, name, node, depth, path)
  if node.kind == "Register" then return write_plain(state, name, node.data, depth, path) end
  if node.kind == "LiveText" then return write_text(state, name, node) end
  if node.kind == "LiveList" then
    local items = document.items(node)
    return write_branch(state, name, { kind = state.lson and node.kind or "list", count = #items, next = each_item(items),
      write = write_node }, depth, path)
  end
  if node.children then
    local count, next_member = each_key(members(node))
    return write_branch(state, name, { kind = state.lson and node.kind or "object", count = count, next = next_member,
      write = write_member }, depth, path)
  end
  local plain = write_plain(state, name, node.data, depth, path)
  return state.lson and html.join({ note(node.kind), " ", plain }, "") or plain
end

--- The tree of a document.
---@param root table a node of document.lua
---@param lson boolean with the kinds of what is live
---@return table raw
function tree.of(root, lson)
  return html.format('<div class="tree">%s</div>', write_node({ left = MAX_LINES, lson = lson }, nil, root, 0, "s"))
end

return tree
