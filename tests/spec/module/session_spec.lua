local cjson = require "cjson"
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local refused = require "tests.support.refused"

describe("a session", function()
  local srv, client
  setup(function()
    srv = helper.server()
    srv:answer { path = "/v2/authorize-user", method = "POST", json = { token = "eyJ" } }
    client = helper.client(srv)
  end)
  teardown(function() srv:stop() end)
  before_each(function() srv:log() end)

  local function begin(...) return liveblocks.session(client, "alice", ...) end

  it("asks for a token with what it has been allowed", function()
    local session = begin { userInfo = { name = "Ali", list = liveblocks.array {} }, organizationId = "acme" }
    local answer = session:allow("eng:*", { "room:write" }):allow("plan", "room:read"):authorize()
    assert.equal("eyJ", answer.token)
    local sent = srv:log()
    assert.equal(1, #sent)
    assert.equal("POST", sent[1].method)
    assert.equal("/v2/authorize-user", sent[1].target)
    assert.same({ userId = "alice", organizationId = "acme", userInfo = { name = "Ali", list = {} },
      permissions = { ["eng:*"] = { "room:write" }, plan = { "room:read" } } }, cjson.decode(sent[1].body))
  end)

  it("joins the permissions of a pattern, each once and in order", function()
    begin():allow("a", { "room:read", "comments:write" }):allow("b", "room:write"):allow("a", { "room:read", "feeds:read" })
      :authorize()
    assert.same({ a = { "room:read", "comments:write", "feeds:read" }, b = { "room:write" } },
      cjson.decode(srv:log()[1].body).permissions)
  end)

  it("is authorized once", function()
    local session = begin():allow("a", "room:read")
    session:authorize()
    assert.matches("authorized already", refused(session.authorize, session))
    assert.matches("authorized already", refused(session.allow, session, "b", "room:read"))
    assert.equal(1, #srv:log())
  end)

  it("knows ten patterns, and may add to each of them", function()
    local session = begin()
    for i = 1, 10 do session:allow("room" .. i, "room:read") end
    session:allow("room1", "comments:write")
    assert.matches("more than 10 room patterns", refused(session.allow, session, "room11", "room:read"))
  end)

  it("takes ids, prefixes and * as patterns", function()
    local long = ("é"):rep(128)
    for _, pattern in ipairs { "a", "a*", "*", "a b/é 🎉*", long, long .. "*" } do begin():allow(pattern, "room:read") end
    for _, pattern in ipairs { "", "a*b", "*a", "**", "a**", long .. "é", long .. "é*" } do
      local session = begin()
      assert.matches("is not a valid room pattern", refused(session.allow, session, pattern, "room:read"))
    end
    local session = begin()
    assert.matches("is not a valid room pattern", refused(session.allow, session, nil, "room:read"))
  end)

  it("takes known permissions only, and names the nearest", function()
    local session = begin()
    for _, permission in ipairs(require("liveblocks.types").permissions) do session:allow("*", permission) end
    assert.matches("did you mean 'room:write'", refused(session.allow, session, "a", { "room:wirte" }), 1, true)
    assert.matches("a list of permissions that is not empty", refused(session.allow, session, "a", {}))
    assert.matches("a list of permissions", refused(session.allow, session, "a"))
    assert.matches("is not a valid permission", refused(session.allow, session, "a", { 1 }))
  end)

  it("needs a client and a user, and no other options than it knows", function()
    assert.matches("must be a client", refused(liveblocks.session, nil, "alice"))
    assert.matches("must be a client", refused(liveblocks.session, "alice"))
    for _, user in ipairs { "", 7, false } do assert.matches("user_id", refused(liveblocks.session, client, user)) end
    assert.matches("did you mean 'userInfo'", refused(begin, { user_info = {} }), 1, true)
    assert.matches("a table of options", refused(begin, "x"))
  end)

  it("warns when it allows nothing", function()
    local warnings = {}
    local warned = helper.client(srv, nil, { warn = function(text) warnings[#warnings + 1] = text end })
    liveblocks.session(warned, "alice"):authorize()
    assert.same({}, cjson.decode(srv:log()[1].body).permissions)
    assert.equal(1, #warnings)
    assert.matches("no room is allowed", warnings[1])
  end)

  it("passes the server's refusal on", function()
    local forbidden = helper.client(srv, "status,code=403,body=%7B%22error%22%3A%22INVALID_SECRET_KEY%22%7D")
    local session = liveblocks.session(forbidden, "alice"):allow("*", "room:read")
    local ok, err = pcall(session.authorize, session)
    assert.is_false(ok)
    assert.equal("INVALID_SECRET_KEY", err.code)
  end)
end)
