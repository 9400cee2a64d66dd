--- What hooks are given: `ctx`.
---
---   ctx.client, ctx.options, ctx.dry_run, ctx.name
---   ctx.state                         a table that all hooks of a run share
---   ctx.key                           of the item, in `each` and `check`
---   ctx:mutate_storage(fn, options)   edits the Storage of the item's room; (room, fn, options) that of another
---   ctx:read_storage(room, fn)        calls fn(root) with a view that only reads
---   ctx:mutate_yjs(fn, options)       edits the Yjs document of the item's room; (room, fn, options) that of another
---   ctx:log(text)                     a line that does not get in the way of the progress
---   ctx:state_of(key)                 how an item has ended so far: "done", "failed" ...; nil when there is none
---   ctx:ask(question, answer)         on the terminal: is that the answer? A run without a terminal cannot ask
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local outcome = require "liveblocks.storage.outcome"
local printable = require "lbhost.util.printable"
local view = require "liveblocks.storage.view"

local context = {}

local Context = {}
Context.__index = Context

function Context:log(text)
  self.run.log(tostring(text))
end

function Context:read_storage(room, fn)
  local document = view.open(self.client:get_storage_document(room, { format = "plain-lson" }))
  document.closed = true
  return fn(document.root)
end

function Context:state_of(key)
  local journal = self.run.journal
  return journal and (journal:state_of(key)) or nil
end

function Context:ask(question, answer)
  if not (host.isatty(0) and host.isatty(2)) then
    errors.usage("%s asks before it goes on, and there is no terminal: give it the option that says yes", self.name)
  end
  self.run.clear()
  io.stderr:write(printable.block(("%s\nType %s to go on: "):format(question, answer)))
  io.stderr:flush()
  return io.read "l" == answer
end

local Item = setmetatable({}, { __index = Context })

-- When a run that was killed was about to make this edit, or had made it: was it made?
local function was_made(self, known, room, document)
  if not known or known.room ~= room or known.yjs then return false end
  if known.made then return true end
  if not known.sent then return false end
  local result = outcome.check(known.sent, document or self.client:get_storage_document(room, { format = "plain-lson" }))
  if result == "made" then return true end
  if result == "not made" or self.run.migration.idempotent then return false end
  error(errors.new("conflict", ("room '%s' was being edited when the last run was killed, and others have changed the "
    .. "same parts since: look whether the edit was made; a migration that may do it again says idempotent = true")
    :format(room)), 0)
end

-- Did an edit fail so that it was certainly not made?
local function was_refused(err)
  if not errors.is(err) then return false end
  return err.kind == "conflict" or err.kind == "http" and err.status and err.status < 500 and err.status ~= 408
end

-- [room,] fn, options: the room is the item's by default.
local function arguments_of(self, name, defaults, ...)
  local room, fn, given = ...
  if type(room) == "function" then room, fn, given = self.room, ... end
  if type(room) ~= "string" then errors.usage("ctx:%s: name the room, for this item is not one", name) end
  local options = defaults
  for option, setting in pairs(given or {}) do options[option] = setting end
  return room, fn, options
end

-- The edit of an earlier attempt was made: an error that ends this one.
local MADE <const> = {}

