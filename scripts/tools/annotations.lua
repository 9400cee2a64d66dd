-- The text of lua/meta/liveblocks.lua: what an editor shows and checks (LuaCATS). The calls come from the endpoint table,
-- the rest from the comments in the sources; types.lua, json.lua and lbhost.lua are written by hand.
local core = require "liveblocks.core"
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

local replies = { json = "table", text = "string", binary = "string", none = "true|table" }

-- ---- Calls ---------------------------------------------------------------------------------------

local function fields_of(row)
  local parts = {}
  for _, field in ipairs(row.query) do
    parts[#parts + 1] = ("%s%s: %s"):format(field.name, field.required and "" or "?", query_type(field))
  end
  if row.body == "fields" then
    local _, fields = types.compile(row.type)
    local sorted = {}
    for name in pairs(fields) do sorted[#sorted + 1] = name end
    table.sort(sorted)
    for _, name in ipairs(sorted) do
      local needed = fields[name].required and fields[name].type ~= "path"
      parts[#parts + 1] = ("%s%s: %s"):format(name, needed and "" or "?", type_of(fields[name].type))
    end
  end
  if row.body == "bytes" then parts[#parts + 1] = "contentType?: string" end
  return parts
end

-- The lines of a call's parameters, and its parameter list.
local function parameters(row, out)
  local words = {}
  for i, name in ipairs(row.parameters) do
    words[i] = name
    out[#out + 1] = ("---@param %s string|integer\n"):format(name)
  end
  if row.body == "value" or row.body == "bytes" then
    words[#words + 1] = "body"
    out[#out + 1] = ("---@param body %s\n"):format(row.body == "bytes" and "string|liveblocks.File" or type_of(row.type))
  end
  local fields = fields_of(row)
  if fields[1] then
    words[#words + 1] = "fields"
    local needed = false
    for _, field in ipairs(fields) do needed = needed or field:find("^%w+: ") ~= nil end
    out[#out + 1] = ("---@param fields%s { %s }\n"):format(needed and "" or "?", table.concat(fields, ", "))
  end
  return table.concat(words, ", ")
end

local function call(row, out)
  out[#out + 1] = ("\n--- %s\n--- `%s %s`\n"):format(row.help, row.method, row.path)
  local list = parameters(row, out)
  out[#out + 1] = ("---@return %s value\n---@return liveblocks.Meta meta\n"):format(replies[row.reply])
  out[#out + 1] = ("function Client:%s(%s) end\n"):format(row.name, list)
  for alias in row.aliases:gmatch("%S+") do
    out[#out + 1] = ("\n--- The newer name of %s.\nClient.%s = Client.%s\n"):format(row.name, alias, row.name)
  end
  if row.page then
    out[#out + 1] = ("\n--- All items of all pages of %s.\n"):format(row.name)
    list = parameters(row, out)
    out[#out + 1] = ("---@return fun(): table?\nfunction Client:iter_%s(%s) end\n"):format((row.name:gsub("^get_", "")), list)
  end
end

-- ---- The sources ---------------------------------------------------------------------------------

-- The names of the parameters that a comment describes.
local function described_parameters(comment)
  local list = {}
  for name in comment:gmatch("%-%-%-@param ([%w_.]+)") do list[#list + 1] = name end
  return table.concat(list, ", ")
end

-- A line of a source as a line of ours: public functions, also those that are taken from the core, and classes.
local function declaration(line, comment)
  local head = line:match("^function [%w_]+[.:][%w_]+%b()")
  if head then return head .. " end" end
  local taken = line:match("^([%w_]+%.[%w_]+) = core%.[%w_]+$")
  if taken then return ("function %s(%s) end"):format(taken, described_parameters(comment)) end
  local class = comment:find("%-%-%-@class") and line:match("^local [%w_]+ = {}")
  return class or comment:find("^%-%-%-@class") and ""
end

-- What the comments of a module say of its public functions and its classes.
local function described(out, name)
  local file <close> = assert(io.open("lua/liveblocks/" .. name .. ".lua", "rb"))
  local block = {}
  local text = file:read("a")
  if text:find("\nlocal " .. name .. " = {}\n") then
    out[#out + 1] = ("\n---@class liveblocks.%s\nlocal %s = {}\n"):format(name, name)
  end
  for line in text:gmatch("([^\n]*)\n") do
    if line:find("^%-%-%-") then
      block[#block + 1] = line .. "\n"
    else
      local comment = table.concat(block)
      local found = comment ~= "" and declaration(line, comment)
      if found then out[#out + 1] = ("\n%s%s\n"):format(comment, found):gsub("\n\n$", "\n") end
      block = {}
    end
  end
end

-- ---- The file ----------------------------------------------------------------------------------

local HEAD = [[
---@meta
-- Made from bindings/endpoints.def by scripts/tools/generate.lua; changes here are lost. Beside it: what is written by hand.
error("this file is for editors; require 'liveblocks' instead")

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
---@field mail liveblocks.mail
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

return liveblocks
]]

local function alternatives(list)
  return "\"" .. table.concat(list, "\"|\"") .. "\""
end

return function()
  local out = { (HEAD:gsub("PERMISSIONS", alternatives(types.permissions)):gsub("EVENTS", alternatives(types.events))) }
  described(out, "client")
  for _, row in ipairs(core.endpoints()) do call(row, out) end
  for _, name in ipairs { "session", "task", "query", "webhook", "http", "storage", "comment", "notify", "yjs", "mail" } do
    described(out, name)
  end
  out[#out + 1] = TAIL
  return table.concat(out)
end
