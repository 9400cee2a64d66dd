--- What edits have made of a document, as text: "- name: before" and "+ name: after", long ones cut to where they differ.
local json = require "liveblocks.json"
local render = require "liveblocks.yjs.render"
local sorted = require "liveblocks.sorted_keys"

local difference = {}

local AROUND = 40 -- bytes that are kept of what is the same on both sides of a difference

local function shown_as(doc, name, formatting)
  local value = render.json(doc, { key = name, formatting = formatting, whole = true })[name]
  return value == nil and "" or json.encode(value)
end

--- The root types as they are shown, by name.
---@param doc liveblocks.yjs.Document
---@return table<string, { plain: string, formatted: string }>
function difference.read(doc)
  local shown = {}
  for _, name in ipairs(doc:names()) do
    shown[name] = { plain = shown_as(doc, name, false), formatted = shown_as(doc, name, true) }
  end
  return shown
end

-- The nearest position at or before one where a character begins.
local function back(text, at)
  while at > 1 and at <= #text and text:byte(at) >= 0x80 and text:byte(at) < 0xC0 do at = at - 1 end
  return at
end

local function same_at_start(a, b)
  local max = math.min(#a, #b)
  local low, high = 0, max -- a:sub(1, low) is the same
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if a:sub(low + 1, middle) == b:sub(low + 1, middle) then low = middle else high = middle - 1 end
  end
  return low
end

local function same_at_end(a, b, max)
  local low, high = 0, max
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if a:sub(#a - middle + 1, #a - low) == b:sub(#b - middle + 1, #b - low) then low = middle else high = middle - 1 end
  end
  return low
end

-- Two strings without most of what they have in common.
local function cut(a, b)
  local first = same_at_start(a, b)
  local last = same_at_end(a, b, math.min(#a, #b) - first)
  local from = back(a, math.max(1, first - AROUND + 1))
  if from <= AROUND then from = 1 end
  local function part(text)
    local to = math.min(#text, #text - last + AROUND)
    if #text - to <= AROUND then to = #text end
    if to < #text then to = back(text, to + 1) - 1 end
    return (from > 1 and "…" or "") .. text:sub(from, to) .. (to < #text and "…" or "")
  end
  return part(a), part(b)
end

--- What has changed, a line or two for each root type that has.
---@param before table of difference.read
---@param doc liveblocks.yjs.Document
---@param changed string[] the names of the root types that were edited
---@return string text "" when nothing was
function difference.text(before, doc, changed)
  if not changed[1] then return "" end
  local after, names, lines = difference.read(doc), {}, {}
  for _, name in ipairs(changed) do names[name] = true end
  for _, name in ipairs(sorted(names)) do
    local was, is = before[name], after[name]
    local form = was and was.plain == is.plain and "formatted" or "plain"
    if not was or was.plain == "" then
      lines[#lines + 1] = ("+ %s: %s"):format(name, is.plain)
    elseif was[form] == is[form] then
      lines[#lines + 1] = ("~ %s: edited, and reads as before"):format(name)
    else
      local old, new = cut(was[form], is[form])
      lines[#lines + 1] = ("- %s: %s"):format(name, old)
      lines[#lines + 1] = ("+ %s: %s"):format(name, new)
    end
  end
  return table.concat(lines, "\n")
end

return difference
