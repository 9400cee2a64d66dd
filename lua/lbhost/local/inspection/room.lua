--- One room: its settings, its Storage as a tree, its threads, feeds, who is there, and what was broadcast.
local comment = require "liveblocks.comment"
local document = require "lbhost.local.storage.document"
local html = require "lbhost.web.html"
local lson = require "lbhost.local.storage.lson"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"
local tree = require "lbhost.local.inspection.tree"
local url = require "lbhost.util.url"

local count = show.entries

local THREADS <const> = 50

local forms <const> = { { "json", "JSON" }, { "lson", "LSON" }, { "text", "As text" } }

local function accesses(map)
  local list = {}
  for id, permissions in pairs(map) do list[#list + 1] = ("%s: %s"):format(id, table.concat(permissions, " ")) end
  table.sort(list)
  return list[1] and table.concat(list, "; ") or nil
end

return function(pages)
  local app, site = pages.app, pages.site

  local function facts(room)
    return html.join { html.list { { "Created", pages:time(room.created) },
      { "Last connection", room.lastConnection and pages:time(room.lastConnection) }, { "Organization", room.organizationId },
      { "Default accesses", room.defaultAccesses[1] and table.concat(room.defaultAccesses, " ") or "none" },
      { "Users", accesses(room.usersAccesses) }, { "Groups", accesses(room.groupsAccesses) } },
      next(room.metadata) and show.pretty(room.metadata) or html.raw '<p class="none">No metadata.</p>' }
  end

  local function storage(room, call)
    local form = call.query.form or "json"
    local tabs = {}
    for i, one in ipairs(forms) do
      tabs[i] = html.format('<a href="%s"%s>%s</a>', site:url(call.target, { form = one[1] ~= "json" and one[1] or nil }),
        form == one[1] and html.raw ' aria-current="true"' or "", one[2])
    end
    local root = (room.storage or document.empty()).root
    local shown = form == "text" and show.pretty(lson.write(root)) or tree.of(root, form == "lson")
    return html.format('<p class="row tabs">%s</p>%s', html.join(tabs), shown)
  end

  local function comment_part(one)
    return html.format('<p class="row"><strong>%s</strong> <span class="soft">%s %s%s</span></p><blockquote>%s</blockquote>', one.user,
      one.id, pages:time(one.created), one.edited and ", edited" or "", one.deleted and html.raw '<span class="soft">deleted</span>'
      or one.body and show.text(comment.to_text(one.body)) or "")
  end

  local function thread_part(thread)
    local parts = { html.format('<h3><code>%s</code> %s, %s, %s</h3>', thread.id, thread.resolved and html.state("soft", "resolved")
      or html.state("wait", "open"), thread.visibility or "public", show.count(#thread.comments, "comment")) }
    if next(thread.metadata or {}) then parts[2] = html.format("<p>%s</p>", show.compact(thread.metadata)) end
    for _, one in ipairs(thread.comments) do parts[#parts + 1] = comment_part(one) end
    return html.format('<article id="%s">%s</article>', thread.id, html.join(parts))
  end

  local function threads(room)
    local list = {}
    for _, thread in pairs(room.threads or {}) do list[#list + 1] = thread end
    table.sort(list, function(a, b) return a.seq > b.seq end)
    local parts = {}
    for i = 1, math.min(#list, THREADS) do parts[i] = thread_part(list[i]) end
    if not list[1] then return html.raw '<p class="none">None.</p>' end
    if #list > THREADS then parts[#parts + 1] = html.format('<p class="soft">The newest %d of %d.</p>', THREADS, #list) end
    return html.join(parts)
  end

  local function feeds(room)
    local rows = {}
    for _, feed in pairs(room.feeds or {}) do
      local last
      for _, message in pairs(feed.messages) do
        if not last or message.seq > last.seq then last = message end
      end
      rows[#rows + 1] = { feed.id, show.compact(feed.metadata), count(feed.messages), last and show.compact(last.data) or "",
        pages:time(feed.updated) }
    end
    table.sort(rows, function(a, b) return a[1] < b[1] end)
    return html.table { caption = "Feeds", columns = { "Feed", "Metadata", { "Messages", class = "number" }, "Last message",
      { "Updated", class = "short" } }, rows = rows, none = "None." }
  end

  local function present(room)
    local rows = {}
    for i, user in ipairs(app.handlers.get_active_users({ path = { roomId = room.id }, query = {} }).data) do
      rows[i] = { user.id, show.compact(user.info), user.connectionId }
    end
    return html.table { caption = "Who is there", columns = { "User", "Info", { "Connection", class = "number" } }, rows = rows,
      none = "Nobody." }
  end

  local function broadcasts(room)
    local rows = {}
    local list = app.handlers["GET /local/broadcasts"] { query = { roomId = room.id } }
    for i, sent in ipairs(list.data) do
      if i > THREADS then break end
      rows[i] = { sent.sentAt:sub(12, 23), show.compact(sent.event) }
    end
    return html.table { caption = "Broadcasts", columns = { { "Sent", class = "short" }, "Event" }, rows = rows, none = "None." }
  end

  local function documents(room)
    local rows = {}
    for guid, updates in pairs(room.ydocs or {}) do
      local bytes = 0
      for _, update in ipairs(updates) do bytes = bytes + #update end
      rows[#rows + 1] = { guid == "" and "the main one" or guid, #updates, show.bytes(bytes) }
    end
    table.sort(rows, function(a, b) return a[1] < b[1] end)
    return html.table { caption = "Yjs documents", columns = { "Document", { "Updates", class = "number" }, { "Bytes", class = "number" } },
      rows = rows, none = "None." }
  end

  site:page("/rooms/{roomId}", pages.guarded(function(call)
    app.gate:enter(call)
    local _ <close> = app.gate:leaving(call)
    local room = app:room(call.path.roomId)
    call.target = "/rooms/" .. url.encode(room.id)
    return { title = room.id, section = "/rooms", parts = {
      page.part("room", "Room", nil, facts(room)), page.part("storage", "Storage", nil,
        app.gate:divided(call, storage, room, call)),
      page.part("threads", "Threads", count(room.threads), threads(room)), page.part("feeds", "Feeds", count(room.feeds), feeds(room)),
      page.part("documents", "Yjs documents", count(room.ydocs), documents(room)),
      page.part("present", "Who is there", count(room.presence), present(room)), page.part("broadcasts", "Broadcasts", nil,
        broadcasts(room)) } }
  end))
end
