--- Which project a journal is of. The API does not say to which project a secret key belongs, so a journal keeps a hash
--- of the key, the host, and a sample: some rooms of the project with the times they were created at, read when a run
--- begins. A new key, or another name of the host, is of the same project when it finds one of these rooms with its time;
--- a room of that id with another time is of another project.
local errors = require "liveblocks.errors"
local file = require "lbhost.migrate.file"
local json = require "liveblocks.json"

local project = {}

local ROOMS <const> = 20

-- A base URL as it is compared: neither the case of its host nor its default port says anything.
local function host_of(url)
  local scheme, host, path = url:match "^(%a+)://([^/]*)(.-)/*$"
  if not scheme then return url end
  scheme, host = scheme:lower(), host:lower()
  host = host:gsub(scheme == "https" and ":443$" or ":80$", "")
  return ("%s://%s%s"):format(scheme, host, path)
end

--- What identifies a project, without its key.
---@param secret string
---@param base_url string
---@return { key: string, host: string }
function project.identity(secret, base_url)
  return { key = file.hash("key", secret), host = host_of(base_url) }
end

--- Some rooms of the project, by which it is recognised later.
---@param client liveblocks.Client
---@return string? JSON
function project.sample(client)
  local page = client.try:get_rooms { limit = ROOMS }
  if type(page) ~= "table" or type(page.data) ~= "table" then return nil end
  local list = json.array {}
  for _, room in ipairs(page.data) do
    if type(room.id) == "string" and type(room.createdAt) == "string" then
      list[#list + 1] = { id = room.id, createdAt = room.createdAt }
    end
  end
  return list[1] and json.encode(list) or nil
end

-- How many of the known rooms are there, and the first that is there with another time.
local function compare(client, known)
  local same, other = 0, nil
  for _, room in ipairs(known) do
    local found, problem = client.try:get_room(room.id)
    if not found and problem.status ~= 404 and problem.status ~= 403 then error(problem, 0) end
    if found and found.createdAt == room.createdAt then same = same + 1 end
    if found and found.createdAt ~= room.createdAt then other = other or room.id end
  end
  return same, other
end

--- Is the project that a client reaches the one that a journal is of? Raises when it is not, or when that is not asked
--- for; returns a line that says why it is.
---@param journal lbhost.migrate.Journal
---@param this { key: string, host: string }
---@param client liveblocks.Client
---@param accept { key: boolean?, unproved: boolean? }
---@return string?
function project.check(journal, this, client, accept)
  local key, host = journal:get "key", journal:get "host"
  if not key or (key == this.key and host == this.host) then return nil end
  local what = key ~= this.key and "with another secret key" or ("for another host, %s"):format(host)
  if not (accept.key or accept.unproved) then
    errors.usage("the journal '%s' was made %s: if that is the same project, go on with --accept-key, which looks whether "
      .. "it is; else name another journal with --journal", journal.path, what)
  end
  local known = json.try_decode(journal:get "rooms" or "[]")
  local same, other = compare(client, known)
  if other and same == 0 then
    errors.usage("the journal '%s' is of another project: the room '%s' was created at another time there", journal.path, other)
  end
  if same > 0 then
    return ("the same project: %d of %d rooms that the journal knows are there, created at the same time"):format(same, #known)
  end
  if accept.unproved then return "nothing shows whether this is the same project; it goes on, as --accept-project says" end
  errors.usage("nothing shows that this is the project of the journal '%s': none of the %d rooms that it knows is there; if "
    .. "you are sure, go on with --accept-project", journal.path, #known)
end

return project
