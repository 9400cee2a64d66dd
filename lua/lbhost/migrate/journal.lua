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
--- The same holds where hosts share a journal, which die, fall silent and come back, while their items move to others:
---
---   - An item belongs to one host, and its row names the number of that host. Whatever a host records (intents, ends, more
---     items) is in a transaction that first locks the row of its number. When the lease of a host has ended, another one
---     deletes that row, in a statement that waits for what is under way under the number, and frees its items afterwards.
---     So who takes an item sees the last intent that was recorded for it, and no later one can be.
---   - The number changes when a host registers again, and when the end of a transaction is unknown: one that is executed late,
---     by a backend that was stopped, finds no such number.
---   - A host whose item has moved sends nothing more for it: each request needs an intent, and `intend` raises. What it had
---     sent, or was about to send when it fell silent, is in the intent that the next host reads.
---   - That request may arrive at any time, also while the next host edits. The next host looks at the document ahead of each
---     of its requests, as it was read for it: when the earlier edit was made, it makes none. Both patches test the whole of
---     what they looked at (guard = "structure"): the one that comes second is refused. So one of them is made, whatever
---     their order, and who made it does not matter. An update of Yjs is sent again as it was, and is one edit.
---   - Ends that a host notes for items that have moved count for nothing; who has them finds the same in the document.
---
--- The contract of a journal:
---
---   get(name), set(name, value)       what holds for the whole run
---   identify(identity)                sets what the journal is of, with its first items
---   add(keys, place, values)          new items, pending, with the place that the listing has reached, at once
---   attach(run)                       the run that uses it
---   while_listing(fn)                 calls fn while no other host lists
---   take(more), take_one(key)         items to be done, each to one caller; more(): lists further, where other hosts may have what
---                                     is listed; give_back(key): it is not done here after all
---   each(state), all(), state_of(key) items in a state, every item, one item
---   intend(key, steps, all), intents(key), mark(key, state, note, steps, facts), flush()   as above
---   failures(limit)                   the first items that failed or were not found: { key, state, note }
---   reset(state), reset_keys(keys), clear()   items are pending again; none is known any more
---   counts, total(), recount()        items by state, kept up to date
---   complete(at)                      all is done: is it this run that finishes it?
---   first                             did no other host use it when this one began?
---   order(what, value, who), orders(after)   what is said to the runs that use it: pause, unpause, stop, set; each with a
---                                     number, the time and who gave it, and never taken away
---   obeyed, old_orders                the numbers of the last order that is not for this run, and of the last one of before it
---   in_use(), hosts()                 is a run using it; which hosts are
---   close()
local base = require "lbhost.migrate.journal.base"

local journal = { states = base.states }

--- Is it the URL of one in PostgreSQL?
---@param path string
---@return boolean
function journal.is_shared(path)
  return path:find "^postgres://" ~= nil or path:find "^postgresql://" ~= nil
end

-- The kind of journal that a path or a URL names.
local function kind_of(path)
  return journal.is_shared(path) and require "lbhost.migrate.journal.postgres" or require "lbhost.migrate.journal.sqlite"
end

--- Opens a journal for a run, or makes one.
---@param path string a file or a URL
---@param options table? restart: forget all that is in it; of a shared one also what postgres.lua says
---@return lbhost.migrate.Journal
function journal.open(path, options)
  return kind_of(path).open(path, options)
end

--- Opens a journal to look at, and to give orders, also while a run is using it; nil when there is none.
---@param path string a file or a URL
---@param name string? of the migration, for a URL that names no journal
---@return lbhost.migrate.Journal?
function journal.look(path, name)
  return kind_of(path).look(path, name)
end

--- Is there a journal?
---@param path string a file or a URL
---@param name string?
---@return boolean
function journal.exists(path, name)
  return kind_of(path).exists(path, name)
end

--- The names of the journals in a database.
---@param url string
---@return string[]
function journal.names(url)
  return kind_of(url).names(url)
end

return journal
