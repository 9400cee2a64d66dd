--- The client: one method for each row of the endpoint table, made when it is first used.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local pages = require "liveblocks.pages"
local raw = require "liveblocks.raw"
local types = require "liveblocks.types"

local rows = {}
for _, row in ipairs(core.endpoints()) do
  rows[row.name] = row
  for alias in row.aliases:gmatch("%S+") do rows[alias] = row end
end

-- ---- Arguments -----------------------------------------------------------------------------------

local function write_list(value, name, call)
  if type(value) == "string" then return value end
  if type(value) ~= "table" then errors.usage("%s: '%s' must be a list or a text, got %s", call, name, type(value)) end
  for i, item in ipairs(value) do
    if type(item) ~= "string" then errors.usage("%s: %s[%d] must be a string, got %s", call, name, i, type(item)) end
    if item:find(",", 1, true) then
      errors.usage("%s: %s[%d] contains a comma, which ends an element of this list", call, name, i)
    end
  end
  return table.concat(value, ",")
end

-- How each query type becomes text; nil leaves the parameter out.
local writers = {
  string = function(value, field, call)
    if type(value) ~= "string" then errors.usage("%s: '%s' must be a string, got %s", call, field.name, type(value)) end
    return value
  end,
  integer = function(value, field, call)
    local n = type(value) == "number" and math.tointeger(value)
    if not n then errors.usage("%s: '%s' must be an integer, got %s", call, field.name, tostring(value)) end
    if n < field.min or n > field.max then
      errors.usage("%s: '%s' is %d, allowed is %d to %d", call, field.name, n, field.min, field.max)
    end
    return tostring(n)
  end,
  flag = function(value, field, call)
    if type(value) ~= "boolean" then errors.usage("%s: '%s' must be true or false", call, field.name) end
    return value and "true" or nil
  end,
  enum = function(value, field, call)
    for word in field.values:gmatch("[^|]+") do
      if word == value then return value end
    end
    errors.usage("%s: '%s' must be one of %s, got %s", call, field.name, field.values:gsub("|", ", "), tostring(value))
  end,
  list = function(value, field, call) return write_list(value, field.name, call) end,
  query = function(value) return require("liveblocks.query").format(value) end,
}

