-- Recorded requests: reads a log, cuts it into calls and brings each request into a form in which
-- spelling that means nothing is gone.

local json = require("json")
local mime = require("mime")

local requests = {}

local MARK = "/peers-mark/"
local PREFIXES = { at = true, fl = true }

local function decode(text, form)
  if form then text = text:gsub("+", " ") end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

---Ids that a client makes up are the same whatever they are: at_* and fl_*.
local function neutral(path)
  return (path:gsub("%f[%w]([af][tl])_([%w_-]+)", function(prefix, id)
    if PREFIXES[prefix] and #id == 21 then return prefix .. "_*" end
  end))
end

local function segments(path)
  local list = json.array({})
  for part in (path .. "/"):sub(2):gmatch("([^/]*)/") do list[#list + 1] = decode(part) end
  return json.encode(list)
end

---The decoded pairs of a query, by name; the values of one name are sorted.
local function query_pairs(query)
  local values = {}
  for pair in (query or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name = decode(name, true)
    values[name] = values[name] or json.array({})
    table.insert(values[name], decode(value, true))
  end
  local texts = {}
  for name, list in pairs(values) do
    table.sort(list)
    texts[name] = #list == 1 and list[1] or json.encode(list)
  end
  return texts
end

---The places of a JSON body, by path; nil when the body is not JSON.
local function json_fields(body, media)
  if media ~= "application/json" or body == "" then return nil end
  local ok, value = pcall(json.decode, body)
  return ok and json.flatten(value, "body", {}) or nil
end

local function normal(record)
  local request = { method = record.method, headers = {}, body = mime.unb64(record.body_base64) or "" }
  for _, header in ipairs(record.headers) do request.headers[header[1]:lower()] = header[2] end
  request.raw_path = neutral(record.path)
  request.path = segments(request.raw_path)
  request.query = query_pairs(record.query)
  local media = request.headers["content-type"]
  request.media = media and media:match("^[^;%s]*"):lower() or nil
  request.fields = json_fields(request.body, request.media)
  return request
end

---Reads a log and returns the requests of each call.
---@param text string what the recording server answered to GET /__log
---@return table<string, table[]> by the id of the call
function requests.by_call(text)
  local calls, open = {}, {}
  for _, record in ipairs(json.decode(text)) do
    if record.path:sub(1, #MARK) == MARK then
      calls[decode(record.path:sub(#MARK + 1))] = open
      open = {}
    else
      open[#open + 1] = normal(record)
    end
  end
  assert(#open == 0, "requests after the last mark")
  return calls
end

---Puts requests that ran in parallel into one order.
---@param list table[]
function requests.sort(list)
  table.sort(list, function(a, b)
    if a.raw_path ~= b.raw_path then return a.raw_path < b.raw_path end
    return a.method < b.method
  end)
end

local ABSENT = "-"

local function add(found, what, ours, theirs)
  if ours ~= theirs then
    found[#found + 1] = { what = what, ours = ours or ABSENT, theirs = theirs or ABSENT }
  end
end

---Compares two flat tables name by name.
local function add_tables(found, prefix, ours, theirs)
  local names = {}
  for name in pairs(ours) do names[name] = true end
  for name in pairs(theirs) do names[name] = true end
  for name in pairs(names) do add(found, prefix .. name, ours[name], theirs[name]) end
end

---Which headers were sent; those that are compared by value are left out.
local function header_names(request)
  local names = {}
  for name in pairs(request.headers) do
    if name ~= "content-type" and name ~= "authorization" then names[name] = "sent" end
  end
  return names
end

local function describe(body)
  if body == "" then return ABSENT end
  if #body <= 60 then return json.encode((body:gsub("[\128-\255]", "?"))) end
  return ("%d bytes"):format(#body)
end

local function add_bodies(found, ours, theirs)
  if ours.fields and theirs.fields then
    add_tables(found, "", ours.fields, theirs.fields)
  elseif ours.body ~= theirs.body then
    add(found, "body", describe(ours.body), describe(theirs.body))
  end
end

---Everything in which two requests differ: {what, ours, theirs}, where "-" is nothing.
---@param ours table
---@param theirs table
---@return table[]
function requests.differences(ours, theirs)
  local found = {}
  add(found, "method", ours.method, theirs.method)
  if ours.path == theirs.path then
    add(found, "encoding", ours.raw_path, theirs.raw_path)
  else
    add(found, "path", ours.raw_path, theirs.raw_path)
  end
  add_tables(found, "query ", ours.query, theirs.query)
  add(found, "content-type", ours.media, theirs.media)
  add(found, "authorization", ours.headers.authorization, theirs.headers.authorization)
  add_tables(found, "header ", header_names(ours), header_names(theirs))
  add_bodies(found, ours, theirs)
  return found
end

return requests
