-- Writes what is made from the endpoint table: lua/meta/liveblocks.lua and the endpoint list of README.md.
-- With --check it writes nothing and fails when a file is out of date.
local core = require "liveblocks.core"

local check = arg[1] == "--check"
local stale = {}

local lua_types = { string = "string", integer = "integer", flag = "boolean", enum = "string", list = "string[]|string",
  query = "string|table", map = "table<string, string>" }
local replies = { json = "table", text = "string", binary = "string", none = "true|table" }

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  return text
end

local function write(path, text)
  if read(path) == text then return end
  if check then
    stale[#stale + 1] = path
    return
  end
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function fields_of(row)
  local parts = {}
  for _, field in ipairs(row.query) do
    parts[#parts + 1] = ("%s%s: %s"):format(field.name, field.required and "" or "?", lua_types[field.type])
  end
  if row.body == "fields" then
    local _, fields = require("liveblocks.types").compile(row.type)
    local names = {}
    for name in pairs(fields) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      local required = fields[name].required and fields[name].type ~= "path"
      parts[#parts + 1] = ("%s%s: any"):format(name, required and "" or "?")
    end
  end
  return parts
end

local function method(out, row)
  local words = table.move(row.parameters, 1, #row.parameters, 1, {})
  out[#out + 1] = ("\n--- %s\n--- `%s %s`\n"):format(row.help, row.method, row.path)
  for _, name in ipairs(words) do out[#out + 1] = ("---@param %s string\n"):format(name) end
  if row.body == "value" or row.body == "bytes" then
    words[#words + 1] = "body"
    out[#out + 1] = ("---@param body %s\n"):format(row.body == "bytes" and "string|{ file: string }" or "any")
  end
  local fields = fields_of(row)
  if fields[1] then
    words[#words + 1] = "fields"
    out[#out + 1] = ("---@param fields { %s }%s\n"):format(table.concat(fields, ", "), row.body == "fields" and "" or "?")
  end
  out[#out + 1] = ("---@return %s value\n---@return liveblocks.Meta meta\n"):format(replies[row.reply])
  out[#out + 1] = ("function Client:%s(%s) end\n"):format(row.name, table.concat(words, ", "))
  for alias in row.aliases:gmatch("%S+") do
    out[#out + 1] = ("\n--- The newer name of %s.\nClient.%s = Client.%s\n"):format(row.name, alias, row.name)
  end
  if row.page then
    out[#out + 1] = ("\n--- All pages of %s.\n---@return fun(): table?\nfunction Client:iter_%s(...) end\n"):format(
      row.name, (row.name:gsub("^get_", "")))
  end
end

-- The classes and public functions of a module, as its own comments describe them.
local function described(out, name)
  local block = {}
  out[#out + 1] = ("\n---@class liveblocks.%s\nlocal %s = {}\n"):format(name, name)
  for line in (read("lua/liveblocks/" .. name .. ".lua") .. "\n"):gmatch("(.-)\n") do
    local call = line:match("^function (" .. name .. "%.[%w_]+%b())")
    if line:find("^%-%-%-") then
      block[#block + 1] = line .. "\n"
    else
      local text = table.concat(block)
      if call then out[#out + 1] = ("\n%sfunction %s end\n"):format(text, call) end
      if text:find("^%-%-%-@class") then out[#out + 1] = "\n" .. text end
      block = {}
    end
  end
end

local function annotations()
  local out = { [[
---@meta _
-- Made from bindings/endpoints.def by scripts/tools/generate.lua; changes here are lost.
error("this file is for editors; require 'liveblocks' instead")

---@class liveblocks.Meta
---@field status integer
---@field attempts integer
---@field seconds number
---@field headers table any case
---@field warning string?

---@class liveblocks.Error
---@field kind "http"|"network"|"timeout"|"tls"|"json"|"usage"|"cancelled"|"memory"|"webhook"|"conflict"
---@field status integer?
---@field code string?
---@field message string
---@field reason string?
---@field suggestion string?
---@field docs string?
---@field retry_after number?
---@field method string?
---@field path string?
---@field attempts integer?
---@field body string?

---@class liveblocks.Client
---@field try liveblocks.Client the same calls, returning nil, err instead of raising
local Client = {}
]] }
  for _, row in ipairs(core.endpoints()) do method(out, row) end
  out[#out + 1] = [[

--- Edits the Storage document of a room as plain Lua; sends one guarded JSON Patch.
---@param room_id string
---@param fn fun(root: table): any
---@param options { dry_run: boolean?, attempts: integer?, guard: "values"|"structure"|"none"|nil,
---allow_conversion: boolean?, allow_map: boolean?, idempotent: boolean?, before_send: function? }?
---@return table[] patch
---@return { attempts: integer, sent: boolean, result: any } info
function Client:mutate_storage(room_id, fn, options) end
]]
  for _, name in ipairs { "comment", "notify" } do described(out, name) end
  return table.concat(out)
end

local function endpoint_list()
  local out, group = {}, nil
  for _, row in ipairs(core.endpoints()) do
    if row.group ~= group then
      group = row.group
      out[#out + 1] = ("\n**%s**\n\n| call | | |\n|---|---|---|\n"):format(group)
    end
    out[#out + 1] = ("| `%s` | `%s %s` | %s |\n"):format(row.name, row.method, row.path, row.help)
  end
  return table.concat(out)
end

write("lua/meta/liveblocks.lua", annotations())
local readme = read("README.md")
local head, tail = readme:match("^(.-<!%-%- endpoints %-%->\n).-(<!%-%- /endpoints %-%->.*)$")
assert(head, "README.md has no endpoint list between its marks")
write("README.md", head .. endpoint_list() .. tail)
if stale[1] then error("out of date: " .. table.concat(stale, ", ") .. "; run ./dev generate", 0) end
