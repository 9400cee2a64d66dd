-- The content of lua/meta: what an editor shows and checks (LuaCATS). The calls come from the endpoint table, the modules from
-- the comments in their sources; what is written in C or says what a value looks like is described by hand. A file stands
-- where require looks for its module, so that an editor finds it by its path.
local liveblocks = require "liveblocks"
local sorted_keys = require "liveblocks.sorted_keys"
local types = require "liveblocks.types"

-- ---- Types ---------------------------------------------------------------------------------------

local names = {
  date = "string", uri = "string", kind = "string", path = "string", object = "table<string, any>", null = "lightuserdata",
  scalar = "string|number|boolean", permission = "liveblocks.Permission", event = "liveblocks.EventType",
  LsonFields = "table<string, any>", Block = "table<string, any>", CommentBody = "liveblocks.CommentBody",
}

--- The notation of the table (lua/liveblocks/types.lua) as a type of LuaCATS.
local function type_of(source)
  local text = source:gsub("%(%-?%d*%.%.%-?%d*%)", "")             -- ranges
  text = text:gsub("'([^']*)'", "\"%1\""):gsub(",%s*%.%.%.", "")   -- literals, open records
  repeat
    local n
    text, n = text:gsub("map(%b<>)", function(inner) return "table<string, " .. inner:sub(2, -2) .. ">" end)
  until n == 0
  -- Not where a name is that of a field, or part of a literal or of a type that is done.
  text = text:gsub("%f[%w_.\"][%w_.\"]+%f[^%w_.\"]%??:?", function(word)
    return not word:find("[:\"]") and names[word] or nil
  end)
  return text
end

local query_types = {
  string = "string", integer = "integer", flag = "boolean", list = "string[]|string", query = "string|liveblocks.Query",
  map = "table<string, string>",
}

local function query_type(field)
  if field.type ~= "enum" then return query_types[field.type] end
  return (field.values:gsub("[^|]+", "\"%0\""))
end

local responses = { json = "table", text = "string", binary = "string", none = "true|table" }

-- ---- Calls ---------------------------------------------------------------------------------------