local function note_made(self, step, room)
  self.steps[step] = { room = room, made = true }
  if self.changes then self.changes[#self.changes + 1] = ("Storage of %s, in an earlier attempt"):format(room) end
  return self:count_edit({}, { attempts = 0, sent = true })
end

-- Calls intend ahead of a request, after the before_send of the options.
local function intend_before(options, intend)
  local own = options.before_send
  if own ~= nil and type(own) ~= "function" then return end -- which the client refuses
  function options.before_send(...)
    if own then own(...) end
    intend(...)
  end
end

--- In a dry run: shows a file that would be written.
---@param path string
---@param bytes string
function Item:would_write(path, bytes)
  if not self.dry_run then errors.usage "ctx:would_write: this is not a dry run" end
  self.plan[#self.plan + 1] = { name = "write", row = { parameters = { "path" } }, arguments = { path, bytes } }
end

-- Where items move between hosts, the request of one may come after that of another.
local function check_guard(journal, options)
  if not journal.shared or options.idempotent or not options.guard or options.guard == "structure" then return end
  errors.usage("ctx:mutate_storage: with a journal that hosts share, guard = '%s' may make an edit twice: leave it out, or declare "
    .. "that this does no harm, with idempotent = true", options.guard)
end

function Item:mutate_storage(...)
  local room, fn, options = arguments_of(self, "mutate_storage", { idempotent = self.run.migration.idempotent }, ...)
  local journal = self.run.journal
  if not journal or self.dry_run then return self:count_edit(self.client:mutate_storage(room, fn, options)) end
  -- A step is a call, in the order of the calls: also one that has nothing to send, so that the others keep their numbers.
  local steps, step = self.steps, self.step + 1
  self.step = step
  local known = steps[step]
  if was_made(self, known, room) then return note_made(self, step, room) end
  check_guard(journal, options)
  -- The request of the run that was killed, or of a host that fell silent, may still be under way, or come later.
  if (journal.shared or known and known.sent) and not options.guard then options.guard = "structure" end
  steps[step] = { room = room }
  intend_before(options, function(patch, before)
    if was_made(self, known, room, before) then error(MADE, 0) end
    steps[step] = { room = room, sent = outcome.snapshot(patch, before) }
    journal:intend(self.key, steps, self.run.workers.in_flight)
  end)
  local ok, patch, info = pcall(self.client.mutate_storage, self.client, room, fn, options)
  if patch == MADE then return note_made(self, step, room) end
  if not ok then
    if was_refused(patch) then steps[step] = { room = room } end
    error(patch, 0)
  end
  if info.sent then steps[step] = { room = room, made = true } end
  return self:count_edit(patch, info)
end

-- A Yjs update that an earlier attempt was about to send, or has sent, is sent as it was: made by the same client at the
-- same clock, it is one edit however often it comes.
local function send_again(self, known, room, guid)
  local update = crypto.base64_decode(known.update)
  self.client:send_yjs_binary_update(room, update, guid and { guid = guid } or nil)
  return update
end

local function is_known_update(known, room, guid)
  return known and known.yjs and known.room == room and known.guid == guid and (known.update or known.made)
end

function Item:mutate_yjs(...)
  local room, fn, options = arguments_of(self, "mutate_yjs", {}, ...)
  local journal, guid = self.run.journal, options.guid
  if not journal or self.dry_run or options.dry_run then return self:count_edit(self.client:mutate_yjs(room, fn, options)) end
  local steps, step = self.steps, self.step + 1
  self.step = step
  local known, made = steps[step], { room = room, guid = guid, yjs = true, made = true }
  if is_known_update(known, room, guid) then
    local update = known.update and send_again(self, known, room, guid)
    steps[step] = made
    if self.changes then self.changes[#self.changes + 1] = ("Yjs of %s, in an earlier attempt"):format(room) end
    return self:count_edit(update, { sent = true, changed = {} })
  end
  steps[step] = { room = room, yjs = true }
  intend_before(options, function(update)
    steps[step] = { room = room, guid = guid, yjs = true, update = crypto.base64_encode(update) }
    journal:intend(self.key, steps, self.run.workers.in_flight)
  end)
  local ok, update, info = pcall(self.client.mutate_yjs, self.client, room, fn, options)
  if not ok then
    if was_refused(update) then steps[step] = { room = room, yjs = true } end
    error(update, 0)
  end
  if info.sent then steps[step] = made end
  return self:count_edit(update, info)
end

--- What is to be known of its edits when it is done again; nil when nothing was sent.
---@return table[]?
function Item:known_steps()
  for _, step in ipairs(self.steps) do
    if step.made or step.sent or step.update then return self.steps end
  end
end

-- change: a patch of Storage, or a Yjs update.
function Item:count_edit(change, info)
  self.edits = self.edits + 1
  local some = info.sent or type(change) == "table" and change[1] or info.update
  if some then self.sent = self.sent + 1 end
  return change, info
end

-- Methods stay methods of the item, the fields are those of the run.
local function index(methods, fields)
  return { __index = function(_, name)
    local method = methods[name]
    if method ~= nil then return method end
    return fields[name]
  end }
end

--- The context of a run.
---@param run table
---@param client liveblocks.Client
function context.of_run(run, client)
  return setmetatable({ run = run, client = client, options = run.migration.values, dry_run = run.dry_run,
    name = run.migration.name, state = {} }, Context)
end

--- The context of one item.
---@param run table
---@param key string
---@param room string? the room that the item is, or is in
---@param client liveblocks.Client? instead of the run's
function context.of_item(run, key, room, client)
  local fields = { key = key, room = room, edits = 0, sent = 0, step = 0, client = client,
    steps = run.journal and run.journal:intents(key) or {} }
  run.item_meta = run.item_meta or index(Item, run.ctx)
  return setmetatable(fields, run.item_meta)
end

return context
