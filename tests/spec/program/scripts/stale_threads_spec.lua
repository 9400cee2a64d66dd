local handlers = require "tests.support.handlers"
local liveblocks = require "liveblocks"

local from_markdown = liveblocks.comment.from_markdown

describe("scripts/webhooks/stale_threads.lua", function()
  local handler

  local function start(options)
    handler = handlers.start("scripts/webhooks/stale_threads.lua", options or {})
    for _, id in ipairs { "a", "b" } do
      handler.client:create_room { id = id, defaultAccesses = { "room:write" }, metadata = { type = id } }
    end
  end

  after_each(function() handler:stop() end)

  local OLD = "2020-01-01T00:00:00.000Z"

  local function write(room, at, metadata)
    return handler.client:create_thread(room, { metadata = metadata,
      comment = { userId = "alice", body = from_markdown "hello", createdAt = at } })
  end

  local function read(thread)
    return handler.client:get_thread(thread.roomId, thread.id)
  end

  it("resolves threads in which nobody has written, with a comment that says so", function()
    start()
    local old, fresh = write("a", OLD), write "b"
    handler:timer "03:00"
    local closed = read(old)
    assert.is_true(closed.resolved)
    assert.equal("bot", closed.comments[2].userId)
    assert.equal("Resolved: nobody has written here for **30 days**.", liveblocks.comment.to_markdown(closed.comments[2].body))
    assert.is_false(read(fresh).resolved)
    assert.same({ resolved = 1, rooms_failed = 0 }, handler.logs[#handler.logs].fields)
  end)

  it("does it once", function()
    start()
    local old = write("a", OLD)
    handler:timer "03:00"
    handler:timer "03:00"
    assert.equal(2, #read(old).comments)
  end)

  it("leaves threads that were answered, and those that are to be kept", function()
    start()
    local answered, kept = write("a", OLD), write("a", OLD, { keepOpen = true })
    handler.client:create_comment("a", answered.id, { userId = "bob", body = from_markdown "still true" })
    handler:timer "03:00"
    assert.is_false(read(answered).resolved)
    assert.is_false(read(kept).resolved)
  end)

  it("looks only into the rooms of its options, and writes nothing in a dry run", function()
    start { query = "metadata['type']:'b'", comment = "" }
    local a, b = write("a", OLD), write("b", OLD)
    handler:timer "03:00"
    assert.is_false(read(a).resolved)
    assert.is_true(read(b).resolved)
    assert.equal(1, #read(b).comments)
    handler:stop()
    start { dry_run = true }
    local old = write("a", OLD)
    handler:timer "03:00"
    assert.is_false(read(old).resolved)
    assert.equal("would be resolved", handler.logs[1].text)
  end)
end)
