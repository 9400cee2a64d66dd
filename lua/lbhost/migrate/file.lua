--- Migration files: the one table that they return, checked field by field.
---
---   api          1, the version of this contract
---   name         letters, digits, - and _; the file's name when absent
---   about        one line
---   options      typed options, see lua/lbhost/util/option_schema.lua; given as NAME=VALUE behind the file
---   rooms        { fields of get_rooms }, or function(ctx) that returns them     ... one of these five is the source
---   threads      { rooms = as above, query = as of get_threads, or function(ctx) }
---   users        { "alice", ... } or { file = "users.txt" }
---   ids          { "a", ... } or { file = "ids.txt" }, or function(ctx) that returns them
---   items        function(ctx) that returns an iterator: of ids, of tables with `id`, or of id, value
---   setup        function(ctx)           before the first item, also when a run goes on
---   confirm      function(count, ctx)    when all is listed: false, and nothing is done; not called in a dry run
---   each         function(item, ctx)     the work; false, reason when the item is left as it is
---   finish       function(ctx)           when all items are done
---   check        function(item, ctx)     afterwards, for each item: false, reason when it is not as it should be
---   idempotent   true: doing an item twice does no harm
---   catch_up     true: rooms that were created meanwhile are done as well, at the end
---   concurrency  items at a time (8)
---   rate         requests a second
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local options = require "lbhost.util.option_schema"
local module_path = require "lbhost.util.module_path"
local sandbox = require "lbhost.plugin.sandbox"

local file = {}

file.API = 1
file.sources = { "rooms", "threads", "users", "ids", "items" }

---@class lbhost.Migration
---@field path string
---@field text_hash string
---@field name string
---@field source string
---@field values table of its options

local function of_type(...)
  local wanted = { ... }
  return function(value)
    for _, name in ipairs(wanted) do
      if (math.type(value) or type(value)) == name or type(value) == name then return end
    end
    return ("must be a %s, got %s"):format(table.concat(wanted, " or a "), type(value))
  end
end

local function is_name(value)
  if type(value) ~= "string" or not value:find "^%a[%w_-]*$" then return "must be letters, digits, - and _" end
end

local function is_api(value)
  if value ~= file.API then return ("is %s; this lbhost knows api = %d"):format(tostring(value), file.API) end
end

