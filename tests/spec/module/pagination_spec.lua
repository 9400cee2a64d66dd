local eventually = require "tests.support.eventually"
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local client_module = require "liveblocks.client"
local refused = require "tests.support.refused"

local task = liveblocks.task

describe("an iterator over pages", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  local function page(path, items, cursor, more)
    local answer = { path = path, method = "GET", times = 1, json = { data = items, nextCursor = cursor } }
    for name, value in pairs(more or {}) do answer[name] = value end
    srv:answer(answer)
  end

  for name, row in pairs(client_module.rows) do
    if row.page and row.name == name then
      it(("walks %s by its own parameter"):format(name), function()
        local arguments, path = {}, row.path
        for i, parameter in ipairs(row.parameters) do
          arguments[i] = parameter
          path = path:gsub("{%w+}", parameter, 1)
        end
        local fields = { limit = 2 }
        for _, field in ipairs(row.query) do
          if field.required then fields[field.name] = "needed" end
        end
        arguments[#arguments + 1] = fields
        page(path, { { n = 2 } }, nil)
        page(path, { { n = 1 } }, "a+b/c= é")
        local found = {}
        local client = helper.client(srv)
        for item in client["iter_" .. name:gsub("^get_", "")](client, table.unpack(arguments)) do
          found[#found + 1] = item.n
        end
        assert.same({ 1, 2 }, found)
        local log = srv:log()
        assert.equal(2, #log)
        assert.is_nil(log[1].query:find(row.page, 1, true))
        assert.matches(row.page .. "=a%2Bb%2Fc%3D+%C3%A9", log[2].query, 1, true)
        assert.matches("limit=2", log[2].query)
        assert.is_nil(fields[row.page])
      end)
    end
  end

  it("asks for a page when it is needed, and no earlier", function()
    local client, id = helper.client(srv, "pages,n=95,size=20")
    local n = 0
    for _ in client:iter_rooms() do
      n = n + 1
      if n <= 20 then assert.equal(1, #srv:log(id, { keep = true })) end
      if n == 21 then break end
    end
    assert.equal(2, #srv:log(id))
  end)

  it("has the next page under way in a task, and ends it when the loop is left", function()
    local client, id = helper.client(srv, "pages,n=95,size=20")
    task.run(function()
      local asked
      for _ in client:iter_rooms() do
        if asked then break end
        eventually(function() return #srv:log(id, { keep = true, bytes = false }) >= 2 end)
        asked = #srv:log(id, { keep = true, bytes = false })
      end
      assert.equal(2, asked)
    end)
    assert.equal(0, require("liveblocks.core").pending())
  end)

  it("goes on after an empty page and ends where there is no cursor", function()
    page("/v2/rooms", { { id = "c" } }, "")
    page("/v2/rooms", {}, "3")
    page("/v2/rooms", {}, "2")
    local found = {}
    for room in helper.client(srv):iter_rooms() do found[#found + 1] = room.id end
    assert.same({ "c" }, found)
    for _ in helper.client(srv):iter_rooms() do error "there is none" end
  end)

  it("begins at the cursor that is given", function()
    for _ in helper.client(srv):iter_rooms { startingAfter = "here", userId = "alice" } do error "there is none" end
    assert.equal("startingAfter=here", srv:log()[1].query:match("startingAfter=[^&]*"))
  end)

  it("refuses to walk in a circle", function()
    local client = helper.client(srv, "pages,stuck=1")
    local ok, err = pcall(function()
      for _ in client:iter_rooms() do end
    end)
    assert.is_false(ok)
    assert.equal("json", err.kind)
    assert.matches("get_rooms: the server gave the same cursor twice", err.message, 1, true)
  end)

  it("raises the error of a page, after the items of those before", function()
    local client = helper.client(srv, "pages,n=95,size=20,fail=3", { retries = 0 })
    local n = 0
    local ok, err = pcall(function()
      for _ in client:iter_rooms() do n = n + 1 end
    end)
    assert.is_false(ok)
    assert.equal("http", err.kind)
    assert.equal(40, n)
  end)

  it("survives a page that fails now and then", function()
    local client = helper.client(srv, "pages,n=95,size=20,fail=3")
    local n = 0
    for _ in client:iter_rooms() do n = n + 1 end
    assert.equal(95, n)
  end)

  it("refuses what its call refuses, before anything is sent", function()
    local client = helper.client(srv)
    assert.matches("did you mean 'limit'", refused(client.iter_rooms, client, { limti = 1 }), 1, true)
    assert.matches("must be a string", refused(client.iter_inbox_notifications, client))
    assert.matches("a table of fields", refused(client.iter_rooms, client, 5))
    assert.matches("there is no call 'iter_threads'", refused(function() return client:iter_threads("r") end), 1, true)
    assert.equal(0, #srv:log())
  end)
end)
