--- AI copilots: configurations that are kept and shown. No model is ever called.
local responses = require "lbhost.local.http.response"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local pages = require "lbhost.local.http.pagination"

local null = json.null

-- What a request may set. The key of the provider is kept but never shown.
local fields = { "name", "description", "systemPrompt", "knowledgePrompt", "alwaysUseKnowledge", "settings", "provider",
  "providerModel", "providerOptions", "compatibleProviderName", "providerBaseUrl" }
local not_empty = { "name", "providerModel", "providerApiKey" }
local compatible_only = { "compatibleProviderName", "providerBaseUrl" }

local function apply(copilot, body)
  for _, name in ipairs(fields) do
    local value = body[name]
    if value == null then value = nil elseif value == nil then value = copilot[name] end
    copilot[name] = value
  end
  copilot.providerApiKey = body.providerApiKey or copilot.providerApiKey
  return copilot
end

-- Only providers that speak OpenAI's protocol somewhere else have a name and an address.
local function check_provider(copilot, body)
  if copilot.provider == "openai-compatible" then
    for _, name in ipairs(compatible_only) do
      if not copilot[name] or copilot[name] == "" then
        responses.invalid("body.%s is required when the provider is openai-compatible", name)
      end
    end
    return
  end
  for _, name in ipairs(compatible_only) do
    if body[name] then
      responses.invalid("body.%s is for the provider openai-compatible alone, the provider is %s", name, copilot.provider)
    end
    copilot[name] = nil
  end
end

local function check_body(body)
  for _, name in ipairs(not_empty) do
    if body[name] == "" then responses.invalid("body.%s must not be empty", name) end
  end
end

return function(app)
  local list

  app:on("loaded", function()
    app.state.copilots = app.state.copilots or {}
    list = index.new()
    for _, copilot in pairs(app.state.copilots) do list:insert(copilot) end
  end)

  local function view(copilot)
    local shown = { type = "copilot", id = copilot.id, createdAt = app:date(copilot.created),
      updatedAt = app:date(copilot.updated) }
    for _, name in ipairs(fields) do shown[name] = copilot[name] end
    return shown
  end

  --- The record of a copilot; 404 when there is none. Its knowledge hangs on it.
  function app:copilot(id)
    return self.state.copilots[id] or responses.not_found("copilot", id)
  end

  local handlers = {}

  function handlers.get_ai_copilots(call)
    return pages.page(call, list, { view = view })
  end

  function handlers.create_ai_copilot(call)
    check_body(call.body)
    local now = app:now()
    local copilot = apply({ alwaysUseKnowledge = false, knowledge = {} }, call.body)
    check_provider(copilot, call.body)
    copilot.id, copilot.seq, copilot.created, copilot.updated = app:id("cp_"), app:sequence(), now, now
    app.state.copilots[copilot.id] = copilot
    list:insert(copilot)
    return responses.new { status = 201, json = view(copilot) }
  end

  function handlers.get_ai_copilot(call)
    return view(app:copilot(call.path.copilotId))
  end

  function handlers.update_ai_copilot(call)
    local copilot = app:copilot(call.path.copilotId)
    check_body(call.body)
    local changed = {}
    for name, value in pairs(copilot) do changed[name] = value end
    check_provider(apply(changed, call.body), call.body)
    for _, name in ipairs(fields) do copilot[name] = changed[name] end
    copilot.providerApiKey = changed.providerApiKey
    copilot.updated = app:now()
    return view(copilot)
  end

  function handlers.delete_ai_copilot(call)
    local copilot = app:copilot(call.path.copilotId)
    app.state.copilots[copilot.id] = nil
    list:remove(copilot)
    app:signal("copilot.deleted", copilot)
  end

  return handlers
end
