--- The inspection pages for people: / for the whole server, /local/rooms/ID for a room, and one for each delivery.
local responses = require "lbhost.local.http.response"
local comment = require "liveblocks.comment"
local html = require "lbhost.local.inspection.html"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local url = require "lbhost.util.url"

local ROOMS <const>, REQUESTS <const>, DELIVERIES <const>, EVENTS <const>, LONGEST <const> = 50, 25, 25, 25, 200000
local REFRESH <const> = 3 -- seconds

local status_class = { delivered = "good", failed = "bad", pending = "wait" }

-- ---- Pieces --------------------------------------------------------------------------------------

local function count(map)
  local n = 0
  for _ in pairs(map or {}) do n = n + 1 end
  return n
end

local function clip(text, limit)
  if #text <= limit then return text end
  local stop = utf8.offset(text, 0, limit) or limit
  return text:sub(1, stop - 1) .. "…"
end

local function compact(value)
  return html.format("<code>%s</code>", clip(json.encode(value), 300))
end

local function pretty(value)
  return html.format("<pre>%s</pre>", clip(json.encode(value, { pretty = true }), LONGEST))
end

-- The newest of many, without sorting them all: an index of { at, seq, ... }, and what adds to it.
local function newest(limit)
  local list = index.new(function(entry) return entry.at, entry.seq end)
  local floor
  return list, function(at, seq, ...)
    if floor and at < floor.at then return end
    if floor then list:remove(floor) end
    list:insert { at = at, seq = seq, ... }
    floor = list:count() == limit and list:oldest()() or nil
  end
end

local function heading(text, number)
  return html.format("<h2>%s%s</h2>", text, number and html.format(' <span class="soft">%s</span>', number) or "")
end

-- "the newest 25 of 32", or how many there are when all are shown.
local function shown_of(shown, total)
  return total > shown and ("the newest %d of %d"):format(shown, total) or total
end

local function room_link(id)
  return html.link("/local/rooms/" .. url.encode(id), id)
end

-- Seconds after which the browser is asked to load the page again; nil: never.
local function refresh_of(query)
  local seconds = math.tointeger(tonumber(query.refresh))
  return seconds and seconds >= 1 and seconds <= 3600 and seconds or nil
end

-- Switches that on or off, for the page that is shown.
local function refresh_link(path, query)
  local search = query.search and query.search ~= "" and "search=" .. url.encode(query.search) or nil
  if refresh_of(query) then return html.link(path .. (search and "?" .. search or ""), "stop updating") end
  return html.link(("%s?refresh=%d%s"):format(path, REFRESH, search and "&" .. search or ""), ("update every %d s"):format(REFRESH))
end

local function delivery_link(id)
  return html.link("/local/deliveries/" .. id .. "/page", id)
end

local function colored(class, text)
  return html.format('<span class="%s">%s</span>', class, text)
end

local function text_of(body)
  return body and comment.to_text(body) or ""
end

-- Instead of the JSON of an error, for people.
local function error_page(response)
  local problem = json.decode(response.body)
  local page = html.page(problem.error .. " - Local Liveblocks", {
    html.format('<header><p><a href="/">Local Liveblocks</a></p><h1>%s</h1></header>', problem.message or problem.error),
    problem.suggestion and html.format("<p>%s</p>", problem.suggestion) or "" })
  page.status = response.status
  return page
end

