--- What -v and -vv write about a call. Secrets are taken out, and nothing in it is obeyed by a terminal.
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local sorted_keys = require "liveblocks.sorted_keys"

local trace = {}

local LONGEST <const> = 4000 -- bytes of a body

--- "GET /v2/rooms/a%20b?limit=3: 200, 12 ms, 1 attempt"
---@param meta liveblocks.Meta status, seconds, attempts; error
---@param request table of liveblocks.sent
---@return string line
function trace.line(meta, request)
  return ("%s %s: %s, %.0f ms, %d attempt%s\n"):format(request.method, printable.line(secrets.hide(request.path)),
    meta.status or meta.error.kind, meta.seconds * 1000, meta.attempts, meta.attempts == 1 and "" or "s")
end

local hidden = { authorization = true, cookie = true, ["set-cookie"] = true, ["proxy-authorization"] = true }

local function add_header(out, mark, name, value)
  value = hidden[name:lower()] and "***" or secrets.hide(value)
  out[#out + 1] = ("%s %s: %s\n"):format(mark, printable.line(name), printable.line(value))
end

-- The names of fields that are secrets: a token that the API gives out has no form by which it is known.
local secret_names = { "[Tt]oken", "[Ss]ecret[%w_]*", "[Pp]assword" }

-- A quote inside of a string does not end it: while looking, escapes of two characters are one that JSON does not have.
local escapes, escaped = { ['"'] = "\1", ["\\"] = "\2" }, { ["\1"] = '\\"', ["\2"] = "\\\\" }

-- The values of such fields, in JSON.
local function hide_fields(text)
  text = text:gsub("\\(.)", escapes)
  for _, name in ipairs(secret_names) do text = text:gsub('("[%w_]*' .. name .. '"%s*:%s*)"[^"]*"', '%1"***"') end
  return (text:gsub("[\1\2]", escaped))
end

local function add_body(out, mark, body)
  if not body or body == "" then return end
  if not utf8.len(body) then
    out[#out + 1] = ("%s (%d bytes)\n"):format(mark, #body)
    return
  end
  body = secrets.hide(hide_fields(body)) -- before it is cut: half of a secret is one, too
  local more = #body > LONGEST and ("... (%d bytes)"):format(#body) or ""
  if more ~= "" then body = body:sub(1, utf8.offset(body, 0, LONGEST + 1) - 1) end
  for line in (printable.block(body) .. more):gmatch "[^\n]+" do out[#out + 1] = mark .. " " .. line .. "\n" end
end

-- The body of a response as it is known: decoded.
local function body_of(meta, value)
  if meta.error then return meta.error.body end
  if type(value) == "string" then return value end
  local ok, text = pcall(json.encode, value)
  return value ~= true and ok and text or nil
end

--- What was sent, after ">", and what came, after "<".
---@param meta liveblocks.Meta
---@param request table
---@param value any what the call returns
---@return string lines
function trace.details(meta, request, value)
  local out = {}
  for _, name in ipairs(sorted_keys(request.headers)) do add_header(out, ">", name, request.headers[name]) end
  out[#out + 1] = "> authorization: ***\n"
  if request.file then out[#out + 1] = ("> (the file %s)\n"):format(printable.line(request.file)) end
  add_body(out, ">", request.body)
  for name, content in tostring(meta.headers or ""):gmatch "([^\r\n:]+):[ \t]*([^\r\n]*)" do add_header(out, "<", name, content) end
  add_body(out, "<", body_of(meta, value))
  return table.concat(out)
end

return trace
