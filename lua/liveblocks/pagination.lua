--- Iterators over paginated calls: lazy, with the next page under way while this one is read.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"

local pages = {}

-- The documented key is `data`; where a server uses another name, it is the only list of the page.
local function items_of(page)
  if type(page) ~= "table" then return {} end
  if type(page.data) == "table" then return page.data end
  for _, value in pairs(page) do
    if type(value) == "table" then return value end
  end
  return {}
end

--- An iterator for `for item in ... do`.
---@param submit fun(cursor: string?): userdata starts the call of a page
---@param name string
function pages.iterate(submit, name)
  local items, i, ahead, cursor = nil, 0, submit(nil), nil
  local function next_page()
    local call = ahead or submit(cursor)
    ahead = nil
    local page = call:wait()
    items, i = items_of(page), 0
    local following = type(page) == "table" and page.nextCursor
    if type(following) ~= "string" or following == "" then
      cursor = nil
      return
    end
    if following == cursor then
      error(errors.new("json", ("%s: the server gave the same cursor twice"):format(name)), 0)
    end
    cursor = following
    if core.in_task() then ahead = submit(cursor) end
  end
  local function step()
    while not items or i >= #items do
      if items and not cursor then return nil end
      next_page()
    end
    i = i + 1
    return items[i]
  end
  local closer = setmetatable({}, { __close = function() if ahead then ahead:cancel() end end })
  return step, nil, nil, closer
end

return pages
