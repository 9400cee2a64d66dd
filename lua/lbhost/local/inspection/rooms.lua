--- The rooms: pages of all, the newest first, and a search.
local html = require "lbhost.web.html"
local json = require "liveblocks.json"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"

local count = show.entries

local ROOMS <const> = 50

return function(pages)
  local app, site = pages.app, pages.site

  -- The newest rooms whose id or metadata contain the text, and how many there are.
  local function find(text)
    local list, total, wanted = {}, 0, text:lower()
    for room in app.rooms.newest { app = app } do
      if room.id:lower():find(wanted, 1, true) or json.encode(room.metadata):lower():find(wanted, 1, true) then
        total = total + 1
        if total <= ROOMS then list[total] = room end
      end
    end
    return list, total
  end

  -- A page of all rooms, and the cursor of the next one.
  local function page_of(cursor)
    local list = {}
    local result = app.handlers.get_rooms { app = app, query = { limit = tostring(ROOMS), startingAfter = cursor }, row = {} }
    for i, shown in ipairs(result.data) do list[i] = app.state.rooms[shown.id] end
    return list, result.nextCursor ~= json.null and result.nextCursor or nil
  end

  local function number_of(shown, all, found, cursor)
    if found then return ("%s found, of %s"):format(found > shown and ("the newest %d of %s"):format(shown, show.number(found)) or
      show.number(found), show.number(all)) end
    if cursor then return ("%d older ones, of %s"):format(shown, show.number(all)) end
    return all > shown and ("the newest %d of %s"):format(shown, show.number(all)) or show.number(all)
  end

  site:page("/rooms", pages.guarded(function(call)
    local search, cursor = call.query.search or "", call.query.before ~= "" and call.query.before or nil
    local list, older, found
    if search ~= "" then list, found = find(search) else list, older = page_of(cursor) end
    local rows = {}
    for i, room in ipairs(list) do
      rows[i] = { pages:room_link(room.id), pages:time(room.created), show.compact(room.metadata), count(room.threads), count(room.feeds),
        count(room.presence), room.organizationId, id = "room-" .. room.seq }
    end
    local form = html.format('<form class="row" role="search" action="%s">%s<button>Search</button>%s</form>', site:url "/rooms",
      html.field { id = "search", label = "Id or metadata", type = "search", value = search },
      (search ~= "" or cursor) and html.link(site:url "/rooms", "All rooms") or "")
    local body = html.join { form, html.table { caption = "Rooms, the newest first", rows = rows,
      columns = { "Room", { "Created", class = "short" }, "Metadata", { "Threads", class = "number" }, { "Feeds", class = "number" },
        { "Present", class = "number" }, "Organization" },
      none = (search ~= "" or cursor) and "No room." or "There are no rooms yet." },
      older and html.format('<p class="pages">%s</p>', html.link(site:url("/rooms", { before = older }), "Older rooms")) or "" }
    return { title = "Rooms", fixed = search ~= "", parts = {
      page.part("rooms", "Rooms", number_of(#rows, count(app.state.rooms), found, cursor), body) } }
  end))
end
