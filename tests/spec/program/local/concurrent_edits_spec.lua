-- Many edits of one room at once, against the local Liveblocks: none is lost, none is made twice.
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"

describe("mutate_storage by many at once", function()
  local server, client
  setup(function()
    server = local_server.start()
    client = server:client()
  end)
  teardown(function() server:stop() end)

  local function edit(count, fn, options)
    options = options or {}
    options.attempts = 100
    liveblocks.task.map(count, function(i)
      client:mutate_storage("r", function(root) fn(root, i) end, options)
    end, { concurrency = count })
  end
  local function document()
    return client:get_storage_document("r", { format = "json" })
  end
  before_each(function()
    client.try:delete_room "r"
    client:create_room { id = "r", defaultAccesses = {} }
    client:mutate_storage("r", function(root)
      root.n, root.list = 0, liveblocks.storage.list {}
    end)
  end)

  it("counts right", function()
    edit(15, function(root) root.n = root.n + 1 end)
    assert.equal(15, document().n)
  end)

  it("keeps every append, without a conflict", function()
    liveblocks.task.map(15, function(i)
      client:mutate_storage("r", function(root) root.list:insert(i) end, { attempts = 1 })
    end, { concurrency = 15 })
    local list = document().list
    table.sort(list)
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, list)
  end)

  it("takes out and puts in what it means, though positions move", function()
    client:mutate_storage("r", function(root)
      for i = 1, 12 do root.list:insert(liveblocks.storage.object { id = i, done = false }) end
    end)
    edit(12, function(root, i)
      for position, item in ipairs(root.list) do
        if item.id == i then
          if i % 2 == 0 then root.list:remove(position) else item.done = true end
          return
        end
      end
    end)
    local left = {}
    for i, item in ipairs(document().list) do left[i] = { item.id, item.done } end
    assert.same({ { 1, true }, { 3, true }, { 5, true }, { 7, true }, { 9, true }, { 11, true } }, left)
  end)
end)
