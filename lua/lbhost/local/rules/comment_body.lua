--- The body of a comment: what it must look like, and who is mentioned in it.
local responses = require "lbhost.local.http.response"
local json = require "liveblocks.json"

local comment_body = {}

local invalid = responses.invalid

local function is_object(value)
  return type(value) == "table" and value ~= json.null and not json.is_array(value) and #value == 0
end

local function is_list(value)
  return type(value) == "table" and value ~= json.null and (json.is_array(value) or next(value) == nil)
end

local function need(node, field, kind, where)
  local value = node[field]
  if type(value) ~= kind then
    invalid("%s.%s must be a %s, got %s", where, field, kind, value == nil and "nothing" or value == json.null and "null"
      or type(value))
  end
  return value
end

local function allow(node, field, kind, where)
  if node[field] ~= nil then need(node, field, kind, where) end
end

local function check_mention(node, where)
  if need(node, "id", "string", where) == "" then invalid("%s.id must not be empty", where) end
  if node.kind ~= nil and node.kind ~= "user" and node.kind ~= "group" then
    invalid("%s.kind must be 'user' or 'group'", where)
  end
  if node.userIds == nil then return end
  if not is_list(node.userIds) then invalid("%s.userIds must be a list of user ids", where) end
  for i, id in ipairs(node.userIds) do
    if type(id) ~= "string" then invalid("%s.userIds[%d] must be a string", where, i - 1) end
  end
end

local function check_link(node, where)
  need(node, "url", "string", where)
  allow(node, "text", "string", where)
end

local function check_text(node, where)
  need(node, "text", "string", where)
  for _, style in ipairs { "bold", "italic", "strikethrough", "code" } do allow(node, style, "boolean", where) end
end

local INLINE <const> = { mention = check_mention, link = check_link }

local function check_inline(node, where)
  if not is_object(node) then invalid("%s must be a text node, a mention or a link", where) end
  if node.type == nil then return check_text(node, where) end
  local check = INLINE[node.type]
  if not check then invalid("%s.type must be 'mention', 'link' or absent (a text node), got '%s'", where, tostring(node.type)) end
  check(node, where)
end

local function check_block(block, where)
  if not is_object(block) then invalid("%s must be a paragraph", where) end
  if block.type ~= "paragraph" then invalid("%s.type must be 'paragraph', got '%s'", where, tostring(block.type)) end
  if not is_list(block.children) then invalid("%s.children must be a list", where) end
  for i, node in ipairs(block.children) do check_inline(node, ("%s.children[%d]"):format(where, i - 1)) end
end

--- Checks a body; 422 names the place that is wrong.
---@param body table
---@param where string how messages name it
---@return table body
function comment_body.check(body, where)
  if body.version ~= 1 then invalid("%s.version must be 1, got %s", where, tostring(body.version)) end
  if not is_list(body.content) then invalid("%s.content must be a list of paragraphs", where) end
  for i, block in ipairs(body.content) do check_block(block, ("%s.content[%d]"):format(where, i - 1)) end
  return body
end

--- The mentions of a body, in their order; none when there is no body.
---@param body table?
---@return table[] mentions { kind = "user"|"group", id, userIds? }
function comment_body.mentions(body)
  local list = {}
  for _, block in ipairs(body and body.content or {}) do
    for _, node in ipairs(block.children) do
      if node.type == "mention" then list[#list + 1] = { kind = node.kind or "user", id = node.id, userIds = node.userIds } end
    end
  end
  return list
end

return comment_body
