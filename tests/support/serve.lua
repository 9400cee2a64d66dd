-- `lbhost serve` in a process of its own, for specs: starts it with handler files, sends it signed events.
local eventually = require "tests.support.eventually"
local process = require "tests.support.process"
local raw = require "tests.support.server"
local webhook = require "liveblocks".webhook

local serve = { SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }

--- A directory that is empty, and the path of a store in it.
function serve.directory()
  local name = os.tmpname()
  os.remove(name)
  assert(os.execute("mkdir " .. name))
  return name, name .. "/events.db"
end

function serve.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local Serve = {}
Serve.__index = Serve

--- Starts it. options: files (path -> text of the handler), store, arguments (more of the command line), env.
function serve.start(options)
  local directory, store = serve.directory()
  local arguments = { "serve", "--port", "0", "--store", options.store or store, "--log-level", "debug" }
  for name, text in pairs(options.files or {}) do
    arguments[#arguments + 1] = name:find("/") and name or serve.write(directory .. "/" .. name, text)
  end
  for _, argument in ipairs(options.arguments or options.words or {}) do arguments[#arguments + 1] = argument end
  local env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET, LIVEBLOCKS_SECRET_KEY = "sk_test" }
  for name, value in pairs(options.env or {}) do env[name] = value end
  local self = setmetatable({ directory = directory, store = options.store or store }, Serve)
  self.process = process.start(arguments, { env = env })
  self.port = tonumber(self.process:wait_for("listening on http://[%d.]+:(%d+)", true))
  return self
end

function Serve:file(name) return self.directory .. "/" .. name end
function Serve:log() return self.process:errors() end
function Serve:wait_for(pattern) return self.process:wait_for(pattern, true) end

--- Sends bytes to a path with headers (a list of lines); returns status and body.
function Serve:post(body, headers, path)
  local lines = { ("POST %s HTTP/1.1"):format(path or "/"), "Host: x", "Connection: close",
    ("Content-Length: %d"):format(#body) }
  for _, line in ipairs(headers) do lines[#lines + 1] = line end
  local answer = raw.exchange(self.port, table.concat(lines, "\r\n") .. "\r\n\r\n" .. body)
  return tonumber(answer:match("^HTTP/1%.1 (%d+)")), answer:match("\r\n\r\n(.*)$")
end

--- The three headers of a webhook.
function serve.headers(id, body, age, secret)
  local timestamp = os.time() - (age or 0)
  return { "webhook-id: " .. id, "webhook-timestamp: " .. timestamp,
    "webhook-signature: " .. webhook.sign(secret or serve.SECRET, id, timestamp, body) }
end

function serve.body(kind, fields)
  local json = require "liveblocks".json
  local data = { projectId = "p", roomId = "r" }
  for name, value in pairs(fields or {}) do data[name] = value end
  return json.encode { type = kind, data = data }
end

--- Sends a signed event; returns status and body.
function Serve:event(id, kind, fields)
  local body = serve.body(kind, fields)
  return self:post(body, serve.headers(id, body))
end

function Serve:get(path)
  local answer = raw.exchange(self.port, ("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):format(path))
  return tonumber(answer:match("^HTTP/1%.1 (%d+)")), answer:match("\r\n\r\n(.*)$")
end

--- The value of a metric, such as 'lbhost_events{state="parked"}'; 0 when it is not there.
function Serve:metric(name)
  local _, text = self:get "/metrics"
  for line in text:gmatch("[^\n]+") do
    if line:sub(1, #name + 1) == name .. " " then return tonumber(line:match("(%S+)$")) end
  end
  return 0
end

--- Waits until a metric has a value.
function Serve:until_metric(name, value)
  eventually(function() return self:metric(name) == value end, function()
    return ("%s is %s, not %s"):format(name, self:metric(name), value)
  end)
end

--- Ends it in order; returns its log and its status.
function Serve:stop()
  self.process:signal "TERM"
  local _, err, status = self.process:wait()
  os.execute("rm -rf " .. self.directory)
  return err, status
end

function Serve:__close()
  self.process:stop()
  os.execute("rm -rf " .. self.directory)
end

return serve
