--- The threads of all rooms, those that have changed last first.
local comment = require "liveblocks.comment"
local html = require "lbhost.web.html"
local index = require "lbhost.local.index"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"

local SHOWN <const> = 50

return function(pages)
  local app, site = pages.app, pages.site

  site:page("/threads", pages.guarded(function()
    local newest, total = index.new(function(entry) return entry.at, entry.seq end), 0
    for _, room in pairs(app.state.rooms) do
      for _, thread in pairs(room.threads or {}) do
        total = total + 1
        newest:insert { at = thread.updated, seq = thread.seq, room = room, thread = thread }
        if newest:count() > SHOWN then newest:remove(newest:oldest()()) end
      end
    end
    local rows = {}
    for entry in newest:newest() do
      local room, thread = entry.room, entry.thread
      local first = thread.comments[1]
      rows[#rows + 1] = { pages:thread_link(room.id, thread.id), pages:room_link(room.id), first and first.user or "",
        first and first.body and show.text(comment.to_text(first.body), 120) or "", #thread.comments,
        thread.resolved and html.state("soft", "resolved") or html.state("wait", "open"), pages:time(thread.updated), id = thread.id }
    end
    local shown = html.table { caption = "Threads, the last changed first", rows = rows, none = "There are no threads yet.",
      columns = { "Thread", "Room", "By", "First comment", { "Comments", class = "number" }, "State", { "Updated", class = "short" } } }
    return { title = "Threads", parts = { page.part("threads", "Threads", total > #rows and ("the newest %d of %s"):format(#rows,
      show.number(total)) or total, shown) } }
  end))
end