-- The fields of a call as lines of a class.
local function fields_of(row)
  local lines = {}
  local function add(name, needed, type) lines[#lines + 1] = ("---@field %s%s %s\n"):format(name, needed and "" or "?", type) end
  for _, field in ipairs(row.query) do add(field.name, field.required, query_type(field)) end
  if row.body == "fields" then
    local _, fields = types.compile(row.type)
    for _, name in ipairs(sorted_keys(fields)) do
      add(name, fields[name].required and fields[name].type ~= "path", type_of(fields[name].type))
    end
  end
  if row.body == "bytes" then add("contentType", false, "string") end
  return lines
end

-- The parameters of a call, each { name, type }; "?" after a name that can be left out. Writes the class of its fields.
local function parameters(row, out)
  local list = {}
  for i, name in ipairs(row.parameters) do list[i] = { name, "string|integer" } end
  if row.body == "value" or row.body == "bytes" then
    list[#list + 1] = { "body", row.body == "bytes" and "string|liveblocks.File" or type_of(row.type) }
  end
  local fields = fields_of(row)
  if fields[1] then
    local class = "liveblocks.fields." .. row.name
    out[#out + 1] = ("\n---@class %s\n%s"):format(class, table.concat(fields))
    local needed = table.concat(fields):find("@field %w+ ")
    list[#list + 1] = { needed and "fields" or "fields?", class }
  end
  return list
end

local function method(out, name, list, returns)
  local parts = {}
  for i, parameter in ipairs(list) do
    parts[i] = parameter[1]:gsub("%?", "")
    out[#out + 1] = ("---@param %s %s\n"):format(parameter[1], parameter[2])
  end
  out[#out + 1] = ("%sfunction Client:%s(%s) end\n"):format(returns, name, table.concat(parts, ", "))
end

-- A call as a field of client.try, in one line.
local function guarded(tries, name, list, returns, help)
  local parts = { "self: liveblocks.Try" }
  for _, parameter in ipairs(list) do parts[#parts + 1] = ("%s: %s"):format(parameter[1], parameter[2]) end
  tries[#tries + 1] = ("---@field %s fun(%s): %s %s\n"):format(name, table.concat(parts, ", "), returns, help)
end

-- What a client can do besides the calls of the table.
local function guarded_methods()
  local tries = { "\n--- The calls of a client that return nil and the error where client:NAME raises it.\n---@class liveblocks.Try\n" }
  guarded(tries, "request", { { "method", "string" }, { "path", "string" }, { "options?", "liveblocks.RawOptions" } },
    "any, liveblocks.Outcome", "Calls what the table lacks.")
  guarded(tries, "warm", {}, "true?, liveblocks.Error", "Opens a connection, so that the first call finds one.")
  guarded(tries, "upload_file", { { "room", "string" }, { "options", "liveblocks.Upload" } },
    "table?, liveblocks.Error", "Uploads an attachment or a Storage file.")
  guarded(tries, "mutate_storage", { { "room_id", "string" }, { "fn", "(fun(root: table<string, any>): any)" },
    { "options?", "liveblocks.MutateOptions" } },
    "table[]?, liveblocks.EditOutcome", "Edits the Storage document of a room as plain Lua.")
  guarded(tries, "mutate_yjs", { { "room_id", "string" },
    { "fn", "(fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any)" },
    { "options?", "liveblocks.MutateYjsOptions" } },
    "string?, liveblocks.YjsEditOutcome", "Edits the Yjs document of a room.")
  return tries
end

local function call(row, out, tries)
  local list = parameters(row, out)
  out[#out + 1] = ("\n--- %s\n--- `%s %s`\n"):format(row.help, row.method, row.path)
  method(out, row.name, list, ("---@return %s value\n---@return liveblocks.Meta meta\n"):format(responses[row.response]))
  local value = responses[row.response]
  local returns = value .. (value:find("|", 1, true) and "|nil" or "?") .. ", liveblocks.Outcome"
  guarded(tries, row.name, list, returns, row.help)
  for alias in row.aliases:gmatch("%S+") do
    out[#out + 1] = ("\n--- The newer name of %s.\nClient.%s = Client.%s\n"):format(row.name, alias, row.name)
    guarded(tries, alias, list, returns, row.help)
  end
  if row.page then
    out[#out + 1] = ("\n--- All items of all pages of %s.\n"):format(row.name)
    method(out, "iter_" .. row.name:gsub("^get_", ""), list, "---@return fun(): table\n")
  end
end

-- ---- The sources ---------------------------------------------------------------------------------

-- The names of the parameters that a comment describes.
local function described_parameters(comment)
  local list = {}
  for name in comment:gmatch("%-%-%-@param ([%w_.]+)") do list[#list + 1] = name end
  return table.concat(list, ", ")
end

-- A line of a source as a line of ours: public functions, also those that are taken from the core, values and classes.
local function declaration(line, comment)
  local head = line:match("^function [%w_]+[.:][%w_]+%b()") or line:match("^return function%b()")
  if head then return head .. " end" end
  local taken = line:match("^([%w_]+%.[%w_]+) = core%.[%w_]+$")
  if taken then return ("function %s(%s) end"):format(taken, described_parameters(comment)) end
  local value = comment:find("%-%-%-@type") and line:match("^[%w_]+%.[%w_]+ = ")
  if value then return value .. "{}" end
  local class = comment:find("%-%-%-@class") and line:match("^local [%w_]+ = {}")
  return class or (comment:find("^%-%-%-@class") or comment:find("^%-%-%-@alias")) and ""
end

-- What the comments of a source say of its public functions and its classes.
local function described(out, path, own)
  local file <close> = assert(io.open(path, "rb"))
  local block, last = {}, nil
  for line in file:lines() do
    if line:find("^%-%-%-") then
      block[#block + 1] = line .. "\n"
    else
      local comment = table.concat(block)
      local found = line ~= own and comment ~= "" and declaration(line, comment)
      if found then out[#out + 1] = ("\n%s%s\n"):format(comment, found):gsub("\n\n$", "\n") end
      block, last = {}, found or last
    end
  end
  return last
end

-- A module: its class has its name.
local function module(name)
  local path = ("lua/%s.lua"):format(name:gsub("%.", "/"))
  local word = name:match("[%w_]+$")
  local own = ("local %s = {}"):format(word)
  local out = { ("---@meta %s\n-- Made from %s by scripts/tools/generate.lua; changes here are lost.\n"):format(name, path) }
  out[2] = ("\n---@class %s\n%s\n"):format(name, own)
  local last = described(out, path, own)
  if last:find("^return ") then out[2] = "" else out[#out + 1] = ("\nreturn %s\n"):format(word) end
  return table.concat(out)
end

-- ---- The files -----------------------------------------------------------------------------------

local modules = {
  "liveblocks.task", "liveblocks.query", "liveblocks.webhook", "liveblocks.http", "liveblocks.storage",
  "liveblocks.comment", "liveblocks.notify", "liveblocks.yjs", "liveblocks.editor", "liveblocks.mail", "liveblocks.errors",
  "liveblocks.crypto",
  "lbhost.http_server", "lbhost.signals", "lbhost.slack", "lbhost.directory", "lbhost.migrate.walk", "lbhost.migrate.csv",
  "lbhost.migrate.archive", "lbhost.migrate.backup", "lbhost.migrate.restore",
}

local HEAD = [[
---@meta liveblocks
-- Made from bindings/endpoints.def by scripts/tools/generate.lua; changes here are lost.

---@alias liveblocks.Permission PERMISSIONS
---@alias liveblocks.EventType EVENTS
]]

local TAIL = [[

---@class liveblocks
---@field version string
---@field null lightuserdata JSON null, the same value as cjson.null
---@field json liveblocks.json
---@field task liveblocks.task
---@field query liveblocks.query
---@field webhook liveblocks.webhook
---@field http liveblocks.http
---@field storage liveblocks.storage
---@field comment liveblocks.comment
---@field notify liveblocks.notify
---@field yjs liveblocks.yjs
---@field editor liveblocks.editor
---@field mail liveblocks.mail
---@field crypto liveblocks.crypto
local liveblocks = {}

--- Marks a table as a JSON array, so that an empty one stays [].
---@generic T: table
---@param list T
---@return T
function liveblocks.array(list) end

--- Marks a table as a JSON object, so that an empty one stays {}.
---@generic T: table
---@param map T
---@return T
function liveblocks.object(map) end

--- A client.
---@param options? liveblocks.Options
---@return liveblocks.Client
function liveblocks.new(options) end

--- Begins a session: an access token with permissions for rooms.
---@param client liveblocks.Client
---@param user_id string
---@param options? { userInfo?: table<string, any>, organizationId?: string }
---@return liveblocks.Session
function liveblocks.session(client, user_id, options) end

--- The table of calls.
---@return { name: string, group: string, method: string, path: string, help: string }[]
function liveblocks.endpoints() end

--- Seconds of a clock that is never set.
---@return number
function liveblocks.now() end

--- One step of the loop, for engines: moves bytes and lets tasks go on.
---@param seconds_of_work? number no further task is resumed once they have passed; nil: no bound
---@param seconds_to_wait? number for something to happen (0); with math.huge it raises when nothing can happen any more
---@return integer how much happened
function liveblocks.step(seconds_of_work, seconds_to_wait) end

--- How many tasks, calls and timers are unfinished.
---@return integer
function liveblocks.pending() end

--- A descriptor that is readable when a step has work to do.
---@return integer?
function liveblocks.fd() end

--- Seconds until a step is needed even if the descriptor stays quiet: 0 while a task is ready, nil for never.
---@return number?
function liveblocks.due() end

--- How an engine waits where the code that waits is not in a task of this module: fn(waitable) lets the engine go on, steps
--- the loop, and is called again until waitable:done(). It returns false where the engine cannot go on.
---@param fn? fun(waitable: userdata): any nil: the loop is always pumped
function liveblocks.on_wait(fn) end

---@class liveblocks.Hook
---@field options? fun(given: table): table a copy of the options that liveblocks.new() was given; returns those to use
---@field client? fun(client: table): table a client that liveblocks.new() has made; returns what the caller gets
---@field request? fun(options: table, send: function): table in the place of liveblocks.http.request()

--- Adds a hook. One that was added later is nearer to the caller: its `options` come first, its `client` last.
---@param hook liveblocks.Hook
---@return fun() remove takes it away again
function liveblocks.hook(hook) end

return liveblocks
]]

local function alternatives(list)
  return "\"" .. table.concat(list, "\"|\"") .. "\""
end

-- lua/meta/liveblocks.lua: the client and its calls, sessions and the module itself.
local function main()
  local out = { (HEAD:gsub("PERMISSIONS", alternatives(types.permissions)):gsub("EVENTS", alternatives(types.events))) }
  local tries = guarded_methods()
  described(out, "lua/liveblocks/client.lua")
  for _, row in ipairs(liveblocks.endpoints()) do call(row, out, tries) end
  table.move(tries, 1, #tries, #out + 1, out)
  described(out, "lua/liveblocks/session.lua")
  out[#out + 1] = TAIL
  return table.concat(out)
end

--- All files that are made, as path -> text.
return function()
  local files = { ["lua/meta/liveblocks.lua"] = main() }
  for _, name in ipairs(modules) do
    files[("lua/meta/%s.lua"):format(name:gsub("%.", "/"))] = module(name)
  end
  return files
end
