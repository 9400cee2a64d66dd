--- Imports threads with their comments from a JSON file, keeping authors, dates, reactions and what was resolved.
---
---   lbhost migrate import_comments file=threads.jsonl
---
--- JSON Lines (or one JSON list), a thread each:
---   { "id": "jira-17", "roomId": "room-1", "metadata": { "x": 10 }, "resolved": true, "resolvedBy": "bob",
---     "comments": [ { "userId": "alice", "body": "Hello **@bob**", "createdAt": "2024-01-31T12:00:00.000Z",
---                     "reactions": [ { "emoji": "👍", "userId": "bob", "createdAt": "..." } ] } ] }
---
--- A body is Markdown or a comment body of the API. The id of a thread is kept as its metadata `importId`: what is
--- there already is not imported again, and a thread that a killed run has left half done is completed.
local liveblocks = require "liveblocks"
local text_file = require "lbhost.util.text_file"

local json = liveblocks.json

local function body_of(body)
  if type(body) == "string" then return liveblocks.comment.from_markdown(body) end
  return body
end

-- One JSON list, or a thread a line.
local function threads_of(path)
  local text, problem = text_file.read(path)
  if not text then error("cannot read the file: " .. problem, 0) end
  if text:find "^%s*%[" then
    local list, wrong = json.try_decode(text)
    if not list then error(("%s: %s"):format(path, wrong), 0) end
    local i = 0
    return function()
      i = i + 1
      return list[i]
    end
  end
  local lines = text_file.lines(path)
  return function()
    local line, number
    repeat line, number = lines() until line ~= ""
    if not line then return nil end
    local thread, wrong = json.try_decode(line)
    if not thread then error(("%s:%d: %s"):format(path, number, wrong), 0) end
    return thread
  end
end

local function check(thread)
  local function must(good, what) if not good then error(what, 0) end end
  must(type(thread.roomId) == "string", "the thread has no roomId")
  must(type(thread.comments) == "table" and thread.comments[1], "the thread has no comments")
  for i, comment in ipairs(thread.comments) do
    must(type(comment.userId) == "string" and comment.body ~= nil, ("comment %d lacks userId or body"):format(i))
  end
end

local function find_imported(client, thread)
  local list = client:get_threads(thread.roomId, { query = { metadata = { importId = thread.id } } })
  return list.data[1]
end

local function first_of(thread)
  local comment, metadata = thread.comments[1], { importId = thread.id }
  for name, content in pairs(thread.metadata or {}) do metadata[name] = content end
  return { metadata = metadata,
    comment = { userId = comment.userId, body = body_of(comment.body), createdAt = comment.createdAt } }
end

local function react(client, thread, there, comment, made)
  local known = {}
  for _, reaction in ipairs(made and made.reactions or {}) do known[reaction.emoji .. "\0" .. reaction.userId] = true end
  for _, reaction in ipairs(comment.reactions or {}) do
    if not known[reaction.emoji .. "\0" .. reaction.userId] then
      client:add_comment_reaction(thread.roomId, there.id, made.id, { emoji = reaction.emoji, userId = reaction.userId,
        createdAt = reaction.createdAt })
    end
  end
end

return {
  api = 1, about = "Imports threads and comments from JSON.", idempotent = true,
  options = { file = { type = "string", required = true } },
  items = function(ctx)
    local threads = threads_of(ctx.options.file)
    return function()
      local thread = threads()
      if thread and type(thread.id) ~= "string" then error("a thread has no 'id'", 0) end
      return thread
    end
  end,
  each = function(thread, ctx)
    check(thread)
    local client = ctx.client
    local there = find_imported(client, thread) or client:create_thread(thread.roomId, first_of(thread))
    local made = there.comments or {}
    for i, comment in ipairs(thread.comments) do
      if not made[i] and (i > 1 or not ctx.dry_run) then
        made[i] = client:create_comment(thread.roomId, there.id, { userId = comment.userId,
          body = body_of(comment.body), createdAt = comment.createdAt })
      end
      if comment.reactions and made[i] then react(client, thread, there, comment, made[i]) end
    end
    if thread.resolved and not there.resolved then
      local user = thread.resolvedBy or thread.comments[1].userId
      client:mark_thread_as_resolved(thread.roomId, there.id, { userId = user })
    end
  end,
}
