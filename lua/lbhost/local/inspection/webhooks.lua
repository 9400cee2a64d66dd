--- Webhooks, what was delivered to them and what waits, and the events that have arisen.
local html = require "lbhost.web.html"
local json = require "liveblocks.json"
local page = require "lbhost.web.page"
local responses = require "lbhost.local.http.response"
local show = require "lbhost.web.show"
local types = require "liveblocks.types"

local SHOWN <const> = 50

local status_class <const> = { delivered = "good", failed = "bad", pending = "wait" }

local function outcome(one)
  return show.text(one.status or one.error or "", 200)
end

return function(pages)
  local app, site = pages.app, pages.site

  local function status_of(message)
    return html.state(status_class[message.status], message.status)
  end

  local function hook_table()
    local rows = {}
    for _, webhook in pairs(app.state.webhooks) do
      rows[#rows + 1] = { show.text(webhook.url), #webhook.subscribedEvents == #types.events and "all events"
        or table.concat(webhook.subscribedEvents, ", "), webhook.disabled and html.state("bad", "disabled") or html.state("good", "active"),
        id = webhook.id }
    end
    table.sort(rows, function(a, b) return a[1] < b[1] end)
    return html.table { caption = "Webhooks", columns = { "URL", "Events", "State" }, rows = rows,
      none = "None. Add one with --webhook URL[=events], or through the management API." }, #rows
  end

  local function delivery_table()
    local rows = {}
    for message in app.delivery.log:newest() do
      if #rows == SHOWN then break end
      local last = message.attempts[#message.attempts]
      rows[#rows + 1] = { html.link(site:url("/deliveries/" .. message.id), message.id), message.type, show.text(message.url),
        status_of(message), last and outcome(last) or "", #message.attempts, message.due and pages:time(message.due) or "",
        pages:time(message.created), id = message.id }
    end
    return html.table { caption = "Deliveries, the newest first", rows = rows, none = "Nothing has been sent yet.", columns = { "Message",
      "Event", "To", "State", "Response", { "Attempts", class = "number" }, { "Next", class = "short" },
      { "Created", class = "short" } } }, #rows
  end

  site:page("/webhooks", pages.guarded(function()
    local hooks, number = hook_table()
    local deliveries, shown = delivery_table()
    local total = show.entries(app.state.messages)
    return { title = "Webhooks", parts = { page.part("webhooks", "Webhooks", number, hooks), page.part("deliveries", "Deliveries",
      total > shown and ("the newest %d of %s"):format(shown, show.number(total)) or total, deliveries) } }
  end))

  site:page("/deliveries/{messageId}", pages.guarded(function(call)
    local message = app.state.messages[call.path.messageId] or responses.not_found("message", call.path.messageId)
    call.target = "/deliveries/" .. message.id
    local rows = {}
    for i, one in ipairs(message.attempts) do
      rows[i] = { i, pages:time(one.at), outcome(one), one.seconds and show.span(one.seconds) or "" }
    end
    return { title = message.id, section = "/webhooks", parts = {
      page.part("delivery", "Delivery", nil, html.join { html.list { { "Event", message.type }, { "To", show.text(message.url) },
        { "State", status_of(message) }, { "Created", pages:time(message.created) },
        { "Next attempt", message.due and pages:time(message.due) } },
        site:form("/deliveries/replay", { id = message.id }, "Send it again") }),
      page.part("attempts", "Attempts", #rows, html.table { caption = "Attempts", rows = rows, none = "None yet.",
        columns = { { "", class = "number" }, { "Time", class = "short" }, "Response", { "Took", class = "number" } } }),
      page.part("body", "Event", nil, show.pretty(json.decode(message.body))),
    } }
  end))

  site:action("/deliveries/replay", pages.guarded(function(call)
    local id = call.form.id or ""
    local message = app.state.messages[id] or responses.not_found("message", id)
    app.delivery:replay(message)
    return "/deliveries/" .. message.id, "It is sent again, with the same id."
  end))

  site:page("/events", pages.guarded(function()
    local rows, all = {}, #app.events
    for i = all, math.max(1, all - SHOWN + 1), -1 do
      rows[#rows + 1] = { app.events[i].type, show.compact(app.events[i].data, 600) }
    end
    local number = all > #rows and ("the newest %d of %d"):format(#rows, all) or all
    return { title = "Events", parts = { page.part("events", "Events", number, html.table { caption = "Events, the newest first",
      columns = { "Type", "Data" }, rows = rows, none = "Nothing has happened yet." }) } }
  end))
end
