--- The hosts that share the event store, where it has them, and the lanes that this one is at.
local html = require "lbhost.web.html"
local liveblocks = require "liveblocks"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"

local SHOWN <const> = 50

return function(admin)
  local service, site = admin.service, admin.site

  local function host_table()
    local store = service.store
    if not store.hosts then
      return html.raw('<p class="none">The event store is a file on this machine: this is the only host. '
        .. "With --store postgres://... several share it.</p>")
    end
    local list, problem = admin:ask(function() return store:hosts() end)
    if problem then return problem end
    local rows, now = {}, service.now()
    for i, one in ipairs(list) do
      local silent = now - one.seen
      rows[i] = { one.me and html.format("%s <strong>this one</strong>", show.text(one.name)) or show.text(one.name),
        html.code(show.text(one.id)),
        admin:time(one.since), silent > 10 and html.state("wait", show.age(silent)) or show.age(math.max(0, silent)), one.lanes,
          one.running or "" }
    end
    return html.table { caption = "Hosts", rows = rows, none = "None.", columns = { "Host", "Id", { "Since", class = "short" },
      { "Seen", class = "short" }, { "Lanes", class = "number" }, { "Being handled", class = "number" } } }, #rows
  end

  local function lane_table()
    local rows, now = {}, liveblocks.now()
    local list, count = service.lanes:overview(SHOWN)
    for i, lane in ipairs(list) do
      rows[i] = { show.text(lane.key, 200), lane.state == "running" and html.state("good", "being handled")
        or lane.state == "waiting" and html.state("wait", ("next attempt in %s"):format(show.age(math.max(0, lane.wait_until - now))))
        or html.state("soft", "has its turn soon"), lane.events > 0 and show.number(lane.events) or "" }
    end
    return html.table { caption = "Lanes", rows = rows, none = "Nothing is being handled, and nothing waits here.", columns = { "Lane",
      "State",
      { "Events in memory", class = "number" } } }, count > #rows and ("%d of %s"):format(#rows, show.number(count)) or count
  end

  site:page("/hosts", function()
    local hosts, number = host_table()
    local lanes, count = lane_table()
    return { title = "Hosts and lanes", parts = { page.part("hosts", "Hosts", number, hosts),
      page.part("lanes", "Lanes of this host", count, html.join {
        html.raw '<p class="soft">A lane is a room, or a user: its events are handled one after the other, lanes side by side.</p>',
          lanes }) } }
  end)
end
