--- The pages of the local Liveblocks for people: / and all below /page.
local html = require "lbhost.web.html"
local origin = require "lbhost.web.origin"
local responses = require "lbhost.local.http.response"
local show = require "lbhost.web.show"
local web = require "lbhost.web.site"

local sections = { "overview", "rooms", "room", "threads", "people", "webhooks", "requests", "faults" }

local NAV <const> = { { "/", "Overview" }, { "/rooms", "Rooms" }, { "/threads", "Threads" }, { "/inbox", "Inbox" },
  { "/groups", "Groups" }, { "/webhooks", "Webhooks" }, { "/events", "Events" }, { "/requests", "Requests" }, { "/faults", "Faults" } }

---@class lbhost.local.Pages
---@field app lbhost.local.App
---@field front lbhost.local.Front
---@field site lbhost.web.Site
local Pages = {}
Pages.__index = Pages

--- "12:30:05.123"; the whole date when the mouse is over it.
---@param ms integer
---@return table raw
function Pages:time(ms)
  local date = self.app:date(ms)
  return html.format('<time class="nowrap" datetime="%s" title="%s">%s</time>', date, date, date:sub(12, 23))
end

---@param id string
function Pages:room_link(id)
  return html.link(self.site:url("/rooms/" .. require("lbhost.util.url").encode(id)), id)
end

---@param room_id string
---@param thread_id string
function Pages:thread_link(room_id, thread_id)
  return html.link(self.site:url("/rooms/" .. require("lbhost.util.url").encode(room_id)) .. "#" .. thread_id, thread_id)
end

--- Calls fn; an error response of the API becomes a page that says the same.
function Pages.guarded(fn)
  return function(call)
    local ok, made, text, bad = pcall(fn, call)
    if ok then return made, text, bad end
    if responses.is_failure(made) then web.fail(made.status, made.message or made.code, made.suggestion) end
    error(made, 0)
  end
end

--- The site of an app.
---@param app lbhost.local.App
---@param front lbhost.local.Front
---@param options { allow_hosts: string[]?, on_error: fun(err: any, path: string) }
---@return lbhost.web.Site
return function(app, front, options)
  local self = setmetatable({ app = app, front = front }, Pages)
  local nav = {}
  for i, item in ipairs(NAV) do nav[i] = { item[1], item[2] } end
  nav[#nav].count = function() return front.plan.text ~= "" and "on" or nil end
  self.site = web.new { product = "Local Liveblocks", base = "/page", home = "/", nav = nav, check = origin.checker(options.allow_hosts),
    on_error = options.on_error, about = function() return "a stand-in for development and tests" end,
    footer = html.format("Times are UTC. Its data are %s.", app.options.data and html.format("kept in %s",
      html.code(show.text(app.options.data))) or "in memory, and gone when it stops") }
  for _, name in ipairs(sections) do require("lbhost.local.inspection." .. name)(self) end
  return self.site
end
