--- lbhost call NAME [PATH...] [field=value...] [--body JSON|@FILE|-] [--all]: one call, JSON out.
local argparse = require "argparse"
local client_module = require "liveblocks.client"
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local task = require "liveblocks.task"
local text_file = require "lbhost.util.text_file"

local function list_calls()
  for _, row in ipairs(core.endpoints()) do
    io.stdout:write(("%-46s %-6s %s\n"):format(row.name, row.method, row.path))
  end
  return 0
end

local function read_file(path)
  local text, problem = text_file.read(path)
  if not text then errors.usage("cannot read the body: %s", problem) end
  return text
end

-- The body of --body: bytes for a binary call, else a JSON value.
local function read_body(row, text)
  if text == "-" then text = row.body == "bytes" and io.read("a") or text_file.without_mark(io.read("a"))
  elseif text:sub(1, 1) == "@" then
    if row.body == "bytes" then return { file = text:sub(2) } end
    text = read_file(text:sub(2))
  end
  if row.body == "bytes" then return text end
  local value, problem = json.try_decode(text)
  if problem then errors.usage("--body is not valid JSON: %s", problem) end
  return value
end

-- A value is JSON where it parses and the field is no plain text; else text.
local function field_value(row, name, text)
  for _, field in ipairs(row.query) do
    if field.name == name and (field.type == "string" or field.type == "list" or field.type == "enum") then return text end
  end
  local value, problem = json.try_decode(text)
  local is_text = row.type and row.type:find("%f[%w_]" .. name .. "%??: string%f[^%w]")
  if problem and row.type and not is_text and text:find "^[%[{]" then
    errors.usage("the value of '%s' is not valid JSON: %s", name, problem)
  end
  if problem or (type(value) == "number" and is_text) then return text end
  return value
end

local function arguments_of(row, options)
  local arguments, fields, used = {}, {}, false
  for _, word in ipairs(options.arguments) do
    local name, text = word:match("^([%w_.]+)=(.*)$")
    if #arguments < #row.parameters and not (name and row.parameters[#arguments + 1] == nil) then
      arguments[#arguments + 1] = word
    elseif name then
      fields[name] = field_value(row, name, text)
      used = true
    else
      errors.usage("%s takes %d path argument%s; '%s' is no field=value", row.name, #row.parameters,
        #row.parameters == 1 and "" or "s", word)
    end
  end
  if #arguments < #row.parameters then
    errors.usage("%s needs the path argument '%s'", row.name, row.parameters[#arguments + 1])
  end
  if options.body then
    local body = read_body(row, options.body)
    if row.body == "none" then errors.usage("%s takes no body", row.name) end
    if row.body == "fields" then
      if type(body) ~= "table" or json.is_array(body) or body == json.null then
        errors.usage("the body of %s must be a JSON object", row.name)
      end
      for name, value in pairs(body) do
        if fields[name] == nil then fields[name] = value end
      end
      used = true
    else
      arguments[#arguments + 1] = body
    end
  end
  if used then arguments[#arguments + 1] = fields end
  return arguments
end

local function print_value(row, value)
  if value == true and row.reply == "none" then return end
  if row.reply == "binary" or row.reply == "text" then
    -- A terminal obeys what is in it; a pipe or a file gets the bytes.
    io.stdout:write(row.reply == "text" and host.isatty(1) and printable.block(value) or value)
  else
    io.stdout:write(printable.json(json.encode(value, { pretty = host.isatty(1) })), "\n")
  end
end

local function perform(row, options)
  local client = liveblocks.new()
  local arguments = arguments_of(row, options)
  if not options.all then
    print_value(row, (client[row.name](client, table.unpack(arguments))))
    return
  end
  if not row.page then errors.usage("%s has no pages; leave --all out", row.name) end
  for item in client["iter_" .. row.name:gsub("^get_", "")](client, table.unpack(arguments)) do
    io.stdout:write(printable.json(json.encode(item)), "\n")
  end
end

local function parser()
  local self = argparse("lbhost call", "One call of the Liveblocks API; the answer is printed as JSON.")
  self:argument("name", "The call, for example get_rooms (lbhost call --list shows all)."):args "?"
  self:argument("arguments", "Path arguments in order, then field=value; values are JSON where they parse."):args "*"
  self:option("--body", "The body: JSON, @FILE or - for standard input.")
  self:flag("--all", "All pages, one item a line.")
  self:flag("--list", "List all calls.")
  return self
end

local function parse(arguments)
  local ok, result = parser():pparse(arguments)
  if not ok then errors.usage("%s", (result:gsub("%s*\n%s*", "; "))) end
  return result
end

local function run(arguments)
  local options = parse(arguments)
  if options.list then return list_calls() end
  if not options.name then errors.usage("call needs a name (lbhost call --list shows all)") end
  local row = client_module.rows[options.name]
  if not row then
    errors.usage("there is no call '%s'%s", options.name, errors.hint(options.name, client_module.rows))
  end
  task.run(perform, row, options)
  return 0
end

return {
  api = 1, name = "call", about = "One call of the API from the shell",
  commands = {
    call = {
      about = "one call of the API, JSON out (call --list: all calls)",
      usage = "call NAME [PATH...] [field=value...] [--body JSON|@FILE|-] [--all]",
      help = function() return parser():get_help() end, run = run,
    },
  },
}
