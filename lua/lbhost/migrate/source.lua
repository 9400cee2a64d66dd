--- The sources of a migration: lists the keys of its items, and makes an item of a key.
---
--- A key is the id of a room, a user or whatever the file lists; that of a thread is ROOM/THREAD. Of rooms and threads
--- only keys are kept: the rest is fetched when a hook asks for it.
local equal = require("liveblocks.storage.value").equal
local errors = require "liveblocks.errors"
local file = require "lbhost.migrate.file"
local task = require "liveblocks.task"
local text_file = require "lbhost.util.text_file"

local source = {}

local PAGE = 100

-- What makes items that have their id, and fetch the other fields at the first look at one.
local function lazy_meta(run, fetch)
  local function fill(self)
    setmetatable(self, nil)
    for name, value in pairs(fetch(run, self)) do
      if rawget(self, name) == nil then self[name] = value end
    end
  end
  return {
    __index = function(self, name)
      fill(self)
      return rawget(self, name)
    end,
    __pairs = function(self)
      fill(self)
      return pairs(self)
    end,
  }
end

local function lazy(run, fields, fetch)
  run.lazy_meta = run.lazy_meta or lazy_meta(run, fetch)
  return setmetatable(fields, run.lazy_meta)
end

local function fetch_room(run, room) return (run.client:get_room(room.id)) end
local function fetch_thread(run, thread) return (run.client:get_thread(thread.roomId, thread.id)) end

-- Which options go together is known to the migration alone, which refuses others here, as the command line refuses its own.
local function asked(fn, ctx)
  local ok, result = pcall(fn, ctx)
  if ok then return result end
  if errors.is(result) and result.kind == "usage" then result.refused = true end
  error(result, 0)
end

local function room_fields(migration, given, ctx)
  local fields = {}
  if type(given) == "function" then given = file.check_rooms(migration.path, asked(given, ctx)) end
  for name, value in pairs(given or {}) do fields[name] = value end
  fields.limit = fields.limit or PAGE
  return fields
end

-- Pages of rooms from a cursor on: an iterator of rooms, next cursor (nil at the end). The next page is fetched ahead.
local function room_pages(client, fields, cursor)
  local function start(from)
    fields.startingAfter = from
    return client:submit("get_rooms", fields)
  end
  local ahead = start(cursor)
  return function()
    if not ahead then return nil end
    local page = ahead:wait()
    local following = page.nextCursor
    if type(following) ~= "string" or following == "" then following = nil end
    if following and following == cursor then
      error(errors.new("json", "get_rooms: the server gave the same cursor twice"), 0)
    end
    cursor = following
    ahead = following and start(following)
    return page.data, following
  end
end

-- A list, { file = path } or a function(ctx) as an iterator of ids.
local function id_iterator(given, ctx)
  if type(given) == "function" then given = given(ctx) end
  if type(given) == "function" then return given end
  if type(given) ~= "table" then errors.usage("'ids' must give a list, { file = path } or an iterator") end
  if given.file then
    local lines = text_file.lines(given.file, "list of ids")
    return function()
      local line
      repeat
        line = lines()
        line = line and line:match "^%s*(.-)%s*$"
      until line ~= ""
      return line
    end
  end
  local i = 0
  return function()
    i = i + 1
    return given[i]
  end
end

-- Groups what an iterator gives into pages of keys, with what came with them.
local function pages_of(iterator, state, control)
  local ended, count = false, 0
  return function()
    if ended then return nil end
    local keys, values = {}, {}
    while #keys < PAGE do
      local item, value = iterator(state, control)
      control = item
      if item == nil then
        ended = true
        break
      end
      local key = item
      if type(item) == "table" then key, value = item.id, item end
      count = count + 1
      if type(key) ~= "string" or key == "" then
        errors.usage("item %d of the source has %s", count, key == "" and "an empty id" or "no id: " .. tostring(key))
      end
      keys[#keys + 1] = key
      if values[key] ~= nil and not equal(values[key], value) then
        errors.usage("the source gives two different items with the id '%s'", key)
      end
      values[key] = value
    end
    return keys, nil, values
  end
end

local kinds = {}

kinds.rooms = {
  unit = "room", resumes = true,
  pages = function(run, cursor)
    local next_page = room_pages(run.client, room_fields(run.migration, run.migration.rooms, run.ctx), cursor)
    return function()
      local rooms, following = next_page()
      if not rooms then return nil end
      local keys = {}
      for i, room in ipairs(rooms) do keys[i] = room.id end
      return keys, following
    end
  end,
  item = function(run, key)
    return lazy(run, { id = key }, fetch_room), key
  end,
  look = function(run, key) return run.client.try:get_room(key) end,
}

-- A room may vanish between the page it was listed on and now.
local function threads_of(client, room, query)
  local list, err = client.try:get_threads(room, { query = query })
  if list then return list.data end
  if err.status == 404 then return {} end
  error(err, 0)
end

local function split(key)
  local room, id = key:match "^(.*)/([^/]+)$"
  if not room then errors.usage("'%s' is not ROOM/THREAD", key) end
  return room, id
end

kinds.threads = {
  unit = "thread", resumes = true,
  pages = function(run, cursor)
    local given = run.migration.threads
    local query = given.query
    if type(query) == "function" then query = query(run.ctx) end
    local next_page = room_pages(run.client, room_fields(run.migration, given.rooms, run.ctx), cursor)
    return function()
      local rooms, following = next_page()
      if not rooms then return nil end
      local lists = task.map(rooms, function(room)
        return threads_of(run.client, room.id, query)
      end, { concurrency = run.workers.wanted })
      local keys = {}
      for i, room in ipairs(rooms) do
        for _, thread in ipairs(lists[i]) do keys[#keys + 1] = room.id .. "/" .. thread.id end
      end
      return keys, following
    end
  end,
  item = function(run, key)
    local room, id = split(key)
    return lazy(run, { id = id, roomId = room }, fetch_thread), room
  end,
  look = function(run, key) return run.client.try:get_thread(split(key)) end,
}

local function listed(name, unit)
  return {
    unit = unit,
    pages = function(run) return pages_of(id_iterator(run.migration[name], run.ctx)) end,
    item = function(_, key)
      if name == "users" then return { id = key } end
      return key, key
    end,
  }
end
kinds.users = listed("users", "user")
kinds.ids = listed("ids", "item")
-- Ids are mostly those of rooms.
kinds.ids.look = kinds.rooms.look

kinds.items = {
  unit = "item",
  pages = function(run)
    local iterator, state, control = run.migration.items(run.ctx)
    if type(iterator) ~= "function" then errors.usage("'items' must return an iterator, got %s", type(iterator)) end
    return pages_of(iterator, state, control)
  end,
  item = function(_, key, value) return value == nil and key or value, key end,
}

--- What a migration goes through.
---@param migration lbhost.Migration
---@return table kind with `unit`; `resumes`: the API lists them, and
---pages may begin at a cursor; pages(run, cursor) -> iterator of keys,
---cursor, values; item(run, key, value) -> item, room id;
---and look(run, key) -> the item, or nil and why not
function source.of(migration)
  return kinds[migration.source]
end

return source
