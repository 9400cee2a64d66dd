--- What must not be shown: in no log, error, stored error, page or history. Keys are known by their form, passwords by
--- their place in a URL; other secrets (a token, the address of a chat's webhook) are registered when they are read.
local secrets = {}

local HIDDEN <const> = "***"
local SHORTEST <const> = 6 -- bytes; shorter ones would hide half of every text

local registered = {} -- the longest first: one may be part of another

-- The text of errors is of any length and from anybody, so each pattern must take time in proportion to it: one that has
-- started to match must not come to nothing after a long run which another beginning would go through again.

-- Secret keys, management tokens, webhook secrets, and the JSON Web Tokens that the API gives out, which have a dot.
local forms = {
  { "sk_", "%f[%w]sk_[%w_-]+" }, { "lbs_", "%f[%w]lbs_[%w_-]+" }, { "whsec_", "whsec_[%w+/=_-]+" },
  { "eyJ", "eyJ[%w_-]+%.?[%w_-]*%.?[%w_-]*", function(found) return found:find(".", 1, true) and HIDDEN end },
} -- what it begins with: a plain search is cheap, and most strings have none of them

-- Where a secret begins when its place is of this kind, else nil: the name or the host in it, the text, and where it ends.

local function of_parameter(name, _, at)
  if name:find "[Pp]ass%w*$" or name:find "[Tt]oken$" or name:find "[Ss]ecret$" or name:find "^api_?[Kk]ey$" then return at end
end

-- https://hooks.slack.com/services/..., https://discord.com/api/webhooks/..., https://NAME.webhook.office.com/...: who knows
-- the path may post.
local function of_host(host, text, at)
  if host:find "^hooks%." or host:find("webhook.", 1, true) then return at end
  return text:match("^api/webhooks/()", at)
end

local patterns = {
  { "(%f[%w+.-][%w+.-]+://[^%s/?#@:\"']*:)[^%s/?#\"']*@", "%1" .. HIDDEN .. "@" }, -- user:password@
  { "([Bb]earer )[%w._~+/=-]+", "%1" .. HIDDEN },
}

-- The place before a secret, whether it is one, and the secret. One place may be inside of another that is not one.
local places = {
  { "[?&]([%w_]+)=", of_parameter, "^[^%s&#\"']+()" }, -- ?password=, &client_secret=
  { "https?://([%w.-]+)/", of_host, "^[^%s\"'<>]+()" },
}

local function hide_places(text, place)
  local parts, from, at = {}, 1, 1
  while true do
    local _, last, what = text:find(place[1], at)
    if not last then break end
    at = last + 1
    local first = place[2](what, text, at)
    local after = first and text:match(place[3], first)
    if after then
      parts[#parts + 1] = text:sub(from, first - 1)
      from, at = after, after
    end
  end
  return from == 1 and text or table.concat(parts, HIDDEN) .. HIDDEN .. text:sub(from)
end

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

--- Registers the passwords of a URL. One that is not encoded as it must be is cut by those who read the URL, and an error may
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

--- The text with *** for each secret in it.
---@param text string
---@return string
function secrets.hide(text)
  for i = 1, #registered do text = replace(text, registered[i]) end
  for _, form in ipairs(forms) do
    if text:find(form[1], 1, true) then text = text:gsub(form[2], form[3] or HIDDEN) end
  end
  if text:find("://", 1, true) or text:find("=", 1, true) or text:find("earer ", 1, true) then
    for _, pattern in ipairs(patterns) do text = text:gsub(pattern[1], pattern[2]) end
    for _, place in ipairs(places) do text = hide_places(text, place) end
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
