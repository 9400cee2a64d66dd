--- Editors that keep nodes as types embedded in text (Lexical, Slate): the steps of a change are taken there.
local merge = require "liveblocks.editor.merge"
local runs = require "liveblocks.editor.runs"
local xml = require "liveblocks.editor.xml"

local embedded = {}

--- Makes the children of a text, which were read as `old`, those of `new`. `how` knows the editor: length(item) is how many
--- units an item takes, insert(text, position, items, later) puts new ones, change(text, position, old, new) changes one in its
--- place and returns its new length.
local function write(text, old, new, how)
  local position, waiting = 0, {}
  local function put()
    if waiting[1] then
      embedded.insert(text, position, waiting, how)
      for _, item in ipairs(waiting) do position = position + how.length(item) end
      waiting = {}
    end
  end
  for _, step in ipairs(merge.steps(old, new)) do
    local action, item = step[1], step[2]
    if action == "insert" then
      waiting[#waiting + 1] = item
    else
      put()
      if action == "delete" then
        text:delete(position, how.length(item))
      elseif action == "keep" then
        position = position + how.length(item)
      elseif item.kind == "element" then
        xml.change_attributes(item.shared, item.attributes, step[3].attributes)
        if item.shared.apply_delta then write(item.shared, item.children, step[3].children, how) end
        position = position + 1
      else
        position = position + how.change(text, position, item, step[3])
      end
    end
  end
  put()
end

--- Inserts items, and all that is in them, without nested calls.
function embedded.insert(text, position, items, how)
  local later = { { text, position, items } }
  while later[1] do
    local shared, at, list = later[#later][1], later[#later][2], later[#later][3]
    later[#later] = nil
    for _, item in ipairs(list) do
      how.insert(shared, at, item, function(made)
        for _, name in ipairs(xml.sorted(item.attributes)) do made:set_attribute(name, item.attributes[name]) end
        if item.children[1] then later[#later + 1] = { made, 0, item.children } end
      end)
      at = at + how.length(item)
    end
  end
end

--- The delta that changes a run of text at a position.
function embedded.change_run(text, position, old, new)
  local delta = runs.difference(old, new)
  if not delta then return end
  if position > 0 then table.insert(delta, 1, { retain = position }) end
  text:apply_delta(delta)
end

--- The attributes of a type that JSON has.
function embedded.attributes(shared)
  local attributes = shared:get_attributes()
  for name, value in pairs(attributes) do
    if not xml.is_plain(value) then attributes[name] = nil end
  end
  return attributes
end

--- Makes the children of the root `new`, in one transaction.
function embedded.write(root, old, new, how)
  local known = {}
  merge.number(old, known)
  merge.number(new, known)
  root.document:transact(function() write(root, old, new, how) end)
end

return embedded
