--- Completion for shells: what could stand at the end of a command line, from the tables that help is made of. The scripts
--- for bash, zsh and fish ask the program itself.
local client_module = require "liveblocks.client"
local endpoint_help = require "lbhost.cli.endpoint_help"
local globals = require "lbhost.cli.global_options"
local plugins = require "lbhost.plugin.registry"
local sample_events = require "lbhost.util.sample_events"
local shipped = require "lbhost.util.shipped"
local topics = require "lbhost.cli.topics"
local usage = require "lbhost.cli.usage"

local completion = {}

local METHODS = { "GET", "POST", "PUT", "PATCH", "DELETE" }

local function add_names(out, set)
  for name in pairs(set) do out[#out + 1] = name end
end

-- The options of an argparse parser, and of the command of it that the arguments name.
local function add_options(out, parser, arguments)
  for _, option in ipairs(parser._options) do
    if not option._hidden then
      for _, alias in ipairs(option._aliases) do
        if alias:find "^%-%-" then out[#out + 1] = alias end
      end
    end
  end
  for _, command in ipairs(parser._commands) do
    local named = false
    for _, argument in ipairs(arguments) do named = named or argument == command._name end
    if named then add_options(out, command, {}) else out[#out + 1] = command._name end
  end
end

-- What may stand after the arguments of some commands.
local after = {
  call = function(out, arguments)
    if not arguments[1] then
      add_names(out, client_module.rows)
      table.move(METHODS, 1, #METHODS, #out + 1, out)
    end
    local row = client_module.rows[arguments[1]]
    for name in pairs(row and endpoint_help.fields(row) or {}) do out[#out + 1] = name .. "=" end
  end,
  help = function(out)
    add_names(out, topics.names())
    add_names(out, usage.names())
  end,
  send = function(out, arguments)
    if not arguments[1] then table.move(sample_events.types(), 1, #sample_events.types(), #out + 1, out) end
  end,
  migrate = function(out, arguments)
    local ready_made = shipped.names { "migrations" }
    local path
    for _, argument in ipairs(arguments) do path = path or ready_made[argument] end
    if not path then return add_names(out, ready_made) end
    local _, rows = require("lbhost.migrate.file").describe(path)
    for name in pairs(rows) do out[#out + 1] = name .. "=" end
  end,
  serve = function(out) add_names(out, shipped.names { "webhooks", "notifications" }) end,
  new = function(out, arguments)
    if not arguments[1] then table.move({ "webhook", "plugin", "migration" }, 1, 3, #out + 1, out) end
  end,
  plugins = function(out)
    for _, plugin in ipairs(plugins.load_all().list) do out[#out + 1] = plugin.name end
  end,
}

-- The command and the arguments after it.
local function split(arguments)
  local copy = table.move(arguments, 1, #arguments, 1, {})
  local ok, first = pcall(globals.take_first, copy)
  if not ok then return nil, {} end
  return copy[first], table.move(copy, first + 1, #copy, 1, {})
end

--- What could stand at the end: candidates that begin with the last argument, sorted. Files are for the shell to find.
---@param arguments string[] those before the last
---@param last string the argument that is being typed; may be empty
---@return string[]
function completion.candidates(arguments, last)
  local out, name, rest = {}, split(arguments)
  if not name then
    add_names(out, usage.names())
    add_names(out, globals.names)
  else
    local command = plugins.find_command(name)
    if command and command.parser then add_options(out, command.parser(), rest) end
    if after[name] then after[name](out, rest) end
    if last:sub(1, 1) == "-" then add_names(out, globals.names) end
  end
  local found, seen = {}, {}
  for _, one in ipairs(out) do
    if one:sub(1, #last) == last and not seen[one] and (last:sub(1, 1) == "-" or one:sub(1, 1) ~= "-") then
      found[#found + 1], seen[one] = one, true
    end
  end
  table.sort(found)
  return found
end

--- The scripts, by shell.
completion.scripts = {
  bash = [==[
# bash completion for lbhost; made by: lbhost completion bash
_lbhost() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
        "${COMP_WORDS[0]}" completion --words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}
complete -o bashdefault -o default -F _lbhost lbhost
]==],
  zsh = [==[
#compdef lbhost
# zsh completion for lbhost; made by: lbhost completion zsh
_lbhost() {
    local -a found
    found=(${(f)"$("$words[1]" completion --words "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then
        compadd -S ' ' -- ${found:#*=}
        compadd -S '' -- ${(M)found:#*=}
    fi
    _files
}
if [[ $funcstack[1] == _lbhost ]]; then _lbhost "$@"; else compdef _lbhost lbhost; fi
]==],
  fish = [==[
# fish completion for lbhost; made by: lbhost completion fish
function __lbhost_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] completion --words $words[2..-1] 2>/dev/null
end
complete -c lbhost -a '(__lbhost_complete)'
]==],
}

return completion
