-- Migrations that are killed, starved of disk and disturbed, with real processes against the local Liveblocks:
--   lbhost run tests/survive/migrate.lua [ROOMS] [KILLS] [SCENARIO]
-- At the end every document is compared in full with what it must be.
local directory = require "tests.support.directory"
local eventually = require "tests.support.eventually"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"
local live = require "tests.support.live"
local postgres = require "tests.support.postgres"
local seed = require "tests.support.seed"
local value = require "liveblocks.storage.value"

local ROOMS = math.tointeger(tonumber(arg[1])) or 5000
local KILLS = math.tointeger(tonumber(arg[2])) or 20
local ONLY = arg[3] -- a part of a scenario's name
local ROOMS_OF_HOSTS = ONLY and ROOMS or math.min(ROOMS, 1000)
local FAULTS = "latency=2ms~2ms,429=5%,500=2.5%,500=2.5%@after,drop=1%,drop=1%@after,retry-after=0s"

local failures = 0
seed.start() -- the moments of the kills; what a run has reached by then differs all the same, and must not matter

local function say(...) print((...):format(select(2, ...))) end

local function must(good, ...)
  if good then return end
  failures = failures + 1
  say("FAILED: " .. (...), select(2, ...))
end

-- ---- Documents -----------------------------------------------------------------------------------

local object, list = live.object, live.list

local function id_of(i) return ("room-%05d"):format(i) end

-- The document of a room: its edit is neither harmless when repeated nor small.
local function document(i, edited)
  local log = { object { at = i * 7 }, object { at = i * 11 } }
  if edited then table.insert(log, object { migrated = true }) end
  return object {
    n = edited and i + 1 or i, log = list(log), pi = 3.141592653589793, tiny = 5e-324, name = "r/" .. i .. "~é",
    plain = { deep = { 1, 2.5, json.null, "x" }, empty = json.array {} }, text = { liveblocksType = "LiveText",
      data = json.array { { "hello " .. i } } }, map = { liveblocksType = "LiveMap", data = json.object { k = i } },
    tags = list(edited and { "b", "c", "new" } or { "a", "b", "c" }),
  }
end

local migration = [[
return {
  api = 1, name = "survive", rooms = { query = 'roomId^"room-"' }, options = { throw = "boolean" },
  each = function(room, ctx)
    if ctx.options.throw and room.id:find "7$" then error("this room is unlucky") end
    ctx:mutate_storage(function(root)
      root.n = root.n + 1
      root.tags:remove(1)
      root.tags:insert("new")
      root.log:insert(require("liveblocks").storage.object { migrated = true })
    end)
  end,
}
]]

-- A server with rooms and a directory with the migration.
local function scene(count)
  local server, dir = local_server.start(), directory.new()
  dir:write("survive.lua", migration)
  local client = server:client()
  liveblocks.task.map(count, function(i)
    client:create_room { id = id_of(i), defaultAccesses = json.array {} }
    client:initialize_storage_document(id_of(i), document(i))
  end, { concurrency = 20 })
  return setmetatable({ server = server, dir = dir, client = client }, { __close = function()
    server:stop()
    dir:remove()
  end })
end

local function set_faults(one, number)
  one.client:request("PUT", "/local/faults", { body = number and FAULTS .. ",seed=" .. number or "" ,
    content_type = "application/octet-stream" })
end

local function run(one, ...)
  return one.server:run({ "migrate", "survive.lua", ... }, { cwd = one.dir.path, timeout = 580 })
end

-- Compares rooms first..last with what they must be; `ignore` names fields that others may have changed.
local function compare(one, first, last, edited, ignore)
  local wrong = 0
  liveblocks.task.map(last - first + 1, function(k)
    local i = first + k - 1
    local got, want = one.client:get_storage_document(id_of(i)), document(i, edited(i))
    if ignore then got.data[ignore], want.data[ignore] = nil, nil end
    if not value.equal(got, want) then
      wrong = wrong + 1
      if wrong <= 3 then say("  %s: got %s", id_of(i), json.encode(got)) end
    end
  end, { concurrency = 20 })
  must(wrong == 0, "%d of %d documents are not as they must be", wrong, last - first + 1)
