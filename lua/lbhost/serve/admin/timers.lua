--- The timers of the handlers: when each has last run, how that went, and when it is due next.
local cached = require "lbhost.web.cached"
local html = require "lbhost.web.html"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"
local timers = require "lbhost.serve.timers"

local EVERY <const> = 5 -- seconds between checks at the store

return function(admin)
  local service, site = admin.service, admin.site

  -- Any host may have run one: the store says when.
  local last_runs = cached.new(function()
    local list = {}
    for _, timer in ipairs(service.timers:all()) do list[timer.name] = service.store:timer(timer.name) or false end
    return list
  end, EVERY)

  local function outcome_of(timer)
    if service.timers.busy[timer.name] then return html.state("wait", "running") end
    local outcome = service.timers.outcomes[timer.name]
    if not outcome then return html.format('<span class="soft">%s</span>', "not run by this host yet") end
    local seconds = show.span(outcome.seconds)
    if outcome.ok then return html.format("%s in %s", html.state("good", "done"), seconds) end
    return html.format('%s after %s <span class="mono">%s</span>', html.state("bad", "failed"), seconds,
      show.text(tostring(outcome.reason):match "^[^\n]*", 300))
  end

  site:page("/timers", function()
    local last, problem = last_runs:get()
    local rows, now = {}, service.now()
    for i, timer in ipairs(service.timers:all()) do
      local ran = last and last[timer.name] or nil
      local due = (last or not problem) and timers.due(timer.schedule, ran, now)
      rows[i] = { timer.plugin.name, timer.name:match ":(.*)$", ran and admin:time(ran) or "", outcome_of(timer),
        due and html.format('%s <span class="soft">%s</span>', admin:time(due), due <= now and "now" or "in " .. show.age(due - now))
          or "?" }
    end
    return { title = "Timers", parts = { page.part("timers", "Timers", #rows, html.join {
      problem and html.format('<p class="notice bad">The event store: %s</p>', show.text(problem, 500)) or "",
      html.table { caption = "Timers", rows = rows, none = "The handlers have no timers.", columns = { "Plugin", "Schedule",
        { "Was due last", class = "short" }, "The last run", { "Due next", class = "short" } } },
      #rows > 0 and html.raw '<p class="soft">A run for each time at which a timer is due, over restarts and over all hosts.</p>'
        or "" }) } }
  end)
end
