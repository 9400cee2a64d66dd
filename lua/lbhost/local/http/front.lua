--- What stands between the HTTP server and the app: faults on demand, and the log of requests.
local responses = require "lbhost.local.http.response"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local task = require "liveblocks.task"
local faults = require "lbhost.local.faults"

local front = {}

---@class lbhost.local.Front
---@field recent table[] the last requests, oldest first
---@field error_page fun(response: table)? makes a page of an error
local Front = {}
Front.__index = Front

local KEPT <const> = 200

local names = { [429] = "TOO_MANY_REQUESTS", [500] = "Internal Server Error", [502] = "Bad Gateway",
  [503] = "Service Unavailable", [504] = "Gateway Timeout" }

---@param app lbhost.local.App
---@param options { check: (fun(request: table): table?), log: (fun(line: string))? }? check: refuses a request
---@return lbhost.local.Front
function front.new(app, options)
  options = options or {}
  return setmetatable({ app = app, plan = faults.new(), recent = {}, check = options.check, log = options.log }, Front)
end

local function note(self, request, status, started, fault)
  local recent = self.recent
  recent[#recent + 1] = { at = self.app:now(), method = request.method, path = request.path, query = request.query,
    status = status, seconds = liveblocks.now() - started, fault = fault }
  if #recent == 2 * KEPT then self.recent = table.move(recent, KEPT + 1, 2 * KEPT, 1, {}) end
end

local function faulty_response(self, chance)
  if chance.connection == "drop" then return false end
  if chance.connection == "reset" then return "reset" end
  local response = responses.failure_to_http { status = chance.status, code = names[chance.status] or "FAULT",
    message = "A fault on demand of the local Liveblocks" .. (chance.after and ": the request was processed" or "") }
  if chance.status == 429 then response.headers["retry-after"] = ("%d"):format(math.ceil(self.plan.retry_after)) end
  return response
end

local function describe(chance)
  return ("%s%s"):format(chance.connection or chance.status, chance.after and " after" or "")
end

local function process(self, request)
  local response = self.app:handle(request)
  if request.method ~= "GET" and request.method ~= "HEAD" then self.app:signal("changed") end
  return response
end

-- A request that the plan is for.
local function handle_faulty(self, request, started)
  local row = self.plan.only and self.app.router:find(request.method, request.path)
  local delay, chance = self.plan:decide(row and row.name)
  if delay > 0 then task.sleep(delay) end
  if not chance then
    local response = process(self, request)
    note(self, request, response.status, started)
    return response
  end
  if chance.after then process(self, request) end
  note(self, request, chance.status, started, describe(chance))
  return faulty_response(self, chance)
end

-- A line of the log: "12:30:05.123 POST /v2/rooms 200 1.2 ms".
local function line_of(self, request, response, seconds)
  local target = request.path .. (request.query and "?" .. request.query or "")
  local outcome = type(response) == "table" and response.status or response == "reset" and "reset" or "dropped"
  return ("%s %s %s %s %.1f ms"):format(self.app:date(self.app:now()):sub(12, 23), request.method,
    printable.line(secrets.hide(target)), outcome, seconds * 1000)
end

-- A browser that asks for a page gets one for an error, too.
local function for_people(self, request, response)
  if type(response) ~= "table" or response.status < 400 or request.path:sub(1, 4) == "/v2/" then return response end
  local wanted = self.error_page and (request.headers.accept or ""):find("text/html", 1, true)
  return wanted and self.error_page(response) or response
end

--- Responds to a request of the HTTP server.
---@param request table
---@return table|false|"reset" response
function Front:handle(request)
  local started = liveblocks.now()
  local response = for_people(self, request, self.check and self.check(request) or self:respond(request))
  if self.log then self.log(line_of(self, request, response, liveblocks.now() - started)) end
  return response
end

--- The same, for a request that may pass.
function Front:respond(request)
  local started = liveblocks.now()
  local of_api = request.path:sub(1, 4) == "/v2/"
  if of_api and self.plan.text ~= "" then return handle_faulty(self, request, started) end
  local response = process(self, request)
  if of_api then note(self, request, response.status, started) end
  return response
end

--- Replaces the faults.
---@param text string a plan (faults.lua); "" for none
function Front:set_faults(text)
  local calls = {}
  for _, row in ipairs(liveblocks.endpoints()) do calls[row.name] = true end
  self.plan = faults.new(text, calls)
end

return front
