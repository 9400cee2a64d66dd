--- What all journals of a migration have in common (lua/lbhost/migrate/journal.lua): what is noted, and committed together
--- with that of other items. A kind of journal gives what is to be read and written:
---
---   insert(keys, texts, settings)   -> how many keys are new; texts: values by key, as JSON; settings: for set(), with them.
---                                   For a known key with a value: self.check_same(key, known value, value)
---   page(state, after, limit)       -> list of { key, value as JSON }, in the order of their keys
---   page_all(after, limit)          -> list of { key, state, note, attempts, seconds, changes }, states by number
---   page_failures(limit)            -> list of { key, state, note } of items that failed or are missing
---   item(key)                       -> the number of its state, its value as JSON
---   stored_steps(key)               -> what is stored of its intent, as JSON, or nil
---   write(marks, steps)             writes what was noted, all of it or nothing; may wait
---   recount()                       sets the counts
---   leave()                         ends it
local committer = require "lbhost.util.group_commit"
local equal = require("liveblocks.storage.value").equal
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local task = require "liveblocks.task"

local base = {}

local BATCH = 256
local FLUSH = 0.2 -- seconds until marks are committed without an intent
local GATHER = 0.003 -- seconds that an intent waits for those of other items

--- States of an item as they are stored.
base.states = { pending = 0, done = 1, unchanged = 2, failed = 3, gone = 4, missing = 5 }
--- Their names, by number.
base.names = {}
for name, number in pairs(base.states) do base.names[number] = name end

---@class lbhost.migrate.Journal
---@field path string its name, for people
---@field shared boolean? several hosts may use it at the same time
---@field first boolean did no other host use it when this one began?
---@field counts table<string, integer> items by state
---@field old_orders integer? the number of the last order that there was when a shared journal was opened
---@field obeyed integer the number of the last order that is not for this run, or that was obeyed
local Journal = { first = true }
Journal.__index = Journal

--- A kind of journal: its methods, over those that all have.
---@return table
function base.kind()
  local kind = setmetatable({}, Journal)
  kind.__index = kind
  function kind.__close(self) self:close() end
  return kind
end

-- One commit at a time: what is added meanwhile is for the next one, and is kept when one fails.
local function commit(self)
  while self.committing do
    local event = task.event()
    table.insert(self.committing, event)
    event:wait()
  end
  local marks, steps = self.marks, self.steps
  if not next(marks) and not next(steps) then return end
  self.marks, self.steps, self.writing, self.committing = {}, {}, marks, {}
  local ok, problem = pcall(self.write, self, marks, steps)
  local waiting = self.committing
  self.writing, self.committing = {}, nil
  for _, event in ipairs(waiting) do event:set() end
  if ok then return end
  for key, mark in pairs(marks) do self.marks[key] = self.marks[key] or mark end
  for key, list in pairs(steps) do self.steps[key] = self.steps[key] or list end
  error(problem, 0)
end

--- A journal of a kind, with nothing in it yet.
---@param kind table
---@param path string
---@return lbhost.migrate.Journal
function base.make(kind, path)
  local self = setmetatable({ path = path, marks = {}, steps = {}, writing = {}, counts = {} }, kind)
  for name in pairs(base.states) do self.counts[name] = 0 end
  self.committer = committer.new(function()
    local ok, problem = pcall(commit, self)
    self.problem = not ok and problem or nil
    return ok, problem
  end)
  return self
end

-- ---- What holds for the whole run ----------------------------------------------------------------

--- Whose journal it is, written with its first items: a run that got nowhere binds nobody.
---@param identity table<string, any>
function Journal:identify(identity)
  self.identity = identity
  if self:total() == 0 then return end
  for name, value in pairs(identity) do self:set(name, value) end
  self.identity = nil
end

--- How many items there are.
function Journal:total()
  local total = 0
  for _, count in pairs(self.counts) do total = total + count end
  return total
end

-- ---- Items ---------------------------------------------------------------------------------------

--- Commits what has been noted.
function Journal:flush()
  local ok, problem = self.committer:flush()
  if not ok then error(problem, 0) end
end

-- The same item may be listed again, but not another one under its key.
function Journal.check_same(key, known, text)
  if equal(known and json.decode(known), json.decode(text)) then return end
  errors.usage("the source gives two different items with the id '%s'", key)
end

--- Adds items that are not there yet, with the place the listing has come to, in one commit.
---@param keys string[]
---@param place table<string, any>? for `set`
---@param values table<string, any>? what belongs to a key, as JSON
---@return integer added
function Journal:add(keys, place, values)
  local texts, settings = {}, {}
  for key, value in pairs(values or {}) do texts[key] = json.encode(value) end
  for name, value in pairs(place or {}) do settings[name] = value end
  for name, value in pairs(self.identity or {}) do settings[name] = value end
  local added = self:insert(keys, texts, settings)
  self.identity = nil
  self.counts.pending = self.counts.pending + added
  return added
