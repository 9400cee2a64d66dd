--- journal: every webhook event as a line of JSON in a file, for audits and for replaying.
---
---   LBHOST_JOURNAL=/var/log/lbhost/events.jsonl lbhost serve --plugin journal
local host = require "lbhost.host"
local json = require "liveblocks.json"

local file, size, settings

local function open()
  -- It has what users have written: for the owner alone, as all that lbhost keeps.
  local made, problem = host.make_private(settings.file)
  if made then file, problem = io.open(settings.file, "ab") end
  if not file then error("cannot write the journal: " .. problem, 0) end
  size = file:seek "end"
end

-- events.jsonl becomes events.jsonl.1, that becomes .2, and so on; the oldest goes.
local function rotate()
  file:close()
  for i = settings.keep - 1, 1, -1 do
    os.rename(("%s.%d"):format(settings.file, i), ("%s.%d"):format(settings.file, i + 1))
  end
  if settings.keep > 0 then os.rename(settings.file, settings.file .. ".1") else os.remove(settings.file) end
  open()
end

local function write(event, ctx)
  local line = json.encode(json.object { at = host.wall_clock() / 1000, id = ctx.event_id, type = event.type,
    data = event.data }) .. "\n"
  if size > 0 and size + #line > settings.megabytes * 1048576 then rotate() end
  -- What cannot be written fails the event, which is tried again later.
  assert(file:write(line))
  assert(file:flush())
  size = size + #line
end

return {
  api = 1, name = "journal", version = "1.0", about = "Writes every event to a file, as JSON Lines",
  options = {
    file = { type = "string", required = true, env = "LBHOST_JOURNAL", about = "where to" },
    megabytes = { type = "number", default = 100, min = 0.001, about = "when it is larger, it becomes FILE.1" },
    keep = { type = "integer", default = 5, min = 0, max = 1000, about = "how many such files are kept" },
  },
  setup = function(_, options)
    settings = options
    open()
  end,
  events = { ["*"] = write },
  stop = function()
    if file then file:close() end
    file = nil
  end,
}
