---@meta lbhost.slack
-- Made from lua/lbhost/slack.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.slack
local slack = {}

--- Makes a string safe: nothing in it links or mentions.
---@param text any
---@return string
function slack.escape(text) end

--- A link. A bar, which would end the address or the text, is written in another way.
---@param address string
---@param text string
---@return string
function slack.link(address, text) end

--- A room, as a link when there is a template of its address.
---@param template string? with {roomId}
---@param room_id string
---@return string
function slack.room(template, room_id) end

--- Lines as a quotation.
---@param text string
---@return string
function slack.quote(text) end

--- The name of somebody, or the id.
---@param who table|false|nil
---@param id string
---@return string
function slack.name(who, id) end

--- A comment body in Slack's markup.
---@param body table
---@param resolvers { users: function?, groups: function? } as for liveblocks.comment
---@return string
function slack.text(body, resolvers) end

return slack
