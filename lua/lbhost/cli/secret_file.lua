--- The files and variables that hold secrets: of the project, and of the webhook. A file holds the secret alone, or lines of
--- NAME=value as a shell or `.env` has them.
local errors = require "liveblocks.errors"
local text_file = require "lbhost.util.text_file"

local secret_file = {}

---@class lbhost.SecretKind
local KEY <const> = { name = "LIVEBLOCKS_SECRET_KEY", file = "the secret file",
  what = "it holds the secret key alone, sk_..., or a line LIVEBLOCKS_SECRET_KEY=sk_...",
  others = { pk_ = "a public key (pk_...)", whsec_ = "the secret of a webhook (whsec_...)" } }
local WEBHOOK <const> = { name = "LIVEBLOCKS_WEBHOOK_SECRET", file = "the file of the webhook's secret",
  what = "it holds the secrets alone, whsec_..., or a line LIVEBLOCKS_WEBHOOK_SECRET=whsec_...",
  others = { pk_ = "a public key (pk_...)", sk_ = "a secret key (sk_...)" } }

local function unquoted(text)
  return text:match('^"(.*)"$') or text:match("^'(.*)'$") or text
end

-- The values of the lines that are not blank or comments: of the name, and of those without a name.
local function values_of(text, wanted)
  local named, plain = {}, {}
  for line in text:gmatch("[^\r\n]+") do
    line = line:match("^%s*(.-)%s*$")
    local name, value = line:gsub("^export%s+", ""):match("^([%a_][%w_]*)%s*=%s*(.*)$")
    if line ~= "" and line:sub(1, 1) ~= "#" then
      if name == wanted then named[#named + 1] = unquoted(value) end
      if not name then plain[#plain + 1] = unquoted(line) end
    end
  end
  return named, plain
end

-- What a value is that is a secret of another kind, or not the secret alone.
local function other_kind(kind, text)
  local other = kind.others[text:match "^%a+_"]
  if other then return "has " .. other end
  if text:find "^[\"']" then return "has quotation marks around the secret" end
  if text:find "^[%u_]+=" then return "has a name and = in front of the secret" end
end

-- The values in a file; raises a usage error that says what the file should hold. No content of the file is in the message.
local function read(kind, path)
  local text, problem = text_file.read(path)
  if not text then errors.usage("cannot read %s: %s", kind.file, problem) end
  local named, plain = values_of(text, kind.name)
  local values = named[1] and named or plain
  local function refuse(why) errors.usage("%s '%s' %s: %s", kind.file, path, why, kind.what) end
  if not values[1] or values[1] == "" then refuse(text:find "%S" and "has no " .. kind.name or "is empty") end
  for _, value in ipairs(values) do
    local other = other_kind(kind, value)
    if other then refuse(other) end
  end
  return values, refuse
end

--- Reads the secret key; raises a usage error that says what the file should hold.
---@param path string
---@return string
function secret_file.key(path)
  local values, refuse = read(KEY, path)
  if values[2] or values[1]:find "[%s%c]" then refuse "has more than a key" end
  return values[1]
end

--- Why a string, such as the value of LIVEBLOCKS_SECRET_KEY, is not a secret key; nil when nothing is wrong with its form.
---@param text string
---@return string?
function secret_file.problem_of_key(text)
  return other_kind(KEY, text)
end

--- The secrets of the webhook: of a file, else of LIVEBLOCKS_WEBHOOK_SECRET. Raises a usage error where there is none.
---@param path string?
---@return string[]
function secret_file.webhook_secrets(path)
  local values = path and read(WEBHOOK, path) or { os.getenv(WEBHOOK.name) }
  local secrets = {}
  for word in table.concat(values, " "):gmatch "[^%s,]+" do secrets[#secrets + 1] = word end
  if secrets[1] then return secrets end
  errors.usage("the secret of the webhook is missing: set %s to it (whsec_..., in the dashboard with the webhook), or give "
    .. "--webhook-secret-file FILE", WEBHOOK.name)
end

return secret_file
