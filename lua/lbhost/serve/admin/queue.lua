--- The queue: dead letters and waiting events with their errors, to be tried again, dropped or looked at.
local html = require "lbhost.web.html"
local json = require "liveblocks.json"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"
local web = require "lbhost.web.site"

local SHOWN <const> = 50
local states <const> = { parked = "Dead letters", pending = "Waiting", done = "Done" }
local state_class <const> = { parked = "bad", pending = "wait", done = "good" }

local function lane_text(lane)
  return show.text((lane:gsub("^room ", "")), 200)
end

local function first_line(text)
  return show.text(text:match "^[^\n]*" or "", 300)
end

return function(admin)
  local service, site = admin.service, admin.site
  local store = service.store

  -- What a query or a form asks for: a filter of the store, and the same as fields of a form.
  local function filter_of(values)
    local state = states[values.state or ""] and values.state or "parked"
    local fields = { state = state, type = values.type ~= "" and values.type or nil, room = values.room ~= "" and values.room or nil }
    return { state = state, type = fields.type, lane = fields.room and "room " .. fields.room or nil }, fields
  end

  local function buttons(event, back)
    if event.state == "done" then return "" end
    local fields = { id = event.id, back = back }
    local retry = (event.state == "parked" or event.attempts > 0) and site:form("/queue/retry", fields, html.format(
      '<button aria-label="Try %s again">Try again</button>', event.id)) or ""
    return html.format("%s %s", retry, site:confirm("drop-" .. event.seq, "Drop…", "/queue/drop", fields,
      "It is not handled, and forgotten.",
      "Drop it"))
  end

  local function rows_of(filter, back)
    local rows, last, more = {}, nil, false
    filter.limit = SHOWN + 1
    for event in store:list(filter) do
      if #rows == SHOWN then
        more = true
      else
        last = event.seq
        rows[#rows + 1] = { id = "event-" .. event.seq, html.link(site:url(("/queue/%d"):format(event.seq)), event.id), event.type,
          lane_text(event.lane), admin:time(event.received), event.attempts, event.error and html.format('<span class="mono">%s</span>',
          first_line(event.error)) or "", event.state == "pending" and event.due > service.now() and admin:time(event.due) or "",
          buttons(event, back) }
      end
    end
    return rows, more and last or nil
  end

  local function tabs(fields, depth)
    local items = {}
    for i, state in ipairs { "parked", "pending", "done" } do
      local count = depth and depth[state]
      items[i] = html.format('<a href="%s"%s>%s</a>', site:url("/queue", { state = state ~= "parked" and state or nil, type = fields.type,
        room = fields.room }), fields.state == state and html.raw ' aria-current="true"' or "", states[state] .. (count
        and " " .. show.number(count) or ""))
    end
    return html.format('<p class="row tabs">%s</p>', html.join(items))
  end

  local function search(fields)
    return html.format('<form class="row" role="search" action="%s"><input type="hidden" name="state" value="%s">'
      .. '%s%s<button>Show</button></form><form class="row" action="%s">%s<button>Find</button></form>', site:url "/queue", fields.state,
      html.field { id = "type", label = "Type", value = fields.type }, html.field { id = "room", label = "Room", value = fields.room },
      site:url "/queue", html.field { id = "id", label = "Id of the webhook", size = 28 })
  end

  local function all_of_them(fields, shown)
    if fields.state == "done" or shown == 0 then return "" end
    local back = site:url("/queue", fields)
    local what = { state = fields.state, type = fields.type, room = fields.room, back = back, all = "yes" }
    return html.format('<div class="row">%s %s</div>', site:confirm("retry-all", "Try all of these again…", "/queue/retry", what,
      "All that this list names, also those on further pages, are handled again now.", "Try all again"),
      site:confirm("drop-all", "Drop all of these…", "/queue/drop", what,
        "All that this list names, also those on further pages, are forgotten.",
        "Drop them all"))
  end

  -- The page of the event that an id names.
  local function find(id)
    local found
    for event in store:list { id = id, limit = 1 } do found = event end -- to its end: a statement that is left open holds a snapshot
    if not found then web.fail(404, "There is no event with this id.", "It may have been handled and forgotten since.") end
    return found.seq
  end

  site:page("/queue", function(call)
    if call.query.id and call.query.id ~= "" then
      local seq = find(call.query.id)
      return { title = "Queue", redirect = ("/queue/%d"):format(seq) }
    end
    local filter, fields = filter_of(call.query)
    filter.after = math.tointeger(tonumber(call.query.after))
    local depth = admin.depth:get()
    local back = "/queue" .. site:url("", fields)
    local list, problem = admin:ask(function()
      local rows, last = rows_of(filter, back)
      return { rows = rows, last = last }
    end)
    local body = problem or html.join {
      html.table { caption = states[fields.state], rows = list.rows, none = fields.state == "parked" and "There are no dead letters."
        or "None.", columns = { "Event", { "Type", class = "short" }, "Room", { "Received", class = "short" },
          { "Attempts", class = "number" }, "Error",
        { "Next attempt", class = "short" }, { "What to do", class = "actions", hidden = true } } },
      all_of_them(fields, #list.rows),
      list.last and html.format('<p class="pages">%s</p>', html.link(site:url("/queue", { state = fields.state, type = fields.type,
        room = fields.room, after = list.last }), "Later ones")) or "" }
    return { title = "Queue", parts = { page.block("tabs", tabs(fields, depth)), search(fields),
      page.part("events", states[fields.state], nil, body) } }
  end)

  local function readable(body)
    local value, problem = json.try_decode(body)
    return problem and show.block(body) or show.pretty(value)
  end

  site:page("/queue/{seq}", function(call)
    local seq = math.tointeger(tonumber(call.path.seq))
    local event, problem = admin:ask(function() return seq and store:get(seq) end)
    if problem then return { title = "Event", section = "/queue", parts = { page.block("event", problem) } } end
    if not event then web.fail(404, "There is no such event.", "It may have been handled and forgotten since.") end
    call.target = ("/queue/%d"):format(seq)
    return { title = show.text(event.id, 200), section = "/queue", parts = {
      page.part("event", "Event", nil, html.join { html.list { { "State", html.state(state_class[event.state], event.state == "parked"
        and "dead letter" or event.state) }, { "Type", event.type }, { "Room", lane_text(event.lane) },
        { "Received", admin:time(event.received) }, { "Attempts", event.attempts },
        { "Next attempt", event.state == "pending" and event.due > 0 and admin:time(event.due) },
        { "Handlers that are done", event.handled ~= "" and event.handled } },
        html.format('<div class="row">%s</div>', buttons(event, call.target)) }),
      page.part("error", "Error", nil, event.error and show.block(event.error) or html.raw '<p class="none">None.</p>'),
      page.part("body", "Body", event.body and show.bytes(#event.body) or nil, event.body and readable(event.body)
        or html.raw '<p class="none">The bodies of events that are done are not kept.</p>') } }
  end)

  -- ---- Changes -----------------------------------------------------------------------------------

  local function back_of(form)
    local back = form.back or ""
    return back:find "^/queue" and back or "/queue"
  end

  local function change(name, words)
    return function(call)
      local form, filter = call.form, nil
      if form.all == "yes" then filter = filter_of(form) elseif form.id and form.id ~= "" then filter = { id = form.id } end
      if not filter then web.fail(400, "The form names no event.") end
      local count = store[name](store, filter)
      service:look_again()
      admin:note("events " .. words.done, { count = count, event = filter.id, state = filter.state, type = filter.type,
        lane = filter.lane })
      if count == 0 then return back_of(form), "Nothing was changed: there is no such event any more.", true end
      return back_of(form), ("%s %s."):format(show.count(count, "event"), count == 1 and words.one or words.many)
    end
  end

  site:action("/queue/retry", change("retry", { done = "retried", one = "is handled again", many = "are handled again" }))
  site:action("/queue/drop", change("drop", { done = "dropped", one = "was dropped", many = "were dropped" }))
end
