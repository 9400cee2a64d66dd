local helper = require "tests.support.client"

describe("the metadata of a response, a second result,", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  local function meta_of(scenario, options)
    return select(2, helper.client(srv, scenario, options):get_room("r"))
  end

  it("has the status, the attempts and the seconds", function()
    local meta = meta_of("status,code=503,times=1", { backoff = 0.01 })
    assert.equal(200, meta.status)
    assert.equal(2, meta.attempts)
    assert.equal("float", math.type(meta.seconds))
    assert.is_true(meta_of("slow=30").seconds >= 0.03)
    assert.is_nil(meta.warning)
    assert.is_nil(meta.state)
    assert.is_nil(meta[1])
    assert.is_nil(meta[{}])
  end)

  it("has the headers by name, in any case", function()
    local headers = meta_of("status,code=200,header=X-Some:%20thing").headers
    assert.equal("thing", headers["x-some"])
    assert.equal("thing", headers["X-SOME"])
    assert.is_nil(headers["x-som"])
    assert.matches("X%-Some: thing\r\n", tostring(headers))
  end)

  it("has the server's warning", function()
    assert.equal("careful", meta_of("status,code=200,header=X-LB-Warn:%20careful", { warn = function() end }).warning)
  end)

  local it_walks = _VERSION == "Lua 5.1" and function() end or it -- LuaJIT knows no __pairs
  it_walks("is walked by pairs, in which what is missing does not come", function()
    local fields = {}
    for name, value in pairs(meta_of("status,code=200,header=X-LB-Warn:%20careful", { warn = function() end })) do
      fields[name] = value
    end
    assert.same({ 200, 1, "careful" }, { fields.status, fields.attempts, fields.warning })
    assert.equal("number", type(fields.seconds))
    assert.equal("userdata", type(fields.headers))
    for name in pairs(meta_of()) do assert.are_not.equal("warning", name) end
  end)

  it("says in one line what it knows", function()
    assert.matches("^HTTP 200, %d+%.%d ms, 1 attempt$", tostring(meta_of()))
  end)

  it("is read from nothing else", function()
    local mt = getmetatable(meta_of())
    for _, name in ipairs { "__index", "__pairs", "__tostring" } do
      assert.is_false((pcall(mt[name], io.stdout, "status")), name)
      assert.is_false((pcall(mt[name], {}, "status")), name)
    end
  end)
end)
