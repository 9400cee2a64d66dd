local file = require "lbhost.migrate.file"
local directory = require "tests.support.directory"
local guards = require "lbhost.migrate.guard"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"

describe("the guard of a migration", function()
  local server, real, dir
  setup(function()
    server, dir = local_server.start(), directory.new()
    real = server:client()
    real:create_room { id = "r", defaultAccesses = {} }
  end)
  teardown(function()
    server:stop()
    dir:remove()
  end)

  local function own() return liveblocks.new { base_url = server.url, secret = "sk_localdev" } end

  it("lets nothing write in a dry run, whichever code makes the client, and lets all else through", function()
    local guard <close> = guards.install()
    local early = guard:loading("m.lua", own)
    local called = {}
    guard:dry(function(call) called[#called + 1] = call.name end)
    own():delete_room "r"
    early:delete_room "r"
    early.try:delete_room "r"
    early:with({ timeout = 5 }):delete_room "r"
    liveblocks.http.request { url = server.url .. "/v2/rooms/r", method = "DELETE" }
    assert.is_table((liveblocks.http.try_request { url = server.url .. "/x", json = {} }))
    liveblocks.mail.send { url = "smtp://127.0.0.1:1" }
    assert.same({ "delete_room", "delete_room", "delete_room", "delete_room", "http.request", "http.request", "mail.send" }, called)
    assert.equal("r", early:get_room("r").id)
    assert.equal("r", own():get_room("r").id)
  end)

  it("is gone when it is removed, also for what was made meanwhile", function()
    local guard = guards.install()
    local early = guard:loading("m.lua", own)
    guard:remove()
    early:update_room("r", { metadata = { a = "b" } })
    assert.equal("b", early:get_room("r").metadata.a)
    assert.equal("b", early.try:get_room("r").metadata.a)
    for room in early:iter_rooms() do assert.equal("r", room.id) end
    assert.is_table(own().core and {})
  end)

  it("lets nothing be sent while a file is loaded", function()
    for call, name in pairs {
      ['own():delete_room "r"'] = "delete_room", ['own():get_room "r"'] = "get_room", ['own().try:delete_room "r"'] = "delete_room",
      ['own():with({}):delete_room "r"'] = "delete_room", ['own():mutate_storage("r", print)'] = "mutate_storage",
      ["for _ in own():iter_rooms() do end"] = "iter_rooms", ['own():submit("delete_room", "r")'] = "submit",
      ['own():request("DELETE", "/v2/rooms/r")'] = "request",
      ['liveblocks.http.request { url = "http://127.0.0.1:1/" }'] = "http.request",
      ['liveblocks.mail.send { url = "smtp://127.0.0.1:1" }'] = "mail.send",
    } do
      local path = dir:write("script.lua", ([[local liveblocks = require "liveblocks"
        local function own() return liveblocks.new { base_url = "%s", secret = "sk_localdev" } end
        %s]]):format(server.url, call))
      local ok, err = pcall(file.load, path, {})
      assert.is_false(ok)
      assert.matches(("script.lua calls %s while it is loaded: a migration returns a table, and its hooks make the calls")
        :format(name), err.message)
    end
    assert.equal("r", real:get_room("r").id)
  end)

  it("names a script for what it is", function()
    local _, err, status = server:run({ "migrate", dir:write("plain.lua", [[
      require("liveblocks").new():delete_room "r"
    ]]) }, { cwd = dir.path })
    assert.equal(2, status)
    assert.matches("plain.lua calls delete_room while it is loaded: .* %(a script is run by: lbhost run FILE%)", err)
    assert.equal("r", real:get_room("r").id)
    _, err, status = server:run({ "migrate", dir:write("nothing.lua", "print 'here'") }, { cwd = dir.path })
    assert.equal(2, status)
    assert.matches("returned nothing %(a script is run by: lbhost run FILE%)", err)
  end)
end)
