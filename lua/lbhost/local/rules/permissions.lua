--- What the permission lists of a room say about a user.
--- Documentation: https://liveblocks.io/docs/api-reference/authentication/permissions
local permissions = {}

-- The more specific name decides: private threads, then comments, then everything.
local RESOURCES <const> = { "comments:private", "comments", "*", "room" }

local STRENGTH <const> = { none = 0, read = 1, write = 2 }

-- The strongest scope that a list gives for a resource, or nil.
local function level(list, resource)
  local found
  for _, permission in ipairs(list) do
    local name, scope = permission:match("^(.*):(%a+)$")
    if name == resource and STRENGTH[scope] > (STRENGTH[found] or -1) then found = scope end
  end
  return found
end

-- Lists of the user, else of the user's groups, else the default.
local function list_of(room, user, groups)
  if room.usersAccesses[user] then return room.usersAccesses[user] end
  local list
  for _, group in ipairs(groups) do
    local granted = room.groupsAccesses[group]
    if granted then
      list = list or {}
      table.move(granted, 1, #granted, #list + 1, list)
    end
  end
  return list or room.defaultAccesses
end

--- Is a user kept out of private threads? Only what a list says counts: permissions of access tokens are not known here.
---@param room table
---@param user string
---@param groups string[] ids of the user's groups
---@return boolean
function permissions.hide_private(room, user, groups)
  local list = list_of(room, user, groups)
  for _, resource in ipairs(RESOURCES) do
    local scope = level(list, resource)
    if scope then return scope == "none" end
  end
  return false
end

return permissions
