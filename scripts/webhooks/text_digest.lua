--- text_digest: once a week, posts to a chat what has changed in the documents of the rooms, with quotations.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   export CHAT_WEBHOOK_URL=https://hooks.slack.com/services/...
---   lbhost serve scripts/webhooks/text_digest.lua       subscribe the endpoint to ydocUpdated
---   lbhost serve scripts/webhooks/text_digest.lua --once text_digest    posts now what there is to post
---
--- A room is in the digest when an event has said that its document was updated: the document of then is compared, line by line,
--- with that of the last digest, which is kept in a file. The first time that a room comes up, all of it is new.
---
--- Options, in lbhost.lua (return { plugins = { text_digest = { ... } } }):
---   url        the chat's webhook; else CHAT_WEBHOOK_URL
---   path       file in which the documents of the last digest are kept ("text_digest.db")
---   kind       editor of the documents: tiptap, prosemirror, blocknote, lexical, slate or quill ("tiptap"); field, as in editor.open
---   quotes     how many changed lines are quoted of a room at most (5)
---   room_url   address of a room in your application, such as "https://app.example/rooms/{roomId}"
local align = require "liveblocks.storage.align"
local editor = require "liveblocks.editor"
local errors = require "liveblocks.errors"
local http = require "liveblocks.http"
local slack = require "lbhost.slack"
local sqlite = require "lbhost.sqlite"
local yjs = require "liveblocks.yjs"

local LONGEST <const> = 200 -- bytes of a quotation

local SCHEMA <const> = [[
  CREATE TABLE IF NOT EXISTS documents (room_id TEXT PRIMARY KEY, snapshot BLOB, changed INTEGER NOT NULL DEFAULT 0);
]]

---@type table<string, any>, lbhost.sqlite.Database
local options, db

local function setup(_, given)
  options = given
  db = sqlite.open(given.path, { create = true, busy_timeout = 5 })
  db:exec(SCHEMA)
end

local function on_update(event)
  db:run("INSERT INTO documents (room_id, changed) VALUES (?, 1) ON CONFLICT (room_id) DO UPDATE SET changed = changed + 1",
    event.data.roomId)
end

-- ---- What changed --------------------------------------------------------------------------------

local function lines_of(snapshot)
  local lines = {}
  if not snapshot then return lines end
  local note = editor.open(yjs.open(snapshot), { kind = options.kind, field = options.field })
  for line in (note:get_text() .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "%S" then lines[#lines + 1] = line end
  end
  return lines
end

local function shortened(line)
  if #line <= LONGEST then return line end
  return line:sub(1, utf8.offset(line, 0, LONGEST) - 1) .. "…"
end

-- Lines that are new, and those that are gone, each in its order.
local function compare(before, after)
  local kept, stays, new, gone = align.lists(before, after), {}, {}, {}
  for j, line in ipairs(after) do
    if kept[j] then stays[kept[j]] = true else new[#new + 1] = line end
  end
  for i, line in ipairs(before) do
    if not stays[i] then gone[#gone + 1] = line end
  end
  return new, gone
end

local function section(room_id, new, gone)
  local lines = { slack.room(options.room_url, room_id) }
  for i = 1, math.min(#new, options.quotes) do lines[#lines + 1] = slack.quote(slack.escape(shortened(new[i]))) end
  local more = #new - options.quotes
  if more > 0 then lines[#lines + 1] = ("… and %d more"):format(more) end
  if #gone > 0 then lines[#lines + 1] = ("%d %s removed or changed"):format(#gone, #gone == 1 and "line" or "lines") end
  return table.concat(lines, "\n")
end

-- ---- Posting -------------------------------------------------------------------------------------

local function post(ctx)
  local sections, read = {}, {}
  for room_id, snapshot, changed in db:rows "SELECT room_id, snapshot, changed FROM documents WHERE changed > 0 ORDER BY room_id" do
    local ok, now = pcall(ctx.client.get_yjs_document_as_binary_update, ctx.client, room_id)
    if ok then
      local new, gone = compare(lines_of(snapshot), lines_of(now))
      if new[1] or gone[1] then sections[#sections + 1] = section(room_id, new, gone) end
      read[#read + 1] = { room_id, now, changed }
    elseif errors.is(now) and now.status == 404 then
      read[#read + 1] = { room_id }
    else
      error(now, 0)
    end
  end
  if not read[1] then return ctx.log("info", "nothing has changed") end
  if sections[1] then
    http.request { url = options.url, timeout = 10,
      json = { text = "What changed in documents since the last digest:\n\n" .. table.concat(sections, "\n\n") } }
  end
  -- Kept only when it was posted; what came meanwhile is in the next one.
  for _, one in ipairs(read) do
    if one[2] then
      db:run("UPDATE documents SET snapshot = ?, changed = changed - ? WHERE room_id = ?", one[2], one[3], one[1])
    else
      db:run("DELETE FROM documents WHERE room_id = ?", one[1])
    end
  end
end

return {
  api = 1, name = "text_digest", about = "A weekly digest of what changed in documents", version = "1.0",
  options = {
    url = { type = "string", secret = true, required = true, env = "CHAT_WEBHOOK_URL", about = "the chat's webhook" },
    path = { type = "string", default = "text_digest.db", about = "keeps the documents of the last digest" },
    kind = { type = "string", default = "tiptap", one_of = editor.kinds, about = "editor of the documents" },
    field = { type = "string", about = "root type of the documents, where it is not the editor's usual one" },
    quotes = { type = "integer", default = 5, min = 1, max = 100, about = "lines that are quoted of a room" },
    room_url = { type = "string", about = "address of a room, with {roomId}" },
  },
  setup = setup,
  events = { ydocUpdated = on_update },
  timers = { ["7d"] = post },
  stop = function()
    if db then db:close() end
  end,
}
