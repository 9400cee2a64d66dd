--- The file that holds the secret key: the key alone, or lines of NAME=value as a shell or `.env` has them.
local errors = require "liveblocks.errors"
local text_file = require "lbhost.util.text_file"

local NAME = "LIVEBLOCKS_SECRET_KEY"
local WHAT = "it holds the secret key alone, sk_..., or a line LIVEBLOCKS_SECRET_KEY=sk_..."

local secret_file = {}

local function unquoted(text)
  return text:match('^"(.*)"$') or text:match("^'(.*)'$") or text
end

-- The values of the lines that are not blank or comments: of NAME, and of those without a name.
local function values_of(text)
  local named, plain = {}, {}
  for line in text:gmatch("[^\r\n]+") do
    line = line:match("^%s*(.-)%s*$")
    local name, value = line:gsub("^export%s+", ""):match("^([%a_][%w_]*)%s*=%s*(.*)$")
    if line ~= "" and line:sub(1, 1) ~= "#" then
      if name == NAME then named[#named + 1] = unquoted(value) end
      if not name then plain[#plain + 1] = unquoted(line) end
    end
  end
  return named, plain
end

--- Reads the key; raises a usage error that says what the file should hold. No content of the file is in the message.
---@param path string
---@return string
function secret_file.read(path)
  local text, problem = text_file.read(path)
  if not text then errors.usage("cannot read the secret file: %s", problem) end
  local named, plain = values_of(text)
  local values = named[1] and named or plain
  local function refuse(why) errors.usage("the secret file '%s' %s: %s", path, why, WHAT) end
  if not values[1] or values[1] == "" then refuse(text:find "%S" and "has no " .. NAME or "is empty") end
  if values[2] or values[1]:find "[%s%c]" then refuse "has more than a key" end
  if values[1]:find "^pk_" then refuse "has a public key (pk_...)" end
  return values[1]
end

return secret_file
