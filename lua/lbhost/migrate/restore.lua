--- Brings one room of an archive back, to this project or another, and reports what the API cannot bring back.
---
--- It can be repeated: what is there already is not made again. Threads are recognised by the author, date and text of
--- their first comment.
local archives = require "lbhost.migrate.archive"
local backup = require "lbhost.migrate.backup"
local equal = require("liveblocks.storage.value").equal
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local restore = {}

---@class lbhost.migrate.Restore
local Restore = {}
Restore.__index = Restore

-- `kind` is what a summary counts it under.
function Restore:lost(kind, format, ...)
  self.losses[#self.losses + 1] = { kind = kind, what = format:format(...) }
end

-- ---- The room ------------------------------------------------------------------------------------

function Restore:make_room(room)
  local fields = { id = self.id, defaultAccesses = room.defaultAccesses, usersAccesses = room.usersAccesses,
    groupsAccesses = room.groupsAccesses, metadata = room.metadata, idempotent = true }
  if self.keep_organization and room.organizationId ~= "default" then fields.organizationId = room.organizationId end
  self.client:create_room(fields)
  self.client:update_room(self.id, { defaultAccesses = room.defaultAccesses, usersAccesses = room.usersAccesses,
    groupsAccesses = room.groupsAccesses, metadata = room.metadata })
  self:lost("createdAt", "the room's createdAt is that of the restore (it was %s)", tostring(room.createdAt))
end

function Restore:make_storage()
  local storage = self.archive:read_json(self.source, "storage.json")
  if not storage then return end
  if type(storage.data) ~= "table" then errors.usage("the storage.json of this room is not Storage: it has no 'data'") end
  if next(storage.data) == nil then return end
  local now = self.client:get_storage_document(self.id, { format = "plain-lson" })
  if next(now.data) ~= nil then
    if not equal(now, storage) then self:lost("Storage that differed", "Storage: the room has other content already, which was left") end
    return
  end
  backup.each_file(storage, function(data)
    local handle <close>, path = self.archive:open(self.source, archives.name("files", data.id))
    if not handle then return self:lost("file", "file %s: it is not in the backup", data.id) end
    self.client:upload_file(self.id, { kind = "storage", id = data.id, name = data.name or data.id, file = path,
      contentType = data.mimeType })
  end)
  self.client:initialize_storage_document(self.id, storage)
end

function Restore:make_yjs()
  local bytes = self.archive:read(self.source, "yjs.bin")
  if bytes then self.client:send_yjs_binary_update(self.id, bytes) end
end

-- ---- Threads -------------------------------------------------------------------------------------

local function content_of(comment, attachments)
  return { userId = comment.userId, body = comment.body, createdAt = comment.createdAt, attachmentIds = attachments,
    metadata = comment.metadata and next(comment.metadata) and comment.metadata or nil }
end

-- Uploads what belongs to a comment under the same ids.
function Restore:attachments_of(comment)
  local ids = {}
  for _, attachment in ipairs(comment.attachments or {}) do
    local handle <close>, path = self.archive:open(self.source, archives.name("attachments", attachment.id))
    if handle then
      self.client:upload_file(self.id, { kind = "attachment", id = attachment.id, name = attachment.name or attachment.id, file = path,
        contentType = attachment.mimeType, userId = comment.userId })
      ids[#ids + 1] = attachment.id
    else
      self:lost("attachment", "attachment %s: it is not in the backup", attachment.id)
    end
  end
  return ids[1] and ids or nil
end

function Restore:finish_comment(thread, made, comment)
  local known = {}
  for _, reaction in ipairs(made.reactions or {}) do known[reaction.emoji .. "\0" .. reaction.userId] = true end
  for _, reaction in ipairs(comment.reactions or {}) do
    if not known[reaction.emoji .. "\0" .. reaction.userId] then
      self.client:add_comment_reaction(self.id, thread.id, made.id, { emoji = reaction.emoji, userId = reaction.userId,
        createdAt = reaction.createdAt })
    end
  end
  if comment.editedAt and made.editedAt ~= comment.editedAt then
    local ids = {}
    for i, attachment in ipairs(comment.attachments or {}) do ids[i] = attachment.id end
    self.client:edit_comment(self.id, thread.id, made.id, { body = comment.body, editedAt = comment.editedAt,
      attachmentIds = ids[1] and ids or nil, metadata = content_of(comment).metadata })
  end
end

-- The comments of a thread that can be made again: deleted ones have no body any more.
function Restore:living(thread)
  local list = {}
  for _, comment in ipairs(thread.comments) do
    if comment.body then
      list[#list + 1] = comment
    else
      self:lost("deleted comment", "comment %s of thread %s was deleted", comment.id, thread.id)
    end
  end
  return list
end

local function same_comment(a, b)
  return a.userId == b.userId and a.createdAt == b.createdAt and equal(a.body, b.body)
end

function Restore:find_thread(first)
  for _, there in ipairs(self.existing) do
    local comment = there.comments[1]
    if comment and same_comment(comment, first) then return there end
  end
end

function Restore:make_thread(thread)
  local comments = self:living(thread)
  local first = comments[1]
  if not first then return self:lost("thread", "thread %s has no comments left", thread.id) end
  local made = self:find_thread(first)
  if not made then
    local metadata = next(thread.metadata) and thread.metadata or nil
    made = self.client:create_thread(self.id, { comment = content_of(first, self:attachments_of(first)),
      metadata = metadata, visibility = thread.visibility })
  end
  for i, comment in ipairs(comments) do
    local there = made.comments[i]
    if not there then
      there = self.client:create_comment(self.id, made.id, content_of(comment, self:attachments_of(comment)))
    end
    self:finish_comment(made, there, comment)
  end
  if thread.resolved and not made.resolved then
    -- The API does not say who resolved it.
    self.client:mark_thread_as_resolved(self.id, made.id, { userId = first.userId })
  end
  if self.renamed then self.renamed(thread.id, made.id) end
end

-- An archive may have been made or changed by others: what is not as the API gives it is refused, with its place.
local function check_thread(thread, where)
  thread.comments = archives.objects(thread, "comments", where)
  for _, comment in ipairs(thread.comments) do
    comment.attachments = archives.objects(comment, "attachments", where)
    comment.reactions = archives.objects(comment, "reactions", where)
    if comment.body == json.null then comment.body = nil end
  end
  if type(thread.metadata) ~= "table" then errors.usage("%s: 'metadata' is not an object", where) end
end

function Restore:make_threads()
  self.existing = self.client:get_threads(self.id).data
  for thread, where in self.archive:lines(self.source, "threads.jsonl") do
    check_thread(thread, where)
    self:make_thread(thread)
  end
end

--- Brings a room back.
---@param client liveblocks.Client
---@param archive lbhost.migrate.Archive
---@param source string the id of the room in the archive
---@param id string the id that it gets
---@param options { keep_organization: boolean?, renamed: fun(old: string, new: string)? }? renamed gets the old
---and the new ids of threads, which the API chooses
---@return { kind: string, what: string }[] losses what could not be brought back
function restore.room(client, archive, source, id, options)
  options = options or {}
  local self = setmetatable({ client = client, archive = archive, source = source, id = id, losses = {},
    keep_organization = options.keep_organization, renamed = options.renamed }, Restore)
  local room = archive:read_json(source, "room.json")
  local missing = type(room.missing) == "table" and room.missing or {}
  for _, what in ipairs(missing) do self:lost("missing in the backup", "not in the backup: %s", tostring(what)) end
  self:make_room(room)
  self:make_storage()
  self:make_yjs()
  self:make_threads()
  return self.losses
end

return restore
