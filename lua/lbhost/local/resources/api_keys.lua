--- The keys of projects: switched off and on, and replaced, the old ones working for a while if one wants.
local responses = require "lbhost.local.http.response"
local crypto = require "liveblocks.crypto"

local HOUR <const> = 3600 * 1000
local units = { m = 60 * 1000, h = HOUR, d = 24 * HOUR, y = 365 * 24 * HOUR }

-- "now", "1h", "24 hours", ... as milliseconds.
local function duration(text, where)
  if text == "now" then return 0 end
  local number, unit = text:gsub("^one ", "1 "):match("^(%d+) ?(%a+)$")
  local factor = unit and units[unit:sub(1, 1)]
  if not factor or #number > 4 then responses.invalid("%s must be now or a time such as 24hrs or 3d, got '%s'", where, text) end
  return math.tointeger(number) * factor
end

return function(app)
  -- The secret keys that are good now, of the project whose data these are: key -> until when (or math.huge).
  local function collect()
    app.secrets = {}
    local project = app.state.projects[app.options.project_id]
    for _, old in ipairs(project.oldKeys) do app.secrets[old.value] = old.till end
    app.secrets[project.secretKey.value] = project.secretKey.till or math.huge
    app.options.secret = project.secretKey.value
  end

  app:on("loaded", collect)

  --- Makes this the secret key of the project whose data these are.
  ---@param value string
  function app:set_secret(value)
    local project = self.state.projects[self.options.project_id]
    if project.secretKey.value == value then return end
    project.secretKey = { value = value, created = self:now() }
    collect()
  end

  local function roll(call, field, prefix)
    local project = app:project(call.path.projectId)
    local now, body, old = app:now(), call.body, project[field]
    local keep = duration(body.expirationIn or "now", "body.expirationIn")
    local life = body.newKeyExpirationIn and duration(body.newKeyExpirationIn, "body.newKeyExpirationIn")
    if field == "secretKey" and keep > 0 then
      local till = math.min(old.till or math.huge, now + app:delay(keep))
      table.insert(project.oldKeys, { value = old.value, till = till })
    end
    project[field] = { created = now, activated = old.activated, till = life and now + app:delay(life),
      value = ("%s_%s_%s"):format(prefix, project.type, crypto.random_id(48):gsub("-", "_")) }
    project.updated = now
    if project.id == app.options.project_id then collect() end
    return { value = project[field].value, createdAt = app:date(now), activated = project[field].activated }
  end

  local function activate(on)
    return function(call)
      local project = app:project(call.path.projectId)
      project.publicKey.activated = on
      project.updated = app:now()
      return responses.ok()
    end
  end

  return {
    activate_project_public_api_key = activate(true),
    deactivate_project_public_api_key = activate(false),
    roll_project_public_api_key = function(call) return { publicKey = roll(call, "publicKey", "pk") } end,
    roll_project_secret_api_key = function(call) return { secretKey = roll(call, "secretKey", "sk") } end,
  }
end
