--- Values as people read them on a page: times, spans, numbers, JSON. Secrets are hidden in all that comes from outside.
local html = require "lbhost.web.html"
local json = require "liveblocks.json"
local secrets = require "lbhost.util.secrets"

local show = {}

local LONGEST <const> = 200000 -- bytes of a value that is shown whole

--- A string from outside, without secrets.
---@param value any
---@param limit integer? bytes
---@return string
function show.text(value, limit)
  local text = secrets.hide(tostring(value)) -- before it is cut: half of a secret is one, too
  return limit and html.clip(text, limit) or text
end

--- 1234567 as "1,234,567".
---@param n number
---@return string
function show.number(n)
  local text = ("%.0f"):format(n):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^(%-?),", "%1"))
end

--- How many entries a table has; 0 for nil.
---@param map table?
---@return integer
function show.entries(map)
  local n = 0
  for _ in pairs(map or {}) do n = n + 1 end
  return n
end

--- A number with its noun: "1 event", "2 events".
function show.count(n, noun)
  return ("%s %s%s"):format(show.number(n), noun, n == 1 and "" or "s")
end

--- A span as "0.4 ms", "12 ms", "3.2 s", "5 min", "2 h 5 min", "3 d".
---@param seconds number
---@return string
function show.span(seconds)
  if seconds < 0.0095 then return ("%.2g ms"):format(seconds * 1000) end
  if seconds < 0.9995 then return ("%.0f ms"):format(seconds * 1000) end
  if seconds < 9.95 then return ("%.1f s"):format(seconds) end
  if seconds < 59.5 then return ("%.0f s"):format(seconds) end
  local minutes = math.floor(seconds / 60 + 0.5)
  if minutes < 60 then return ("%d min"):format(minutes) end
  if minutes < 1440 and minutes % 60 == 0 then return ("%d h"):format(minutes // 60) end
  if minutes < 1440 then return ("%d h %d min"):format(minutes // 60, minutes % 60) end
  return ("%d d"):format(minutes // 1440)
end

--- How long ago, or ahead, in steps that do not change with each look.
---@param seconds number
---@return string
function show.age(seconds)
  if seconds < 1 then return "now" end
  if seconds < 60 then return ("%.0f s"):format(seconds // (seconds < 10 and 1 or 5) * (seconds < 10 and 1 or 5)) end
  return show.span(seconds // 60 * 60)
end

--- Bytes as "512 B", "3.4 KiB", "12 MiB".
---@param bytes number
---@return string
function show.bytes(bytes)
  if bytes < 1024 then return ("%d B"):format(bytes) end
  for _, unit in ipairs { "KiB", "MiB" } do
    bytes = bytes / 1024
    if bytes < 1024 or unit == "MiB" then return (bytes < 10 and "%.1f %s" or "%.0f %s"):format(bytes, unit) end
  end
end

--- A time in UTC: that of the day; its date as well when it is of another day.
---@param at number Unix seconds
---@param now number?
---@return table raw
function show.time(at, now)
  local second = math.floor(at)
  local date = os.date("!%Y-%m-%dT%H:%M:%SZ", second)
  local other_day = now and os.date("!%F", second) ~= os.date("!%F", math.floor(now))
  return html.format('<time class="nowrap" datetime="%s" title="%s">%s</time>', date, date,
    other_day and ("%s %s"):format(os.date("!%d %b", second), date:sub(12, 19)) or date:sub(12, 19))
end

--- A value as one line of JSON.
---@param value any
---@param limit integer? bytes (300)
---@return table raw
function show.compact(value, limit)
  return html.code(show.text(json.encode(value), limit or 300))
end

--- A string in a frame.
---@param text string
---@return table raw
function show.block(text)
  return html.format("<pre>%s</pre>", show.text(text, LONGEST))
end

--- A value as JSON on several lines.
---@param value any
---@return table raw
function show.pretty(value)
  return show.block(json.encode(value, { pretty = true }))
end

--- A body: JSON so that it is readable, other text as it is, bytes by their number.
---@param body string
---@param size integer? bytes of the whole, of which body may be the beginning
---@return table raw
function show.body(body, size)
  size = size or #body
  if size == 0 then return html.raw '<p class="none">No body.</p>' end
  local more = size > #body and html.format('<p class="soft">The first %s of %s.</p>', show.bytes(#body), show.bytes(size)) or ""
  if size == #body then
    local value, problem = json.try_decode(body)
    if not problem then return show.pretty(value) end
  end
  local whole, wrong = utf8.len(body)
  local text = whole and body or size > #body and wrong > #body - 3 and body:sub(1, wrong - 1) -- cut inside of a character
  if not text or text:find "[\0-\8]" then return html.format('<p class="none">%s of binary data.</p>', show.bytes(size)) end
  return html.join { show.block(text), more }
end

return show