return function(app, front)
  front.error_page = error_page

  -- "12:30:05.123"; the whole date when the mouse is over it.
  local function time(ms)
    local date = app:date(ms)
    return html.format('<span class="nowrap" title="%s">%s</span>', date, date:sub(12, 23))
  end

  local function threads_of(room)
    local list = {}
    for _, thread in pairs(room.threads or {}) do list[#list + 1] = thread end
    table.sort(list, function(a, b) return a.seq > b.seq end)
    return list
  end

  -- ---- Sections of the first page --------------------------------------------------------------

  local function head()
    local options = app.options
    return html.format([[
<header><h1>Local Liveblocks</h1>
<p>A stand-in for development and tests: it serves the REST API like Liveblocks, on this machine, with the data below.
%s</p>
<p>Base URL <code>%s</code> &nbsp; secret key <code>%s</code> &nbsp; management token <code>%s</code></p>
<nav><a href="#rooms">Rooms</a><a href="#inbox">Inbox</a><a href="#webhooks">Webhooks</a><a href="#requests">Requests</a>
<a href="#events">Events</a><a href="/local/broadcasts">Broadcasts (JSON)</a><a href="/local/state">State (JSON)</a></nav></header>]],
      options.data and html.format("They are kept in <code>%s</code>.", options.data)
        or "They are in memory and gone when it stops.", options.base_url, options.secret, options.management_token)
  end

  local function faults_section()
    if front.plan.text == "" then return html.raw "" end
    return html.format('<p class="wait">Faults on demand: <code>%s</code>, %s so far.</p>', front.plan.text,
      front.plan.count)
  end

  -- The rooms whose id or metadata contain the text: the newest of them, and how many there are.
  local function find_rooms(text)
    local found, add = newest(ROOMS)
    local total, wanted = 0, text:lower()
    for _, room in pairs(app.state.rooms) do
      if room.id:lower():find(wanted, 1, true) or json.encode(room.metadata):lower():find(wanted, 1, true) then
        total = total + 1
        add(room.created, room.seq, room)
      end
    end
    local list = {}
    for entry in found:newest() do list[#list + 1] = entry[1] end
    return list, total
  end

  -- A page of all rooms, and the cursor of the next one.
  local function page_of_rooms(cursor)
    local list = {}
    local page = app.handlers.get_rooms { query = { limit = tostring(ROOMS), startingAfter = cursor }, row = {} }
    for i, shown in ipairs(page.data) do list[i] = app.state.rooms[shown.id] end
    return list, page.nextCursor ~= json.null and page.nextCursor or nil
  end

  local function rooms_section(query)
    local search, cursor = query.search or "", query.before ~= "" and query.before or nil
    local list, older, total
    if search ~= "" then list, total = find_rooms(search) else list, older = page_of_rooms(cursor) end
    local rows = {}
    for i, room in ipairs(list) do
      rows[i] = { room_link(room.id), time(room.created), compact(room.metadata), count(room.threads), count(room.feeds),
        count(room.presence), room.organizationId }
    end
    local all = count(app.state.rooms)
    local number = total and ("%s found, of %d"):format(total > #rows and ("the newest %d of %d"):format(#rows, total) or total, all)
      or cursor and ("%d older ones, of %d"):format(#rows, all) or shown_of(#rows, all)
    return html.format('<div id="rooms">%s%s%s%s</div>', heading("Rooms", number),
      html.format('<form action="/#rooms"><input type="search" name="search" value="%s" placeholder="id or metadata"> '
        .. '<button>Search</button>%s</form>', search, (search ~= "" or cursor) and html.raw ' <a href="/#rooms">all rooms</a>' or ""),
      html.table({ "Room", "Created", "Metadata", "Threads", "Feeds", "Present", "Organization" }, rows,
        (search ~= "" or cursor) and "No room." or "There are no rooms yet."),
      older and html.format('<p><a href="/?before=%s#rooms">Older rooms</a></p>', url.encode(older)) or "")
  end

  local function threads_section()
    local list, add = newest(DELIVERIES)
    local total = 0
    for _, room in pairs(app.state.rooms) do
      for _, thread in pairs(room.threads or {}) do
        total = total + 1
        add(thread.updated, thread.seq, room, thread)
      end
    end
    local rows = {}
    for entry in list:newest() do
      local room, thread = entry[1], entry[2]
      local first = thread.comments[1]
      rows[#rows + 1] = { html.link(("/local/rooms/%s#%s"):format(url.encode(room.id), thread.id), thread.id),
        room_link(room.id), first and first.user or "", first and clip(text_of(first.body), 120) or "", #thread.comments,
        thread.resolved and "resolved" or "open", time(thread.updated) }
    end
    return html.join { heading("Threads", shown_of(#rows, total)), html.table(
      { "Thread", "Room", "By", "First comment", "Comments", "State", "Updated" }, rows, "There are no threads yet.") }
  end

  -- What a notification is about: a thread, a mention in a text editor, or a subject.
  local function about(n)
    if n.thread then return html.link(("/local/rooms/%s#%s"):format(url.encode(n.room), n.thread), n.thread) end
    if n.mention then return "mention " .. n.mention end
    return #n.activities > 1 and ("%s, %d activities"):format(n.subject, #n.activities) or n.subject
  end

  local function inbox_section()
    local list, add = newest(DELIVERIES)
    for _, n in pairs(app.state.inbox) do add(n.notified, n.seq, n) end
    local rows = {}
    for entry in list:newest() do
      local n = entry[1]
      local waiting = app.state.notifying[n.id]
      rows[#rows + 1] = { n.user, n.kind, about(n), n.room and room_link(n.room) or "", time(n.notified),
        n.read and time(n.read) or colored("wait", "unread"), waiting and time(waiting.due) or "" }
    end
    return html.format('<div id="inbox">%s%s</div>', heading("Inbox notifications", shown_of(#rows, count(app.state.inbox))),
      html.table({ "User", "Kind", "About", "Room", "Notified", "Read", "Event due" }, rows, "Nobody was notified yet."))
  end

  local function webhooks_section()
    local hooks, rows = {}, {}
    for _, webhook in pairs(app.state.webhooks) do
      local events = #webhook.subscribedEvents
      hooks[#hooks + 1] = { webhook.url, events == 18 and "all events" or table.concat(webhook.subscribedEvents, ", "),
        html.format("<code>%s</code>", webhook.secret), webhook.disabled and colored("bad", "disabled") or "active" }
    end
    table.sort(hooks, function(a, b) return a[1] < b[1] end)
    for message in app.delivery.log:newest() do
      if #rows == DELIVERIES then break end
      local last = message.attempts[#message.attempts]
      rows[#rows + 1] = { delivery_link(message.id), message.type, message.url,
        colored(status_class[message.status], message.status), last and (last.status or last.error) or "",
        #message.attempts, message.due and time(message.due) or "", time(message.created) }
    end
    return html.format('<div id="webhooks">%s%s%s%s</div>', heading("Webhooks", #hooks),
      html.table({ "URL", "Events", "Secret", "State" }, hooks,
        "None. Add one with --webhook URL[=events], or through the management API."),
      heading("Deliveries", shown_of(#rows, count(app.state.messages))),
      html.table({ "Message", "Event", "To", "State", "Response", "Attempts", "Next", "Created" }, rows,
        "Nothing has been sent yet."))
  end

  local function requests_section()
    local rows, recent = {}, front.recent
    for i = #recent, math.max(1, #recent - REQUESTS + 1), -1 do
      local one = recent[i]
      local class = (one.fault and "wait") or (one.status and one.status < 400 and "good") or "bad"
      rows[#rows + 1] = { time(one.at), one.method, one.path .. (one.query and "?" .. one.query or ""),
        colored(class, one.status or ""), one.fault and colored("wait", one.fault) or "",
        ("%.1f ms"):format(one.seconds * 1000) }
    end
    return html.format('<div id="requests">%s%s</div>', heading("Requests", shown_of(#rows, #recent)),
      html.table({ "Time", "Method", "Path", "Status", "Fault", "Took" }, rows, "There were no requests yet."))
  end

  local function events_section()
    local rows = {}
    for i = #app.events, math.max(1, #app.events - EVENTS + 1), -1 do
      rows[#rows + 1] = { app.events[i].type, compact(app.events[i].data) }
    end
    return html.format('<div id="events">%s%s</div>', heading("Events", shown_of(#rows, #app.events)),
      html.table({ "Type", "Data" }, rows, "Nothing has happened yet."))
  end

  -- ---- Pages -----------------------------------------------------------------------------------

  local function index_page(call)
    return responses.new(html.page("Local Liveblocks", { head(),
      html.format("<p>%s</p>", refresh_link("/", call.query)), faults_section(), rooms_section(call.query), threads_section(),
      inbox_section(), webhooks_section(), requests_section(), events_section() }, refresh_of(call.query)))
  end

  local function comment_part(one)
    return html.format('<p><strong>%s</strong> <span class="soft">%s %s%s</span></p><blockquote>%s</blockquote>',
      one.user, one.id, app:date(one.created), one.edited and ", edited" or "",
      one.deleted and html.raw '<span class="soft">deleted</span>' or text_of(one.body))
  end

  local function thread_part(thread)
    local parts = { html.format('<h3 id="%s"><code>%s</code> %s, %s</h3>', thread.id, thread.id,
      thread.resolved and "resolved" or "open", thread.visibility or "public") }
    if next(thread.metadata or {}) then parts[2] = html.format("<p>%s</p>", compact(thread.metadata)) end
    for _, one in ipairs(thread.comments) do parts[#parts + 1] = comment_part(one) end
    return html.join(parts)
  end

  local function present_rows(room)
    local rows = {}
    for i, user in ipairs(app.handlers.get_active_users({ path = { roomId = room.id }, query = {} }).data) do
      rows[i] = { user.id, compact(user.info), user.connectionId }
    end
    return rows
  end

  local function broadcast_rows(room)
    local rows = {}
    local list = app.handlers["GET /local/broadcasts"] { query = { roomId = room.id } }
    for i, sent in ipairs(list.data) do rows[i] = { sent.sentAt, compact(sent.event) } end
    return rows
  end

  local function feed_rows(room)
    local rows = {}
    for _, feed in pairs(room.feeds or {}) do
      local last
      for _, message in pairs(feed.messages) do
        if not last or message.seq > last.seq then last = message end
      end
      rows[#rows + 1] = { feed.id, compact(feed.metadata), count(feed.messages), last and compact(last.data) or "",
        time(feed.updated) }
    end
    table.sort(rows, function(a, b) return a[1] < b[1] end)
    return rows
  end

  local function room_page(call)
    local room = app:room(call.path.roomId)
    local path = { path = { roomId = room.id }, query = {} }
    local parts = { html.format('<header><p><a href="/">Local Liveblocks</a></p><h1>%s</h1><p>%s</p></header>', room.id,
      refresh_link("/local/rooms/" .. url.encode(room.id), call.query)),
      pretty(app.handlers.get_room(path)) }
    local list = threads_of(room)
    parts[#parts + 1] = heading("Storage")
    parts[#parts + 1] = pretty(app.handlers.get_storage_document(path))
    parts[#parts + 1] = heading("Threads", #list)
    for _, thread in ipairs(list) do parts[#parts + 1] = thread_part(thread) end
    parts[#parts + 1] = heading("Feeds")
    parts[#parts + 1] = html.table({ "Feed", "Metadata", "Messages", "Last message", "Updated" }, feed_rows(room), "None.")
    parts[#parts + 1] = heading("Present")
    parts[#parts + 1] = html.table({ "User", "Info", "Connection" }, present_rows(room), "Nobody.")
    parts[#parts + 1] = heading("Broadcasts")
    parts[#parts + 1] = html.table({ "Sent", "Event" }, broadcast_rows(room), "None.")
    return responses.new(html.page(room.id .. " - Local Liveblocks", parts, refresh_of(call.query)))
  end

  local function delivery_page(call)
    local message = app.state.messages[call.path.messageId] or responses.not_found("message", call.path.messageId)
    local rows = {}
    for i, one in ipairs(message.attempts) do
      rows[i] = { i, app:date(one.at), one.status or one.error, one.seconds and ("%.1f ms"):format(one.seconds * 1000) }
    end
    return responses.new(html.page(message.id .. " - Local Liveblocks", {
      html.format('<header><p><a href="/">Local Liveblocks</a></p><h1>%s</h1></header>', message.id),
      html.format('<p>%s to %s: %s%s</p>', message.type, message.url,
        colored(status_class[message.status], message.status),
        message.due and html.format(", next attempt %s", app:date(message.due)) or ""),
      html.format('<form method="post" action="/local/deliveries/%s/replay"><button>Send again</button></form>', message.id),
      heading("Attempts"), html.table({ "", "Time", "Response", "Took" }, rows, "None yet."),
      heading("Event"), pretty(json.decode(message.body)),
    }))
  end

  app:add_route({ method = "GET", path = "/", public = true, query = { { name = "search", type = "string" },
    { name = "before", type = "string" }, { name = "refresh", type = "string" } } }, index_page)
  app:add_route({ method = "GET", path = "/local/rooms/{roomId}", public = true, query = { { name = "refresh", type = "string" } } },
    room_page)
  app:add_route({ method = "GET", path = "/local/deliveries/{messageId}/page", public = true }, delivery_page)
end
