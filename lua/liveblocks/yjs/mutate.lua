--- client:mutate_yjs: reads a document, lets a function edit it, and sends the one update that makes the difference. Yjs
--- merges it with what others write meanwhile: there is no conflict, and nothing is tried again. The same update sent
--- twice changes nothing the second time.
local difference = require "liveblocks.yjs.difference"
local document = require "liveblocks.yjs.document"
local client_options = require "liveblocks.options"
local errors = require "liveblocks.errors"

local known = { guid = "string", key = "string", dry_run = "boolean", before_send = "function" }

local function check(options)
  return client_options.typed("mutate_yjs", options == nil and {} or options, known)
end

--- Edits the Yjs document of a room.
---
--- Options: `guid` (of a subdocument), `key` (the name of a root type, which fn gets as its second argument), `dry_run`
--- (returns the change as text, and sends nothing) and `before_send`, a function(update) that is called ahead of the
--- request.
---@param client liveblocks.Client
---@param room_id string
---@param fn fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any
---@param options liveblocks.MutateYjsOptions?
---@return string? update nil when nothing was to be changed; with dry_run the change as text, "" for none
---@return { sent: boolean, changed: string[], result: any, update: string? } info `changed` names root types, `result` is
---what fn returned, `update` what is, or would be, sent
return function(client, room_id, fn, options)
  options = check(options)
  if type(room_id) ~= "string" then errors.usage("mutate_yjs: 'room_id' must be a string, got %s", type(room_id)) end
  if type(fn) ~= "function" then errors.usage("mutate_yjs: a function that edits the document expected, got %s", type(fn)) end
  local fields = options.guid and { guid = options.guid } or nil
  local doc = document.open((client:get_yjs_document_as_binary_update(room_id, fields)))
  local before, waited = options.dry_run and difference.read(doc), doc:is_pending()
  local result = doc:transact(function() return fn(doc, options.key and doc:get(options.key) or nil) end)
  if doc:is_pending() and not waited then
    errors.usage("mutate_yjs: an update that was applied waits for another one, which is missing; apply that one as well")
  end
  local changed = doc:changed_names()
  local update = doc:update()
  local info = { sent = false, changed = changed, result = result, update = update }
  if options.dry_run then return difference.text(before, doc, changed), info end
  if update then
    if options.before_send then options.before_send(update) end
    info.sent = true
    client:send_yjs_binary_update(room_id, update, fields)
  end
  return update, info
end
