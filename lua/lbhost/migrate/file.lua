--- Migration files: the one table that they return, checked field by field.
---
---   api          1, the version of this contract
---   name         letters, digits, - and _; the file's name when absent
---   about        one line
---   options      typed options, see lua/lbhost/util/option_schema.lua; given as NAME=VALUE after the file
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
---   summary      function(ctx)           at the end, also of a run that was stopped: a line for people, or nil
---   repeats      true: a run of what is done already does it all again, as a backup does
---   journal      function(options)       the path of the journal, when what the options say makes a run of its own
---   concurrency  items at a time (8)
---   rate         requests a second
---
--- While the file is loaded nothing is sent: see lua/lbhost/migrate/guard.lua.
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local field_check = require "lbhost.util.field_check"
local options = require "lbhost.util.option_schema"
local module_path = require "lbhost.util.module_path"
local sandbox = require "lbhost.util.sandbox"
local text_file = require "lbhost.util.text_file"

local file = {}

file.API = 1
file.sources = { "rooms", "threads", "users", "ids", "items" }

---@class lbhost.Migration
---@field path string
---@field file_hash string
---@field options_hash string
---@field name string
---@field source string
---@field values table of its options

local function is_list_or_file(value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then return "must be a list of ids or { file = path }, got " .. type(value) end
  if value.file ~= nil then return type(value.file) ~= "string" and "must name its file as text" or nil end
  for i, id in ipairs(value) do
    if type(id) ~= "string" or id == "" then return ("has an item that is not an id: number %d"):format(i) end
  end
  if #value == 0 and next(value) ~= nil then return "must be a list of ids or { file = path }" end
end

local function is_query(value)
  local ok, problem = pcall(require("liveblocks.query").format, value)
  if not ok then return "does not parse: " .. tostring(problem) end
end

local function anything() end

-- Their types are those of get_rooms, which checks them when it is called.
local room_fields = { limit = anything, query = is_query, userId = anything, groupIds = anything, organizationId = anything,
  metadata = anything }
local is_room_fields = field_check.record(room_fields)

local function check_room_fields(value)
  if type(value) ~= "function" then return is_room_fields(value) end
end

local is_function, is_boolean = field_check.of_type "function", field_check.of_type "boolean"

local checks = {
  api = field_check.api(file.API), name = field_check.name, about = field_check.line, options = field_check.of_type "table",
  rooms = check_room_fields, threads = field_check.record { rooms = check_room_fields, query = anything },
  users = is_list_or_file, ids = is_list_or_file, items = is_function, setup = is_function, each = is_function,
  confirm = is_function, finish = is_function, check = is_function, summary = is_function, journal = is_function,
  idempotent = is_boolean, catch_up = is_boolean, repeats = is_boolean,
  concurrency = field_check.range("integer", 1, 1000), rate = field_check.range("number", 1e-3, 1e6),
}

--- The fields of a migration, and those of its `rooms`.
file.fields, file.room_fields = checks, room_fields

local function refuse(path, text)
  errors.usage("%s: %s", path, text)
end

local function check_fields(path, given)
  local field, problem = field_check.first_problem(given, checks)
  if problem then refuse(path, ("'%s' %s"):format(field, problem)) end
  if field then refuse(path, ("unknown field '%s'%s"):format(field, errors.hint(field, checks))) end
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

-- NAME=VALUE arguments as the values of the file's options.
local function read_values(path, rows, arguments)
  local given = {}
  for _, argument in ipairs(arguments) do
    local name, text = argument:match "^([%w_]+)=(.*)$"
    if not name then errors.usage("'%s' is not NAME=VALUE, as the options of %s are given", argument, path) end
    if not rows[name] then
      errors.usage("%s has no option '%s'%s", path, name, errors.hint(name, rows))
    end
    given[name] = options.parse(rows[name], text)
    if given[name] == nil then errors.usage("option '%s' must be %s, got '%s'", name, errors.a(rows[name].type), text) end
  end
  return given
end

local function stem(path)
  return path:match "([^/]+)$":gsub("%.lua$", "")
end

-- What the file returns, with its text. Nothing is sent meanwhile.
local function run_file(path, guard)
  local text, unreadable = text_file.read(path)
  if not text then errors.usage("cannot read the migration: %s", unreadable) end
  local chunk, problem = module_path.load_file(path, sandbox.new(("migration '%s'"):format(path)))
  if not chunk then errors.usage("%s", problem) end
  local ok, given = pcall(guard.loading, guard, path, chunk)
  if not ok then errors.usage("%s", tostring(given)) end
  if type(given) ~= "table" then
    refuse(path, ("a migration returns a table, this file returned %s%s"):format(given == nil and "nothing" or type(given),
      given == nil and " (a script is run by: lbhost run FILE)" or ""))
  end
  return given, text
end

-- What the file returns, checked: the table, the text, the name of its source and the rows of its options.
local function read(path, guard)
  local own = not guard and require("lbhost.migrate.guard").install() or nil
  local ok, given, text = pcall(run_file, path, guard or own)
  if own then own:remove() end
  if not ok then error(given, 0) end
  local source = check_fields(path, given)
  local rows, name, reason = options.declare(given.options or {})
  if not rows then refuse(path, ("option '%s' %s"):format(name, reason)) end
  return given, text, source, rows
end

--- What a migration says of itself, without values for its options.
---@param path string
---@return string about one line, may be empty
---@return table<string, table> rows of its options by name
function file.describe(path)
  local given, _, _, rows = read(path)
  return given.about or "", rows
end

--- Loads a migration.
---@param path string
---@param arguments string[] NAME=VALUE of its options
---@param guard lbhost.migrate.Guard? of the command
---@return lbhost.Migration
function file.load(path, arguments, guard)
  local given, text, source, rows = read(path, guard)
  local values, wrong, why = options.resolve(rows, read_values(path, rows, arguments), "after the file")
  if not values then errors.usage("%s: option '%s' %s (%s=VALUE)", path, wrong, why, wrong) end
  local migration = {}
  for field, value in pairs(given) do migration[field] = value end
  migration.path, migration.source, migration.values = path, source, values
  migration.name = given.name or stem(path)
  if field_check.name(migration.name) then
    refuse(path, "give it a 'name' of letters, digits, - and _, for its file name is not one")
  end
  migration.file_hash, migration.options_hash = file.hash(text), file.hash(table.concat(arguments, "\0"))
  return migration
end

--- The path of the journal of a migration, unless another is given.
---@param migration lbhost.Migration
---@return string
function file.journal_path(migration)
  local given = migration.journal
  if not given then return migration.name .. ".journal" end
  local ok, path = pcall(given, migration.values)
  if not ok then refuse(migration.path, ("'journal' failed: %s"):format(tostring(path))) end
  if type(path) ~= "string" or path == "" then refuse(migration.path, "'journal' must return a path") end
  return path
end

--- A short name for strings: the same for the same strings.
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
