--- What is about users: their inbox notifications, and groups.
local html = require "lbhost.web.html"
local index = require "lbhost.local.index"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"

local SHOWN <const>, MEMBERS <const> = 50, 20

local function position(entry) return entry.at, entry.seq end

return function(pages)
  local app, site = pages.app, pages.site

  -- What a notification is about: a thread, a mention in a text editor, or a subject.
  local function about(n)
    if n.thread then return pages:thread_link(n.room, n.thread) end
    if n.mention then return "mention " .. n.mention end
    return #n.activities > 1 and ("%s, %d activities"):format(n.subject, #n.activities) or n.subject
  end

  local function matches(n, user, unread)
    return (user == "" or n.user == user) and (not unread or not n.read)
  end

  site:page("/inbox", pages.guarded(function(call)
    local user, unread = call.query.user or "", call.query.unread == "yes"
    local newest, total = index.new(position), 0
    for _, n in pairs(app.state.inbox) do
      if matches(n, user, unread) then
        total = total + 1
        newest:insert { at = n.notified, seq = n.seq, n = n }
        if newest:count() > SHOWN then newest:remove(newest:oldest()()) end
      end
    end
    local rows = {}
    for entry in newest:newest() do
      local n = entry.n
      local waiting = app.state.notifying[n.id]
      rows[#rows + 1] = { n.user, n.kind, about(n), n.room and pages:room_link(n.room) or "", pages:time(n.notified),
        n.read and pages:time(n.read) or html.state("wait", "unread"), waiting and pages:time(waiting.due) or "", id = n.id }
    end
    local form = html.format('<form class="row" role="search" action="%s">%s<label><input type="checkbox" name="unread" value="yes"%s> '
      .. 'unread alone</label><button>Show</button></form>', site:url "/inbox", html.field { id = "user", label = "User", value = user },
      unread and html.raw " checked" or "")
    return { title = "Inbox", parts = { page.part("inbox", "Inbox notifications", total > #rows and ("the newest %d of %s"):format(#rows,
      show.number(total)) or total, html.join { form, html.table { caption = "Inbox notifications, the newest first", rows = rows,
      none = (user ~= "" or unread) and "None." or "Nobody was notified yet.", columns = { "User", "Kind", "About", "Room",
        { "Notified", class = "short" }, { "Read", class = "short" }, { "Event due", class = "short" } } } }) } }
  end))

  local function members_of(group)
    local names = {}
    for i, member in ipairs(group.members) do
      if i > MEMBERS then
        names[i] = ("and %d more"):format(#group.members - MEMBERS)
        break
      end
      names[i] = member.id
    end
    return table.concat(names, ", ")
  end

  site:page("/groups", pages.guarded(function()
    local newest, total = index.new(), 0
    for _, group in pairs(app.state.groups) do
      total = total + 1
      newest:insert(group)
      if newest:count() > SHOWN then newest:remove(newest:oldest()()) end
    end
    local rows = {}
    for group in newest:newest() do
      rows[#rows + 1] = { group.id, members_of(group), #group.members, group.scopes.mention and "yes" or "no", group.organizationId,
        pages:time(group.updated), id = "group-" .. group.seq }
    end
    return { title = "Groups", parts = { page.part("groups", "Groups", total > #rows and ("the newest %d of %s"):format(#rows,
      show.number(total)) or total, html.table { caption = "Groups, the newest first", rows = rows, none = "There are no groups yet.",
      columns = { "Group", "Members", { "Number", class = "number" }, "May be mentioned", "Organization",
        { "Updated", class = "short" } } }) } }
  end))
end
