--- Sends webhook events: signed, one after the other per webhook, and again on the documented schedule until they are
--- accepted. What has been sent and what is to be sent is in app.state.messages.
local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"
local http = require "liveblocks.http"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local task = require "liveblocks.task"
local throttle = require "lbhost.local.webhooks.throttle"
local webhook_module = require "liveblocks.webhook"

local delivery = {}

--- Seconds before each attempt, counted from the one before.
delivery.SCHEDULE = { 0, 5, 300, 1800, 7200, 18000, 36000, 36000 }

--- Seconds for an endpoint to respond.
delivery.TIMEOUT = 15

local FAILING <const> = 5 * 24 * 3600 * 1000 -- milliseconds of nothing but failures that disable a webhook
local LOG <const> = 2000 -- finished messages that are kept

---@class lbhost.local.Delivery
local Delivery = {}
Delivery.__index = Delivery

-- ---- Attempts ------------------------------------------------------------------------------------

local function signatures(app, webhook, id, seconds, body)
  local list = { webhook_module.sign(webhook.secret, id, seconds, body) }
  for _, old in ipairs(webhook.oldSecrets or {}) do
    if app:now() < old.till then list[#list + 1] = webhook_module.sign(old.value, id, seconds, body) end
  end
  return table.concat(list, " ")
end

local function post(app, webhook, message)
  local seconds = app:now() // 1000
  local headers = {}
  for name, value in pairs(webhook.additionalHeaders or {}) do headers[name] = value end
  headers["webhook-id"], headers["webhook-timestamp"] = message.id, seconds
  headers["webhook-signature"] = signatures(app, webhook, message.id, seconds, message.body)
  return http.try_request { url = webhook.url, method = "POST", headers = headers, body = message.body,
    content_type = "application/json", retries = 0, timeout = delivery.TIMEOUT }
end

local function note_outcome(self, webhook, ok)
  local now = self.app:now()
  if ok then
    webhook.failingSince = nil
  else
    webhook.failingSince = webhook.failingSince or now
    if now - webhook.failingSince >= self.app:delay(FAILING) then webhook.disabled = true end
  end
end

local function microseconds(seconds)
  return math.floor(seconds * 1e6 + 0.5) / 1e6
end

local function attempt(self, webhook, message)
  local app = self.app
  local started, at = liveblocks.now(), app:now()
  local ok, response, err = pcall(post, app, webhook, message)
  if not ok then response, err = nil, errors.is(response) and response or { message = tostring(response) } end
  if self.stopped and not response then return end -- it has no response: it stays to be sent
  if app.state.messages[message.id] ~= message then return end -- the data have been replaced meanwhile
  local outcome = { at = at, seconds = microseconds(liveblocks.now() - started) }
  outcome.status = response and response.status or err.status
  if not response and not err.status then outcome.error = err.message end
  table.insert(message.attempts, outcome)
  message.tries = message.tries + 1
  note_outcome(self, webhook, response ~= nil)
  if response then return self:finish(message, "delivered") end
  local wait = delivery.SCHEDULE[message.tries + 1]
  if not wait then return self:finish(message, "failed") end
  message.due = app:now() + app:delay(wait * 1000)
  self:schedule(message)
end

-- ---- Queues --------------------------------------------------------------------------------------

-- Sends what is in the queue of a webhook, then ends. One at a time keeps the order.
local function work(self, queue)
  local app = self.app
  while queue.first <= queue.last and not (self.stopped or queue.ended) do
    local message = queue[queue.first]
    queue[queue.first], queue.first = nil, queue.first + 1
    local webhook = app.state.webhooks[message.webhookId]
    if message.status == "pending" then
      if webhook and not webhook.disabled then
        attempt(self, webhook, message)
        if webhook.rateLimit then task.sleep(app:delay(1000) / webhook.rateLimit / 1000) end
      else
        table.insert(message.attempts, { at = app:now(), error = webhook and "the webhook is disabled"
          or "the webhook has been deleted" })
        self:finish(message, "failed")
      end
    end
    if self.waiting[message] then self.waiting[message]:set() end
    app:signal("changed")
  end
  queue.worker = nil
end

local function enqueue(self, message)
  local queue = self.queues[message.webhookId]
  if not queue then
    queue = { first = 1, last = 0 }
    self.queues[message.webhookId] = queue
  end
  queue.last = queue.last + 1
  queue[queue.last] = message
  if not queue.worker and not self.stopped then
    queue.worker = task.spawn(work, self, queue)
  end
end

--- Puts a message where its time belongs.
function Delivery:schedule(message)
  if message.due <= self.app:now() then return enqueue(self, message) end
  self.timers[message] = self.app.timers:at(message.due, function()
    self.timers[message] = nil
    enqueue(self, message)
  end)
end

--- A message will not be sent again. The oldest of these are forgotten.
function Delivery:finish(message, status)
  message.status, message.due, message.tries = status, nil, 0
  self.finished:insert(message)
  while self.finished:count() > LOG do
    local oldest = self.finished:oldest()()
    self.finished:remove(oldest)
    self.log:remove(oldest)
    self.app.state.messages[oldest.id] = nil
  end
end

-- ---- Messages ------------------------------------------------------------------------------------

--- Sends an event to a webhook.
---@param webhook table
---@param event { type: string, data: table }
---@return table message
function Delivery:send(webhook, event)
  local app = self.app
  local message = {
    id = app:id("msg_"), webhookId = webhook.id, url = webhook.url, type = event.type, body = json.encode(event),
    created = app:now(), seq = app:sequence(), due = app:now(), status = "pending", tries = 0, attempts = {},
  }
  app.state.messages[message.id] = message
  self.log:insert(message)
  enqueue(self, message)
  return message
end

--- Sends a message again now, with the same id and all attempts before it; whatever became of it.
---@param message table
function Delivery:replay(message)
  self.app.timers:cancel(self.timers[message])
  self.timers[message] = nil
  self.finished:remove(message)
  message.status, message.tries, message.due = "pending", 0, self.app:now()
  enqueue(self, message)
end

--- Sends again what a webhook has not accepted.
---@param webhook table
---@param since integer milliseconds since 1970: messages from then on
---@return integer count
function Delivery:recover(webhook, since)
  local failed = {}
  for message in self.log:oldest() do
    local refused = message.status == "failed" or (message.status == "pending" and message.attempts[1])
    if refused and message.webhookId == webhook.id and message.created >= since then failed[#failed + 1] = message end
  end
  for _, message in ipairs(failed) do self:replay(message) end
  return #failed
end

--- Waits until a message has been tried once more.
function Delivery:wait(message)
  local event = task.event()
  self.waiting[message] = event
  event:wait()
  self.waiting[message] = nil
end

--- Waits until nothing is being sent; what is due later stays.
function Delivery:idle()
  for _, queue in pairs(self.queues) do
    if queue.worker then queue.worker:wait() end
  end
end

--- Ends all sending. What has no response stays to be sent, under the same id.
function Delivery:stop()
  self.stopped = true
  for _, queue in pairs(self.queues) do
    if queue.worker then queue.worker:cancel() end
  end
end

-- ---- Making one ----------------------------------------------------------------------------------

local function load(self)
  local app = self.app
  app.state.messages = app.state.messages or {}
  for _, queue in pairs(self.queues) do
    queue.ended = true
    if queue.worker then queue.worker:cancel() end
  end
  self.queues, self.timers, self.waiting, self.log, self.finished = {}, {}, {}, index.new(), index.new()
  for _, message in pairs(app.state.messages) do
    self.log:insert(message)
    if message.status ~= "pending" then self.finished:insert(message) end
  end
  for message in self.log:oldest() do
    if message.status == "pending" then self:schedule(message) end
  end
end

local function subscribes(webhook, kind)
  for _, name in ipairs(webhook.subscribedEvents) do
    if name == kind then return true end
  end
  return false
end

--- Sends the events of an app from now on.
---@param app lbhost.local.App
---@return lbhost.local.Delivery
function delivery.new(app)
  local self = setmetatable({ app = app, queues = {} }, Delivery)
  local offer = throttle.new(app, function(webhook, event) self:send(webhook, event) end)
  app:on("loaded", function() load(self) end)
  app:on("event", function(event)
    for _, webhook in pairs(app.state.webhooks) do
      if webhook.projectId == app.options.project_id and not webhook.disabled and subscribes(webhook, event.type) then
        offer(webhook, event)
      end
    end
  end)
  return self
end

--- A webhook of the command line: URL[=event,event...].
---@param text string
---@param events string[] all event types
---@return string url
---@return string[] subscribed
function delivery.parse(text, events)
  local known = {}
  for _, name in ipairs(events) do known[name] = true end
  local url, list = text:match("^(.*)=([%a,]+)$")
  local subscribed = {}
  for name in (list or ""):gmatch("[^,]+") do
    -- a URL may end in ?a=b
    if not known[name] and url:find("?", 1, true) and not errors.nearest(name, known) then url = nil break end
    if not known[name] then errors.usage("--webhook: unknown event '%s'%s", name, errors.hint(name, known)) end
    subscribed[#subscribed + 1] = name
  end
  if not url then url, subscribed = text, events end
  if not url:find("^https?://[^/]") then
    errors.usage("--webhook: a URL such as http://127.0.0.1:3000/hook expected, got '%s'", url)
  end
  return url, subscribed
end

return delivery
