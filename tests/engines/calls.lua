-- What each engine is asked to do, in any Lua: twenty calls at once, of 300 ms each, while the engine goes on.
--
--   local calls = load_of_this_file(liveblocks, base_url)
--   calls.start()       twenty tasks, a call in each; or calls.one(i) twenty times, where the engine has coroutines itself
--   calls.tick()        in each frame or tick of the engine
--   calls.ended()       true when all have ended
--   calls.report(name, engine)  what happened, as the metadata of the room "engine-NAME", since few engines can write files
local COUNT = 20

local function jit_version() return jit.version end

return function(liveblocks, base_url)
  local calls = {}
  local client = liveblocks.new { secret = "sk_localdev", base_url = base_url, rate = 1000 }
  local begun, right, ended, at_once, max = 0, 0, 0, 0, 0
  local ticks, longest, first, last, latest_tick = 0, 0, nil, nil, nil

  function calls.one(i)
    first = first or liveblocks.now()
    begun, at_once = begun + 1, at_once + 1
    if at_once > max then max = at_once end
    local id = "room-" .. i
    local ok, room = pcall(client.get_room, client, id)
    at_once, ended, last = at_once - 1, ended + 1, liveblocks.now()
    if ok and room.id == id then right = right + 1 end
    if not ok then calls.problem = tostring(room) end
  end

  function calls.start()
    for i = 1, COUNT do liveblocks.task.spawn(calls.one, i) end
  end

  function calls.tick()
    local now = liveblocks.now()
    local running = begun > 0 and ended < COUNT
    if running then ticks = ticks + 1 end
    if running and latest_tick and now - latest_tick > longest then longest = now - latest_tick end
    latest_tick = now
  end

  function calls.ended()
    return ended == COUNT
  end

  function calls.report(name, engine)
    client:create_room { id = "engine-" .. name, defaultAccesses = {}, metadata = {
      engine = engine, lua = _VERSION .. (pcall(jit_version) and " (LuaJIT)" or ""),
      right = tostring(right), max = tostring(max), ticks = tostring(ticks),
      wall = ("%.0f"):format((last - first) * 1000), longest = ("%.1f"):format(longest * 1000), problem = calls.problem or "",
    } }
  end

  return calls
end