end

local function always() return true end

-- ---- Scenarios -----------------------------------------------------------------------------------

local scenarios = {}

scenarios[#scenarios + 1] = { "kill -9 at random moments, with 429, 500 and dropped connections", function()
  local one <close> = scene(ROOMS)
  local kills, plan = 0, 1
  while kills < KILLS do
    set_faults(one, plan)
    plan = plan + 1
    local running = one.server:spawn({ "migrate", "survive.lua", "-q", "--retry-failed", "--concurrency", "16" },
      { cwd = one.dir.path })
    -- A part of the work, or of the listing, at random.
    liveblocks.task.sleep(0.05 + math.random() * ROOMS / 5000)
    running:signal "KILL"
    local _, err, status = running:wait()
    if status == 0 then break end
    must(status == 137, "a run ended by itself with status %d: %s", status, err)
    kills = kills + 1
  end
  set_faults(one, 1000)
  local out, err, status
  for _ = 1, 5 do
    out, err, status = run(one, "--retry-failed", "--report", "report.jsonl")
    if status == 0 then break end
  end
  must(status == 0, "the last run ended with status %d:\n%s%s", status, out, err)
  set_faults(one)
  say("  %d kills; %s", kills, out:match "[^\n]*")
  must(kills == KILLS, "the work was done after %d kills already", kills)
  compare(one, 1, ROOMS, always)
  local _, lines = one.dir:read("report.jsonl"):gsub("\n", "")
  must(lines == ROOMS, "%d lines in the report", lines)
end }

