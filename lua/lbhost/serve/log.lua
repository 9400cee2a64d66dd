--- Log lines on standard error: text for people, or JSON. Secrets are taken out, whatever a message contains.
---
---   2026-11-24T22:00:00.123Z info  handled event=msg_1 type=commentCreated seconds=0.012
---   2026-11-24T22:00:01.456Z warn  handler failed attempt=1 event=msg_2 plugin=mentions
---       handlers/mentions.lua:12: attempt to index a nil value (field 'user')
---         handlers/mentions.lua:12: in function 'notify'
---   {"time":"2026-11-24T22:00:00.123Z","level":"info","message":"handled","event":"msg_1",...}
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local sorted_keys = require "liveblocks.sorted_keys"
local wtf8 = require "liveblocks.wtf8"

local log = {}

local order = { debug = 1, info = 2, warn = 3, error = 4 }

local LONGEST = 8000 -- bytes of one text

local function clean(text)
  text = secrets.hide(text) -- before it is cut: half of a secret is one, too
  return #text > LONGEST and text:sub(1, LONGEST) .. "..." or text
end

-- One line: what would break it is escaped.
local function flat(value)
  local kind = math.type(value)
  if kind then return kind == "float" and ("%.6g"):format(value) or tostring(value) end
  local text = clean(tostring(value))
  if text == "" or text:find '[%s"=\\]' then text = '"' .. text:gsub('[\\"]', "\\%0") .. '"' end
  return printable.line(text)
end

local function flat_name(name)
  if type(name) ~= "string" or not name:find "^[%l_]+$" then return flat(name) end
  return name
end

-- Several lines, such as an error and where it came from: under the line, indented.
local function indented(value)
  return "\n    " .. printable.block(clean(value)):gsub("\t", "  "):gsub("\n", "\n    ")
end

local second, second_text -- the last one, which most lines share with the one before

local function date(milliseconds)
  if milliseconds // 1000 ~= second then
    second = milliseconds // 1000
    second_text = os.date("!%Y-%m-%dT%H:%M:%S", second)
  end
  return ("%s.%03dZ"):format(second_text, milliseconds % 1000)
end

local function as_text(time, level, message, fields)
  local parts, under = { time, (level .. " "):sub(1, 5), printable.line(clean(message)) }, ""
  for _, name in ipairs(sorted_keys(fields)) do
    local value = fields[name]
    if type(value) == "string" and value:find "\n" then
      under = under .. indented(value)
    else
      parts[#parts + 1] = flat_name(name) .. "=" .. flat(value)
    end
  end
  return table.concat(parts, " ") .. under
end

local function plain(value)
  if type(value) == "boolean" or math.type(value) == "integer" then return value end
  if json.is_number(value) and (type(value) ~= "number" or value - value == 0) then return value end -- JSON has no infinity
  return printable.utf8(wtf8.to_utf8(clean(tostring(value))))
end

local function as_json(time, level, message, fields)
  local row = {}
  for name, value in pairs(fields) do row[tostring(plain(name))] = plain(value) end
  row.time, row.level, row.message = time, level, plain(message)
  return printable.json(json.encode(row))
end

local EPIPE <const> = 32
local gone = false

-- The reader of the log may end before lbhost, which goes on without it.
local function write_to_stderr(line)
  if gone then return end
  local _, _, number = io.stderr:write(line .. "\n") -- at once: it has no buffer
  gone = number == EPIPE
end

--- A function log(level, message, fields).
---@param options { format: "text"|"json", level: string?, write: fun(line: string)?, now: fun(): integer }
---@return fun(level: "debug"|"info"|"warn"|"error", message: string, fields: table?)
function log.new(options)
  local least = order[options.level or "info"]
  local form = options.format == "json" and as_json or as_text
  local write = options.write or write_to_stderr
  return function(level, message, fields)
    if (order[level] or 2) < least then return end
    write(form(date(options.now()), level, message, fields or {}))
  end
end

return log
