-- The endpoints under /__ with which a test steers the server and reads the log.

local cjson = require "cjson.safe"
local mime = require "mime"

local answers = require "answers"
local loop = require "loop"
local recorder = require "recorder"

local control = {}

local function known(value)
  return value ~= cjson.null and value or nil
end

--- Headers as a list of pairs, from an object or from such a list.
local function header_list(headers)
  if not headers or headers[1] then return headers end
  local list = {}
  for name, value in pairs(headers) do list[#list + 1] = { name, value } end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function header_text(list)
  for _, header in ipairs(list or {}) do
    if type(header) ~= "table" or type(header[1]) ~= "string" or header[2] == nil then
      return nil, "headers: give an object of names and values, or a list of [name, value]"
    end
    if type(header[2]) == "number" then header[2] = ("%.14g"):format(header[2]) end
    header[2] = tostring(header[2])
  end
  return list
end

local function set_answer(body)
  local row, err = cjson.decode(body)
  if type(row) ~= "table" then return 400, "the body must be a JSON object: " .. tostring(err) end
  for name, value in pairs(row) do row[name] = known(value) end
  if type(row.path) ~= "string" then return 400, "'path' is missing: the path to answer" end
  if row.pattern and not pcall(string.find, "", row.path) then
    return 400, "'path' is not a Lua pattern: " .. row.path
  end
  row.headers, err = header_text(header_list(row.headers))
  if err then return 400, err end
  if row.headers then
    local kept = {}
    for _, header in ipairs(row.headers) do
      if header[1]:lower() == "content-type" then row.type = header[2] else kept[#kept + 1] = header end
    end
    row.headers = kept
  end
  row.body = row.body_base64 and mime.unb64(row.body_base64) or row.body or ""
  answers.set(row)
  return 200, nil
end

local function log(req, id)
  local query = "&" .. (req.query or "") .. "&"
  local keep = query:find("&keep=1&", 1, true) ~= nil
  local with_bytes = not query:find("&bytes=0&", 1, true)
  local list = recorder.take(id, keep)
  return 200, recorder.encode_all(list, with_bytes)
end

local ROUTES = {
  ["GET /__log"] = function(req) return log(req) end,
  ["GET /__count"] = function(_, state) return 200, cjson.encode(state.counts()) end,
  ["GET /__stop"] = function(_, state)
    state.stopping = true
    return 200, "{}"
  end,
  ["POST /__reset"] = function(_, state)
    state.reset()
    recorder.clear()
    answers.clear()
    return 200, "{}"
  end,
  ["POST /__answer"] = function(req)
    local status, message = set_answer(req.body)
    return status, message and cjson.encode { error = "BAD_ANSWER", message = message } or "{}"
  end,
}

---@param req table
---@return boolean whether the request is for the control endpoints
function control.owns(req)
  return req.target:sub(1, 3) == "/__"
end

--- Answers a control request.
---@param conn table
---@param req table with its body read
---@param state table the server's counters
function control.run(conn, req, state)
  local id = req.method == "GET" and req.path:match("^/__log/([^/]+)$")
  local status, body
  if id then
    status, body = log(req, id)
  else
    local route = ROUTES[req.method .. " " .. req.path]
    if route then
      status, body = route(req, state)
    else
      status, body = 404, cjson.encode { error = "NO_SUCH_CONTROL", message = "see http.lua --help" }
    end
  end
  conn:answer { status = status, body = body }
  if state.stopping then loop.stop() end
end

return control
