-- The log of requests, and its form as JSON.

local cjson = require "cjson"
local mime = require "mime"

local recorder = {}

local log = {}
local total = 0

--- Puts a request into the log; its outcome may still change.
---@param req table
function recorder.add(req)
  total = total + 1
  req.n = total
  log[#log + 1] = req
end

function recorder.clear()
  log = {}
end

---@return integer requests since the start
function recorder.total()
  return total
end

--- Returns the records of one id (all of them without id), and forgets them unless asked to keep them.
---@param id string?
---@param keep boolean?
---@return table[]
function recorder.take(id, keep)
  local taken, left = {}, {}
  for _, req in ipairs(log) do
    local list = (not id or req.id == id) and taken or left
    list[#list + 1] = req
  end
  if not keep then log = left end
  return taken
end

local function encode_headers(headers)
  local parts = {}
  for i, header in ipairs(headers) do parts[i] = cjson.encode(header) end
  return "[" .. table.concat(parts, ",") .. "]"
end

-- Order and form of a record; a field that is nil is left out.
local FIELDS = {
  { "n", cjson.encode }, { "id", cjson.encode }, { "connection", cjson.encode },
  { "time", function(time) return ("%.6f"):format(time) end },
  { "method", cjson.encode }, { "target", cjson.encode }, { "path", cjson.encode },
  { "query", cjson.encode }, { "version", cjson.encode }, { "headers", encode_headers },
  { "complete", cjson.encode }, { "scenario", cjson.encode }, { "hit", cjson.encode },
  { "outcome", cjson.encode }, { "bad", cjson.encode },
}

--- A record as a JSON object.
---@param req table
---@param with_bytes boolean also head_base64 and body_base64
---@return string
function recorder.encode(req, with_bytes)
  local parts = {}
  for _, field in ipairs(FIELDS) do
    local name, encode = field[1], field[2]
    if req[name] ~= nil then parts[#parts + 1] = ('"%s":%s'):format(name, encode(req[name])) end
  end
  parts[#parts + 1] = ('"body_size":%d'):format(#req.body)
  if with_bytes then
    parts[#parts + 1] = '"head_base64":"' .. (mime.b64(req.raw_head) or "") .. '"'
    parts[#parts + 1] = '"body_base64":"' .. (mime.b64(req.body) or "") .. '"'
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Records as a JSON array.
---@param list table[]
---@param with_bytes boolean
---@return string
function recorder.encode_all(list, with_bytes)
  local parts = {}
  for i, req in ipairs(list) do parts[i] = recorder.encode(req, with_bytes) end
  return "[" .. table.concat(parts, ",") .. "]"
end

return recorder
