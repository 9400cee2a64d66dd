-- tour.lua - what the client does, against a real server: ./dev demo
--
-- Creates rooms, finds them again, writes and reads Storage and a Yjs document, gets tokens, shows an error,
-- makes fifty calls at once and cleans up. Needs LIVEBLOCKS_SECRET_KEY and, for a server of one's own,
-- LIVEBLOCKS_BASE_URL.
local liveblocks = require "liveblocks"

local client = liveblocks.new()
local prefix = "lbhost-tour-" .. os.time() .. "-"

local function step(title)
  print("\n" .. title)
end

local function show(format, ...)
  print("  " .. format:format(...))
end

step "1. Create rooms"
for _, color in ipairs { "blue", "red", "blue" } do
  local id = prefix .. tostring(math.random(1, 1 << 30))
  local room = client:create_room { id = id, defaultAccesses = { "room:write" }, metadata = { color = color, tour = prefix } }
  show("%s (%s)", room.id, room.metadata.color)
end

step "2. List them, filtered by metadata"
local mine = {}
for room in client:iter_rooms { metadata = { tour = prefix } } do mine[#mine + 1] = room end
local page, meta = client:get_rooms { limit = 10, metadata = { tour = prefix, color = "blue" } }
show("%d rooms, %d of them blue; HTTP %d in %.1f ms", #mine, #page.data, meta.status, meta.seconds * 1000)

step "3. Storage: nothing is lost on the way"
local room = mine[1].id
client:initialize_storage_document(room, {
  liveblocksType = "LiveObject",
  data = {
    title = "Plan", big = 9007199254740993, exact = 0.1, whole = 1.0,
    empty = { liveblocksType = "LiveList", data = {} },
    tasks = { liveblocksType = "LiveList", data = { "write", "test" } },
  },
})
local document = client:get_storage_document(room, { format = "json" })
show("title=%s exact=%s tasks=%d empty=%s", document.title, document.exact, #document.tasks,
  liveblocks.json.encode(document.empty))

step "4. A Yjs update, byte for byte"
local update = "\1\1\236\218\171\149\13\0\4\1\4text\5hello\0"
client:send_yjs_binary_update(room, update)
show("read back: %s", liveblocks.json.encode((client:get_yjs_document(room))))

step "5. Tokens"
local token = liveblocks.session(client, "alice", { userInfo = { name = "Alice" } }):allow(prefix .. "*", { "room:write" }):authorize()
show("access token of %d characters", #token.token)
show("ID token of %d characters", #client:identify_user({ userId = "alice" }).token)

step "6. An error, as data and as a line"
local _, err = client.try:get_room(prefix .. "nowhere")
show("kind=%s status=%d", err.kind, err.status)
show("%s", tostring(err))
local _, mistake = client.try:create_room { id = "r", default_accesses = {} }
show("%s", tostring(mistake))

step "7. Fifty calls at once"
local started = os.clock()
local rooms = liveblocks.task.map(50, function() return (client:get_room(room)) end, { concurrency = 50 })
show("%d answers, %.1f ms of CPU", #rooms, (os.clock() - started) * 1000)

step "8. Clean up"
liveblocks.task.map(mine, function(one) client:delete_room(one.id) end)
show("deleted %d rooms", #mine)
