local process = require "tests.support.process"
local raw = require "tests.support.server"

local CODE = [[
  local client = require "liveblocks".new()
  client:create_room { id = "a/b", defaultAccesses = {}, metadata = { note = "whsec_hidden1234" } }
  for _ in client:iter_rooms { limit = 3, query = 'roomId^"a"' } do end
  client.try:get_room "x y"
  client:request("GET", "/v2/rooms", { query = { limit = 1 } })
  client:identify_user { userId = "u", groupIds = {} }
]]

describe("what was asked of the API is shown", function()
  it("with -v as a line: the path as it was sent, also of pages, failures and calls of any path", function()
    local _, err = process.run { "-v", "--local", "-e", CODE }
    local lines = {}
    for line in err:gmatch "[^\n]+" do lines[#lines + 1] = line:match "^(.-), %d+ ms, 1 attempt$" end
    assert.same({ "POST /v2/rooms: 200", "GET /v2/rooms?limit=3&query=roomId%5E%22a%22: 200", "GET /v2/rooms/x%20y: 404",
      "GET /v2/rooms?limit=1: 200", "POST /v2/identify-user: 200" }, lines)
  end)

  it("with -vv with headers and bodies, and without a secret", function()
    for _, flags in ipairs { { "-vv" }, { "-v", "-v" } } do
      local arguments = { "--local", "-e", CODE }
      table.move(arguments, 1, #arguments, #flags + 1)
      table.move(flags, 1, #flags, 1, arguments)
      local _, err = process.run(arguments)
      assert.matches('\n> content-type: application/json\n> authorization: ***\n> {"defaultAccesses":[],"id":"a/b"', err, 1, true)
      assert.matches('\n< [Cc]ontent%-[Tt]ype: application/json[^\n]*\n', err)
      assert.matches('"error":"ROOM_NOT_FOUND"', err, 1, true)
      assert.matches('\n< {"token":"***"}', err, 1, true)
      assert.is_nil(err:find "sk_local" or err:find "hidden1234" or err:find "eyJ")
    end
  end)

  it("without the values of fields that are secrets, whatever is in them", function()
    local srv <close> = raw.start()
    srv:answer { method = "GET", path = "/v2/rooms", status = 200, json = { data = {}, nextCursor = 'a\\"b',
      access_token = 'not"for\\you', client_secret = "ends with a backslash\\", dbPassword = "open sesame", tokens = "kept" } }
    local _, err = process.run({ "-vv", "--base-url", srv.url, "call", "get_rooms" }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_test" } })
    for _, kept in ipairs { '"access_token":"***"', '"client_secret":"***"', '"dbPassword":"***"', '"tokens":"kept"',
      [["nextCursor":"a\\\"b"]] } do
      assert.matches(kept, err, 1, true)
    end
    assert.is_nil(err:find "for\\you" or err:find "you" or err:find "backslash" or err:find "sesame")
  end)

  it("and nothing in it is obeyed by a terminal", function()
    local srv <close> = raw.start()
    srv:answer { method = "GET", path = "/v2/rooms", status = 200, headers = { ["x-evil"] = "a\u{9b}31mb" },
      json = { data = {}, nextCursor = "\27[2J\u{202e}" } }
    local _, err = process.run({ "-vv", "--base-url", srv.url, "call", "get_rooms" }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_test" } })
    assert.matches("x-evil: a\\u{9b}31mb", err, 1, true)
    assert.is_nil(err:gsub("\n", ""):find "%c" or err:find "\xC2\x9B" or err:find "\u{202e}")
  end)
end)
