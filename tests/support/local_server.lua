-- The local Liveblocks in a process of its own, for specs that start lbhost against it.
local process = require "tests.support.process"

local local_server = {}
local_server.__index = local_server

--- Starts it; further arguments are options of `lbhost local`.
function local_server.start(...)
  local self = setmetatable({}, local_server)
  self.process = process.start({ "local", "--port", "0", ... }, { env = { HOME = "/nonexistent" } })
  self.url = self.process:wait_for "(http://127%.0%.0%.1:%d+)"
  self.env = { LIVEBLOCKS_BASE_URL = self.url, LIVEBLOCKS_SECRET_KEY = "sk_localdev", HOME = "/nonexistent" }
  return self
end

--- Runs lbhost to its end with this server as its API; returns output, errors, exit status.
function local_server:run(arguments, options)
  return process.run(arguments, self:options(options))
end

--- Starts lbhost with this server as its API.
function local_server:spawn(arguments, options)
  return process.start(arguments, self:options(options))
end

function local_server:options(options)
  local all = { env = self.env }
  for name, value in pairs(options or {}) do all[name] = value end
  return all
end

--- A client of it.
function local_server:client()
  return require("liveblocks").new { base_url = self.url, secret = "sk_localdev" }
end

--- Ends its faults and forgets its data.
function local_server:clear()
  local client = self:client()
  client:request("DELETE", "/local/faults")
  client:request("DELETE", "/local/state")
end

function local_server:stop()
  self.process:stop()
end

return local_server
