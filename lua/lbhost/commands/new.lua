--- lbhost new webhook|plugin|migration NAME: writes a starter file, commented, that runs as it is.
local errors = require "liveblocks.errors"
local host = require "lbhost.host"

local kinds = { webhook = true, plugin = true, migration = true }

local function run(arguments)
  local kind, name = arguments[1], arguments[2]
  if not kind then errors.usage("new needs a kind: webhook, plugin or migration") end
  if not kinds[kind] then
    errors.usage("there is no kind '%s'%s (new writes a webhook, a plugin or a migration)", kind, errors.hint(kind, kinds))
  end
  if not name then errors.usage("new %s needs a name, of the file: lbhost new %s NAME", kind, kind) end
  if arguments[3] then errors.usage("new takes a kind and a name; '%s' is one argument too many", arguments[3]) end
  local path = name:find("%.lua$") and name or name .. ".lua"
  local stem = path:match("([^/]+)%.lua$")
  if not stem or not stem:find("^%a[%w_-]*$") then
    errors.usage("'%s' is not a valid name for a %s; use letters, digits, - and _", name, kind)
  end
  local text = require("lbhost.cli.templates")[kind]:gsub("@NAME@", stem):gsub("@PATH@", path)
  local ok, problem = host.create_file(path, text)
  if not ok then errors.usage("nothing was written: %s", problem) end
  local comment = ("\n" .. text:match("^(%-%-.-)\n\n")):gsub("\n%-%-%-", "\n "):gsub(" +\n", "\n"):sub(2)
  io.stdout:write(("wrote %s\n\n%s\n"):format(path, comment))
  return 0
end

return {
  api = 1, name = "new", about = "Writes starter files",
  commands = {
    new = {
      about = "write a starter file that runs", usage = "new webhook|plugin|migration NAME", run = run,
      help = "Writes NAME.lua into the current directory, or where NAME says. A file that is\nthere already stays as it is.\n",
      examples = { "lbhost new webhook chat", "lbhost new migration due", "lbhost new plugin hello" },
    },
  },
}
