-- Makes the calls of calls.lua with this client. Run by `lbhost run` or a stock lua5.4 that finds the
-- module. Usage: lbhost_driver.lua CALLS.json RESULT.json BASE_URL DIRECTORY_OF_THIS_FILE
--
-- Each call is followed by a request to /peers-mark/ID, by which the recording server's log is cut
-- into calls.

local args = { ... }
local source, target, base, here = args[1], args[2], args[3], args[4]

local liveblocks = require("liveblocks")
local json = dofile(here .. "/json.lua") -- not by name: the search path is the host's

local SECRET = "sk_test_peers"

---A JSON value as a script would write it: lists need a mark only where they are empty.
local function lua_value(value, plain)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = lua_value(item, plain) end
  if json.is_array(value) and #value == 0 and not plain then return liveblocks.array(copy) end
  return copy
end

local function bytes_of(row)
  return (row.hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function content_of(file)
  local block = {}
  for index = 0, 250 do block[#block + 1] = string.char(index) end
  local period = table.concat(block)
  return period:rep(file.size // 251 + 1):sub(1, file.size)
end

---The arguments after the path: a positional body if there is one, then the table of fields.
local function rest_of(row, fields)
  if row.has_body then return { lua_value(row.body, row.plain), fields } end
  if row.hex then return { bytes_of(row), fields } end
  if row.file then return { content_of(row.file), fields } end
  return { fields }
end

local function call_method(client, row)
  local list = { table.unpack(row.path) }
  local rest = rest_of(row, row.args and lua_value(row.args, row.plain))
  local count = row.has_body and 2 or #rest -- a body may be nil-like, never nil
  for index = 1, count do list[#row.path + index] = rest[index] end
  return client[row.op](client, table.unpack(list, 1, #row.path + count))
end

local function iterate(client, row)
  local list = { table.unpack(row.path) }
  list[#list + 1] = lua_value(row.args)
  for item in client[row.op](client, table.unpack(list)) do assert(item) end
end

local function session(client, row)
  local options = lua_value(row.args)
  local user = options.userId
  options.userId = nil
  local made = liveblocks.session(client, user, options)
  for _, rule in ipairs(row.allow) do made:allow(rule[1], lua_value(rule[2])) end
  made:authorize()
  if row.twice then made:authorize() end
end

---Uploads that choose their own id and split large files.
local function upload(kind)
  return function(client, row)
    local options = row.args and lua_value(row.args) or {}
    options.kind, options.name, options.data = kind, row.file.name, content_of(row.file)
    return client:upload_file(row.path[1], options)
  end
end

-- Operations that are not called like the rest.
local SPECIAL = {
  iter_rooms = iterate,
  iter_inbox_notifications = iterate,
  session = session,
  upload_attachment = upload("attachment"),
  upload_file = upload("storage"),
}

---A request to the recording server itself.
local function send_to_server(method, path, body)
  local reply, err = liveblocks.http.request({ url = base .. path, method = method, body = body })
  assert(reply, err)
end

local function escape(text)
  return (text:gsub("[^%w_.-]", function(char) return ("%%%02X"):format(char:byte()) end))
end

local function message_of(err)
  return (tostring(err):gsub("\n.*", ""))
end

local function new_client(prefix)
  return liveblocks.new({ secret = SECRET, base_url = base .. prefix, retries = 0 })
end

local function run_calls(calls)
  local results, clients = {}, {}
  for _, row in ipairs(calls) do
    local prefix = row.base or ""
    clients[prefix] = clients[prefix] or new_client(prefix)
    for _, answer in ipairs(row.answers or {}) do send_to_server("POST", "/__answer", json.encode(answer)) end
    local call = not row.step and SPECIAL[row.op] or call_method
    local ok, err = pcall(call, clients[prefix], row)
    results[row.id] = ok and {} or { error = message_of(err) }
    send_to_server("GET", "/peers-mark/" .. escape(row.id))
  end
  return results
end

local function verify_webhooks(requests, now)
  local verdicts = {}
  for _, row in ipairs(requests) do
    local ok, event, err = pcall(liveblocks.webhook.verify, {
      secret = row.secret, headers = row.headers, body = row.body, now = now,
    })
    if ok and event then
      verdicts[row.id] = { accepted = true, event = event }
    else
      verdicts[row.id] = { accepted = false, error = message_of(ok and err or event) }
    end
  end
  return verdicts
end

local function format_queries(queries)
  local texts = {}
  for _, row in ipairs(queries) do
    local ok, text, err = pcall(liveblocks.query.format, lua_value(row.table))
    if ok and text then
      texts[row.id] = { text = text }
    else
      texts[row.id] = { error = message_of(ok and err or text) }
    end
  end
  return texts
end

local file = assert(io.open(source, "rb"))
local work = json.decode(file:read("a"))
file:close()
local result = {
  calls = run_calls(work.calls),
  webhooks = verify_webhooks(work.webhooks, work.now),
  queries = format_queries(work.queries),
}
file = assert(io.open(target, "wb"))
file:write(json.encode(result))
file:close()
