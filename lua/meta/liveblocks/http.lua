---@meta liveblocks.http
-- Made from lua/liveblocks/http.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.http
local http = {}

---@class liveblocks.HttpResponse
---@field status integer
---@field headers table<string, string> by name, in any case
---@field body string
local Response = {}

--- The body as a Lua value.
---@return any
function Response:json() end

--- Sends a request. Raises for a status other than 2xx and when there is no response.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse
function http.request(options) end

--- The same, but returns nil and the error instead of raising.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse?
---@return liveblocks.Error err when there is no response
---@return_overload liveblocks.HttpResponse, nil
---@return_overload nil, liveblocks.Error
function http.try_request(options) end

return http
