local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"
local mutate = require "liveblocks.yjs.mutate"
local yjs = liveblocks.yjs

-- A client of one room, whose updates are merged as the API merges them.
local function client_of(update)
  local client = { update = update or yjs.empty, sent = {} }
  function client.get_yjs_document_as_binary_update() return client.update end
  function client:send_yjs_binary_update(_, sent)
    self.sent[#self.sent + 1] = sent
    self.update = yjs.merge { self.update, sent }
  end
  return client
end

local function text_in(client) return yjs.open(client.update):get_text("t"):to_string() end

describe("mutate_yjs", function()
  it("sends the one update that makes the difference, and nothing when there is none", function()
    local client = client_of()
    local update, info = mutate(client, "r", function(doc)
      doc:get_text("t"):insert(0, "world")
      doc:get_text("t"):insert(0, "hello ")
      return "result"
    end)
    assert.same({ update }, client.sent)
    assert.same({ "t" }, info.changed)
    assert.equal("result", info.result)
    assert.equal("hello world", text_in(client))
    update, info = mutate(client, "r", function(doc) return doc:get_text("t"):length() end)
    assert.is_nil(update)
    assert.is_false(info.sent)
    assert.equal(1, #client.sent)
  end)

  it("merges with what others write meanwhile", function()
    local client = client_of()
    mutate(client, "r", function(doc) doc:get_text("t"):insert(0, "ab") end)
    mutate(client, "r", function(doc)
      doc:get_text("t"):insert(1, "1")
      mutate(client, "r", function(other) other:get_text("t"):insert(2, "2") end)
    end)
    assert.equal("a1b2", text_in(client))
  end)

  it("sends nothing when the function fails, in a dry run, or when before_send fails", function()
    local client = client_of()
    local function edit(doc) doc:get_text("t"):insert(0, "new") end
    local function failing(doc)
      edit(doc)
      error("stopped", 0)
    end
    assert.has_error(function() mutate(client, "r", failing) end, "stopped")
    assert.has_error(function()
      mutate(client, "r", edit, { before_send = function() error("not now", 0) end })
    end, "not now")
    local shown, info = mutate(client, "r", edit, { dry_run = true })
    assert.equal('+ t: "new"', shown)
    assert.is_false(info.sent)
    assert.same({}, client.sent)
  end)

  it("refuses an update of which the one before is missing, rather than leave it out", function()
    local client, other = client_of(), yjs.open()
    other:get_text("t"):insert(0, "a")
    local first = other:update()
    other:get_text("t"):insert(1, "b")
    local second = other:update()
    local ok, err = pcall(mutate, client, "r", function(doc) doc:apply(second) end)
    assert.is_false(ok)
    assert.equal("usage", err.kind)
    assert.matches("^mutate_yjs: an update that was applied waits for another one", err.message)
    assert.same({}, client.sent)
    mutate(client, "r", function(doc)
      doc:apply(second)
      doc:apply(first)
    end)
    assert.equal("ab", text_in(client))
    -- What waits in the room already is none of the edit's.
    client = client_of(second)
    mutate(client, "r", function(doc) doc:get_text("u"):insert(0, "x") end)
    assert.equal(1, #client.sent)
  end)

  it("names what is wrong with its arguments", function()
    local function edit() end
    local wrong = { { nil, edit }, { 5, edit }, { "r" }, { "r", "f" }, { "r", edit, 5 }, { "r", edit, { keys = "t" } },
      { "r", edit, { key = 5 } }, { "r", edit, { dry_run = 1 } }, { "r", edit, { before_send = true } } }
    for i, arguments in ipairs(wrong) do
      local client = client_of()
      local ok, err = pcall(mutate, client, arguments[1], arguments[2], arguments[3])
      assert.is_false(ok, tostring(i))
      assert.is_true(errors.is(err) and err.kind == "usage", tostring(err))
      assert.matches("^mutate_yjs: ", err.message)
    end
  end)
end)
