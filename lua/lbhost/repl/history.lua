--- The lines of earlier sessions: in $XDG_STATE_HOME/lbhost/history, without those that contain a secret.
local host = require "lbhost.host"
local known = require "lbhost.util.secrets"
local xdg = require "lbhost.util.xdg"

local history = {}

local MAX_LINES = 1000

-- The beginnings of secrets: half of one is not kept either.
local beginnings = { "sk_", "lbs_", "whsec_", "eyJ[%w_-]+%.", "[Bb]earer%s" }

--- Is there something in the text that must not be kept?
---@param text string
---@return boolean
function history.is_secret(text)
  for _, pattern in ipairs(beginnings) do
    if text:find(pattern) then return true end
  end
  return known.found(text)
end

local function path()
  local directory = xdg.directory "STATE"
  return directory and directory .. "/history", directory
end

local function rewrite(file_path, lines)
  if not host.make_private(file_path .. ".new") then return end
  local file = io.open(file_path .. ".new", "wb")
  if not file then return end
  file:write(table.concat(lines, "\n"), "\n")
  if file:close() then os.rename(file_path .. ".new", file_path) end
end

--- Reads the lines, the oldest first; a file that has grown long is cut.
---@return string[]
function history.load()
  local file_path = path()
  local file = file_path and io.open(file_path, "rb")
  if not file then return {} end
  local lines = {}
  for line in file:lines() do lines[#lines + 1] = line end
  file:close()
  if #lines <= MAX_LINES then return lines end
  local last = table.move(lines, #lines - MAX_LINES + 1, #lines, 1, {})
  if #lines > 2 * MAX_LINES then rewrite(file_path, last) end
  return last
end

--- Keeps an input, on one line; so that a session which is killed loses nothing.
---@param text string
---@return boolean? kept
---@return string? message why not
function history.add(text)
  if history.is_secret(text) then return nil, "it contains a secret" end
  local file_path, directory = path()
  if not file_path then return nil, "there is no home directory" end
  local ok, problem = host.make_directory(directory)
  if ok then ok, problem = host.make_private(file_path) end
  if not ok then return nil, problem end
  local file
  file, problem = io.open(file_path, "ab")
  if not file then return nil, problem end
  file:write(text, "\n")
  ok, problem = file:close()
  return ok, problem
end

--- Several lines as one, where that means the same; else nil.
---@param text string
---@return string?
function history.one_line(text)
  if not text:find("\n") then return text end
  if text:find("%-%-") or text:find("%[=*%[") or text:find("\\\n") then return nil end
  return (text:gsub("%s*\n%s*", " "):gsub("%s+$", ""))
end

return history