local function is_list_or_file(value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then return "must be a list of ids or { file = path }, got " .. type(value) end
  if value.file ~= nil then return type(value.file) ~= "string" and "must name its file as text" or nil end
  for i, id in ipairs(value) do
    if type(id) ~= "string" or id == "" then return ("has an item that is no id: number %d"):format(i) end
  end
  if #value == 0 and next(value) ~= nil then return "must be a list of ids or { file = path }" end
end

local room_fields = { "limit", "query", "userId", "groupIds", "organizationId", "metadata" }

local function check_room_fields(value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then return "must be a table of the fields of get_rooms, got " .. type(value) end
  local known = {}
  for _, name in ipairs(room_fields) do known[name] = true end
  for name in pairs(value) do
    if not known[name] then return ("has the unknown field '%s'%s"):format(tostring(name), errors.hint(name, known)) end
  end
  if value.query ~= nil then
    local ok, problem = pcall(require("liveblocks.query").format, value.query)
    if not ok then return "has a query that does not parse: " .. tostring(problem) end
  end
end

local function check_threads(value)
  if type(value) ~= "table" then return "must be a table { rooms = ..., query = ... }, got " .. type(value) end
  for name in pairs(value) do
    if name ~= "rooms" and name ~= "query" then return ("has the unknown field '%s'"):format(tostring(name)) end
  end
  local problem = check_room_fields(value.rooms or {})
  return problem and "rooms " .. problem
end

local function is_count(value)
  if math.type(value) ~= "integer" or value < 1 or value > 1000 then return "must be an integer of 1 to 1000" end
end

local function is_rate(value)
  if type(value) ~= "number" or value <= 0 or value ~= value then return "must be a number greater than 0" end
end

local is_function, is_boolean = of_type "function", of_type "boolean"

local checks = {
  api = is_api, name = is_name, about = of_type "string", options = of_type "table", rooms = check_room_fields,
  threads = check_threads, users = is_list_or_file, ids = is_list_or_file, items = is_function, setup = is_function,
  each = is_function, confirm = is_function, finish = is_function, check = is_function, idempotent = is_boolean, catch_up = is_boolean,
  concurrency = is_count, rate = is_rate,
}

--- The fields of a migration, and those of its `rooms`.
file.fields, file.room_fields = checks, room_fields

local function refuse(path, text)
  errors.usage("%s: %s", path, text)
end

local function check_fields(path, given)
  for name, value in pairs(given) do
    local check = checks[name]
    if not check then
      refuse(path, ("unknown field '%s'%s"):format(tostring(name), errors.hint(name, checks)))
    end
    local problem = check(value)
    if problem then refuse(path, ("'%s' %s"):format(name, problem)) end
  end
  if given.api == nil then refuse(path, "no field 'api'; a migration begins with: return { api = 1, ... }") end
  if not given.each then refuse(path, "no function 'each'") end
  local sources = {}
  for _, name in ipairs(file.sources) do
    if given[name] ~= nil then sources[#sources + 1] = name end
  end
  if #sources ~= 1 then
    refuse(path, ("it needs one source, of %s; it has %s"):format(table.concat(file.sources, ", "),
      sources[1] and table.concat(sources, " and ") or "none"))
  end
  if given.catch_up and sources[1] ~= "rooms" then refuse(path, "'catch_up' is for the source 'rooms'") end
  return sources[1]
end

-- NAME=VALUE words as the values of the file's options.
local function read_words(path, rows, words)
  local given = {}
  for _, word in ipairs(words) do
    local name, text = word:match "^([%w_]+)=(.*)$"
    if not name then errors.usage("'%s' is no NAME=VALUE, as the options of %s are given", word, path) end
    if not rows[name] then
      errors.usage("%s has no option '%s'%s", path, name, errors.hint(name, rows))
    end
    given[name] = options.parse(rows[name], text)
    if given[name] == nil then errors.usage("option '%s' must be a %s, got '%s'", name, rows[name].type, text) end
  end
  return given
end

local function stem(path)
  return path:match "([^/]+)$":gsub("%.lua$", "")
end

--- Loads a migration.
---@param path string
---@param words string[] NAME=VALUE of its options
---@return lbhost.Migration
function file.load(path, words)
  local chunk, problem, unreadable = module_path.load_file(path, sandbox.new(("migration '%s'"):format(path)))
  if unreadable then errors.usage("cannot read the migration: %s", problem) end
  if not chunk then errors.usage("%s", problem) end
  local ok, given = pcall(chunk)
  if not ok then errors.usage("%s", tostring(given)) end
  if type(given) ~= "table" then
    refuse(path, ("a migration returns a table, this file returned %s"):format(given == nil and "nothing" or type(given)))
  end
  local source = check_fields(path, given)
  local rows, name, reason = options.declare(given.options or {})
  if not rows then refuse(path, ("option '%s' %s"):format(name, reason)) end
  local values, wrong, why = options.resolve(rows, read_words(path, rows, words), "behind the file")
  if not values then errors.usage("%s: option '%s' %s (%s=VALUE)", path, wrong, why, wrong) end
  local migration = {}
  for field, value in pairs(given) do migration[field] = value end
  migration.path, migration.source, migration.values = path, source, values
  migration.name = given.name or stem(path)
  if is_name(migration.name) then
    refuse(path, "give it a 'name' of letters, digits, - and _, for its file name is none")
  end
  local handle <close> = assert(io.open(path, "rb"))
  migration.text_hash = file.hash(handle:read "a", table.concat(words, "\0"))
  return migration
end

--- A short name for texts: the same for the same texts.
function file.hash(...)
  local digest = crypto.hmac_sha256("lbhost migrate", table.concat({ ... }, "\0"))
  return (crypto.base64_encode(digest):sub(1, 22))
end

--- Checks a query of rooms that a function of the file has returned.
function file.check_rooms(path, fields)
  local problem = check_room_fields(fields)
  if problem then refuse(path, "'rooms' " .. problem) end
  return fields
end

return file
