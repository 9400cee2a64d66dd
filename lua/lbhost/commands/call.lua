--- lbhost call NAME [PATH...] [field=value...] [--body JSON|@FILE|-] [--all]: one call, JSON out.
local client_module = require "liveblocks.client"
local colors = require "lbhost.util.colors"
local command_line = require "lbhost.cli.parser"
local endpoint_help = require "lbhost.cli.endpoint_help"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local json_color = require "lbhost.util.json_color"
local json_path = require "lbhost.util.json_path"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local task = require "liveblocks.task"
local text_file = require "lbhost.util.text_file"

local function list_calls()
  for _, row in ipairs(liveblocks.endpoints()) do
    io.stdout:write(("%-46s %-6s %s\n"):format(row.name, row.method, row.path))
  end
  return 0
end

local function read_file(path)
  local text, problem = text_file.read(path)
  if not text then errors.usage("cannot read the body: %s", problem) end
  problem = text_file.problem_of(text)
  if problem then errors.usage("the body of %s: %s", path, problem) end
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

-- Whether the table says that a field is a string; "null" when it may be null as well.
local function is_text(row, name)
  local rest = row.type and row.type:match("%f[%w_]" .. name .. "%??: string%f[^%w]([^,}]*)")
  if not rest or rest:find("[", 1, true) then return false end
  return rest:find "null" and "null" or true
end

-- A value is JSON where it parses and the field is not a string; else text.
local function field_value(row, name, text)
  for _, field in ipairs(row.query) do
    if field.name == name and (field.type == "string" or field.type == "list" or field.type == "enum") then return text end
  end
  local value, problem = json.try_decode(text)
  local textual = is_text(row, name)
  if problem and row.type and not textual and text:find "^[%[{]" then
    errors.usage("the value of '%s' is not valid JSON: %s", name, problem)
  end
  if problem then return text end
  if textual and type(value) ~= "string" and not (textual == "null" and value == json.null) then return text end
  return value
end

-- metadata.color=blue: fields are those of the request, and what is inside of one is JSON.
local function check_nested(row, name)
  local outer, inner = name:match "^([%w_]+)%.(.+)$"
  if outer and endpoint_help.fields(row)[outer] then
    errors.usage("%s: unknown field '%s'; what is inside of a field is given as JSON: %s='{\"%s\":...}'", row.name, name, outer, inner)
  end
end

