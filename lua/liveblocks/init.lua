--- The Liveblocks REST API for Lua. Documentation: docs/calls.md and
--- https://liveblocks.io/docs/api-reference/rest-api-endpoints
local core = require "liveblocks.core"
local hooks = require "liveblocks.hooks"
local json = require "liveblocks.json"
local wait = require "liveblocks.wait"

local liveblocks = {
  version = core.version,
  --- JSON null: deletes a key where the API allows it. The same value as cjson.null.
  null = json.null,
  --- Marks a table as a JSON array, so that an empty one stays [].
  array = json.array,
  --- Marks a table as a JSON object, so that an empty one stays {} where a list is meant as well.
  object = json.object,
  json = json,
  endpoints = core.endpoints,
  --- Seconds of a clock that is never set.
  now = core.now,
  -- For engines that give only Lua: docs/embedding-engines.md.
  step = core.step, pending = core.pending, fd = core.fd, due = core.due, on_wait = wait.on_wait,
  --- What a program puts around clients that scripts make.
  hook = hooks.add,
}

--- A client. Options: secret (or LIVEBLOCKS_SECRET_KEY), base_url (or LIVEBLOCKS_BASE_URL), timeout,
--- connect_timeout, retries, rate, max_in_flight, max_response, backoff, max_backoff, ca_file, user_agent, warn, log.
---@param options table?
---@return liveblocks.Client
function liveblocks.new(options)
  if options == nil then options = {} end
  return require("liveblocks.client").new(options)
end

local parts = {
  task = "liveblocks.task", query = "liveblocks.query", webhook = "liveblocks.webhook", http = "liveblocks.http",
  session = "liveblocks.session", types = "liveblocks.types", yjs = "liveblocks.yjs", storage = "liveblocks.storage",
  comment = "liveblocks.comment", notify = "liveblocks.notify", mail = "liveblocks.mail",
  crypto = "liveblocks.crypto", editor = "liveblocks.editor",
}

-- Loaded when first used: a script that makes one call should start at once.
return setmetatable(liveblocks, {
  __index = function(self, name)
    local module = parts[name] and require(parts[name])
    if name == "session" and module then module = module.new end
    rawset(self, name, module)
    return module
  end,
})
