--- Help about a file that a command is given, as in `lbhost migrate FILE --help`: what its first comment says, its options,
--- an example.
local option_schema = require "lbhost.util.option_schema"
local printable = require "lbhost.util.printable"
local terminal = require "lbhost.util.terminal"
local text_file = require "lbhost.util.text_file"

local script_help = {}

-- The lines of the comment at the top of a file, without their dashes.
local function comment_of(path)
  local lines = {}
  for line in ((text_file.read(path) or "") .. "\n"):gmatch "([^\n]*)\n" do
    local text = line:match "^%-%-%-*%s?(.-)%s*$"
    if text then lines[#lines + 1] = text elseif lines[1] or not line:find "^#!" then break end
  end
  return lines
end

local function sorted_names(rows)
  local names, width = {}, 0
  for name in pairs(rows) do
    names[#names + 1] = name
    width = math.max(width, #name)
  end
  table.sort(names)
  return names, width
end

-- A command line with what is required.
local function example_of(command, rows, names)
  local parts = { command }
  for _, name in ipairs(names) do
    if rows[name].required then parts[#parts + 1] = name .. "=..." end
  end
  return table.concat(parts, " ")
end

--- The text, to be wrapped.
---@param given { path: string, command: string, about: string, rows: table<string, table>, how: string }
---  command: the command line without options; about: for a file without a comment; how: how its options are given
---@return string
function script_help.text(given)
  local comment = terminal.paragraphs(table.concat(comment_of(given.path), "\n"))
  local names, width = sorted_names(given.rows)
  local out = { given.command, "", comment ~= "" and comment or given.about ~= "" and given.about or given.path }
  if names[1] then out[#out + 1] = ("\nOptions, %s:"):format(given.how) end
  for _, name in ipairs(names) do
    out[#out + 1] = ("  %-" .. width .. "s  %s"):format(name, option_schema.describe(given.rows[name]))
  end
  if not comment:find "%f[%w]lbhost %l" then
    out[#out + 1] = "\nExample:\n  " .. example_of(given.command, given.rows, names)
  end
  local command = given.command:match "^lbhost %S+"
  out[#out + 1] = ("\n%s --help shows the options of the command.\n"):format(command)
  return printable.block(table.concat(out, "\n"))
end

return script_help
