local crypto = require "liveblocks.crypto"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("tokens of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  local function claims(token)
    local payload = token:match("^[^.]+%.([^.]+)%.$"):gsub("[-_]", { ["-"] = "+", _ = "/" })
    return json.decode(crypto.base64_decode(payload .. ("="):rep(-#payload % 4)))
  end
  before_each(function() app = support.new() end)

  it("say what a user may do", function()
    local status, answer = call("POST", "/v2/authorize-user",
      { userId = "u", permissions = { ["a:*"] = { "room:write" } }, userInfo = { name = "U" } })
    assert.equal(200, status)
    local said = claims(answer.token)
    assert.is_string(said.jti)
    said.jti = nil
    assert.same({ k = "acc", pid = "localdev", uid = "u", perms = { ["a:*"] = { "room:write" } }, ui = { name = "U" },
      iat = app.time // 1000, exp = app.time // 1000 + 3600 }, said)
  end)

  it("say who a user is", function()
    local _, answer = call("POST", "/v2/identify-user", { userId = "u", groupIds = { "g" }, organizationId = "o" })
    local said = claims(answer.token)
    assert.equal("id", said.k)
    assert.same({ "g" }, said.gids)
    assert.equal("o", said.oid)
  end)

  it("are refused for unknown permissions, bad patterns, too many of them, and for nobody", function()
    local many = {}
    for i = 1, 11 do many["r" .. i] = { "room:write" } end
    for _, body in ipairs {
      { userId = "u", permissions = { r = { "room:fly" } } }, { userId = "u", permissions = { ["a*b"] = { "room:write" } } },
      { userId = "u", permissions = many }, { userId = "", permissions = {} }, { userId = "u" },
      { userId = ("u"):rep(129), permissions = {} }, { userId = "u", permissions = {}, userInfo = { x = ("x"):rep(1100) } },
    } do
      assert.equal(422, (call("POST", "/v2/authorize-user", body)))
    end
  end)
end)
