--- Text for Slack and for chats that take what Slack takes: its markup, and comment bodies in it.
--- Documentation: https://docs.slack.dev/messaging/formatting-message-text
local comment = require "liveblocks.comment"
local trim = require "liveblocks.trim"
local url = require "lbhost.util.url"

local slack = {}

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

--- Makes a string safe: nothing in it links or mentions.
---@param text any
---@return string
function slack.escape(text)
  return (tostring(text):gsub("[&<>]", escapes))
end

--- A link. A bar, which would end the address or the text, is written in another way.
---@param address string
---@param text string
---@return string
function slack.link(address, text)
  local safe_address = slack.escape(address):gsub("|", "%%7C")
  local safe_text = slack.escape(text):gsub("|", "¦"):gsub("\n", " ")
  return ("<%s|%s>"):format(safe_address, safe_text)
end

--- A room, as a link when there is a template of its address.
---@param template string? with {roomId}
---@param room_id string
---@return string
function slack.room(template, room_id)
  if not template then return "*" .. slack.escape(room_id) .. "*" end
  local address = template:gsub("{roomId}", function() return url.encode(room_id) end)
  return slack.link(address, room_id)
end

--- Lines as a quotation.
---@param text string
---@return string
function slack.quote(text)
  return "> " .. text:gsub("\n", "\n> ")
end

--- The name of somebody, or the id.
---@param who table|false|nil
---@param id string
---@return string
function slack.name(who, id)
  local name = who and who.name
  return slack.escape(type(name) == "string" and name ~= "" and name or id)
end

local marks = { { "bold", "*" }, { "italic", "_" }, { "strikethrough", "~" }, { "code", "`" } }

local elements = {
  text = function(part)
    -- Marks work only around text without spaces at its ends.
    local before, rest = slack.escape(part.element.text):match("^(%s*)(.*)$")
    local inner = trim.ending(rest)
    local after = rest:sub(#inner + 1)
    for _, mark in ipairs(marks) do
      if part.element[mark[1]] == true and inner ~= "" then inner = mark[2] .. inner .. mark[2] end
    end
    return before .. inner .. after
  end,
  link = function(part)
    local text = part.element.text
    if type(text) ~= "string" or text == "" then text = part.element.url end
    return part.href:find("^https?://") and slack.link(part.href, text) or slack.escape(text)
  end,
  mention = function(part) return ("*@%s*"):format(slack.name(part.user or part.group, part.element.id)) end,
}

--- A comment body in Slack's markup.
---@param body table
---@param resolvers { users: function?, groups: function? } as for liveblocks.comment
---@return string
function slack.text(body, resolvers)
  return comment.to_text(body, { users = resolvers.users, groups = resolvers.groups, elements = elements })
end

return slack
