-- Types in the notation of the endpoint table (lua/liveblocks/types.lua) as trees that can be compared: ranges are left out,
-- and what two SDKs write differently for the same JSON is one kind.
--
--   { kind = "record", fields = { [name] = { type = tree, required = boolean } } }
--   { kind = "list", item = tree }   { kind = "map", item = tree }   { kind = "union", of = { [text] = tree } }
--   { kind = "string" | "number" | "integer" | "boolean" | "null" | "any" | "'literal'" | ... }
local types = require "liveblocks.types"

local notation = {}

local function literals(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = ("'%s'"):format(word) end
  return table.concat(quoted, "|")
end

-- Words of the table that stand for other notation.
local WORDS = {
  permission = literals(types.permissions), event = literals(types.events), scalar = "string|number|boolean",
  uri = "string", kind = "string", path = "string", object = "map<any>", LsonFields = "map<any>",
}

local text_of

--- A tree as text, the same for equal types.
function notation.text(tree)
  return text_of[tree.kind] and text_of[tree.kind](tree) or tree.kind
end

local function sorted_keys(set)
  local keys = {}
  for key in pairs(set) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

text_of = {
  list = function(tree) return ("(%s)[]"):format(notation.text(tree.item)) end,
  map = function(tree) return ("map<%s>"):format(notation.text(tree.item)) end,
  union = function(tree) return table.concat(sorted_keys(tree.of), "|") end,
  record = function(tree)
    local parts = {}
    for _, name in ipairs(sorted_keys(tree.fields)) do
      local field = tree.fields[name]
      parts[#parts + 1] = ("%s%s: %s"):format(name, field.required and "" or "?", notation.text(field.type))
    end
    return "{" .. table.concat(parts, ", ") .. "}"
  end,
}

--- The union of trees.
local function union(all)
  local of = {}
  for _, tree in ipairs(all) do
    for text, one in pairs(tree.kind == "union" and tree.of or { [notation.text(tree)] = tree }) do of[text] = one end
  end
  if of.any then return of.any end
  local first = next(of)
  return next(of, first) == nil and of[first] or { kind = "union", of = of }
end

notation.union = union

--- The tree of a type.
---@param source string
function notation.parse(source)
  local at, parse_union = 1, nil
  local function take(token)
    at = source:find("%S", at) or #source + 1
    if source:sub(at, at + #token - 1) ~= token then return false end
    at = at + #token
    return true
  end
  local function expect(token)
    if not take(token) then error(("type '%s': '%s' expected at %d"):format(source, token, at)) end
  end
  local function skip_range() at = source:match("^%(%-?%d*%.%.%-?%d*%)()", at) or at end

  local function parse_record()
    local fields = {}
    while not take "}" do
      if not take "..." then
        at = source:find("%S", at)
        local name, optional, after = source:match("^([%w_]+)(%??)()", at)
        at = after
        expect ":"
        fields[name] = { required = optional == "", type = parse_union() }
      end
      take ","
    end
    return { kind = "record", fields = fields }
  end

  local function parse_item()
    if take "{" then return parse_record() end
    if take "(" then
      local tree = parse_union()
      expect ")"
      return tree
    end
    local quoted, after = source:match("^('[^']*')()", at)
    if quoted then
      at = after
      return { kind = quoted }
    end
    local name, stop = source:match("^([%w_]+)()", at)
    if not name then error(("type '%s': nothing known at %d"):format(source, at)) end
    at = stop
    if name == "map" then
      expect "<"
      local item = parse_union()
      expect ">"
      return { kind = "map", item = item }
    end
    skip_range()
    return WORDS[name] and notation.parse(WORDS[name]) or { kind = name }
  end

  function parse_union()
    local all = {}
    repeat
      local tree = parse_item()
      while take "[]" do
        skip_range()
        tree = { kind = "list", item = tree }
      end
      all[#all + 1] = tree
    until not take "|"
    return union(all)
  end

  return parse_union()
end

return notation
