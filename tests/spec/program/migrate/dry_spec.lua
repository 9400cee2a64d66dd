local client_module = require "liveblocks.client"
local dry = require "lbhost.migrate.dry"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"
local show = require "lbhost.migrate.show"

describe("a dry client", function()
  local server, real
  setup(function()
    server = local_server.start()
    real = server:client()
    real:create_room { id = "r", defaultAccesses = {} }
  end)
  teardown(function() server:stop() end)

  local function state() return liveblocks.json.encode(real:request("GET", "/local/state"), { pretty = true }) end

  -- Makes a call with arguments that are good enough.
  local function make(client, row)
    local arguments = {}
    for i = 1, #row.parameters do arguments[i] = "r" end
    if row.body == "bytes" then arguments[#arguments + 1] = "x" end
    arguments[#arguments + 1] = {}
    pcall(client[row.name], client, table.unpack(arguments))
  end

  it("reads, reports what would write, and writes nothing, whatever the call", function()
    local reported = {}
    local client = dry.client(real, function(call) reported[call.name] = true end)
    -- The server makes some things when they are first looked at.
    for _, row in pairs(client_module.rows) do
      if row.method == "GET" then make(real, row) end
    end
    local before, writing = state(), 0
    for name, row in pairs(client_module.rows) do
      if name == row.name and name ~= "request_storage_mutation" then
        make(client, row)
        if row.method ~= "GET" then
          writing = writing + 1
          assert.is_true(reported[name], name)
        end
      end
    end
    assert.is_true(writing > 70)
    client:request("DELETE", "/v2/rooms/r")
    client.try:delete_room "r"
    client:with({ timeout = 5 }):delete_room "r"
    client:upload_file("r", { kind = "storage", data = "x", name = "x" })
    client:mutate_storage("r", function(root) root.a = 1 end)
    assert.has_error(function() client:submit("delete_room", "r") end)
    assert.equal(before, state())
    assert.equal("r", client:get_room("r").id)
    assert.equal("r", (client.try:get_room "r").id)
    for room in client:iter_rooms() do assert.equal("r", room.id) end
  end)

  it("answers with what is known of the response", function()
    local client = dry.client(real, function() end)
    local room = client:create_room { id = "new", defaultAccesses = {} }
    assert.equal("new", room.id)
    assert.is_true((client:delete_room "new"))
  end)
end)

describe("what a dry run shows", function()
  local patch = { { op = "test", path = "/a", value = 1 }, { op = "replace", path = "/a", value = 2 },
    { op = "remove", path = "/b" }, { op = "move", from = "/c", path = "/d" }, { op = "add", path = "/e", value = { 1 } } }
  local plan = { { name = "mutate_storage", room = "r", patch = patch, old = { [2] = 1, [3] = "x" } },
    { name = "delete_room", row = client_module.rows.delete_room, arguments = { "r" } } }

  it("is a diff for people", function()
    assert.equal('r\n    ~ /a  1 → 2\n    - /b  "x"\n    > /c → /d\n    + /e  [1]\n    ! delete_room r\n', show.text("r", plan))
    assert.matches("\n    Storage of r\n", show.text("other", plan))
    local long = { { name = "mutate_storage", room = "r", patch = { { op = "add", path = "/x", value = ("é"):rep(300) } } } }
    assert.matches("… %(602 bytes%)\n$", show.text("r", long))
    assert.is_number(utf8.len(show.text("r", long)))
  end)

  it("is a line of JSON with the whole patch", function()
    local row = liveblocks.json.decode(show.json("r", plan))
    assert.equal("r", row.key)
    assert.same({ call = "mutate_storage", room = "r", patch = patch }, row.calls[1])
    assert.same({ call = "delete_room", arguments = { "r" } }, row.calls[2])
  end)
end)
