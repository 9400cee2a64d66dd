--- What stands between the HTTP server and the app: faults on demand, and the log of requests.
local responses = require "lbhost.local.http.response"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local series = require "lbhost.web.series"
local task = require "liveblocks.task"
local faults = require "lbhost.local.faults"

local front = {}

---@class lbhost.local.Front
---@field recent table[] the last requests to the API, oldest first, each with a number that follows that of the one before
---@field series lbhost.web.Series requests a minute: all, good, refused, failed; and the seconds that they took
---@field site lbhost.web.Site? pages for people
local Front = {}
Front.__index = Front

local KEPT <const> = 200
local BODY <const> = 16384 -- bytes of a body that are kept

local names = { [429] = "TOO_MANY_REQUESTS", [500] = "Internal Server Error", [502] = "Bad Gateway",
  [503] = "Service Unavailable", [504] = "Gateway Timeout" }

---@param app lbhost.local.App
---@param options { check: (fun(request: table): table?), log: (fun(line: string))? }? check: what is wrong with
---who asks (web/origin.lua)
---@return lbhost.local.Front
function front.new(app, options)
  options = options or {}
  return setmetatable({ app = app, plan = faults.new(), recent = {}, noted = 0, check = options.check, log = options.log,
    series = series.new(function() return app:now() / 1000 end) }, Front)
end

local function beginning(body)
  return #body <= BODY and body or body:sub(1, BODY)
end

local function count(self, status, seconds)
  local all = self.series
  all:add("all", 1)
  all:add("seconds", seconds)
  all:add(status and status < 400 and "good" or status and status < 500 and "refused" or "failed", 1)
end

local function note(self, request, response, started, fault)
  local recent, sent = self.recent, type(response) == "table" and response or nil
  local seconds, status = liveblocks.now() - started, sent and sent.status
  self.noted = self.noted + 1
  recent[#recent + 1] = { number = self.noted, at = self.app:now(), method = request.method, path = request.path, query = request.query,
    status = status, seconds = seconds, fault = fault, headers = request.headers, body = beginning(request.body or ""),
    size = #(request.body or ""),
    response = sent and { headers = sent.headers, body = beginning(sent.body or ""), size = #(sent.body or "") } }
  count(self, status, seconds)
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
    note(self, request, response, started)
    return response
  end
  if chance.after then process(self, request) end
  local response = faulty_response(self, chance)
  note(self, request, response, started, describe(chance))
  return response
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
  local wanted = self.site and (request.headers.accept or ""):find("text/html", 1, true)
  local problem = wanted and json.try_decode(response.body)
  return problem and self.site:error_response(response.status, problem.message or problem.error, problem.suggestion) or response
end

local function refuse(problem)
  return responses.failure_to_http { status = 403, code = problem.code, message = problem.message, suggestion = problem.advice }
end

--- Responds to a request of the HTTP server.
---@param request table
---@return table|false|"reset" response
function Front:handle(request)
  local started = liveblocks.now()
  local response = self.site and self.site:handle(request)
  if not response then
    local problem = self.check and self.check(request)
    response = problem and refuse(problem) or for_people(self, request, self:respond(request))
  end
  if self.log then self.log(line_of(self, request, response, liveblocks.now() - started)) end
  return response
end

--- The same, for a request that may pass.
function Front:respond(request)
  local started = liveblocks.now()
  local of_api = request.path:sub(1, 4) == "/v2/"
  if of_api and self.plan.text ~= "" then return handle_faulty(self, request, started) end
  local response = process(self, request)
  if of_api then note(self, request, response, started) end
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
