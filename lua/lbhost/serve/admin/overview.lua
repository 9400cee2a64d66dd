--- The first page: what happens now and in the last hour, and what needs attention.
local host = require "lbhost.host"
local html = require "lbhost.web.html"
local limits = require "lbhost.limits"
local page = require "lbhost.web.page"
local plot = require "lbhost.web.plot"
local show = require "lbhost.web.show"

local function notice(kind, text)
  return html.format('<p class="notice %s">%s</p>', kind, text)
end

return function(admin)
  local service, site, series = admin.service, admin.site, admin.history.series

  local function problems(depth_problem)
    local list = {}
    if service.stopping then list[#list + 1] = notice("wait", "The service is stopping: it takes no more events.") end
    local store = service.store.problem and service.store:problem()
    if store then list[#list + 1] = notice("bad", show.text(store)) end
    if depth_problem then list[#list + 1] = notice("bad", "The event store: " .. show.text(depth_problem, 500)) end
    if service.batches.failed_at then
      list[#list + 1] = notice("bad", "The last commit of the event store failed: new events get 503 and come again. The log says why.")
    end
    for _, refusal in ipairs(service.handlers.refused) do
      list[#list + 1] = notice("bad", html.format("A plugin was refused: %s", show.text(refusal)))
    end
    return html.join(list)
  end

  local function tiles(depth)
    local now = series:values "new"
    local received, done = series:sum "new", series:sum "done"
    local failed = series:sum "failed" + series:sum "parked"
    local _, within = admin.history:response_times()
    local count, seconds = series:sum "responses", series:sum "seconds"
    local age = depth and depth.oldest and math.max(0, service.now() - depth.oldest)
    return html.tiles {
      html.tile("Received, last hour", show.number(received), ("%s in this minute"):format(show.number(now[60]))),
      html.tile("Handled, last hour", show.number(done), failed > 0 and show.count(failed, "failure") or "no failures",
        failed > 0 and "wait" or nil),
      html.tile("Seconds to respond", within and show.span(within) or "none", count > 0 and ("95 of 100 within; mean %s"):format(show.span(
        seconds / count)) or "no webhook in this hour"),
      html.tile("Waiting", depth and show.number(depth.pending) or "?", age and ("oldest %s"):format(show.age(age)) or "none",
        age and age > 60 and "wait" or nil),
      html.tile("Being handled", show.number(service.lanes.running), ("of at most %d"):format(service.settings.concurrency)),
      html.tile("Dead letters", depth and html.link(site:url "/queue", show.number(depth.parked)) or "?", nil,
        depth and depth.parked > 0 and "bad" or nil),
    }
  end

  local function plots()
    local times = admin.history:response_times()
    local function values(name) return series:values(name) end
    local function one(title, words, list, unit)
      return plot.bars { title = title, words = words, series = list, unit = unit, from = "an hour ago", to = "now" }
    end
    local waiting, age = values "waiting", values "age"
    return html.format('<div class="plots">%s</div>', html.join {
      one("Received", ("%s new, %s again, %s refused, %s not stored"):format(show.number(series:sum "new"),
        show.number(series:sum "duplicate"),
        show.number(series:sum "refused"), show.number(series:sum "unstored")), { { values = values "new" }, { class = "good",
        values = values "duplicate" }, { class = "wait", values = values "refused" }, { class = "bad", values = values "unstored" } }),
      one("Handled", ("%s done, %s to be tried again, %s dead letters"):format(show.number(series:sum "done"),
        show.number(series:sum "failed"),
        show.number(series:sum "parked")), { { class = "good", values = values "done" }, { class = "wait", values = values "failed" },
        { class = "bad", values = values "parked" } }),
      one("Seconds to respond", "95 of 100 within", { { values = times } }, show.span),
      one("Waiting", ("at most %s in a minute"):format(show.number(math.max(table.unpack(waiting)))), { { values = waiting } }),
      one("Age of the oldest", ("at most %s"):format(show.span(math.max(table.unpack(age)))), { { class = "wait", values = age } },
        show.span),
    })
  end

  local function handlers()
    local rows = {}
    for i, plugin in ipairs(service.handlers.list) do
      local events, timed, routes = {}, 0, 0
      for name in pairs(plugin.events) do events[#events + 1] = name end
      timed = timed + show.entries(plugin.timers)
      routes = routes + show.entries(plugin.routes)
      table.sort(events)
      rows[i] = { plugin.name, show.text(plugin.about or ""), table.concat(events, ", "), timed, routes, html.code(show.text(plugin.file
        or "")) }
    end
    return html.table { caption = "Handlers", rows = rows, none = "No handlers are loaded.", columns = { "Plugin", "About", "Events",
      { "Timers", class = "number" }, { "Routes", class = "number" }, "File" } }
  end

  local function facts()
    local http = service.http and service.http:counts() or { connections = 0, refused = 0 }
    return html.list { { "Process", host.process_id() }, { "Event store", html.code(show.text(service.store.path or "")) },
      { "Memory of Lua", show.bytes(limits.memory()) }, { "Connections", show.number(http.connections) },
      { "Connections refused", http.refused > 0 and show.number(http.refused) },
      { "Started", admin:time(service.metrics.started) }, { "Attempts before a dead letter", service.settings.attempts } }
  end

  site:page("/", function()
    admin.history:sample()
    local depth, problem = admin.depth:get()
    return { title = "lbhost serve", heading = "Overview", parts = {
      page.block("problems", problems(problem)), page.block("now", tiles(depth)), page.part("hour", "The last hour, by minutes", nil,
        plots()),
      page.part("handlers", "Handlers", #service.handlers.list, handlers()), page.part("facts", "This host", nil, facts()) } }
  end)
end
