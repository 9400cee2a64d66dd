--- The names of the users, groups and rooms of an application. Liveblocks has ids only; the application has an address
--- that returns names, the same that its pages use for resolveUsers, resolveGroupsInfo and resolveRoomsInfo:
---
---   GET https://app.example/api/users?userIds=alice&userIds=bob    returns  [{ "name": "Alice" }, null]
---
--- The response is a list in the order of the ids; null (or {}) for one that is unknown. Without an address nobody is
--- known. Responses are kept for a while.
local http = require "liveblocks.http"
local json = require "liveblocks.json"
local url = require "lbhost.util.url"

local directory = {}

local KEEP <const> = 300 -- seconds
local MAX_IDS <const> = 10000 -- that are kept
local AT_ONCE <const> = 50 -- ids in one request

local function ask(options, ids)
  local parts = {}
  for i, id in ipairs(ids) do parts[i] = options.parameter .. "=" .. url.encode(id) end
  local address = options.url .. (options.url:find("?", 1, true) and "&" or "?") .. table.concat(parts, "&")
  local headers = options.token and { authorization = "Bearer " .. options.token } or nil
  local list = http.request({ url = address, headers = headers, timeout = 10 }):json()
  if not json.is_array(list) or #list ~= #ids then
    error(("%s must respond with a list of %d entries, one for each id"):format(options.url, #ids), 0)
  end
  return list
end

--- A function that takes a list of ids and returns a list of what is known of each, false for what is unknown: a
--- resolver for liveblocks.comment and liveblocks.notify.
---@param options { url: string?, parameter: "userIds"|"groupIds"|"roomIds", token: string? }
---@return fun(ids: string[]): table[]
function directory.resolver(options)
  local known, count = {}, 0
  local function keep(id, entry)
    if count >= MAX_IDS then known, count = {}, 0 end
    if not known[id] then count = count + 1 end
    known[id] = { entry = type(entry) == "table" and entry or false, till = os.time() + KEEP }
  end
  return function(ids)
    local missing, found = {}, {}
    for _, id in ipairs(ids) do
      local one = known[id]
      if one and one.till > os.time() then
        found[id] = one.entry
      elseif options.url and found[id] == nil then
        missing[#missing + 1], found[id] = id, false
      end
    end
    for from = 1, #missing, AT_ONCE do
      local part = table.move(missing, from, math.min(from + AT_ONCE - 1, #missing), 1, {})
      for i, entry in ipairs(ask(options, part)) do
        keep(part[i], entry)
        found[part[i]] = known[part[i]].entry
      end
    end
    local list = {}
    for i, id in ipairs(ids) do list[i] = found[id] or false end
    return list
  end
end

return directory
