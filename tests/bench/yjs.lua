-- liveblocks.yjs: yjs.lua DIR WHAT CALLS. Prints the figures get_room.lua prints; a call is an operation, an edit, or all of
-- it once.
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")
local yjs = require "liveblocks.yjs"

local dir, what, calls = ...
calls = math.tointeger(tonumber(calls))

local function whole(name)
  local file <close> = assert(io.open(dir .. "/" .. name, "rb"))
  return file:read "a"
end

local function list(name)
  local bytes, updates, at = whole(name), {}, 1
  while at <= #bytes do
    updates[#updates + 1], at = string.unpack("<s4", bytes, at)
  end
  return updates
end

local function open(updates)
  local doc = yjs.open()
  for _, update in ipairs(updates) do doc:apply(update) end
  return doc
end

local function read(doc) return #doc:get_text("t"):to_string() end

local function edits(doc)
  local text, sent = doc:get_text "t", 0
  for i = 0, calls - 1 do
    text:insert(i * 7919 % (text:length() + 1), "word ")
    sent = sent + #doc:update()
  end
  return sent
end

local function many(updates)
  for _ = 1, calls do read(open(updates)) end
end

local works = {
  open = function() return list "updates", function(updates) read(open(updates)) end end,
  state = function() return { whole "state" }, many end,
  merge = function() return list "batches", function(updates) yjs.merge(updates) end end,
  clients = function() return { whole "clients" }, many end,
  edit = function() return open { whole "state" }, edits end,
  small = function() return yjs.open(), edits end,
}

local given, run = works[what]()
collectgarbage()
measure(calls, function() run(given) end)
