local eventually = require "tests.support.eventually"
local handlers = require "tests.support.handlers"
local json = require "liveblocks.json"
local sqlite = require "lbhost.sqlite"

describe("scripts/webhooks/mirror_storage.lua", function()
  local path, handler

  local function start(options)
    path = os.tmpname()
    options.path = path
    handler = handlers.start("scripts/webhooks/mirror_storage.lua", options)
    handler.client:create_room { id = "board", defaultAccesses = { "room:write" } }
  end

  after_each(function()
    handler:stop()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end)

  -- Waits until a handler has seen an event of a type `count` times.
  local function wait_for(kind, count)
    eventually(function()
      local seen = 0
      for _, one in ipairs(handler.events) do
        if one.event.type == kind then seen = seen + 1 end
      end
      return seen >= count
    end, kind)
  end

  local function initialize(data)
    handler.client:initialize_storage_document("board", { liveblocksType = "LiveObject", data = data })
    wait_for("storageUpdated", 1)
  end

  local function stored(sql)
    local db = sqlite.open(path, { readonly = true })
    local values = table.pack(db:row(sql))
    db:close()
    return table.unpack(values, 1, values.n)
  end

  it("keeps the document of a room, digits and all, for SQL to read", function()
    start {}
    initialize { title = "Plan", n = 12345678901234567, items = { liveblocksType = "LiveList", data = { 1.5, "a" } } }
    assert.same({}, handler.errors)
    local document, title, n, updated = stored [[
      SELECT document, document ->> '$.title', document ->> '$.n', updated_at FROM rooms WHERE room_id = 'board']]
    assert.same({ title = "Plan", n = 12345678901234567, items = { 1.5, "a" } }, json.decode(document))
    assert.equal("Plan", title)
    assert.equal(12345678901234567, n)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT", updated)
  end)

  it("keeps the newest document, and with history the older ones", function()
    start { history = true }
    initialize { n = 1 }
    handlers.task.sleep(0.005)
    handler.client:patch_storage_document("board", { { op = "replace", path = "/n", value = 2 } })
    wait_for("storageUpdated", 2)
    assert.equal('{"n":2}', (stored "SELECT document FROM rooms"))
    assert.equal(2, (stored "SELECT count(*) FROM versions"))
  end)

  it("keeps plain LSON when asked to", function()
    start { format = "plain-lson" }
    initialize { n = 1 }
    assert.equal("LiveObject", (stored "SELECT document ->> '$.liveblocksType' FROM rooms"))
  end)

  it("forgets a room that is deleted, and one that is gone when it is fetched", function()
    start {}
    initialize { n = 1 }
    handler.client:delete_room "board"
    wait_for("roomDeleted", 1)
    assert.equal(0, (stored "SELECT count(*) FROM rooms"))
    local event = { type = "storageUpdated", data = { roomId = "board", updatedAt = "2026-01-01T00:00:00.000Z" } }
    assert.is_true(handler:handle(event, "msg_1"))
    assert.equal("the room or its Storage is gone", handler:last_log())
  end)
end)
