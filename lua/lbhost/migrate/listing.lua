--- The items of a run: listed from the source into the journal, or straight from the source when there is no journal.
local errors = require "liveblocks.errors"
local task = require "liveblocks.task"

local listing = {}

---@class lbhost.migrate.Listing
---@field listed integer how many items are known
---@field total integer? of those that are gone through without a journal
---@field left number how many more items this run may do
local Listing = {}
Listing.__index = Listing

local function without_doubles(keys)
  local list, seen = {}, {}
  for _, key in ipairs(keys) do
    if not seen[key] then list[#list + 1] = key end
    seen[key] = true
  end
  return list
end

--- @param run lbhost.migrate.Run
---@param only string[] the items to do, all when it is empty
---@param limit integer?
---@return lbhost.migrate.Listing
function listing.new(run, only, limit)
  return setmetatable({ run = run, source = run.source, journal = run.journal, only = without_doubles(only), limit = limit,
    left = limit or math.huge, listed = 0, total = 0 }, Listing)
end

--- Is this all that the source has?
function Listing:is_whole()
  return not self.limit and not self.only[1]
end

-- As many of the items as this run may do.
local function limited(self, iterator)
  return function()
    if self.left <= 0 then return nil end
    local key, value = iterator()
    if key ~= nil then self.left = self.left - 1 end
    return key, value
  end
end

--- An item that this run has started went to another host: another one may be done in its place.
function Listing:moved()
  self.left = self.left + 1
end

-- ---- The items of --only -------------------------------------------------------------------------

local function refuse_unknown(self, key)
  errors.usage("--only: there is no %s '%s'%s", self.source.unit, key,
    self.source.resumes and "" or " in what the migration goes through")
end

-- Raises for a room or thread that the project does not have.
local function look_for(self, key)
  local found, problem = self.source.look(self.run, key)
  if found then return end
  if problem.status == 404 then refuse_unknown(self, key) end
  error(problem, 0)
end

-- Those of --only that the source gives, with their values.
local function find_only(self)
  local keys, values, wanted = {}, {}, {}
  for _, key in ipairs(self.only) do wanted[key] = true end
  for key, value in self:from_source() do
    if wanted[key] then
      keys[#keys + 1], values[key], wanted[key] = key, value, nil
      if not next(wanted) then break end
    end
  end
  for _, key in ipairs(self.only) do
    if wanted[key] then refuse_unknown(self, key) end
  end
  return keys, values
end

-- Without a journal: an iterator of the items of --only.
local function only_items(self)
  local keys, values = self.only, {}
  if self.source.resumes then
    for _, key in ipairs(keys) do look_for(self, key) end
  else
    keys, values = find_only(self)
  end
  local i = 0
  return function()
    i = i + 1
    return keys[i], values[keys[i]]
  end
end

-- Makes sure that the journal knows the items of --only; with `restart` they are done again.
local function prepare_only(self, restart)
  local journal = self.journal
  if not self.source.resumes then self:list() end
  for _, key in ipairs(self.only) do
    if not journal:state_of(key) then
      if not self.source.resumes then refuse_unknown(self, key) end
      look_for(self, key)
    end
  end
  if self.source.resumes then journal:add(self.only) end
  if restart then journal:reset_keys(self.only) end
end

-- Those of --only that are still to do.
local function pending_only(self)
  local i = 0
  return function()
    while true do
      i = i + 1
      local key = self.only[i]
      if key == nil then return nil end
      local taken, value = self.journal:take_one(key)
      if taken then return key, value end
      self.run.log(value == "pending" and ("%s: it is in progress on another host"):format(key)
        or ("%s: it is %s already; --restart with --only does it again"):format(key, value))
    end
  end
end

-- ---- All items -----------------------------------------------------------------------------------

--- Items straight from the source: an iterator of key, value.
---@return fun(): string?, any
function Listing:from_source()
  local next_page = self.source.pages(self.run)
  local keys, values, i = {}, nil, 0
  return function()
    while i >= #keys do
      local _
      keys, _, values = next_page()
      if not keys then
        keys, i = {}, 0
        return nil
      end
      i, self.total = 0, self.total + #keys
    end
    i = i + 1
    return keys[i], values and values[keys[i]]
  end
end

--- Lists into the journal, from where the last run has come to. With `new`, only until all is known already.
---@param new boolean?
---@return integer found
function Listing:fill(new)
  local journal, work = self.journal, self.run.workers
  self.run.phase = "listing"
  self.listed = journal:total()
  local cursor = not new and self.source.resumes and journal:get "cursor" or nil
  local next_page = self.source.pages(self.run, cursor)
  local found = 0
  while work:may_go_on() do
    local keys, following, values = next_page()
    if not keys then break end
    local added = journal:add(keys, not new and { cursor = following } or nil, values)
    found = found + added
    self.listed = self.listed + added
    if new and added == 0 then return found end
    if not new and self.limit and journal.counts.pending >= self.limit and following then return found end
  end
  if not work.stopping and not new then journal:set("listed", 1) end
  return found
end

--- Lists into the journal what is not listed yet.
function Listing:list()
  self.journal:while_listing(function()
    if not self.journal:get "listed" then self:fill() end
  end)
end

-- A run with --limit lists no more than it needs, and other hosts may have taken that: lists further. False when all is
-- listed.
local function list_more(self)
  if not self.limit or self.journal:get "listed" then return false end
  self:list()
  self.run.phase = "running"
  return true
end

--- The items that are to be done without a journal.
---@return fun(): string?, any
function Listing:unrecorded()
  local items = self.only[1] and only_items(self) or self:from_source()
  if self.only[1] then self.total = #self.only end
  return task.one_at_a_time(limited(self, items))
end

--- Makes the journal know what is to be done.
---@param restart boolean? the items of --only are done again
function Listing:prepare(restart)
  if self.only[1] then return prepare_only(self, restart) end
  self:list()
end

--- How many items are to be done.
function Listing:count()
  local count = self.only[1] and #self.only or self.journal.counts.pending
  return math.min(count, self.limit or count)
end

--- What is to be done of what the journal knows.
---@return fun(): string?, any
function Listing:pending()
  local items = self.only[1] and pending_only(self) or self.journal:take(function() return list_more(self) end)
  return task.one_at_a_time(limited(self, items))
end

return listing