local function arguments_of(row, options)
  local arguments, fields, used = {}, {}, false
  for _, word in ipairs(options.arguments) do
    local name, text = word:match("^([%w_.]+)=(.*)$")
    if #arguments < #row.parameters and not (name and row.parameters[#arguments + 1] == nil) then
      arguments[#arguments + 1] = word
    elseif name then
      check_nested(row, name)
      fields[name] = field_value(row, name, text)
      used = true
    else
      errors.usage("%s takes %d path argument%s; '%s' is not of the form field=value", row.name, #row.parameters,
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

-- ---- Output --------------------------------------------------------------------------------------

-- Writes a value: what --print names of it, strings of that bare; else JSON, indented on a terminal or pretty.
local function write_json(value, options)
  local paint = json_color.make(colors.wanted())
  if not options.print then
    io.stdout:write(paint(printable.json(json.encode(value, { pretty = options.pretty }))), "\n")
    return
  end
  for _, one in ipairs(json_path.select(value, options.print)) do
    local text = type(one) ~= "string" and paint(printable.json(json.encode(one)))
    io.stdout:write(text or host.isatty(1) and printable.block(one) or one, "\n")
  end
end

local function print_value(row, value, options)
  if value == true and row.response == "none" then return end
  if row.response == "binary" or row.response == "text" then
    -- A terminal obeys what is in it; a pipe or a file gets the bytes.
    io.stdout:write(row.response == "text" and host.isatty(1) and printable.block(value) or value)
  else
    write_json(value, { print = options.print, pretty = host.isatty(1) })
  end
end

-- ---- The call ------------------------------------------------------------------------------------

local function perform(row, options)
  local client = liveblocks.new()
  local arguments = arguments_of(row, options)
  if not options.all then
    print_value(row, (client[row.name](client, table.unpack(arguments))), options)
    return
  end
  if not row.page then errors.usage("%s has no pages; leave --all out", row.name) end
  for item in client["iter_" .. row.name:gsub("^get_", "")](client, table.unpack(arguments)) do
    write_json(item, { print = options.print })
  end
end

-- `call GET /v2/rooms limit=5`: a method and a path instead of a name. Fields are the query of GET, HEAD and DELETE, else the body.
local METHODS = { GET = true, HEAD = true, DELETE = true, POST = false, PUT = false, PATCH = false }

local function perform_request(method, options)
  local path = table.remove(options.arguments, 1)
  if not path or path:sub(1, 1) ~= "/" then errors.usage("call %s needs a path, such as /v2/rooms", method) end
  if options.all then errors.usage "--all is for calls by name: a path says nothing about its pages" end
  local row = { name = method, parameters = {}, query = {}, body = METHODS[method] and "none" or "fields", response = "json" }
  local given = options.body and not METHODS[method] and read_body({ body = "value" }, options.body)
  local fields = arguments_of(row, { arguments = options.arguments, body = METHODS[method] and options.body or nil })[1]
  local settings = { query = METHODS[method] and fields or nil, json = given or (not METHODS[method] and fields or nil) }
  print_value(row, (liveblocks.new():request(method, path, settings)), options)
end

local function parser()
  local self = command_line.new("call", "One call of the Liveblocks API; the response is printed as JSON.")
  self:argument("name", "The call, for example get_rooms (lbhost call --list shows all); or a method, followed by a path.")
    :argname "NAME":args "?"
  self:argument("arguments", "Path arguments in order, then field=value; values are JSON where they parse."):argname "WORD":args "*"
  self:option("--body", "The body: JSON, @FILE or - for standard input."):argname "JSON"
  self:option("--print", "Only this of the response, such as id, data[].id or data[0].metadata; strings without quotes.")
    :argname "FIELD"
  self:flag("--all", "All pages, one item a line.")
  self:flag("--list", "List all calls.")
  return self
end

-- What somebody may have meant by an option that is not one.
local function hint_for(arguments)
  local row = client_module.rows[arguments[1]]
  return function(problem)
    local option = problem:match "^unknown option '([^']*)'"
    if not option then return nil end
    if option == "--jq" then return "; --print shows a part of the response, such as --print 'data[].id'" end
    local field = row and errors.nearest(option:gsub("^%-+", ""), endpoint_help.fields(row))
    if field and option:sub(1, 2) == "--" then return ("; a field is written %s=VALUE"):format(field) end
    return "; an argument that begins with - goes after --"
  end
end

local function no_call(name)
  local near = name:find "^%u+$" and errors.nearest(name, METHODS) or endpoint_help.nearest(name)
  local hint = near and ("; did you mean '%s'?"):format(near)
    or endpoint_help.found(name) and (" (lbhost help %s shows calls about that)"):format(name) or " (lbhost call --list shows all)"
  errors.usage("there is no call '%s'%s", name, hint)
end

local function run(arguments)
  local options = command_line.parse(parser(), arguments, "call", hint_for(arguments))
  if options.list then return list_calls() end
  if not options.name then errors.usage("call needs a name (lbhost call --list shows all)") end
  local method = (options.arguments[1] or ""):sub(1, 1) == "/" and options.name:upper() or options.name
  if METHODS[method] ~= nil then
    task.run(perform_request, method, options)
    return 0
  end
  local row = client_module.rows[options.name]
  if not row then
    no_call(options.name)
  end
  task.run(perform, row, options)
  return 0
end

return {
  api = 1, name = "call", about = "One call of the API from the shell",
  commands = {
    call = {
      about = "one call of the API, JSON out (call --list: all calls)",
      usage = "call NAME [PATH...] [field=value...] [--body JSON|@FILE|-] [--all]", parser = parser, run = run,
      help_about = function(arguments)
        local row = client_module.rows[arguments[1]]
        return row and endpoint_help.call(row)
      end,
      examples = { "lbhost call get_rooms limit=5", "lbhost call get_rooms --all --print id",
        "lbhost call create_room id=plan 'defaultAccesses=[\"room:write\"]'",
        "lbhost call broadcast_event plan --body '{\"type\":\"EMOJI\"}'", "lbhost call GET /v2/rooms limit=5" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL", "NO_COLOR", "SSL_CERT_FILE", "https_proxy" },
    },
  },
}