scenarios[#scenarios + 1] = { "rooms that appear, vanish and change meanwhile", function()
  local count = math.min(ROOMS, 600)
  local one <close> = scene(count)
  set_faults(one, 5)
  local running = one.server:spawn({ "migrate", "survive.lua", "-q", "--concurrency", "4" }, { cwd = one.dir.path })
  local ended = false
  local function disturb(first, last)
    for i = first, last do
      if ended then return end
      if i % 10 == 0 then
        one.client.try:delete_room(id_of(i))
      else
        -- Another one's edit of another part.
        one.client.try:patch_storage_document(id_of(i), { { op = "replace", path = "/pi", value = i } })
      end
      if i % 10 == 1 then one.client.try:create_room { id = "new-" .. i, defaultAccesses = json.array {} } end
    end
  end
  liveblocks.task.all { function() disturb(1, count // 2) end, function() disturb(count // 2 + 1, count) end }
  ended = true
  local _, err, status = running:wait()
  must(status == 0 or status == 1, "status %d: %s", status, err)
  set_faults(one)
  local out
  out, err, status = run(one, "--retry-failed")
  must(status == 0, "status %d: %s%s", status, out, err)
  say("  %s", out:match "[^\n]*")
  local wrong, there = 0, 0
  for i = 1, count do
    local got, problem = one.client.try:get_storage_document(id_of(i))
    if got then
      there = there + 1
      local want = document(i, true)
      got.data.pi, want.data.pi = nil, nil
      if not value.equal(got, want) then wrong = wrong + 1 end
    elseif problem.status ~= 404 then
      error(problem)
    end
  end
  must(wrong == 0, "%d of %d documents are not as they must be", wrong, there)
end }

scenarios[#scenarios + 1] = { "a hook that throws in some rooms", function()
  local one <close> = scene(200)
  local out, _, status = run(one, "throw=true")
  must(status == 1 and out:find("180 done, 20 failed", 1, true), "status %d: %s", status, out)
  compare(one, 1, 200, function(i) return i % 10 ~= 7 end)
  out, _, status = run(one, "throw=false", "--accept-change", "--retry-failed")
  must(status == 0, "status %d: %s", status, out)
  compare(one, 1, 200, always)
end }

scenarios[#scenarios + 1] = { "kill -9 while Yjs documents are edited, and others write in them", function()
  local count, kills = math.min(ROOMS, 800), math.min(KILLS, 12)
  local one <close> = scene(0)
  one.dir:write("yjs.lua", [[
    return { api = 1, name = "yjs", rooms = {}, each = function(_, ctx)
      ctx:mutate_yjs(function(doc)
        local text = doc:get_text "t"
        text:delete(0, 3)
        text:insert(0, "the", { bold = true })
        doc:get_array("log"):push { "migrated" }
      end)
    end }]])
  liveblocks.task.map(count, function(i)
    one.client:create_room { id = id_of(i), defaultAccesses = json.array {} }
    one.client:mutate_yjs(id_of(i), function(doc) doc:get_text("t"):insert(0, "teh cat") end)
  end, { concurrency = 20 })
  local words = { "migrate", "yjs.lua", "-q", "--retry-failed", "--concurrency", "16" }
  local others, killed = {}, 0
  for k = 1, kills do
    set_faults(one, 300 + k)
    local running = one.server:spawn(words, { cwd = one.dir.path })
    liveblocks.task.sleep(0.05 + math.random() * count / 4000)
    local i = math.random(count)
    if pcall(one.client.mutate_yjs, one.client, id_of(i), function(doc) doc:get_array("log"):push { "other" } end) then
      others[i] = (others[i] or 0) + 1
    end
    running:signal "KILL"
    local _, _, status = running:wait()
    killed = killed + (status == 137 and 1 or 0)
  end
  set_faults(one)
  local out, err, status = one.server:run(words, { cwd = one.dir.path, timeout = 580 })
  must(status == 0, "status %d: %s%s", status, out, err)
  say("  %d kills", killed)
  local wrong = 0
  for i = 1, count do
    local got, log = one.client:get_yjs_document(id_of(i)), { migrated = 0, other = 0 }
    for _, what in ipairs(got.log or {}) do log[what] = log[what] + 1 end
    if got.t ~= "the cat" or log.migrated ~= 1 or log.other < (others[i] or 0) then
      wrong = wrong + 1
      if wrong <= 3 then say("  %s: got %s", id_of(i), json.encode(got)) end
    end
  end
  must(wrong == 0, "%d of %d documents are not as they must be", wrong, count)
end }

scenarios[#scenarios + 1] = { "kill -9 while rooms are split in several steps", function()
  local boards, cards, kills = 60, 12, 8
  local one <close> = scene(0)
  liveblocks.task.map(boards, function(i)
    local items = {}
    for j = 1, cards do items[j] = object { id = ("%d-%d"):format(i, j), team = "team" .. j % 3 } end
    one.client:create_room { id = "board-" .. i, defaultAccesses = json.array {} }
    one.client:initialize_storage_document("board-" .. i, object { cards = list(items) })
  end)
  local here = io.popen("pwd"):read "l"
  local arguments = { "migrate", here .. "/scripts/migrations/split_rooms.lua", "list=cards", "by=team", "keep=team0",
    'query=roomId^"board-"', "-q", "--retry-failed" }
  for k = 1, kills do
    set_faults(one, 100 + k)
    local running = one.server:spawn(arguments, { cwd = one.dir.path })
    liveblocks.task.sleep(0.1 + math.random() * 0.3)
    running:signal "KILL"
    running:wait()
  end
  set_faults(one)
  local out, err, status = one.server:run(arguments, { cwd = one.dir.path })
  must(status == 0, "status %d: %s%s", status, out, err)
  for i = 1, boards do
    for team = 0, 2 do
      local room = team == 0 and "board-" .. i or ("board-%d-team%d"):format(i, team)
      local seen = {}
      for _, card in ipairs(one.client:get_storage_document(room, { format = "json" }).cards or {}) do
        must(card.team == "team" .. team, "%s has a card of %s", room, card.team)
        must(not seen[card.id], "%s has the card %s twice", room, card.id)
        seen[card.id] = true
      end
      for j = 1, cards do
        if j % 3 == team then must(seen[("%d-%d"):format(i, j)], "%s lacks the card %d-%d", room, i, j) end
      end
    end
  end
end }

scenarios[#scenarios + 1] = { "a full disk", function()
  local one <close> = scene(300)
  -- A limit of the size of files is a disk that is full for this process.
  local command = ("cd '%s' && ulimit -f 100 && trap '' XFSZ && LIVEBLOCKS_BASE_URL=%s LIVEBLOCKS_SECRET_KEY=sk_localdev "
    .. "'%s' migrate survive.lua 2>&1"):format(one.dir.path, one.server.url, require("tests.support.process").program)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  local _, _, status = pipe:close()
  must(status ~= 0 and text:find("free some space, and run it again", 1, true), "with a full disk: %s", text)
  say("  %s", text:gsub("\n.*", ""))
  local out
  out, text, status = run(one, "--retry-failed")
  must(status == 0, "status %d: %s%s", status, out, text)
  compare(one, 1, 300, always)
end }

scenarios[#scenarios + 1] = { "a small disk that fills up with the journal, and with the report", function()
  local rooms = 1500
  local one <close> = scene(rooms)
  local disk = one.dir.path .. "/disk"
  local function mount(options)
    assert(os.execute(("mount -t tmpfs -o %s tmpfs '%s'"):format(options, disk)), "mounting a small disk needs root")
  end
  assert(os.execute(("mkdir '%s'"):format(disk)))
  mount "size=300k"
  local mounted <close> = setmetatable({}, { __close = function() os.execute(("umount '%s'"):format(disk)) end })
  assert(mounted)
  local arguments = { "--journal", disk .. "/survive.journal", "--report", disk .. "/report.jsonl", "--retry-failed" }
  local fulls, out, err, status = 0, nil, nil, nil
  for size = 300, 3000, 150 do
    mount(("remount,size=%dk"):format(size))
    -- Twice: there is no more room than before, and nothing is lost by trying.
    for _ = 1, 2 do
      out, err, status = run(one, table.unpack(arguments))
      if status == 0 then break end
      fulls = fulls + 1
      must(status == 1 and (out .. err):find("free some space, and run it again", 1, true), "status %d: %s%s", status, out, err)
      if fulls == 1 then say("  %s", err:gsub("\n.*", "")) end
    end
    if status == 0 then break end
  end
  must(status == 0 and fulls > 0, "%d times full, then status %d: %s%s", fulls, status, out, err)
  say("  %d times full; %s", fulls, out:match "[^\n]*")
  compare(one, 1, rooms, always)
  local _, lines = one.dir:read("disk/report.jsonl"):gsub("\n", "")
  must(lines == rooms, "%d lines in the report", lines)
  -- Room for nothing but what the journal has already: the report alone fails, and says so.
  os.execute(("rm '%s/report.jsonl' && dd if=/dev/zero of='%s/filler' bs=4k 2>/dev/null; truncate -s -48k '%s/filler'")
    :format(disk, disk, disk))
  out, err, status = run(one, table.unpack(arguments))
  must(status == 1 and err:find("cannot write the report", 1, true) and err:find("No space left", 1, true)
    and err:find("free some space, and run it again", 1, true), "a report that does not fit: status %d: %s%s", status, out, err)
  os.execute(("rm '%s/filler'"):format(disk))
  out, err, status = run(one, table.unpack(arguments))
  must(status == 0, "status %d: %s%s", status, out, err)
  _, lines = one.dir:read("disk/report.jsonl"):gsub("\n", "")
  must(lines == rooms, "%d lines in the report", lines)
  compare(one, 1, rooms, always)
end }

scenarios[#scenarios + 1] = { "two runs at once on one journal", function()
  local one <close> = scene(300)
  local running = {}
  for i = 1, 4 do
    running[i] = one.server:spawn({ "migrate", "survive.lua", "-q", "--concurrency", "4" }, { cwd = one.dir.path })
  end
  local good, refused = 0, 0
  for _, each in ipairs(running) do
    local _, err, status = each:wait()
    if status == 0 then good = good + 1 end
    if status == 2 and err:find "another run is using the journal" then refused = refused + 1 end
  end
  -- One that comes when the first has ended finds nothing to do.
  must(good >= 1 and good + refused == 4, "%d went well, %d were refused", good, refused)
  compare(one, 1, 300, always)
end }

scenarios[#scenarios + 1] = { "a backup that is killed night after night, while rooms change, come and go", function()
  local count, nights = 300, 8
  local one <close> = scene(count)
  local arguments = { "migrate", "backup", "to=nightly", "-q" }
  local deleted = {}
  for night = 1, nights do
    set_faults(one, 200 + night)
    local running = one.server:spawn(arguments, { cwd = one.dir.path })
    liveblocks.task.sleep(0.1 + math.random() * 0.4)
    running:signal "KILL"
    running:wait()
    set_faults(one)
    for i = night, count, nights do
      one.client.try:patch_storage_document(id_of(i), { { op = "replace", path = "/pi", value = night } })
    end
    deleted[id_of(night * 7)] = true
    one.client.try:delete_room(id_of(night * 7))
    one.client:create_room { id = "new-" .. night, defaultAccesses = json.array {} }
  end
  local out, err, status = one.server:run(arguments, { cwd = one.dir.path, timeout = 580 })
  must(status == 0, "status %d: %s%s", status, out, err)
  local archive = require("lbhost.migrate.archive").open(one.dir.path .. "/nightly")
  local seen = 0
  for room in one.client:iter_rooms() do
    seen = seen + 1
    must(archive:read_json(room.id, "room.json") ~= nil and not archive:find(room.id, "deleted.json"), "%s is not in the backup", room.id)
    must(value.equal(archive:read_json(room.id, "storage.json"), one.client:get_storage_document(room.id)),
      "the backup of %s is not what the room is", room.id)
  end
  must(seen == count, "%d rooms", seen)
  for id in archive:rooms() do
    must((archive:find(id, "deleted.json") ~= nil) == (deleted[id] or false), "%s: deleted or not?", id)
  end
end }

scenarios[#scenarios + 1] = { "orders from another terminal, at random moments", function()
  local one <close> = scene(300)
  set_faults(one, 9)
  local running = one.server:spawn({ "migrate", "survive.lua", "-q", "--concurrency", "2" }, { cwd = one.dir.path })
  local given = 0
  for _, order in ipairs { "--pause", "--unpause", "--set=concurrency=9", "--pause", "--unpause", "--set=rate=5000,concurrency=1",
    "--stop" } do
    local _, _, status = run(one, order)
    if status == 0 then given = given + 1 end
    liveblocks.task.sleep(math.random() * 0.1)
  end
  local out, err, status = running:wait()
  must(status == 130 or status == 0, "status %d: %s%s", status, out, err)
  set_faults(one)
  out, err, status = run(one)
  must(status == 0, "status %d: %s%s", status, out, err)
  say("  %d orders; %s", given, out:match "[^\n]*")
  compare(one, 1, 300, always)
end }

-- ---- Hosts that share a journal ------------------------------------------------------------------

local LEASE <const> = 2 -- seconds
local HOSTS <const> = 3

local function shell(text, ...) return os.execute((text):format(...) .. " 2>/dev/null") end

-- Hosts over one database, at random killed, silent, without a backend or without the server, until all is done.
local function share(one, database, arguments, kills)
  local task, hosts, counts = liveblocks.task, {}, { kill = 0, silence = 0, backend = 0, server = 0 }
  local silent = 0 -- hosts that said that they were
  local function finish(i)
    local out, err, status = hosts[i]:wait()
    silent = silent + select(2, err:gsub("silent for longer than its lease: its items", ""))
    return out, err, status
  end
  local function start(i) hosts[i] = one.server:spawn(arguments, { cwd = one.dir.path }) end
  local function backend()
    return tonumber(database:sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'lbhost' ORDER BY random() LIMIT 1")
  end
  local events = {
    kill = function()
      local i = math.random(HOSTS)
      hosts[i]:signal "KILL"
      finish(i)
      start(i)
    end,
    silence = function()
      local running = hosts[math.random(HOSTS)]
      running:signal "STOP"
      task.sleep(LEASE * 2 + math.random())
      running:signal "CONT"
    end,
    backend = function()
      local pid = backend()
      if not pid then return end
      if math.random(2) == 1 then return shell("kill -TERM %d", pid) end
      shell("kill -STOP %d", pid)
      task.sleep(3)
      shell("kill -CONT %d", pid)
    end,
    server = function() database:restart() end,
  }
  local plan = { "server" }
  for _ = 1, kills do plan[#plan + 1] = "kill" end
  for _ = 1, math.max(2, kills // 4) do
    plan[#plan + 1] = "silence"
    plan[#plan + 1] = "backend"
  end
  for i = #plan, 2, -1 do
    local k = math.random(i)
    plan[i], plan[k] = plan[k], plan[i]
  end
  for i = 1, HOSTS do start(i) end
  local function ended() return tonumber(database:sql "SELECT count(*) FROM lbhost_journal_items WHERE state <> 0") or 0 end
  eventually(function() return database:sql "SELECT to_regclass('lbhost_journal_orders') IS NOT NULL" == "t" end, "there are tables")
  for i, what in ipairs(plan) do
    eventually(function() return ended() >= ROOMS_OF_HOSTS * i // (#plan + 2) end, function() return ended() .. " items have ended" end)
    counts[what] = counts[what] + 1
    events[what]()
  end
  for i = 1, HOSTS do
    local out, err, status = finish(i)
    must(status == 0 or status == 1 and not err:find "stack traceback", "a host ended with status %d: %s%s", status, out, err)
  end
  say("  %d kills, %d silent (%d said so), %d backends, %d times the server", counts.kill, counts.silence, silent, counts.backend,
    counts.server)
end

scenarios[#scenarios + 1] = { "three hosts over one PostgreSQL: kill -9, silence, backends, the server", function()
  local one <close> = scene(ROOMS_OF_HOSTS)
  local database <close> = postgres.start()
  set_faults(one, 77)
  local arguments = { "--plugin", postgres.plugin, "migrate", "survive.lua", "--retry-failed", "--concurrency", "8", "--journal",
    database.url .. "&lease=" .. LEASE }
  share(one, database, arguments, math.max(4, ROOMS_OF_HOSTS // 250))
  set_faults(one)
  local out, err, status = one.server:run(arguments, { cwd = one.dir.path, timeout = 580 })
  must(status == 0, "status %d: %s%s", status, out, err)
  compare(one, 1, ROOMS_OF_HOSTS, always)
  must(database:sql "SELECT count(*) FROM lbhost_journal_items WHERE state <> 1 OR host IS NOT NULL" == "0", "items are left")
end }

local started = require("liveblocks").now()
for _, scenario in ipairs(scenarios) do
  if not ONLY or scenario[1]:find(ONLY, 1, true) then
    say("%s", scenario[1])
    local ok, err = xpcall(scenario[2], debug.traceback)
    must(ok, "%s", tostring(err))
  end
end
say("%d failures, %.0f s", failures, require("liveblocks").now() - started)
os.exit(failures == 0)
