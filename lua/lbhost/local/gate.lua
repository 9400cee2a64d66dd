--- Lets other requests run while one does long work, and keeps what they see whole.
---
--- A handler runs in one go, except where it says otherwise: at the points of what it calls within gate:divided() and
--- gate:change() (liveblocks.storage.divided), and at gate:point(). From the first time that others run to its end it has its
--- room for itself: requests for this room wait, in the order in which they came.
--- What is divided changes nothing that requests for other rooms, timers or deliveries see. The one exception are changes of
--- a Storage document in its place, made within gate:change(): who looks at all rooms calls gate:settle() first.
local divided = require "liveblocks.storage.divided"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"

local gate = {}

local SLICE <const> = 0.01 -- seconds of computing after which others go first

---@class lbhost.local.Gate
---@field slice number seconds of computing after which others go first
---@field held table<string, table> the queues of the rooms that are held
---@field changing integer how many rooms are being changed in their place
---@field settling integer how many wait until none is
---@field call table of what runs divided now
---@field began number|false when it last went on; false: not yet
local Gate = {}
Gate.__index = Gate

-- ---- Waiting for something that many wait for ----------------------------------------------------

local function wait_in(list)
  local event = task.event()
  list[#list + 1] = event
  event:wait()
end

local function wake_all(list)
  for i = #list, 1, -1 do
    list[i]:set()
    list[i] = nil
  end
end

-- ---- A room --------------------------------------------------------------------------------------

-- A room that is held: its queue, with the events of those who wait from `first` to `last`, and of whom it was handed to.

local function hand_over(self, queue)
  if queue.first > queue.last then
    self.held[queue.room] = nil
    return
  end
  local turn = queue[queue.first]
  queue[queue.first], queue.first, queue.owner = nil, queue.first + 1, turn
  turn:set()
end

-- One that gives up while it waits: its place is passed over, or the room handed on that it has got in the meantime.
local function give_up(self, queue, turn)
  if queue.owner == turn then return hand_over(self, queue) end
  for i = queue.first, queue.last do
    if queue[i] == turn then
      table.move(queue, i + 1, queue.last + 1, i)
      queue.last = queue.last - 1
      return
    end
  end
end

--- Waits until nobody else holds the room that a call is for; to be called before anything is looked at.
---@param call table path: { roomId }; `holds` is the gate's
function Gate:enter(call)
  local queue = self.held[call.path.roomId]
  if not queue then return end
  local turn = task.event()
  queue.last = queue.last + 1
  queue[queue.last] = turn
  local ok, err = pcall(turn.wait, turn)
  if not ok then
    give_up(self, queue, turn)
    error(err, 0)
  end
  call.holds = queue
end

-- Nobody else can have the room: since enter() nobody else has run.
local function hold(self, call)
  local room = call.path and call.path.roomId
  if call.holds or not room then return end
  local queue = { room = room, first = 1, last = 0 }
  self.held[room], call.holds = queue, queue
end

--- The call has ended: the next one for its room goes on. It needs no memory.
---@param call table
function Gate:leave(call)
  local queue = call.holds
  if not queue then return end
  call.holds = nil
  hand_over(self, queue)
end

--- A value that is closed at the end of a block: leave() is called then.
---@param call table
---@return table
function Gate:leaving(call)
  return setmetatable({}, { __close = function() self:leave(call) end })
end

-- ---- Long work -----------------------------------------------------------------------------------

local function can_pause()
  return task.in_task() and coroutine.isyieldable()
end

--- A point at which others run.
---@param call table
function Gate:point(call)
  if not can_pause() then return end
  hold(self, call)
  coroutine.yield()
end

-- At points of what is divided.
local function pause(self)
  local now = liveblocks.now()
  if not self.began then self.began = now end
  if now - self.began < self.slice then return end
  local call = self.call
  self:point(call)
  self.call, self.began = call, liveblocks.now()
end

local function begin(self, call)
  self.call, self.began = call, false
  divided.enter(self.pause)
end

-- Closed where what is divided ends, however it ends.
local end_of_division = setmetatable({}, { __close = divided.leave })

--- Calls fn(...), and lets others run at its points whenever it has computed for a while. It may not change what others see.
---@param call table
---@param fn function
---@param ... any
---@return any ...
function Gate:divided(call, fn, ...)
  begin(self, call)
  local _ <close> = end_of_division
  return fn(...)
end

--- The same for fn that changes the room in its place.
---@param call table
---@param fn function
---@param ... any
---@return any ...
function Gate:change(call, fn, ...)
  if self.settling > 0 then hold(self, call) end
  while self.settling > 0 do wait_in(self.settled) end
  self.changing = self.changing + 1
  begin(self, call)
  local _ <close> = self.end_of_change
  return fn(...)
end

local function finish_change(self)
  divided.leave()
  self.changing = self.changing - 1
  if self.changing == 0 then wake_all(self.changed) end
end

local function wait_for_changes(self)
  while self.changing > 0 do wait_in(self.changed) end
end

--- Waits until no room is half changed; none is until the task waits again.
function Gate:settle()
  if self.changing == 0 then return end
  self.settling = self.settling + 1
  local ok, err = pcall(wait_for_changes, self)
  self.settling = self.settling - 1
  if self.settling == 0 then wake_all(self.settled) end
  if not ok then error(err, 0) end
end

---@return lbhost.local.Gate
function gate.new()
  local self = setmetatable({ slice = SLICE, held = {}, changing = 0, settling = 0, changed = {}, settled = {}, began = false }, Gate)
  self.end_of_change = setmetatable({}, { __close = function() finish_change(self) end })
  function self.pause() pause(self) end
  return self
end

return gate
