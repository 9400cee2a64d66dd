---@meta liveblocks.yjs
-- Made from lua/liveblocks/yjs.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.yjs
local yjs = {}

--- One update with what all of them say, in whatever order they came; what they say twice is in it once. A single one
--- is returned byte for byte.
---@param updates string[]
---@return string update
function yjs.merge(updates) end

--- Reads an update to its end; raises an error of kind "yjs" when it is none.
---@param update string
function yjs.check(update) end

--- The shared types of a document as JSON values by their names, as get_yjs_document answers them.
---@param updates string|string[] one update, or those that make the document together
---@param options { key: string?, type: "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray"|nil, formatting: boolean? }?
---@return any
function yjs.to_json(updates, options) end

return yjs
