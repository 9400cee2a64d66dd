--- Manual pages, made of the tables that help shows: lbhost(1), lbhost-COMMAND(1), and the pages of the documentation in
--- section 7. The format is that of man(7).
local globals = require "lbhost.cli.global_options"
local liveblocks = require "liveblocks"
local page = require "lbhost.cli.page"
local sorted_keys = require "liveblocks.sorted_keys"
local topics = require "lbhost.cli.topics"
local usage = require "lbhost.cli.usage"
local variables = require "lbhost.cli.environment_variables"

local man = {}

local escape = page.roff_text

-- Lines are not filled to both margins: names of functions and files are long, and groff would warn of such lines.
local function head(name, section, summary)
  local text = '.TH %s %d "" "lbhost %s"\n.ds AD l\n.ad l\n.SH NAME\n%s \\- %s\n'
  return text:format(name:upper(), section, liveblocks.version, escape(name), escape(summary))
end

local function entry(label, text)
  return (".TP\n\\fB%s\\fR\n%s\n"):format(escape(label), escape(text))
end

local function literal(text)
  return ".nf\n" .. escape(text:gsub("\n*$", "\n")) .. ".fi\n"
end

-- Options and arguments of argparse's parser, and those of its commands.
local function options_of(parser)
  local out = {}
  local function add(title, elements)
    local entries = {}
    for _, element in ipairs(elements) do
      if not element._hidden then
        entries[#entries + 1] = entry(table.concat(element:_get_label_lines(), " "), element:_get_description() or "")
      end
    end
    if entries[1] then out[#out + 1] = ".SH " .. title .. "\n" .. table.concat(entries) end
  end
  add("ARGUMENTS", parser._arguments)
  add("OPTIONS", parser._options)
  add("COMMANDS", parser._commands)
  for _, command in ipairs(parser._commands) do
    add(("OPTIONS OF %s"):format(command._name:upper()), table.move(command._options, 1, #command._options, #command._arguments + 1,
      table.move(command._arguments, 1, #command._arguments, 1, {})))
  end
  return table.concat(out)
end

local function environment_of(names)
  local out = {}
  for i, name in ipairs(names) do out[i] = entry(name, variables[name] or "") end
  return out[1] and ".SH ENVIRONMENT\n" .. table.concat(out) or ""
end

local STATUS = ".SH EXIT STATUS\n" .. entry("0", "all went well") .. entry("1", "something failed")
  .. entry("2", "the command line, the configuration or a file named there is wrong; nothing was sent")
  .. entry("130, 143", "ended by SIGINT, by SIGTERM")

--- The page of a command.
---@param name string
---@param command table
---@return string
function man.command(name, command)
  local out = { head("lbhost-" .. name, 1, command.about), ".SH SYNOPSIS\n.B lbhost ", escape(command.usage or name), "\n" }
  local more = type(command.help) == "function" and command.help() or command.help
  if more then out[#out + 1] = ".SH DESCRIPTION\n" .. literal(more) end
  if command.parser then
    local parser = command.parser()
    if not more and parser._description then out[#out + 1] = ".SH DESCRIPTION\n" .. escape(parser._description) .. "\n" end
    out[#out + 1] = options_of(parser)
  end
  if command.examples then out[#out + 1] = ".SH EXAMPLES\n" .. literal(table.concat(command.examples, "\n")) end
  out[#out + 1] = environment_of(command.environment or {}) .. STATUS .. ".SH SEE ALSO\n.BR lbhost (1)\n"
  return table.concat(out)
end

--- The page of the program.
---@return string
function man.program()
  local commands, see = {}, {}
  for i, row in ipairs(usage.commands()) do
    commands[i] = entry(row.name, row.command.about)
    see[i] = (".BR lbhost\\-%s (1)"):format(escape(row.name))
  end
  return head("lbhost", 1, "Liveblocks automations in Lua")
    .. ".SH SYNOPSIS\n.B lbhost\n[GLOBAL OPTION...] COMMAND [ARGUMENT...]\n.br\n.B lbhost\nFILE.lua [ARGUMENT...]\n.br\n"
    .. ".B lbhost \\-e\nCODE\n"
    .. ".SH DESCRIPTION\nlbhost runs Lua scripts with the whole Liveblocks REST API: chores, webhook handlers, bulk migrations. "
    .. "Each command has a page of its own.\n.SH COMMANDS\n" .. table.concat(commands)
    .. ".SH GLOBAL OPTIONS\n" .. literal(globals.help)
    .. environment_of(sorted_keys(variables)) .. STATUS .. ".SH SEE ALSO\n" .. table.concat(see, ",\n") .. "\n"
end

--- All pages: name of the file, such as lbhost.1 -> text.
---@return table<string, string>
function man.pages()
  local out = { ["lbhost.1"] = man.program() }
  for _, row in ipairs(usage.commands()) do out["lbhost-" .. row.name .. ".1"] = man.command(row.name, row.command) end
  for name, text in pairs(topics.pages()) do
    local one = page.parse(text)
    out["lbhost-" .. name .. ".7"] = head("lbhost-" .. name, 7, one.summary) .. page.to_roff(one.blocks)
  end
  return out
end

return man
