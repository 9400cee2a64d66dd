--- Which nodes of Tiptap's JSON stand in a line of text, and who is mentioned.
local call_options = require "liveblocks.options"
local json = require "liveblocks.json"
local render = require "liveblocks.comment.render"

local inline = {}

inline.types = {
  text = true, hardBreak = true, liveblocksMention = true, liveblocksGroupMention = true, mention = true, emoji = true,
  inlineMath = true, yjsEmbed = true,
}

--- Do the nodes of a list stand in a line of text?
---@param list table[]?
---@return boolean
function inline.is_line(list)
  for _, node in ipairs(list or {}) do
    if inline.types[node.type] then return true end
  end
  return false
end

inline.mentions = { liveblocksMention = "user", liveblocksGroupMention = "group", mention = "user" }

local function collect(list, mentions)
  for _, node in ipairs(list or {}) do
    local kind = inline.mentions[node.type]
    local id = kind and node.attrs and node.attrs.id
    if type(id) == "string" then mentions[#mentions + 1] = { kind = kind, id = id } end
    collect(node.content, mentions)
  end
end

--- What is known of those who are mentioned; asked once for each.
---@param what string for messages
---@param doc table Tiptap's JSON
---@param options liveblocks.EditorTextOptions
function inline.resolve(what, doc, options)
  call_options.typed(what, options, { users = "function", groups = "function", separator = "string" })
  if not options.users and not options.groups then return { user = {}, group = {} } end
  local mentions, unique, seen = {}, {}, {}
  collect(doc.content, mentions)
  for _, mention in ipairs(mentions) do
    local key = mention.kind .. " " .. mention.id
    if not seen[key] then unique[#unique + 1] = mention end
    seen[key] = true
  end
  return render.resolve(what, unique, options)
end

--- The name of a mentioned user: that of the resolver, the label of the editor, or the id.
function inline.name(node, known)
  local attrs = node.attrs or {}
  local who = known[inline.mentions[node.type]][attrs.id]
  local name = who and who.name
  if name == nil or name == json.null or name == "" then name = attrs.label end
  if name == nil or name == json.null or name == "" then name = attrs.id end
  return name ~= nil and name ~= json.null and tostring(name) or ""
end

--- A string that an attribute has, or nil.
function inline.string(node, name)
  local value = node.attrs and node.attrs[name]
  return type(value) == "string" and value or nil
end

--- A whole number that an attribute has.
function inline.integer(node, name, default, min, max)
  local value = node.attrs and node.attrs[name]
  if type(value) == "string" then value = tonumber(value) end
  if type(value) ~= "number" or value ~= math.floor(value) or value < min or value > max then return default end
  return math.floor(value)
end

return inline
