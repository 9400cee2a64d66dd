--- Tracebacks for the author of a script, a handler or a plugin: their own frames, without those of this program.
local errors = require "liveblocks.errors"

local traceback = {}

local function is_ours(frame)
  return frame:find("^lua/liveblocks/") or frame:find("^lua/lbhost/")
end

local function is_c(frame)
  return frame:find("^%[C%]: in ") ~= nil
end

--- The frames of a traceback that belong to the author, innermost first. A C function stays when the author called it
--- and it called the author back.
---@param text string as debug.traceback gives it
---@return string[]
function traceback.frames(text)
  local all, own = {}, {}
  local stack = text:match ".*\nstack traceback:(.*)$" or "" -- the message before it may have lines of its own
  for frame in stack:gmatch("\n\t([^\n]+)") do all[#all + 1] = frame end
  local function is_author(frame)
    return frame and not is_ours(frame) and not is_c(frame) and not frame:find("^%(%.%.%.tail calls")
  end
  for i, frame in ipairs(all) do
    if is_author(frame) or is_c(frame) and is_author(all[i - 1]) and is_author(all[i + 1]) then own[#own + 1] = frame end
  end
  return own
end

--- A message with the author's frames below it.
---@param text string as debug.traceback gives it
---@return string
function traceback.clean(text)
  local message = text:match("^(.-)\nstack traceback:") or text
  local frames = traceback.frames(text)
  if not frames[1] then return message end
  return message .. "\nstack traceback:\n\t" .. table.concat(frames, "\n\t")
end

--- The message handler for xpcall: an error object stays what it is, all else becomes a string with the author's frames.
---@param err any
---@return any
function traceback.handler(err)
  if errors.is(err) then return err end
  return traceback.clean(debug.traceback(tostring(err), 2))
end

return traceback
