--- The first page: how to use it, how much there is, what happens now.
local html = require "lbhost.web.html"
local page = require "lbhost.web.page"
local plot = require "lbhost.web.plot"
local show = require "lbhost.web.show"

local LINES <const> = 8

-- The keys that everybody knows are shown; one of the user's own is not.
local known <const> = { sk_localdev = true, lbs_localdev = true }

local function key(value)
  return known[value] and html.code(value) or html.format("%s <span class=\"soft\">the one that was given</span>", html.code "***")
end

return function(pages)
  local app, front, site = pages.app, pages.front, pages.site

  local function use_it()
    local url, secret = app.options.base_url, known[app.options.secret] and app.options.secret or "sk_..."
    return html.join { html.list { { "Base URL", html.code(url) }, { "Secret key", key(app.options.secret) },
      { "Management token", key(app.options.management_token) } },
      html.format([[<details id="use"><summary>From a shell, Lua, Node.js and Python</summary>
<pre>export LIVEBLOCKS_BASE_URL=%s LIVEBLOCKS_SECRET_KEY=%s
liveblocks.new { base_url = "%s", secret = "%s" }
new Liveblocks({ baseUrl: "%s", secret: "%s" })
Liveblocks(base_url="%s", secret="%s")</pre></details>]], url, secret, url, secret, url, secret, url, secret),
      html.format('<p><a href="/local/state">All data as JSON</a>, to keep as a seed.</p>%s', site:confirm("delete-all", "Delete all data…",
        "/delete-all", {}, "Rooms, threads, notifications, groups: everything that is here.", "Delete it all")) }
  end

  local function tiles()
    local threads, unread, waiting, failed = 0, 0, 0, 0
    for _, room in pairs(app.state.rooms) do
      threads = threads + show.entries(room.threads)
    end
    for _, n in pairs(app.state.inbox) do
      if not n.read then unread = unread + 1 end
    end
    for _, message in pairs(app.state.messages) do
      if message.status == "pending" then waiting = waiting + 1 elseif message.status == "failed" then failed = failed + 1 end
    end
    return html.tiles {
      html.tile("Rooms", show.number(show.entries(app.state.rooms))), html.tile("Threads", show.number(threads)),
      html.tile("Unread notifications", show.number(unread), ("of %s"):format(show.number(show.entries(app.state.inbox)))),
      html.tile("Deliveries that wait", show.number(waiting), nil, waiting > 0 and "wait" or nil),
      html.tile("Deliveries that failed", show.number(failed), nil, failed > 0 and "bad" or nil),
      html.tile("Faults", front.plan.text == "" and "off" or show.number(front.plan.count), front.plan.text ~= ""
        and "so far" or nil, front.plan.text ~= "" and "wait" or nil),
    }
  end

  local function plots()
    local good, refused, failed = front.series:values "good", front.series:values "refused", front.series:values "failed"
    local seconds, all = front.series:values "seconds", front.series:values "all"
    local mean, sum, total = {}, 0, 0
    for i = 1, #all do
      mean[i] = all[i] > 0 and seconds[i] / all[i] or 0
      sum, total = sum + seconds[i], total + all[i]
    end
    return html.format('<div class="plots">%s%s</div>',
      plot.bars { title = "Requests a minute", from = "an hour ago", to = "now",
        words = ("%s in the last hour, %s of them refused, %s failed"):format(show.number(total),
          show.number(front.series:sum "refused"), show.number(front.series:sum "failed")),
        series = { { class = "plain", values = good }, { class = "wait", values = refused }, { class = "bad", values = failed } } },
      plot.bars { title = "Time for one", from = "an hour ago", to = "now", unit = show.span,
        words = total > 0 and ("%s on average"):format(show.span(sum / total)) or "none yet", series = { { values = mean } } })
  end

  site:page("/", pages.guarded(function()
    local events, shown = {}, #app.events
    for i = shown, math.max(1, shown - LINES + 1), -1 do
      events[#events + 1] = { app.events[i].type, show.compact(app.events[i].data, 140) }
    end
    return { title = "Local Liveblocks", heading = "Overview", parts = {
      page.block("counts", tiles()), page.part("hour", "The last hour", nil, plots()),
      page.part("connect", "Use it", nil, use_it()),
      page.part("requests", "The last requests", nil, pages.request_table(LINES)),
      page.part("events", "The last events", nil, html.table { caption = "The last events", columns = { "Type", "Data" }, rows = events,
        none = "Nothing has happened yet." }),
    } }
  end))

  site:action("/delete-all", function()
    app:load()
    app:signal "changed"
    return "/", "All data were deleted."
  end)
end
