--- rooms: lbhost rooms, a look at the rooms of a project.
local colors = require "lbhost.util.colors"
local command_line = require "lbhost.cli.parser"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"
local printer = require "lbhost.repl.print"

local MAX_ROOMS <const> = 50

local function parser()
  local self = command_line.new("rooms", "Rooms of the project, newest first.")
  self:argument("query", [[In the query language, such as 'roomId^"eng:" AND metadata["type"]:"board"'.]]):args "?"
  self:option("--user", "Rooms that this user may see."):argname "ID"
  self:option("--limit", ("So many at most (%d; with --json or --count: all)."):format(MAX_ROOMS)):argname "N"
  self:flag("--json", "As JSON Lines.")
  self:flag("--count", "Only how many.")
  return self
end

local function parse(arguments)
  local options = command_line.parse(parser(), arguments, "rooms")
  if options.limit then
    local limit = math.tointeger(tonumber(options.limit))
    if not limit or limit < 1 then errors.usage("rooms: --limit takes a whole number, got '%s'", options.limit) end
    options.limit = limit
  elseif not options.json and not options.count then
    options.limit = MAX_ROOMS
  end
  return options
end

local function run(arguments, ctx)
  local options = parse(arguments)
  local rooms, count, more = {}, 0, false
  for room in ctx.client:iter_rooms { query = options.query, userId = options.user } do
    if count == options.limit then
      more = true
      break
    end
    count = count + 1
    if options.json then io.stdout:write(printable.json(json.encode(room)), "\n") elseif not options.count then rooms[count] = room end
  end
  if options.count then
    io.stdout:write(count, "\n")
  elseif not options.json then
    local show = printer.new { paint = colors.make(colors.wanted()), width = host.terminal_width(1) or 160, full = true }
    io.stdout:write(count == 0 and "no rooms" or show:show { data = rooms }, "\n")
    if more then io.stdout:write("-- there are more; see --limit\n") end
  end
  return 0
end

return {
  api = 1, name = "rooms", about = "A look at the rooms of a project",
  commands = {
    rooms = {
      about = "the rooms of the project as a table", usage = "rooms [QUERY] [--user ID] [--limit N] [--json] [--count]",
      parser = parser, run = run,
      examples = { "lbhost rooms", "lbhost rooms 'metadata[\"type\"]:\"board\"' --count" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL" },
    },
  },
}
