--- Threads of comments. They hang on the record of their room: room.threads[id]. What has its usual value is left
--- out of the record, as there may be very many: `resolved` (false), `visibility` (public), `metadata` (none).
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local divided = require "liveblocks.storage.divided"
local json = require "liveblocks.json"
local query = require "lbhost.local.query.predicate"

local POINTS <const> = 8 -- of divided work that the view of a thread stands for

local function newest_first(a, b)
  if a.created ~= b.created then return a.created > b.created end
  return a.seq > b.seq
end

return function(app)
  local threads = {}
  app.threads = threads

  --- The thread that a request's path names, and its room; 404 when there is none.
  ---@param call table
  ---@return table thread
  ---@return table room
  function threads.of(call)
    local room = app:room(call.path.roomId)
    local id = call.path.threadId
    return (room.threads or {})[id] or responses.not_found("thread", id), room
  end

  --- A thread as the API shows it.
  ---@param room table
  ---@param thread table
  ---@return table
  function threads.view(room, thread)
    local comments = json.array {}
    for i, comment in ipairs(thread.comments) do comments[i] = app.comments.view(room, thread, comment) end
    return {
      type = "thread", id = thread.id, roomId = room.id, comments = comments, createdAt = app:date(thread.created),
      updatedAt = app:date(thread.updated), metadata = thread.metadata or json.object {}, resolved = thread.resolved == true,
      visibility = thread.visibility or "public",
    }
  end

  --- Something in a thread changed.
  ---@param thread table
  ---@param at integer milliseconds
  function threads.touch(thread, at)
    thread.updated = math.max(thread.updated, at)
  end

  --- Removes a thread and what belongs to it.
  ---@param room table
  ---@param thread table
  function threads.remove(room, thread)
    room.threads[thread.id] = nil
    if not next(room.threads) then room.threads = nil end
    for _, comment in ipairs(thread.comments) do app.attachments.replace(room, comment.attachments, nil) end
    app:signal("thread.deleted", room, thread)
    app:event("threadDeleted", { roomId = room.id, threadId = thread.id, deletedAt = app:date(app:now()) })
  end

  local view, of = threads.view, threads.of

  --- The date that a request gives, else now.
  function threads.date(text, where)
    return text and check.date(text, where) or app:now()
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  local function list_of(room, keep)
    local list = json.array {}
    for _, thread in pairs(room.threads or {}) do
      divided.point()
      if keep(thread) then list[#list + 1] = thread end
    end
    table.sort(list, newest_first)
    for i, thread in ipairs(list) do
      divided.point(POINTS)
      list[i] = view(room, thread)
    end
    return list
  end

  function handlers.get_threads(call)
    local room = app:room(call.path.roomId)
    return { data = app.gate:divided(call, list_of, room, query.compile(call.query.query, "threads")) }
  end

  function handlers.create_thread(call)
    local room, body = app:room(call.path.roomId), call.body
    local metadata = check.merge_metadata({}, body.metadata or {}, check.comment_metadata, "body.metadata")
    local comment = app.comments.build(room, body.comment, "body.comment")
    local thread = {
      id = app:id("th_"), seq = app:sequence(), created = comment.created, updated = comment.created,
      visibility = body.visibility ~= "public" and body.visibility or nil, metadata = next(metadata) and metadata or nil,
      comments = {},
    }
    room.threads = room.threads or {}
    room.threads[thread.id] = thread
    app:event("threadCreated", { roomId = room.id, threadId = thread.id, createdAt = app:date(thread.created),
      createdBy = comment.user })
    app.comments.add(room, thread, comment)
    return view(room, thread)
  end

  function handlers.get_thread(call)
    local thread, room = of(call)
    return view(room, thread)
  end

  function handlers.delete_thread(call)
    local thread, room = of(call)
    threads.remove(room, thread)
  end

  function handlers.edit_thread_metadata(call)
    local thread, room = of(call)
    local user, at = check.id(call.body.userId, "body.userId"), threads.date(call.body.updatedAt, "body.updatedAt")
    thread.metadata = check.merge_metadata(thread.metadata or {}, call.body.metadata, check.comment_metadata, "body.metadata")
    threads.touch(thread, at)
    app:event("threadMetadataUpdated", { roomId = room.id, threadId = thread.id, updatedAt = app:date(at), updatedBy = user })
    return thread.metadata
  end

  local function resolver(resolved, event)
    return function(call)
      local thread, room = of(call)
      local user, now = check.id(call.body.userId, "body.userId"), app:now()
      if (thread.resolved or false) ~= resolved then
        thread.resolved = resolved or nil
        threads.touch(thread, now)
        app:event(event, { roomId = room.id, threadId = thread.id, updatedAt = app:date(now), updatedBy = user })
      end
      return view(room, thread)
    end
  end

  handlers.mark_thread_as_resolved = resolver(true, "threadMarkedAsResolved")
  handlers.mark_thread_as_unresolved = resolver(false, "threadMarkedAsUnresolved")

  return handlers
end