local function add_query(out, row, field, value)
  if field.type == "map" then
    if type(value) ~= "table" then errors.usage("%s: '%s' must be a table", row.name, field.name) end
    for key, text in pairs(value) do
      if type(key) ~= "string" or type(text) ~= "string" then
        errors.usage("%s: '%s' must be a table of texts by name, got %s for '%s'", row.name, field.name, type(text),
          tostring(key))
      end
      out[#out + 1] = ("%s.%s"):format(field.name, key)
      out[#out + 1] = text
    end
    return
  end
  local text = writers[field.type](value, field, row.name)
  if text then
    out[#out + 1] = field.name
    out[#out + 1] = text
  end
end

-- What is worked out once for each row.
local function plan_of(row)
  if row.plan then return row.plan end
  local plan = { query = {}, names = {}, fills = {} }
  for _, field in ipairs(row.query) do
    plan.query[field.name] = field
    plan.names[field.name] = true
  end
  if row.type and row.body ~= "bytes" then
    local check, fields = types.compile(row.type)
    plan.check = check
    if row.body == "fields" then
      plan.fields = fields
      for name, field in pairs(fields) do
        plan.names[name] = true
        -- A path parameter that the API wants in the body again.
        if field.type == "path" then
          for i, parameter in ipairs(row.parameters) do
            if parameter:gsub("_(%a)", string.upper) == name then plan.fills[name] = i end
          end
        end
      end
    end
  end
  row.plan = plan
  return plan
end

local function split(row, plan, arguments)
  local query, body = {}, row.body == "fields" and json.object {} or nil
  for name, value in pairs(arguments) do
    local field = plan.query[name]
    if field then
      add_query(query, row, field, value)
    elseif plan.fields and plan.fields[name] then
      body[name] = value
    elseif name == "contentType" and row.body == "bytes" then
      query.content_type = value
    else
      errors.usage("%s: unknown field '%s'%s", row.name, tostring(name), errors.hint(name, plan.names))
    end
  end
  for _, field in ipairs(row.query) do
    if field.required and (arguments[field.name] == nil or arguments[field.name] == "") then
      errors.usage("%s: '%s' is required", row.name, field.name)
    end
  end
  return query, body
end

local function encode(row, value)
  local ok, text = pcall(json.encode, value)
  if not ok then errors.usage("%s: %s", row.name, text) end
  return text
end

local function check_fields(row, plan, body, path)
  for name, i in pairs(plan.fills) do
    if body[name] == nil then body[name] = path[i] end
  end
  for name, field in pairs(plan.fields) do
    if field.required and body[name] == nil then errors.usage("%s: '%s' is required", row.name, name) end
  end
  for name, value in pairs(body) do
    local checked, message = plan.fields[name].check(value, name)
    if message then errors.usage("%s: %s", row.name, message) end
    body[name] = checked
  end
  return body
end

local function check_table(row, arguments)
  if type(arguments) ~= "table" then
    errors.usage("%s: a table of fields expected, got %s", row.name, type(arguments))
  end
end

local function set_bytes(settings, row, value)
  if type(value) == "string" then
    settings.body = value
  elseif type(value) == "table" and type(value.file) == "string" then
    for name, given in pairs(value) do
      if name ~= "file" and not ((name == "offset" or name == "length") and math.type(given) == "integer") then
        errors.usage("%s: the body is { file = path, offset = bytes, length = bytes }; '%s' does not fit", row.name,
          tostring(name))
      end
    end
    settings.file, settings.offset, settings.length = value.file, value.offset, value.length
  else
    errors.usage("%s: the body must be a string of bytes or { file = path }, got %s", row.name, type(value))
  end
end

-- The settings of a call from what follows its path parameters.
local function settings_of(row, path, ...)
  local plan, settings = plan_of(row), {}
  local body, arguments
  if row.body == "value" or row.body == "bytes" then
    if select("#", ...) == 0 then errors.usage("%s: the body is missing", row.name) end
    body, arguments = ...
  else
    arguments = ...
  end
  if arguments ~= nil then check_table(row, arguments) end
  local query, fields = split(row, plan, arguments or {})
  settings.query = query[1] and query or nil
  settings.content_type = query.content_type
  if row.body == "bytes" then
    set_bytes(settings, row, body)
  elseif row.body == "value" then
    local checked, message = plan.check(body, "the body")
    if message then errors.usage("%s: %s", row.name, message) end
    settings.body = encode(row, checked)
  elseif row.body == "fields" then
    settings.body = encode(row, check_fields(row, plan, fields, path))
  end
  return settings
end

local function check_path(row, path)
  for i, name in ipairs(row.parameters) do
    local value = path[i]
    if type(value) == "number" and math.type(value) == "integer" then value = tostring(value) end
    if type(value) ~= "string" then errors.usage("%s: '%s' must be a string, got %s", row.name, name, type(path[i])) end
    if value == "" then errors.usage("%s: '%s' must not be empty", row.name, name) end
    if value:find("\0", 1, true) then errors.usage("%s: '%s' contains a NUL character", row.name, name) end
    path[i] = value
  end
end

-- ---- Methods -------------------------------------------------------------------------------------

---@class liveblocks.Client
---@field try liveblocks.Client the same calls, which return nil, err instead of raising
local Client = {}

local function report(self, row, value, meta)
  if meta.warning and self.warn then self.warn(("%s %s: %s"):format(row.method, row.path, meta.warning), meta) end
  if self.log then self.log(row, meta) end
  return value, meta
end

local function submit(self, row, ...)
  local count = #row.parameters
  local path = { ... }
  check_path(row, path)
  local settings = settings_of(row, path, select(count + 1, ...))
  return core.submit(self.core, row.id, settings, table.unpack(path, 1, count))
end

local function check_self(self, name)
  if type(self) ~= "table" or not self.core then
    errors.usage("call it with a colon: client:%s(...)", name)
  end
end

local function make_method(row)
  local call, id = core.call, row.id
  if #row.parameters == 1 and row.body == "none" and not row.query[1] then
    -- The common short call: nothing to check but one text.
    return function(self, a, more)
      if type(a) == "string" and a ~= "" and more == nil and self.core and not a:find("\0", 1, true) then
        return report(self, row, call(self.core, id, nil, a))
      end
      check_self(self, row.name)
      return report(self, row, submit(self, row, a, more):wait())
    end
  end
  return function(self, ...)
    check_self(self, row.name)
    return report(self, row, submit(self, row, ...):wait())
  end
end

local function make_iterator(row)
  return function(self, ...)
    check_self(self, "iter_" .. row.name:gsub("^get_", ""))
    local count, given = #row.parameters, { ... }
    local fields = {}
    if given[count + 1] ~= nil then check_table(row, given[count + 1]) end
    for name, value in pairs(given[count + 1] or {}) do fields[name] = value end
    local path = table.move(given, 1, count, 1, {})
    return pages.iterate(function(cursor)
      fields[row.page] = cursor or fields[row.page]
      path[count + 1] = fields
      return submit(self, row, table.unpack(path, 1, count + 1))
    end, row.name)
  end
end

--- Starts a call without waiting: returns a handle with wait(), cancel(), done(); it ends the call when it is
--- closed or collected.
---@param name string
---@param ... any what the call of that name takes
---@return liveblocks.Call
function Client:submit(name, ...)
  local row = rows[name]
  if not row then errors.usage("there is no call '%s'%s", tostring(name), errors.hint(name, rows)) end
  return submit(self, row, ...)
end

local request_fields = { query = true, headers = true, json = true, body = true, file = true, timeout = true,
  retries = true, repeat_safe = true, reply = true, content_type = true }
local replies = { json = true, text = true, binary = true, none = true }

--- Calls what the table lacks.
---@param method string
---@param path string behind the base URL, already percent-encoded
---@param options? liveblocks.RawOptions
---@return any value
---@return liveblocks.Meta meta
function Client:request(method, path, options)
  options = options or {}
  local settings = raw.settings("request", options, request_fields)
  for name, value in pairs { method = method or false, path = path or false } do
    if type(value) ~= "string" then errors.usage("request: the %s must be a string, got %s", name, type(value)) end
  end
  if options.reply and not replies[options.reply] then
    errors.usage("request: 'reply' must be json, text, binary or none, got '%s'", options.reply)
  end
  settings.method, settings.path = method, path
  return report(self, { method = method, path = path },
    core.submit_request(self.core, settings, options.reply or "json"):wait())
end

--- Uploads an attachment or a Storage file from a file or a string, a large one in parts.
---@param room string
---@param options liveblocks.Upload
---@return table file its description, with its id
function Client:upload_file(room, options)
  return require("liveblocks.upload").file(self, room, options)
end

--- Edits the Storage document of a room as plain Lua; sends one guarded JSON Patch.
---@param room_id string
---@param fn fun(root: table<string, any>): any
---@param options? liveblocks.MutateOptions
---@return table[] patch
---@return { attempts: integer, sent: boolean, result: any } info
function Client:mutate_storage(room_id, fn, options)
  return require("liveblocks.storage.mutate")(self, room_id, fn, options)
end

--- Closes the client: its calls in flight end with kind "cancelled".
function Client:close()
  core.close(self.core)
end

-- ---- Making clients ------------------------------------------------------------------------------

local option_types = {
  secret = "string", base_url = "string", ca_file = "string", user_agent = "string", timeout = "number",
  connect_timeout = "number", rate = "number", backoff = "number", max_backoff = "number", retries = "integer",
  max_in_flight = "integer", max_reply = "integer", warn = "function", log = "function",
}

local limits = { retries = 1 << 20, max_in_flight = 1 << 20, max_reply = 1 << 40 }

local function check_options(options, what)
  if type(options) ~= "table" then errors.usage("%s: a table of options expected, got %s", what, type(options)) end
  local plain = {}
  for name, value in pairs(options) do
    local wanted = option_types[name]
    if not wanted then errors.usage("%s: unknown option '%s'%s", what, tostring(name), errors.hint(name, option_types)) end
    local good = type(value) == wanted or (wanted == "integer" and math.type(value) == "integer")
    if not good then errors.usage("%s: option '%s' must be %s, got %s", what, name, errors.a(wanted), type(value)) end
    if name == "retries" and value < 0 then errors.usage("%s: option 'retries' must be 0 or more", what) end
    if type(value) == "number" and name ~= "retries" and not (value > 0 and value < math.huge) then
      errors.usage("%s: option '%s' must be greater than 0", what, name)
    end
    if limits[name] and value > limits[name] then
      errors.usage("%s: option '%s' must be at most %d", what, name, limits[name])
    end
    if type(value) == "string" and value:find("\0", 1, true) then
      errors.usage("%s: option '%s' contains a NUL character", what, name)
    end
    plain[name] = value
  end
  plain.max_attempts = plain.retries and plain.retries + 1
  return plain
end

local function find_method(name)
  local row = rows[name]
  if row then return make_method(row) end
  local paged = type(name) == "string" and name:sub(1, 5) == "iter_" and rows["get_" .. name:sub(6)]
  if paged and paged.page then return make_iterator(paged) end
end

local meta = { __index = Client }
local optional = { core = true, warn = true, log = true, try = true }

-- A method is made from its row at the first use and kept, so that later ones find it without a function.
setmetatable(Client, { __index = function(_, name)
  if type(name) ~= "string" or optional[name] then return nil end
  local method = find_method(name)
  if not method then errors.usage("there is no call '%s'%s", name, errors.hint(name, rows)) end
  Client[name] = method
  return method
end })

function meta.__tostring(self)
  return ("liveblocks.client: %s"):format(core.base_url(self.core))
end

meta.__name = "liveblocks.client"
function meta.__close(self) core.close(self.core) end

-- client.try:NAME(...) returns nil, err where client:NAME(...) raises an error object.
local function outcome(ok, ...)
  if ok then return ... end
  local err = ...
  if errors.is(err) then return nil, err end
  error(err, 0)
end

meta.try = {
  __index = function(self, name)
    local method = rawget(self, "client")[name]
    local function guarded(_, ...) return outcome(pcall(method, self.client, ...)) end
    rawset(self, name, guarded)
    return guarded
  end,
}

local function make(options, base)
  local plain = check_options(options, base and "with" or "liveblocks.new")
  local self = setmetatable({
    core = core.client(plain, base and base.core), warn = options.warn or (base and base.warn) or false,
    log = options.log or (base and base.log) or false,
  }, meta)
  self.try = setmetatable({ client = self }, meta.try)
  return self
end

--- A client with other options over the same connections.
---@param options liveblocks.Options
---@return liveblocks.Client
function Client:with(options)
  return make(options, self)
end

return { new = make, rows = rows, options = option_types }
