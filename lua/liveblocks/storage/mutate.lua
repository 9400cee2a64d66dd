--- client:mutate_storage: reads a document, lets a function edit it, sends what has changed as one guarded patch.
local diff = require "liveblocks.storage.diff"
local divided = require "liveblocks.storage.divided"
local client_options = require "liveblocks.options"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local outcome = require "liveblocks.storage.outcome"
local value = require "liveblocks.storage.value"
local view = require "liveblocks.storage.view"
local wait = require "liveblocks.wait"

local ATTEMPTS = 5
local PAUSE = 0.05 -- seconds, doubled each time

local option_types = { guard = "string", attempts = "integer", dry_run = "boolean", allow_conversion = "boolean",
  allow_map = "boolean", idempotent = "boolean", before_send = "function" }
local guard_names = { values = true, structure = true, none = true }

local function check(room_id, fn, options)
  local function want(given, wanted, what)
    if type(given) ~= wanted then errors.usage("mutate_storage: %s must be a %s, got %s", what, wanted, type(given)) end
  end
  want(room_id, "string", "'room_id'")
  want(fn, "function", "'fn'")
  options = client_options.typed("mutate_storage", options, option_types)
  if options.guard and not guard_names[options.guard] then
    errors.usage("mutate_storage: option 'guard' must be 'values', 'structure' or 'none', got '%s'", options.guard)
  end
  if (options.attempts or 1) < 1 then errors.usage("mutate_storage: option 'attempts' must be at least 1") end
  return options
end

-- Did the server refuse the patch, or is it unknown whether it has applied it? Else the error says all.
local function verdict(err)
  if not errors.is(err) then return nil end
  if err.kind == "http" then
    if err.status == 422 then return "refused" end
    if err.status >= 500 and err.status ~= 501 or err.status == 408 then return "unknown" end
  elseif err.kind == "network" or err.kind == "timeout" then
    return "unknown"
  end
end

local function annotate(err, text)
  err.message = ("%s (%s)"):format(err.message or "", text)
  return err
end

-- A patch that is too large is so mostly for what it tests.
local function explain(err, patch, options)
  if not errors.is(err) or err.status ~= 413 then return err end
  return annotate(err, ("the patch has %d bytes%s"):format(#json.encode(patch), options.guard == "structure"
    and "; with guard = 'structure' it contains each list that it changes" or ""))
end

-- Runs the function over a document; returns the patch and what is known about it.
local function edit(room_id, lson, fn, options)
  local document = view.open(lson)
  local result = fn(document.root)
  document.closed = true -- also for other tasks, while this one is paused
  local ok, patch, facts = pcall(divided.run, diff.patch, document, options)
  if not ok then
    if errors.is(patch) then patch.message = ("mutate_storage of room '%s': %s"):format(room_id, patch.message) end
    error(patch, 0)
  end
  return patch, facts, document, result
end

-- A LiveMap was sent: has it become one?
local function check_maps(client, room_id, document)
  local wanted = value.form(document.root_node, "lson")
  local function compare(a, b, path)
    if type(a) ~= "table" or type(b) ~= "table" then return end
    if a.liveblocksType == "LiveMap" and type(a.data) == "table" and b.liveblocksType == "LiveObject" then
      error(errors.new("http", ("mutate_storage of room '%s': the server made a LiveObject of the LiveMap at %s")
        :format(room_id, path)), 0)
    end
    for key, item in pairs(a) do compare(item, b[key], ("%s/%s"):format(path, key)) end
  end
  compare(wanted, (client:get_storage_document(room_id)), "")
end

local function pause(attempt)
  wait.sleep(PAUSE * 2 ^ (attempt - 1) * (0.5 + math.random() / 2))
end

-- After a refusal: the document as it is now, when it has changed since, so that trying again makes sense.
local function after_refusal(lson, fresh, err)
  if divided.run(value.equal, lson, fresh) then error(annotate(err, "the patch itself is refused"), 0) end
end

-- After an unknown outcome: true when the patch has been applied; raises when that cannot be known.
local function was_applied(patch, lson, fresh, err, options)
  local result = outcome.check(outcome.snapshot(patch, lson), fresh)
  if result == "made" then return true end
  if result == "not made" or options.idempotent then return false end
  err.outcome = "unknown"
  error(annotate(err, "others have changed the same parts of the room since, so whether the edit was made is unknown; "
    .. "look at the room"), 0)
end

local function with(options, name, content)
  local copy = { [name] = content }
  for key, given in pairs(options) do
    if key ~= name then copy[key] = given end
  end
  return copy
end

--- Edits the Storage document of a room.
---
--- Options: `dry_run` (returns the patch without sending it), `attempts` (5; how often it is tried when others change
--- the room meanwhile), `guard`: "values" (what was read, replaced or removed must still be so), "structure" (also
--- which names and positions there are, where that was looked at, and lists that are changed; tests whole parts) or
--- "none"; `allow_conversion` (plain JSON may become LiveObject and LiveList), `allow_map` (a LiveMap may be sent; it is
--- read back to see whether it became one), `idempotent` (editing twice does no harm, so try again when an outcome is unknown) and
--- `before_send`, a function(patch, before) that is called ahead of each request, with the document as it was read.
---
--- Raises an error of kind "conflict" when the room kept changing, and "usage", with nothing sent, for an edit that
--- the API cannot express.
---@param client liveblocks.Client
---@param room_id string
---@param fn fun(root: table): any
---@param options table?
---@return table[] patch empty when nothing was to be changed
---@return { attempts: integer, sent: boolean, result: any, old: table? } info `result` is what fn returned; in a dry run
---`old` has what operations (by number) replace or remove
return function(client, room_id, fn, options)
  options = check(room_id, fn, options or {})
  local max_attempts = options.attempts or ATTEMPTS
  local lson = client:get_storage_document(room_id, { format = "plain-lson" })
  local last
  for attempt = 1, max_attempts do
    local patch, facts, document, result = edit(room_id, lson, fn, options)
    local info = { attempts = attempt, sent = false, result = result }
    if options.dry_run then
      info.old = {}
      divided.run(function()
        for i, entry in pairs(facts.old or {}) do info.old[i] = value.before(entry) end
      end)
    end
    if not patch[1] or options.dry_run then return patch, info end
    if options.before_send then options.before_send(patch, lson) end
    info.sent = true
    local ok, err = pcall(client.patch_storage_document, client, room_id, patch)
    if ok then
      if facts.maps then check_maps(client, room_id, document) end
      return patch, info
    end
    local meaning = verdict(err)
    if not meaning then error(explain(err, patch, options), 0) end
    last = err
    if meaning == "unknown" or attempt > 1 then pause(attempt) end
    local readable, fresh = pcall(client.get_storage_document, client, room_id, { format = "plain-lson" })
    if not readable then error(err, 0) end
    if meaning == "refused" then
      after_refusal(lson, fresh, err)
    elseif was_applied(patch, lson, fresh, err, options) then
      return patch, info
    elseif options.guard ~= "none" then
      -- It might still be applied late: then the next one must not be.
      options = with(options, "guard", "structure")
    end
    lson = fresh
  end
  if verdict(last) == "unknown" then error(last, 0) end
  local message = ("mutate_storage: room '%s' changed %d times while it was being edited; it was left as it is"):format(
    room_id, max_attempts)
  error(errors.new("conflict", message, { attempts = max_attempts, cause = last }), 0)
end
