-- A frame loop of an engine: frames.lua SCENARIO BASE COUNT BUDGET COLLECTOR
-- Steps the module once in each of 60 frames a second, with so many seconds of work (0: without a bound), until all is done, and
-- prints {"steps":,"worst":,"p99":,"wall":,"cpu":}: milliseconds of CPU in a step, and seconds.
-- COLLECTOR: none (it runs between the frames and is not counted), incremental, generational, or small: incremental, in steps
-- that are an eighth of Lua's.
local liveblocks = require "liveblocks"
local socket = require "socket"

local FRAME, LARGE <const> = 1 / 60, 256 * 1024 -- KiB that are let lie between two frames
local scenario, base, count, budget, collector = ...
count, budget = math.tointeger(count), tonumber(budget)
local task = liveblocks.task

local function new_client(options)
  options = options or {}
  options.secret, options.base_url = "sk_bench", options.base_url or base
  return liveblocks.new(options)
end

local scenarios = {}

-- So many tasks that each make a call, all ready at once.
function scenarios.tasks()
  local client = new_client()
  for i = 1, count do
    local id = "room-" .. i
    task.spawn(function() assert(client:get_room(id).id == id) end)
  end
end

-- So many responses of 1 MB.
function scenarios.storage()
  local client = new_client { timeout = 300 }
  client:warm()
  for i = 1, count do
    task.spawn(function() assert(client:get_storage_document("large-" .. i).liveblocksType) end)
  end
end

-- So many documents of 1 MB, edited in each of their items.
function scenarios.patch()
  local client = new_client { timeout = 300 }
  client:warm()
  for i = 1, count do
    task.spawn(function()
      local patch = client:mutate_storage("large-" .. i, function(root)
        for _, shape in ipairs(root.shapes) do
          shape.z = shape.z + 1
          task.checkpoint()
        end
      end, { dry_run = true })
      assert(#patch > 1000)
    end)
  end
end

-- A name whose lookup hangs: calls that are cancelled, and calls whose connection takes too long.
function scenarios.lookup()
  local client = new_client { base_url = "http://hangs.test", connect_timeout = 0.3, retries = 0 }
  for _ = 1, count do
    local one = task.spawn(function() client:get_room "r" end)
    task.spawn(function()
      task.sleep(0.1)
      one:cancel()
      pcall(one.wait, one)
    end)
    task.spawn(function() assert(not client.try:get_room "r") end)
  end
end

-- The first client, made in a frame.
function scenarios.new()
  task.spawn(function() assert(new_client():get_room "room-1") end)
end

-- So many with a client that is ready before the first frame.
function scenarios.warm()
  local client = new_client()
  client:warm()
  for i = 1, count do
    task.spawn(function() assert(client:get_room("room-" .. i)) end)
  end
end

scenarios[scenario]()
collectgarbage "collect"
if collector == "none" then collectgarbage "stop"
elseif collector == "small" then collectgarbage("incremental", 200, 100, 10)
else collectgarbage(collector) end

local steps, began = {}, socket.gettime()
local before = os.clock()
repeat
  local start, cpu = socket.gettime(), os.clock()
  liveblocks.step(budget > 0 and budget or nil)
  steps[#steps + 1] = (os.clock() - cpu) * 1e3
  if collector == "none" and collectgarbage "count" > LARGE then
    local spent = os.clock()
    collectgarbage "collect"
    spent = os.clock() - spent
    before, began = before + spent, began + spent
  end
  local left = FRAME - (socket.gettime() - start)
  if left > 0 and liveblocks.pending() > 0 then socket.sleep(left) end
until liveblocks.pending() == 0
local wall, cpu = socket.gettime() - began, os.clock() - before
local failures = task.unseen_failures()
for _, one in ipairs(failures) do
  if not one.cancelled then error(one.traceback or one.error, 0) end
end
local sorted = table.move(steps, 1, #steps, 1, {})
table.sort(sorted)
print(('{"steps":%d,"worst":%.3f,"p99":%.3f,"wall":%.3f,"cpu":%.6f}'):format(#steps, sorted[#sorted],
  sorted[math.max(1, math.ceil(#sorted * 0.99))], wall, cpu))
