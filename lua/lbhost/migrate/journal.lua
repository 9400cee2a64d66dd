--- The journal of a migration: which items there are and how far each has come. In an SQLite file (journal/sqlite.lua), or in
--- PostgreSQL (journal/postgres.lua), where several hosts share the items of one migration.
---
--- Each edit is made exactly once, whenever a program or a machine stops:
---
---   - What an edit of Storage is about to do, its intent, is durable before its request leaves (`intend` returns only
---     then). So of an item without an intent nothing was sent, and it is done again.
---   - How an item ended is noted (`mark`), and nobody waits until that is durable: when it is lost, the intent is still
---     there, and the document itself shows whether the edit was made (liveblocks.storage.outcome). Then it is not
---     repeated. The next items may begin meanwhile, for they have intents of their own.
---   - Intents and ends are written in one transaction with those of other items: all of it is there or nothing. An
---     intent is given up only in the transaction that says that its item is done.
---   - A commit that fails fails all that wait for it: they send nothing, and their items stay pending.
---
--- An intent waits a moment for those of the other items in flight, so that they share a commit and its sync. Of items
--- that are done no intent is kept; of those that failed it is.
---
--- The contract of a journal:
---
---   get(name), set(name, value)       what holds for the whole run
---   identify(identity)                sets what the journal is of, with its first items
---   add(keys, place, values)          new items, pending, with the place that the listing has reached, at once
---   while_listing(fn)                 calls fn while no other host lists
---   take(), take_one(key)             items to be done, each to one caller; give_back(key): it is not done here after all
---   each(state), all(), state_of(key) items in a state, every item, one item
---   intend(key, steps, all), intents(key), mark(key, state, note, steps, facts), flush()   as above
---   failures(limit)                   the first items that failed or were not found: { key, state, note }
---   reset(state), reset_keys(keys), clear()   items are pending again; none is known any more
---   counts, total(), recount()        items by state, kept up to date
---   complete(at)                      all is done: is it this run that finishes it?
---   order(what, value, who), orders(after)   what is said to the runs that use it: pause, unpause, stop, set; each with a
---                                     number, the time and who gave it, and never taken away
---   obeyed                            the number of the last order that is not for this run
---   in_use(), hosts()                 is a run using it; which hosts are
---   close()
local base = require "lbhost.migrate.journal.base"

local journal = { states = base.states }

-- The kind of journal that a path names.
local function kind_of()
  return require "lbhost.migrate.journal.sqlite"
end

--- Opens a journal for a run, or makes one.
---@param path string
---@param options { restart: boolean? }? restart: forget all that is in it
---@return lbhost.migrate.Journal
function journal.open(path, options)
  return kind_of(path).open(path, options)
end

--- Opens a journal to look at, and to give orders, also while a run is using it; nil when there is none.
---@param path string
---@return lbhost.migrate.Journal?
function journal.look(path)
  return kind_of(path).look(path)
end

--- Is there a journal at a path?
---@param path string
---@return boolean
function journal.exists(path)
  return kind_of(path).exists(path)
end

return journal
