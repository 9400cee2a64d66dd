--- Live pages: a reader of one gets its parts when they have changed, as server-sent events. A page is made once for all of
--- its readers, and only while it has any. A slow reader misses versions in between, and gets the newest.
--- Documentation: https://html.spec.whatwg.org/multipage/server-sent-events.html
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local live = {}

local EVERY <const> = 1      -- seconds between checks
local SHARE <const> = 10     -- of the time, making pages takes at most one part in so many
local PATIENCE <const> = 1   -- seconds for pages that wait for what they show
local LONGEST <const> = 10   -- seconds between checks at most
local SILENCE <const> = 15   -- seconds after which a comment is sent, so that the proxy and the server notice readers that have gone
local HEADERS <const> = { ["content-type"] = "text/event-stream", ["cache-control"] = "no-store", ["x-accel-buffering"] = "no",
  ["x-content-type-options"] = "nosniff", ["cross-origin-resource-policy"] = "same-origin" }

---@class lbhost.web.Live
local Live = {}
Live.__index = Live

---@param options { run: string, make: (fun(page: string): { id: string, html: string }[]), on_error: fun(err: any, page: string) }
---run: another one for each run of the program
---@return lbhost.web.Live
function live.new(options)
  return setmetatable({ options = options, pages = {}, count = 0 }, Live)
end

local function drop_closed(self, page)
  local open = {}
  for _, reader in ipairs(page.readers) do
    if reader.stream:is_open() then open[#open + 1] = reader end
  end
  self.count = self.count - (#page.readers - #open)
  page.readers = open
  if not open[1] then self.pages[page.name] = nil end
end

-- Those parts whose version a reader has not seen, as one event; nil when there are none.
local function event_for(page, reader)
  local parts = json.array {}
  for _, part in ipairs(page.parts) do
    if part.version > reader.version then parts[#parts + 1] = { id = part.id, html = part.html } end
  end
  return parts[1] and ("event: parts\ndata: %s\n\n"):format(json.encode(parts)) or nil
end

local function send_to(page, reader, texts, now)
  if (reader.stream:unsent() or 0) > 0 then return end -- it gets the newest once it has read
  local text = texts[reader.version]
  if text == nil then
    text = event_for(page, reader) or false
    texts[reader.version] = text
  end
  if not text and now - reader.sent < SILENCE then return end
  if reader.stream:offer(text or ":\n\n") then reader.version, reader.sent = page.version, now end
end

local function update(self, page)
  local ok, parts = pcall(self.options.make, page.name)
  if not ok then self.options.on_error(parts, page.name) end
  if ok and parts then
    page.version = page.version + 1
    local before = {}
    for _, part in ipairs(page.parts) do before[part.id] = part end
    for _, part in ipairs(parts) do
      local old = before[part.id]
      part.version = old and old.html == part.html and old.version or page.version
    end
    page.parts = parts
  end
  local texts, now = {}, liveblocks.now()
  for _, reader in ipairs(page.readers) do send_to(page, reader, texts, now) end
end

-- Makes all pages that have readers, side by side: one may wait for what it shows. Goes on after a while without those
-- that still wait.
local function update_all(self)
  local pages, left, done = {}, 0, task.event()
  for _, page in pairs(self.pages) do pages[#pages + 1] = page end
  for _, page in ipairs(pages) do
    drop_closed(self, page)
    if page.readers[1] and not page.making then
      page.making, left = true, left + 1
      task.spawn(function()
        task.background()
        local ok, err = pcall(update, self, page)
        page.making, left = false, left - 1
        if left == 0 then done:set() end
        if not ok then self.options.on_error(err, page.name) end
      end)
    end
  end
  if left > 0 then wait_within(done, PATIENCE) end
end

-- Until there are no readers.
local function run(self)
  task.background()
  while self.count > 0 and not self.closed do
    local began = liveblocks.now()
    update_all(self)
    local spent = liveblocks.now() - began
    self.awake = task.event()
    wait_within(self.awake, math.min(math.max(EVERY, spent * SHARE), LONGEST))
  end
  self.task = nil
end

--- The response to a reader of a page.
---@param name string
---@return lbhost.http.Response
function Live:response(name)
  return { status = 200, headers = HEADERS, stream = function(stream)
    stream:offer(("retry: 2000\nevent: begin\ndata: %s\n\n"):format(self.options.run))
    local page = self.pages[name] or { name = name, readers = {}, parts = {}, version = 0 }
    self.pages[name] = page
    page.readers[#page.readers + 1] = { stream = stream, version = 0, sent = liveblocks.now() }
    self.count = self.count + 1
    if not self.task and not self.closed then self.task = task.spawn(run, self) end
  end }
end

--- Something has changed: it is looked at now.
function Live:wake()
  if self.awake then self.awake:set() end
end

--- Ends all that listen.
function Live:close()
  self.closed = true
  for _, page in pairs(self.pages) do
    for _, reader in ipairs(page.readers) do reader.stream:close() end
  end
  if self.task then self.task:cancel() end
end

return live
