--- What must not be shown: in no log, error, stored error, page or history. Keys are known by their form, passwords by
--- their place in a URL; other secrets (a token, the address of a chat's webhook) are registered when they are read.
local secrets = {}

local HIDDEN <const> = "***"
local SHORTEST <const> = 6 -- bytes; shorter ones would hide half of every text

local registered = {} -- the longest first: one may be part of another

-- Secret keys, management tokens, webhook secrets, and the JSON Web Tokens that the API gives out.
local forms = { "%f[%w]sk_[%w_-]+", "%f[%w]lbs_[%w_-]+", "whsec_[%w+/=_-]+", "eyJ[%w_-]+%.[%w_-]+%.?[%w_-]*" }

local beginnings = { "sk_", "lbs_", "whsec_", "eyJ" } -- a plain search is cheap, and most texts have none of them

-- Before the secret, the secret, behind it.
local places = {
  { "(%a[%w+.-]*://[^%s/?#@:\"']*:)", "([^%s/?#\"']*)", "(@)" }, -- user:password@
  { "([?&][%w_]-[Pp]ass%w*=)", "([^%s&#\"']+)", "()" }, -- ?password=, &sslpassword=
  { "([?&][%w_]*[Tt]oken=)", "([^%s&#\"']+)", "()" },
  { "([?&][%w_]*[Ss]ecret=)", "([^%s&#\"']+)", "()" },
  { "([?&]api_?[Kk]ey=)", "([^%s&#\"']+)", "()" },
  { "([Bb]earer )", "([%w._~+/=-]+)", "()" },
  -- https://hooks.slack.com/services/..., https://discord.com/api/webhooks/...: who knows the path may post
  { "(https?://hooks%.[%w.-]+/)", "([^%s\"'<>]+)", "()" },
  { "(https?://[%w.-]+/api/webhooks/)", "([^%s\"'<>]+)", "()" },
  { "(https?://[%w.-]*webhook%.[%w.-]+/)", "([^%s\"'<>]+)", "()" }, -- https://NAME.webhook.office.com/...
}
for i, place in ipairs(places) do places[i] = table.concat(place) end

--- Registers a secret: it is hidden from now on, wherever it appears.
---@param text string?
function secrets.add(text)
  if type(text) ~= "string" or #text < SHORTEST then return end
  local at = 1
  while registered[at] and #registered[at] >= #text do
    if registered[at] == text then return end
    at = at + 1
  end
  table.insert(registered, at, text)
end

-- As it is written and as it is meant.
local function add_written(text)
  secrets.add(text)
  secrets.add((text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)))
end

--- Registers the passwords of a URL. One that is not encoded as it must be is cut by whoever reads the URL, and an error may
--- show a part as something else, such as the port: its parts are secrets, too.
---@param text string?
function secrets.add_url(text)
  if type(text) ~= "string" then return end
  for _, pattern in ipairs { "^%a[%w+.-]*://[^/?#@:]*:(.-)@", "^%a[%w+.-]*://[^/?#@:]*:(.*)@" } do
    local password = text:match(pattern)
    if password then add_written(password) end
  end
  for part in (text:match "^%a[%w+.-]*://[^/?#@:]*:(.-)@" or ""):gmatch "[^/?#:]+" do add_written(part) end
  for password in text:gmatch "[?&]%w*[Pp]assword=([^&#]*)" do add_written(password) end
end

local function replace(text, secret)
  local at = text:find(secret, 1, true)
  if not at then return text end
  local parts, from = {}, 1
  while at do
    parts[#parts + 1] = text:sub(from, at - 1)
    from = at + #secret
    at = text:find(secret, from, true)
  end
  return table.concat(parts, HIDDEN) .. HIDDEN .. text:sub(from)
end

local function hide_value(before, _, behind)
  return before .. HIDDEN .. (type(behind) == "string" and behind or "")
end

--- The text with *** for each secret in it.
---@param text string
---@return string
function secrets.hide(text)
  for i = 1, #registered do text = replace(text, registered[i]) end
  for i = 1, #forms do
    if text:find(beginnings[i], 1, true) then text = text:gsub(forms[i], HIDDEN) end
  end
  if text:find("://", 1, true) or text:find("=", 1, true) or text:find("earer ", 1, true) then
    for _, place in ipairs(places) do text = text:gsub(place, hide_value) end
  end
  return text
end

--- Is there a secret in the text?
---@param text string
---@return boolean
function secrets.found(text)
  return secrets.hide(text) ~= text
end

return secrets
