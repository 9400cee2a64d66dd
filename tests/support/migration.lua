-- Migrations that are run against a local Liveblocks, each from a directory of its own:
--
--   local site = migration.site(setup, teardown, before_each, after_each)   -- of busted: the block's set-up
--   site.write "rooms = {}, each = function() end"                          -- m.lua in site.dir
--   local out, err, status = site.run "--dry-run"                           -- site.client, site.server
local directory = require "tests.support.directory"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"

local migration = {}

--- Starts a local Liveblocks for the block; each test begins without data, and with an empty directory.
function migration.site(setup, teardown, before_each, after_each)
  local site = {}
  setup(function()
    site.server = local_server.start()
    site.client = site.server:client()
  end)
  teardown(function() site.server:stop() end)
  before_each(function() site.dir = directory.new() end)
  after_each(function()
    site.server:clear()
    site.dir:remove()
  end)

  --- The fields of the migration m.lua.
  function site.write(fields) return site.dir:write("m.lua", ("return { api = 1, %s }"):format(fields)) end

  --- Runs m.lua; returns output, errors, exit status.
  function site.run(...) return site.server:run({ "migrate", "m.lua", ... }, { cwd = site.dir.path }) end

  --- Starts m.lua.
  function site.spawn(...) return site.server:spawn({ "migrate", "m.lua", ... }, { cwd = site.dir.path }) end

  --- Makes so many rooms, room-001 ...; fill(id) gives each its content: Storage { n = 1 } when it is absent.
  function site.rooms(count, fill)
    liveblocks.task.map(count, function(i)
      local id = migration.id(i)
      site.client:create_room { id = id, defaultAccesses = {} }
      if fill then return fill(id) end
      site.client:initialize_storage_document(id, { liveblocksType = "LiveObject", data = { n = 1 } })
    end)
  end

  return site
end

--- The id of a room that site.rooms has made.
function migration.id(i) return ("room-%03d"):format(i) end

--- A list of so many equal values.
function migration.list(count, value)
  local list = {}
  for i = 1, count do list[i] = value end
  return list
end

return migration
