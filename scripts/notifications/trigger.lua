--- trigger: puts a custom notification into users' inboxes when another service asks for it: a build that has failed, an
--- invoice that is due. The other service needs no Liveblocks key.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   export TRIGGER_TOKEN=$(openssl rand -hex 32)
---   lbhost serve scripts/notifications/trigger.lua
---
---   curl -H "Authorization: Bearer $TRIGGER_TOKEN" http://127.0.0.1:PORT/notify -d '{
---     "users": ["alice", "bob"], "subject": "build-17", "data": { "title": "Build failed", "seconds": 93 } }'
---
--- Fields: users (1 to 100 ids), subject (what it is about; another notification about it updates the first), data (strings,
--- numbers, booleans), and if need be kind and room. Responds with 202 and how many were notified; 400, 401 or 502 with
--- { "error": ... }. Behind a proxy with TLS only: the token is all that protects it.
---
--- Options, in lbhost.lua (return { plugins = { trigger = { ... } } }):
---   token   else TRIGGER_TOKEN; at least 16 characters
---   kind    of notifications whose request names none ("$alert"); allow it in the dashboard
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local task = require "liveblocks.task"

local MAX_USERS <const> = 100

---@type table<string, any>, lbhost.Host
local options, host

local function setup(offered, given)
  options, host = given, offered
  if #given.token < 16 then error("options.token must have at least 16 characters (openssl rand -hex 32)", 0) end
end

local function response(status, value)
  return { status = status, headers = { ["content-type"] = "application/json" }, body = json.encode(value) .. "\n" }
end

local function refuse(status, message, ...)
  return response(status, { error = message:format(...) })
end

-- ---- What is asked for ---------------------------------------------------------------------------

local known = { users = true, subject = true, data = true, kind = true, room = true }

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

local function check_users(users)
  if not json.is_array(users) or #users < 1 or #users > MAX_USERS then
    return ("users must be a list of 1 to %d ids"):format(MAX_USERS)
  end
  for _, id in ipairs(users) do
    if not is_text(id) then return "users must be strings" end
  end
end

local function check_data(data)
  if type(data) ~= "table" or json.is_array(data) then return "data must be an object" end
  for name, value in pairs(data) do
    local kind = type(value)
    if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      return ("data.%s must be a string, a number or a boolean"):format(name)
    end
  end
end

-- What is wrong with a request, or nil.
local function problem_of(wanted)
  if type(wanted) ~= "table" or json.is_array(wanted) then return "the body must be a JSON object" end
  for name in pairs(wanted) do
    if not known[name] then return ("unknown field '%s'%s"):format(name, errors.hint(name, known)) end
  end
  if not is_text(wanted.subject) then return "subject must be a string" end
  if wanted.room ~= nil and not is_text(wanted.room) then return "room must be a string" end
  if wanted.kind ~= nil and not (type(wanted.kind) == "string" and wanted.kind:find("^%$.")) then
    return "kind must begin with $"
  end
  return check_users(wanted.users) or check_data(wanted.data or {})
end

-- ---- The route -----------------------------------------------------------------------------------

local function is_allowed(request)
  local given = (request.headers.authorization or ""):match("^[Bb]earer +(%S+)$")
  return given ~= nil and crypto.equal(given, options.token)
end

local function trigger(wanted, user_id)
  return host.client:trigger_inbox_notification {
    userId = user_id, kind = wanted.kind or options.kind, subjectId = wanted.subject, roomId = wanted.room,
    activityData = json.object(wanted.data or {}),
  }
end

local function on_request(request, ctx)
  if not is_allowed(request) then return refuse(401, "the token is missing or wrong") end
  local wanted, broken = json.try_decode(request.body)
  local problem = broken and "the body is not valid JSON: " .. tostring(broken) or problem_of(wanted)
  if problem then return refuse(400, "%s", problem) end
  local ok, err = pcall(task.map, wanted.users, function(id) return trigger(wanted, id) end, { concurrency = 10 })
  if ok then return response(202, { notified = #wanted.users }) end
  if not errors.is(err) then error(err, 0) end
  ctx.log("warn", "a notification could not be triggered", { reason = tostring(err) })
  local theirs = err.status and err.status >= 400 and err.status < 500 and err.status ~= 401 and err.status ~= 429
  return refuse(theirs and 400 or 502, "%s", err.message)
end

return {
  api = 1, name = "trigger", about = "Custom notifications for other services", version = "1.0",
  options = {
    token = { type = "string", secret = true, required = true, env = "TRIGGER_TOKEN", about = "what callers must know" },
    kind = { type = "string", default = "$alert", about = "kind of notifications whose request names none" },
  },
  setup = setup,
  routes = { ["POST /notify"] = on_request },
}