end

-- What `page` gives, one after the other.
local function in_pages(page)
  local last, batch, i = "", {}, 0
  return function()
    i = i + 1
    if not batch[i] then
      if batch.ended then return nil end
      batch, i = page(last), 1
      batch.ended = #batch < BATCH
      if not batch[1] then return nil end
      last = batch[#batch].key
    end
    return batch[i]
  end
end

--- Items that are in a state now, in the order of their keys, read in batches: an iterator of key, value.
---@param state string
function Journal:each(state)
  self:flush()
  local number = base.states[state]
  local rows = in_pages(function(after) return self:page(number, after, BATCH) end)
  return function()
    local row = rows()
    if row then return row.key, row.value and json.decode(row.value) end
  end
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

--- All items, in the order of their keys: an iterator of key, state, note, facts: { attempts, seconds?, changes? }.
function Journal:all()
  local rows = in_pages(function(after) return self:page_all(after, BATCH) end)
  return function()
    local row = rows()
    if not row then return nil end
    return row.key, base.names[row.state], row.note, { attempts = row.attempts, seconds = row.seconds,
      changes = row.changes and lines_of(row.changes) }
  end
end

--- The first items that failed or were not found, in the order of their keys.
---@param limit integer
---@return { key: string, state: "failed"|"missing", note: string? }[]
function Journal:failures(limit)
  local list = {}
  for i, row in ipairs(self:page_failures(limit)) do
    list[i] = { key = row.key, state = base.names[row.state], note = row.note }
  end
  return list
end

--- The state of an item, nil when there is none, and its value.
---@param key string
function Journal:state_of(key)
  local state, value = self:item(key)
  local mark = self.marks[key] or self.writing[key]
  return mark and mark[1] or base.names[state], value and json.decode(value)
end

--- Notes how an item ended.
---@param key string
---@param state "done"|"unchanged"|"failed"|"gone"|"missing"
---@param note string?
---@param steps table[]? of an item that failed: what is known of its edits, for when it is done again
---@param facts { seconds: number?, changes: string[]? }? for reports; each change is a line
function Journal:mark(key, state, note, steps, facts)
  self.marks[key] = { state, note, facts }
  if steps then self.steps[key] = json.encode(json.array(steps)) end
  self.counts.pending = self.counts.pending - 1
  self.counts[state] = self.counts[state] + 1
  self.committer:plan(FLUSH)
  if self.problem then error(self.problem, 0) end
end

-- ---- Intents -------------------------------------------------------------------------------------

--- What was about to be done for an item when a run ended without a word: a list of steps.
---@param key string
---@return table[]
function Journal:intents(key)
  local text = self.steps[key] or self:stored_steps(key)
  return text and json.decode(text) or {}
end

--- Commits what is about to be done for an item, together with what is noted of others; returns when that is durable,
--- or raises.
---@param key string
---@param steps table[]
---@param all integer how many items may be about to do something
function Journal:intend(key, steps, all)
  self.steps[key] = json.encode(json.array(steps))
  self.committer:wait(all, GATHER)
end

-- ---- What only a journal that hosts share does more about ----------------------------------------

--- The run that uses it.
function Journal.attach() end

--- Items to be done, each to one run: an iterator of key, value.
---@return fun(): string?, any
function Journal:take()
  return self:each "pending"
end

--- One item that is to be done; nil and its state when it is not.
---@param key string
---@return boolean
---@return any value or state
function Journal:take_one(key)
  local state, value = self:state_of(key)
  if state ~= "pending" then return false, state end
  return true, value
end

--- Does an error say that another host has the item?
---@param problem any
---@return boolean
function Journal.has_moved(_, problem)
  return errors.is(problem) and problem.code == "ITEM_MOVED"
end

--- An item that another host has: what is done of it here is over.
function Journal.give_back() end

--- Calls fn while no other run lists.
---@param fn fun()
function Journal.while_listing(_, fn) fn() end

--- All is done: is this the run that is to finish it?
---@param at string the time
---@return boolean
function Journal:complete(at)
  self:set("completedAt", at)
  return true
end

--- The hosts that use it, as far as it is shared.
---@return { name: string, since: number, late: boolean, items: integer, in_flight: integer, handled: integer, failed: integer }[]
function Journal.hosts() return {} end

--- The same without waiting, as it was a moment ago.
function Journal.known_hosts() return {} end

-- ---- The end -------------------------------------------------------------------------------------

--- Commits what was noted, and ends it. May be called again.
function Journal:close()
  if self.closed then return end
  self.closed = true
  local ok, problem = true, nil
  if next(self.marks) then ok, problem = pcall(commit, self) end
  self.committer:close()
  self:leave()
  if not ok then error(problem, 0) end
end

--- Of all kinds.
base.methods = Journal

return base
