-- What the engines find and leave in the local Liveblocks:
--   rooms.lua make            rooms to read, and a thread for the recipes, whose ID is printed
--   rooms.lua await USER      until that user has commented in the thread (ROOM, THREAD)
--   rooms.lua show ENGINE...  the table of their reports
local liveblocks = require "liveblocks"
local client = liveblocks.new()
local COLUMNS = { "engine", "version", "Lua", "works", "wall ms", "longest gap ms", "ticks meanwhile" }

local function make()
  for i = 1, 20 do client:create_room { id = "room-" .. i, defaultAccesses = {} } end
  client:create_room { id = "recipes", defaultAccesses = {} }
  local body = liveblocks.comment.from_markdown "Who is there?"
  print(client:create_thread("recipes", { comment = { userId = "runner", body = body } }).id)
end

local function await(user)
  for _ = 1, 100 do
    for _, comment in ipairs(client:get_thread(os.getenv "ROOM", os.getenv "THREAD").comments) do
      if comment.userId == user then return end
    end
    liveblocks.task.sleep(0.1)
  end
  error(("the recipe has not commented as %s"):format(user), 0)
end

-- All twenty right, some at once, and the engine has gone on while they ran.
local function problem_of(report)
  if report.right ~= "20" then return ("%s of 20 right: %s"):format(report.right, report.problem) end
  if tonumber(report.max) < 2 then return "one call after the other" end
  if tonumber(report.ticks) < 2 then return "it stood still meanwhile" end
end

local NAMES = { lua = { "lua5.4", "lua5.3", "lua5.2", "luajit" } }

local function row_of(name, engine)
  local ok, room = pcall(client.get_room, client, "engine-" .. name)
  if not ok then return { name, "", "", "NO: no report" }, true end
  local report = room.metadata
  local problem = problem_of(report)
  if not problem and os.getenv("FAILED"):find(" " .. engine .. " ", 1, true) then problem = "see above" end
  return { name, report.engine, report.lua, problem and "NO: " .. problem or "yes", report.wall, report.longest, report.ticks },
    problem ~= nil
end

local function print_table(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i in ipairs(COLUMNS) do widths[i] = math.max(widths[i] or 0, utf8.len(row[i] or "")) end
  end
  for _, row in ipairs(rows) do
    local line = {}
    for i in ipairs(COLUMNS) do line[i] = (row[i] or "") .. (" "):rep(widths[i] - utf8.len(row[i] or "")) end
    print((table.concat(line, "  "):gsub("%s+$", "")))
  end
end

local function show(engines)
  local rows, failed = { COLUMNS }, 0
  for _, engine in ipairs(engines) do
    for _, name in ipairs(NAMES[engine] or { engine }) do
      local row, bad = row_of(name, engine)
      rows[#rows + 1] = row
      if bad then failed = failed + 1 end
    end
  end
  print_table(rows)
  print(("%d passed, %d failed"):format(#rows - 1 - failed, failed))
  return failed == 0
end

local commands = { make = make, await = await, show = function(...) return show { ... } end }
if commands[arg[1]](table.unpack(arg, 2)) == false then os.exit(1) end
