-- tour.lua - what the client does: ./dev demo, or lbhost --local run scripts/tour.lua
--
-- Creates rooms, finds them again, writes, reads and patches Storage and a Yjs document, comments, gets tokens, shows
-- an error, makes fifty calls at once and cleans up. Without --local it needs LIVEBLOCKS_SECRET_KEY.
local liveblocks = require "liveblocks"

local client = liveblocks.new()
local prefix = "lbhost-tour-" .. os.time() .. "-"

local function step(title)
  print("\n" .. title)
end

local function show(format, ...)
  print("  " .. format:format(...))
end

-- The official dev server has some of the calls only, and says so with 501.
local function where_there_is_one(fn)
  local ok, err = pcall(fn)
  if ok then return end
  if err.status ~= 501 then error(err, 0) end
  show("this server has no %s %s", err.method, err.path:gsub("/v2/rooms/[^/]*", "/v2/rooms/..."))
end

step "1. Create rooms"
for _, color in ipairs { "blue", "red", "blue" } do
  local id = prefix .. tostring(math.random(1, 1 << 30))
  local room = client:create_room { id = id, defaultAccesses = { "room:write" }, metadata = { color = color, tour = prefix } }
  show("%s (%s)", room.id, room.metadata.color)
end

step "2. List them, filtered by metadata"
local mine = {} ---@type table[]
for room in client:iter_rooms { metadata = { tour = prefix } } do mine[#mine + 1] = room end
local page, meta = client:get_rooms { limit = 10, metadata = { tour = prefix, color = "blue" } }
show("%d rooms, %d of them blue; HTTP %d in %.2f ms", #mine, #page.data, meta.status, meta.seconds * 1000)

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

where_there_is_one(function()
  client:patch_storage_document(room, {
    { op = "test", path = "/title", value = "Plan" }, { op = "add", path = "/tasks/-", value = "ship" },
  })
  show("patched: %s", liveblocks.json.encode(client:get_storage_document(room, { format = "json" }).tasks))
end)

step "4. A Yjs update, byte for byte"
local update = "\1\1\236\218\171\149\13\0\4\1\4text\5hello\0"
client:send_yjs_binary_update(room, update)
show("%d bytes sent, the same read back: %s", #update, client:get_yjs_document_as_binary_update(room) == update)

step "5. A comment, and who hears of it"
where_there_is_one(function()
  local thread = client:create_thread(room, { comment = { userId = "bob", body = { version = 1, content = {
    { type = "paragraph", children = { { type = "mention", kind = "user", id = "alice" }, { text = " please look" } } },
  } } } })
  for notification in client:iter_inbox_notifications("alice") do
    show("alice: a %s notification for %s", notification.kind, notification.threadId == thread.id and "this thread" or "another")
  end
end)

step "6. Tokens"
local token = liveblocks.session(client, "alice", { userInfo = { name = "Alice" } }):allow(prefix .. "*", { "room:write" }):authorize()
show("access token of %d characters", #token.token)
show("ID token of %d characters", #client:identify_user({ userId = "alice" }).token)

step "7. An error, as data and as a line"
local _, err = client.try:get_room(prefix .. "nowhere")
show("kind=%s status=%d", err.kind, err.status)
show("%s", tostring(err))
local _, mistake = client.try:create_room { id = "r", default_accesses = {} }
show("%s", tostring(mistake))

step "8. Fifty calls at once"
local started = os.clock()
local rooms = liveblocks.task.map(50, function() return (client:get_room(room)) end, { concurrency = 50 })
show("%d responses, %.1f ms of CPU", #rooms, (os.clock() - started) * 1000)

step "9. Clean up"
liveblocks.task.map(mine, function(one) client:delete_room(one.id) end)
show("deleted %d rooms", #mine)
