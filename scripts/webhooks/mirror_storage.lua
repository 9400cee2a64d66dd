--- mirror_storage: keeps a copy of every room's Storage in a database file, for reports and search with SQL.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   lbhost serve scripts/webhooks/mirror_storage.lua     subscribe the endpoint to storageUpdated and roomDeleted
---
---   sqlite3 storage.db "SELECT room_id, document ->> '$.title' FROM rooms WHERE updated_at > '2026-01-01'"
---
--- Options, in lbhost.lua (return { plugins = { mirror_storage = { ... } } }):
---   path     the database file; else MIRROR_PATH ("storage.db")
---   format   "json": simplified, made for reading; "plain-lson": with the types of Live structures, can be written back
---   history  true keeps every version that was seen, in the table versions
---
--- Storage changes are reported at most once a minute and room; what is fetched is the newest document, so that the copy never
--- goes back.
local json = require "liveblocks.json"
local sqlite = require "lbhost.sqlite"

local SCHEMA <const> = [[
  CREATE TABLE IF NOT EXISTS rooms (
    room_id TEXT PRIMARY KEY, document TEXT NOT NULL, updated_at TEXT NOT NULL, copied_at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS versions (
    room_id TEXT NOT NULL, updated_at TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (room_id, updated_at));
]]

---@type table<string, any>, lbhost.sqlite.Database
local options, db

local function setup(_, given)
  options = given
  if given.format ~= "json" and given.format ~= "plain-lson" then
    error("options.format must be 'json' or 'plain-lson'", 0)
  end
  db = sqlite.open(given.path, { create = true, busy_timeout = 5 })
  db:exec(SCHEMA)
end

local function forget(room_id)
  db:run("DELETE FROM rooms WHERE room_id = ?", room_id)
end

local function keep(room_id, document, updated_at)
  local text, now = json.encode(document), os.date("!%Y-%m-%dT%H:%M:%SZ")
  db:transaction(function()
    db:run([[INSERT INTO rooms VALUES (?, ?, ?, ?) ON CONFLICT (room_id) DO UPDATE SET document = excluded.document,
      updated_at = max(updated_at, excluded.updated_at), copied_at = excluded.copied_at]], room_id, text, updated_at, now)
    if options.history then
      db:run("INSERT OR IGNORE INTO versions VALUES (?, ?, ?)", room_id, updated_at, text)
    end
  end)
end

local function on_change(event, ctx)
  local room_id = event.data.roomId
  local document, err = ctx.client.try:get_storage_document(room_id, { format = options.format })
  if document then return keep(room_id, document, event.data.updatedAt) end
  if err.status ~= 404 then error(err, 0) end
  ctx.log("info", "the room or its Storage is gone", { room = room_id })
  forget(room_id)
end

return {
  api = 1, name = "mirror_storage", about = "Copies Storage to a database file", version = "1.0",
  options = {
    path = { type = "string", default = "storage.db", env = "MIRROR_PATH", about = "the database file" },
    format = { type = "string", default = "json", about = "json or plain-lson" },
    history = { type = "boolean", default = false, about = "keep every version" },
  },
  setup = setup,
  events = {
    storageUpdated = on_change,
    roomDeleted = function(event) forget(event.data.roomId) end,
  },
  stop = function()
    if db then db:close() end
  end,
}
