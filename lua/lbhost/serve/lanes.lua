--- Order and parallelism: the events of one lane (a room) are handled one after the other, lanes side by side up to a
--- limit. The store is the queue; here is only which lanes have something to do, so that memory does not grow with
--- the backlog. An event that comes when its lane is idle is handed over without reading it again.
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local MAX_HOT = 10000 -- events kept in memory at most; the others are read again
local IN_A_TURN = 16 -- events of one lane before others have their turn
local LOOK_EVERY = 0.2 -- seconds between checks at lanes that wait for a retry
local LONGEST_TURN = 0.005 -- seconds of handling before the loop has its turn: requests come in meanwhile
local AGAIN = 1 -- seconds until the store is asked again after it has failed

---@class lbhost.serve.Lanes
local Lanes = {}
Lanes.__index = Lanes

local lanes = {}

-- A lane with something to do here; of one without there is none.
---@class lbhost.serve.Lane
---@field key string
---@field events table<integer, table> those in memory, from head to tail
---@field head integer
---@field tail integer
---@field cold boolean? the store may have events that are not in memory
---@field after integer the seq of the last event that was handled; the store is asked for later ones
---@field reading boolean? the store is being asked
---@field again boolean? what is being read, or is about to begin, is out of date: the store is asked again
---@field retry integer? the seq of the event that is tried again
---@field wait_until number? of liveblocks.now(): nothing begins before
---@field queued boolean? it is in `ready`
---@field busy boolean? a task is at work on it
---@field current table? the event that is being handled
---@field given_back table? the event that begins the next turn
---@field gone boolean? another host holds it

--- @param store table
--- @param handle fun(event: table): number? handles an event; returns the seconds after which it is tried again, or nil
--- @param options { concurrency: integer, longest_wait: number, flush: (fun(): boolean), on_error: fun(problem: any),
--- now: (fun(): number)?, gate: fun()? } flush: stores what became of events; on_error: called when the store, or `handle`,
--- has raised an error; now: the clock of `due`; gate: waits until the next event may begin
function lanes.new(store, handle, options)
  return setmetatable({ store = store, handle = handle, concurrency = options.concurrency, now = options.now or os.time,
    longest_wait = options.longest_wait, flush = options.flush, on_error = options.on_error, gate = options.gate, by_key = {},
    count = 0, ready = {}, first = 1, waiting = {}, running = 0, hot = 0, active = {}, unsaved = {}, turn = 0, began = 0 }, Lanes)
end

-- ---- Lanes that are ready, in the order in which they became so -----------------------------------

local function push_ready(self, lane)
  if lane.gone or lane.queued or lane.busy or lane.wait_until then return end
  lane.queued = true
  self.ready[#self.ready + 1] = lane
end

local function pop_ready(self)
  local lane = self.ready[self.first]
  if not lane then return nil end
  self.ready[self.first] = false
  self.first = self.first + 1
  if self.first > 1024 and self.first > #self.ready // 2 then
    self.ready = table.move(self.ready, self.first, #self.ready, 1, {})
    self.first = 1
  end
  lane.queued = false
  return lane
end

---@return lbhost.serve.Lane
local function lane_of(self, key)
  local lane = self.by_key[key]
  if not lane then
    lane = { key = key, events = {}, head = 1, tail = 0, after = 0 }
    self.by_key[key] = lane
    self.count = self.count + 1
  end
  return lane
end

local function remove(self, lane)
  if self.by_key[lane.key] ~= lane then return end
  self.by_key[lane.key] = nil
  self.count = self.count - 1
end

-- Events that are in memory, or of which the end is not yet stored, are not read again; `unsaved` counts them by lane.
local function activate(self, lane, seq)
  if self.active[seq] then return end
  self.active[seq] = lane.key
  self.unsaved[lane.key] = (self.unsaved[lane.key] or 0) + 1
end

local function deactivate(self, seq)
  local key = self.active[seq]
  if not key then return end
  self.active[seq] = nil
  local left = self.unsaved[key] - 1
  self.unsaved[key] = left > 0 and left or nil
end

-- ---- The next event of a lane --------------------------------------------------------------------

local function pop_hot(self, lane)
  local event = lane.events[lane.head]
  if not event then return nil end
  lane.events[lane.head] = nil
  lane.head = lane.head + 1
  self.hot = self.hot - 1
  return event
end

-- The events that follow, from a store that gives several at a time, and waits meanwhile. What is added then makes the lane
-- cold again.
local function read_several(self, lane)
  lane.cold, lane.reading, lane.again = false, true, nil
  local ok, list, more = pcall(self.store.read, self.store, lane.key, self.active)
  lane.reading = false
  if not ok then
    lane.cold = true
    error(list, 0)
  end
  if lane.gone then return nil end
  if more or lane.again then lane.cold = true end
  if lane.again then return nil end
  for _, event in ipairs(list) do
    lane.tail = lane.tail + 1
    lane.events[lane.tail] = event
    self.hot = self.hot + 1
    activate(self, lane, event.seq)
  end
  return pop_hot(self, lane)
end

-- One whose end is not yet stored is still pending there.
local function read_next(self, lane)
  if self.store.shared == true then return read_several(self, lane) end
  local event = self.store:next(lane.key, lane.after)
  while event and self.active[event.seq] do event = self.store:next(lane.key, event.seq) end
  if not event then lane.cold = false end
  return event
end

-- The event that is tried again, or the next one; and the seconds after which it is due.
local function from_store(self, lane)
  if lane.retry then
    local seq = lane.retry
    if not self.flush() then return nil, AGAIN end -- the store does not have the last attempt yet
    local event = self.store:get(seq)
    if lane.gone then return nil, 0 end
    deactivate(self, seq)
    lane.retry = nil
    if event and event.state == "pending" then return event, 0 end
    event = pop_hot(self, lane)
    if event or not lane.cold then return event, 0 end
  end
  local event = read_next(self, lane)
  return event, event and math.min(event.due - self.now(), self.longest_wait) or 0
end

-- Returns the event, and the seconds after which it is due. Nil and 0 when the lane has nothing more; nil and the seconds
-- when it cannot be known now.
local function next_event(self, lane)
  local given_back = lane.given_back
  if given_back then
    lane.given_back = nil
    return given_back, 0
  end
  if not lane.retry then
    local event = pop_hot(self, lane)
    if event and event.due then return event, math.min(event.due - self.now(), self.longest_wait) end
    if event or not lane.cold then return event, 0 end
  end
  local ok, event, wait = pcall(from_store, self, lane)
  if ok then return event, wait end
  self.on_error(event)
  return nil, AGAIN
end

-- ---- Running -------------------------------------------------------------------------------------

-- seq: the event that is tried then; nil for the next one of the lane
local function wait_for(self, lane, seq, seconds)
  lane.wait_until = liveblocks.now() + seconds
  if seq then
    lane.retry = seq
    activate(self, lane, seq)
  end
  self.waiting[lane] = true
  self:watch()
end

-- Lets the loop have its turn when this has gone on for long, since handlers need not wait for anything. All lanes share
-- the time: the first that goes on begins the next turn.
local function rest(self)
  if liveblocks.now() - self.began < LONGEST_TURN then return end
  local turn = self.turn
  task.sleep(0)
  if self.turn == turn then
    self.turn, self.began = turn + 1, liveblocks.now()
  end
end

-- Handles events of a lane, one after the other, until its turn is over; the rest is given back.
local function run_some(self, lane, event)
  for _ = 1, IN_A_TURN do
    if self.gate then
      self.gate()
      if lane.gone or self.stopped then return end
      if lane.again then -- there may be one before it by now
        deactivate(self, event.seq)
        return
      end
    end
    lane.current = event
    local ok, delay = pcall(self.handle, event)
    lane.current = nil
    if lane.gone then return end
    if not ok then
      self.on_error(delay)
      delay = AGAIN
    end
    if delay then
      wait_for(self, lane, event.seq, delay)
      return
    end
    lane.after = math.max(lane.after, event.seq)
    if not self.stopped then rest(self) end
    if self.stopped then return end
    local wait
    event, wait = next_event(self, lane)
    if lane.gone then return end
    if wait > 0 then
      wait_for(self, lane, event and event.seq, wait)
      return
    end
    if not event then return end
    activate(self, lane, event.seq)
  end
  lane.given_back = event
end

-- A lane with an event to handle now, and the event; or nil.
local function next_ready(self)
  while not self.stopped do
    local lane = pop_ready(self)
    if not lane then return nil end
    if not lane.gone then
      lane.busy = true -- reading may wait, and others must leave the lane alone meanwhile
      local event, wait = next_event(self, lane)
      lane.busy = false
      if not lane.gone then
        if wait > 0 then
          wait_for(self, lane, event and event.seq, wait)
        elseif event then
          activate(self, lane, event.seq)
          return lane, event
        elseif lane.cold then
          push_ready(self, lane)
        else
          remove(self, lane)
        end
      end
    end
  end
end

-- A task that handles one lane after the other while any is ready.
local function work(self)
  local lane, event = next_ready(self)
  while lane do
    lane.busy = true
    run_some(self, lane, event)
    lane.busy = false
    push_ready(self, lane)
    rest(self)
    lane, event = next_ready(self)
  end
  self.running = self.running - 1
  if self.running == 0 and self.idle then self.idle:set() end
end

local function fill(self)
  local ready = #self.ready - self.first + 1
  if self.running == 0 then self.began = liveblocks.now() end
  while not self.stopped and self.running < self.concurrency and ready > 0 do
    self.running = self.running + 1
    ready = ready - 1
    task.start(work, self)
  end
end

-- Wakes lanes whose retry is due.
function Lanes:watch()
  if self.watching then return end
  self.watching = true
  task.spawn(function()
    while next(self.waiting) and not self.stopped do
      task.sleep(LOOK_EVERY)
      local now = liveblocks.now()
      for lane in pairs(self.waiting) do
        if lane.wait_until <= now then
          lane.wait_until, self.waiting[lane] = nil, nil
          push_ready(self, lane)
        end
      end
      fill(self)
    end
    self.watching = false
  end)
end

--- Events that have just been stored.
---@param events table[] in the order of their seq
function Lanes:add(events)
  for _, event in ipairs(events) do
    local lane = lane_of(self, event.lane)
    -- It may have been read since it was stored. After events that are only in the store, this one must be read from there, too.
    if lane.cold or lane.reading or event.unread or self.hot >= MAX_HOT then
      lane.cold = true
    elseif not self.active[event.seq] then
      lane.tail = lane.tail + 1
      lane.events[lane.tail] = event
      self.hot = self.hot + 1
      activate(self, lane, event.seq)
    end
    push_ready(self, lane)
  end
  fill(self)
end

--- The end of these events is stored.
---@param seqs integer[]
function Lanes:forget(seqs)
  for _, seq in ipairs(seqs) do deactivate(self, seq) end
end

-- Forgets what is kept of a lane in memory: it is read again, as others have left it.
local function cool(self, lane)
  for i = lane.head, lane.tail do
    deactivate(self, lane.events[i].seq)
  end
  self.hot = self.hot - (lane.tail - lane.head + 1)
  if lane.given_back then deactivate(self, lane.given_back.seq) end
  lane.events, lane.head, lane.tail, lane.given_back = {}, 1, 0, nil
  lane.cold, lane.after = true, 0
end

--- Reads from the store which lanes have something to do: at the start, and when others have changed it.
function Lanes:read()
  for _, lane in pairs(self.by_key) do cool(self, lane) end
  for key, due in self.store:lanes() do
    local lane = lane_of(self, key)
    lane.cold, lane.after = true, 0
    if lane.wait_until and due <= self.now() then
      lane.wait_until, self.waiting[lane] = nil, nil
    end
    push_ready(self, lane)
  end
  fill(self)
end

--- Some of the lanes with something to do here, and how many there are: those that are being handled first, then those that
--- wait for the next attempt.
---@param max integer
---@return { key: string, state: "running"|"waiting"|"ready", wait_until: number?, events: integer }[] wait_until: of liveblocks.now();
---events: in memory
---@return integer
function Lanes:overview(max)
  local by_state, count = { running = {}, waiting = {}, ready = {} }, 0
  for key, lane in pairs(self.by_key) do
    count = count + 1
    local state = lane.busy and "running" or lane.wait_until and "waiting" or "ready"
    local list = by_state[state]
    if #list < max then
      list[#list + 1] = { key = key, state = state, wait_until = lane.wait_until, events = lane.tail - lane.head + 1 }
    end
  end
  local list = {}
  for _, state in ipairs { "running", "waiting", "ready" } do
    table.sort(by_state[state], function(a, b)
      if a.wait_until and a.wait_until ~= b.wait_until then return a.wait_until < b.wait_until end
      return a.key < b.key
    end)
    for _, lane in ipairs(by_state[state]) do
      if #list < max then list[#list + 1] = lane end
    end
  end
  return list, count
end

-- ---- Lanes of several hosts ----------------------------------------------------------------------

--- These lanes, which this host holds, may have events in the store that it does not know.
---@param keys string[]
---@param before boolean? also before those that are in memory
function Lanes:touch(keys, before)
  for _, key in ipairs(keys) do
    local lane = lane_of(self, key)
    if before then
      cool(self, lane)
      lane.again = lane.busy
    end
    lane.cold = true
    if lane.wait_until then -- the event it waits for may have been dropped, or be due now; the others come after it
      cool(self, lane)
      lane.wait_until, self.waiting[lane] = nil, nil
      if lane.retry then
        deactivate(self, lane.retry)
        lane.retry = nil
      end
    end
    push_ready(self, lane)
  end
  fill(self)
end

--- Is nothing of a lane in memory, and all that became of its events stored?
---@param key string
---@return boolean
function Lanes:is_idle(key)
  return not self.by_key[key] and not self.unsaved[key]
end

--- The lanes that will have nothing left to do here when the ends of these events are stored.
---@param ends integer[] seqs
---@return string[] keys
function Lanes:idle_after(ends)
  local counts, keys = {}, {}
  for _, seq in ipairs(ends) do
    local key = self.active[seq]
    if key then counts[key] = (counts[key] or 0) + 1 end
  end
  for key, count in pairs(counts) do
    if not self.by_key[key] and self.unsaved[key] == count then keys[#keys + 1] = key end
  end
  return keys
end

--- Does a lane wait for the next attempt?
---@param key string
---@return boolean
function Lanes:is_waiting(key)
  local lane = self.by_key[key]
  return lane ~= nil and lane.wait_until ~= nil
end

-- Forgets a lane that this host does not hold any more; what runs of it is not to be recorded.
local function forget_lane(self, lane)
  cool(self, lane)
  if lane.retry then deactivate(self, lane.retry) end
  lane.gone, lane.retry, lane.wait_until, self.waiting[lane] = true, nil, nil, nil
  if lane.current then lane.current.lost = true end
  remove(self, lane)
end

--- Gives lanes up that have something to do and are not at work: others may have them.
---@param max integer
---@param kept table<string, boolean> lanes that stay
---@return string[] keys
function Lanes:give_up(max, kept)
  local keys = {}
  for i = #self.ready, self.first, -1 do -- the last ones would wait for longest
    local lane = self.ready[i]
    if #keys >= max then break end
    if lane and not lane.gone and not lane.busy and not kept[lane.key] then
      local known = (lane.tail - lane.head + 1) + (lane.given_back and 1 or 0)
      if (self.unsaved[lane.key] or 0) <= known then
        forget_lane(self, lane)
        keys[#keys + 1] = lane.key
      end
    end
  end
  return keys
end

--- Other hosts have a lane, or all that this host held.
---@param key string? all when absent
function Lanes:lose(key)
  if key then
    if self.by_key[key] then forget_lane(self, self.by_key[key]) end
    return
  end
  for _, lane in pairs(self.by_key) do forget_lane(self, lane) end
  self.active, self.unsaved = {}, {}
end

--- Begins nothing more, and waits until what runs has ended, for at most `seconds`.
---@param seconds number
---@return integer running
function Lanes:stop(seconds)
  self.stopped = true
  if self.running > 0 then
    local idle = task.event()
    self.idle = idle
    wait_within(idle, seconds)
  end
  return self.running
end

return lanes
