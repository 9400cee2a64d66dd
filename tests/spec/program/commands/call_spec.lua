local helper = require "tests.support.client"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local process = require "tests.support.process"
local quote = require "tests.support.quote"

describe("lbhost call", function()
  local srv, env
  setup(function()
    srv = helper.server()
    env = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = srv.url }
  end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  local function call(arguments, options)
    options = options or {}
    options.env = options.env or env
    table.insert(arguments, 1, "call")
    return process.run(arguments, options)
  end

  -- What one call sent; it must have worked.
  local function sent(arguments, options)
    local out, err, status = call(arguments, options)
    assert.same({ "", 0 }, { err, status })
    local log = srv:log()
    assert.equal(1, #log)
    return log[1], out
  end

  it("refuses a list or an object that is cut off, and takes text that looks like one", function()
    local _, err, status = call { "create_room", "id=r", 'defaultAccesses=["room:write"' }
    assert.equal(2, status)
    assert.matches("the value of 'defaultAccesses' is not valid JSON", err, 1, true)
    sent { "create_room", "id=[r", "defaultAccesses=[]" }
  end)

  it("takes path arguments in order, whatever is in them", function()
    local request = sent { "get_comment", "a/b c=d", "--", "-th", "é" }
    assert.equal("GET", request.method)
    assert.equal("/v2/rooms/a%2Fb%20c%3Dd/threads/-th/comments/%C3%A9", request.target)
  end)

  it("takes fields, as JSON where they parse and where text is not asked for", function()
    local body = json.decode(sent({ "create_room", "id=5", 'defaultAccesses=["room:write"]', "metadata={\"a\":\"1\"}",
      "engine=2", "idempotent=true" }).body)
    assert.same({ id = "5", engine = 2, metadata = { a = "1" } }, { id = body.id, engine = body.engine, metadata = body.metadata })
    assert.same({ "room:write" }, { table.unpack(body.defaultAccesses) })
    local request = sent { "get_rooms", "limit=5", "userId=007", "query=roomId^\"x\" AND a=b", "groupIds=a,b" }
    for _, pair in ipairs { "limit=5", "userId=007", "query=roomId%5E%22x%22+AND+a%3Db", "groupIds=a%2Cb" } do
      assert.matches(pair, request.query, 1, true)
    end
    body = json.decode(sent({ "edit_thread_metadata", "r", "t", "userId=alice", 'metadata={"done":null,"n":1.0}' }).body)
    assert.equal(json.null, body.metadata.done)
    assert.equal("float", math.type(body.metadata.n))
  end)

  it("takes a body whose file begins with a byte order mark", function()
    local directory <close> = require("tests.support.directory").new()
    local path = directory:write("marked.json", "\xEF\xBB\xBF{\"type\":\"EMOJI\"}\r\n")
    assert.same({ type = "EMOJI" }, json.decode(sent({ "broadcast_event", "r", "--body", "@" .. path }).body))
  end)

  it("names the encoding of a body whose file is not UTF-8", function()
    local directory <close> = require("tests.support.directory").new()
    for text, encoding in pairs { ["\xFF\xFE{\0}\0"] = "UTF-16", ['{"type":"caf\xE9"}'] = "Windows-1252" } do
      local _, err, status = call { "broadcast_event", "r", "--body", "@" .. directory:write("other.json", text) }
      assert.equal(2, status)
      assert.matches("other.json: this is not UTF-8 (it looks like " .. encoding, err, 1, true)
    end
  end)

  it("takes a body as JSON, from a file and from standard input", function()
    local directory <close> = require("tests.support.directory").new()
    local text = '{"type":"EMOJI","list":[],"n":12345678901234567}'
    for _, arguments in ipairs { { "--body", text }, { "--body", "@" .. directory:write("event.json", text) }, { "--body", "-" } } do
      local request = sent({ "broadcast_event", "r", table.unpack(arguments) }, { input = arguments[2] == "-" and text or nil })
      local value = json.decode(request.body)
      assert.equal(12345678901234567, value.n)
      assert.is_true(json.is_array(value.list))
    end
    assert.equal("null", sent({ "broadcast_event", "r", "--body", "null" }).body)
    assert.equal('["a",1]', sent({ "broadcast_event", "r", "--body", '["a",1]' }).body)
  end)

  it("joins a body of fields with the fields given beside it, which win", function()
    local body = json.decode(sent({ "create_room", "--body", '{"id":"a","defaultAccesses":[]}', "id=b" }).body)
    assert.equal("b", body.id)
    assert.is_true(json.is_array(body.defaultAccesses))
  end)

  it("sends bytes from a file and from standard input", function()
    local directory <close> = require("tests.support.directory").new()
    local bytes = "\0\1\255\r\n{"
    assert.equal(bytes, sent({ "send_yjs_binary_update", "r", "--body", "@" .. directory:write("update", bytes), "guid=g" }).body)
    assert.equal(bytes, sent({ "send_yjs_binary_update", "r", "--body", "-" }, { input = bytes }).body)
  end)

  it("says how an option that is not one is written", function()
    assert.matches("unknown option '--limit'; a field is written limit=VALUE", (select(2, call { "get_rooms", "--limit", "5" })), 1, true)
    assert.matches("unknown option '-V'; an argument that begins with - goes after --", (select(2, call { "get_room", "-V1St" })), 1, true)
    srv:answer { path = "/v2/rooms/-V1St", json = { id = "-V1St" } }
    assert.matches('"id":"-V1St"', (call { "get_room", "--", "-V1St" }), 1, true)
  end)

  it("sends a request by method and path, with fields as query or body", function()
    srv:reset()
    call { "GET", "/v2/rooms", "limit=5" }
    call { "POST", "/v2/rooms", 'id="x"', "engine=2" }
    call { "get", "/v2/rooms" }
    local log = srv:log()
    assert.same({ "GET", "/v2/rooms?limit=5" }, { log[1].method, log[1].target })
    assert.same({ id = "x", engine = 2 }, json.decode(log[2].body))
    assert.same({ "GET", "/v2/rooms" }, { log[3].method, log[3].target })
  end)

  it("prints what --print names, strings bare", function()
    srv:answer { path = "/v2/rooms", json = { data = { { id = "a", metadata = { k = "v" } }, { id = "b" } }, nextCursor = json.null } }
    assert.equal("a\nb\n", (call { "get_rooms", "--print", "data[].id" }))
    assert.equal('{"k":"v"}\n', (call { "get_rooms", "--print", "data[0].metadata" }))
    assert.equal("", (call { "get_rooms", "--print", "data[0].none" }))
    assert.matches("is not a path at ']'", (select(2, call { "get_rooms", "--print", "data[0]]" })), 1, true)
  end)

  it("prints JSON on one line into a pipe, and over several on a terminal", function()
    srv:answer { path = "/v2/rooms/r", body = '{"id":"r","n":1.0,"list":[],"big":9007199254740993}' }
    local _, out = sent { "get_room", "r" }
    assert.equal(1, select(2, out:gsub("\n", "")))
    assert.equal(9007199254740993, json.decode(out).big)
    local pipe = io.popen(("env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH NO_COLOR=1 LIVEBLOCKS_SECRET_KEY=sk_t LIVEBLOCKS_BASE_URL=%s "
      .. "script -qec %s /dev/null </dev/null"):format(srv.url, quote(quote(process.program) .. " call get_room r")))
    local text = pipe:read("a"):gsub("\r\n", "\n")
    pipe:close()
    assert.is_true(select(2, text:gsub("\n", "")) > 4, text)
    assert.same(json.decode(out), json.decode(text))
  end)

  it("prints text and bytes as they are, and nothing for an empty response", function()
    srv:answer { path = "/v2/rooms/r/ydoc-binary", body = "\0\255\r\n" }
    assert.equal("\0\255\r\n", (call { "get_yjs_document_as_binary_update", "r" }))
    srv:answer { path = "/v2/rooms/r", method = "DELETE", status = 204 }
    local out, err, status = call { "delete_room", "r" }
    assert.same({ "", "", 0 }, { out, err, status })
  end)

  it("prints every page as JSON Lines with --all", function()
    local paged = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = srv:base("pages,n=45,size=20", "pages") }
    local out, err, status = call({ "get_rooms", "--all", "limit=20" }, { env = paged })
    assert.same({ "", 0 }, { err, status })
    local n = 0
    for line in out:gmatch("([^\n]*)\n") do
      n = n + 1
      assert.equal(("room-%05d"):format(n), json.decode(line).id)
    end
    assert.equal(45, n)
    assert.equal(3, #srv:log("pages"))
  end)

  it("lists all calls", function()
    local out, err, status = process.run({ "call", "--list" }, { env = { LIVEBLOCKS_SECRET_KEY = false } })
    assert.same({ "", 0 }, { err, status })
    assert.equal(#liveblocks.endpoints(), select(2, out:gsub("\n", "")))
    assert.matches("get_room +GET +/v2/rooms/{roomId}\n", out)
  end)

  it("takes newer names of a call", function()
    assert.equal("/v2/rooms/r/versions", sent({ "get_version_history", "r" }).target)
  end)

  it("says in one line what failed, with status 1", function()
    srv:answer { path = "/v2/rooms/gone", status = 404, json = { error = "ROOM_NOT_FOUND", message = "No\nsuch room" } }
    local out, err, status = call { "get_room", "gone" }
    assert.same({ "", 1 }, { out, status })
    assert.equal("lbhost: GET /v2/rooms/gone: 404 ROOM_NOT_FOUND: No such room\n", err)
    local refused = { LIVEBLOCKS_SECRET_KEY = "sk_t",
      LIVEBLOCKS_BASE_URL = "http://127.0.0.1:" .. require("tests.support.server").port_refused() }
    out, err, status = process.run({ "--timeout", "0.5", "call", "get_room", "r" }, { env = refused })
    assert.same({ "", 1 }, { out, status })
    assert.matches("^lbhost: GET /v2/rooms/r: .*\n$", err)
    assert.is_nil(err:find("\n."))
  end)

  it("says in one line what is wrong, with status 2, and sends nothing", function()
    for expected, arguments in pairs {
      ["needs the path argument 'room_id'"] = { "get_room" }, ["did you mean 'get_room'"] = { "get_rom", "x" },
      ["did you mean 'limit'"] = { "get_rooms", "limti=1" }, ["allowed is 1 to 100"] = { "get_rooms", "limit=500" },
      ["'x' is not of the form field=value"] = { "get_rooms", "x" }, ["takes 1 path argument; 'y'"] = { "get_room", "x", "y" },
      ["'limit' must be an integer"] = { "get_rooms", "limit=many" }, ["'room_id' must not be empty"] = { "get_room", "" },
      ["did you mean 'PATCH'"] = { "PTACH", "/v2/rooms/r" }, ["did you mean 'get_rooms'"] = { "rooms" },
      ["'list_threads'; did you mean 'get_threads'"] = { "list_threads", "r" }, ["lbhost help notification shows"] = { "notification" },
      ["'xyzzy' (lbhost call --list shows all)"] = { "xyzzy" }, ["--print shows a part"] = { "get_room", "r", "--jq", ".id" },
      ["given as JSON: metadata='{\"color\":...}'"] = { "create_room", "metadata.color=blue" },
      ["call needs a name"] = {}, ["takes no body"] = { "get_room", "r", "--body", "{}" },
      ["--body is not valid JSON: $.a"] = { "broadcast_event", "r", "--body", '{"a":}' },
      ["cannot read the body: /nonexistent"] = { "broadcast_event", "r", "--body", "@/nonexistent" },
      ["cannot read the file '/nonexistent'"] = { "send_yjs_binary_update", "r", "--body", "@/nonexistent" },
      ["the body of create_room must be a JSON object"] = { "create_room", "--body", "[]" },
      ["the body is missing"] = { "broadcast_event", "r" }, ["has no pages"] = { "get_room", "r", "--all" },
      ["'--bdoy'"] = { "get_room", "r", "--bdoy" }, ["'defaultAccesses' is required"] = { "create_room", "id=a" },
    } do
      local out, err, status = call(arguments)
      assert.same({ "", 2 }, { out, status }, expected)
      assert.matches(expected, err, 1, true)
      assert.matches("^lbhost: ", err)
      assert.is_nil(err:find("\n."), err)
    end
    assert.equal(0, #srv:log())
  end)

  it("names the environment variable when the secret is missing", function()
    local _, err, status = call({ "get_rooms" }, { env = { LIVEBLOCKS_SECRET_KEY = false, LIVEBLOCKS_BASE_URL = srv.url } })
    assert.equal(2, status)
    assert.matches("LIVEBLOCKS_SECRET_KEY", err, 1, true)
    _, err, status = call({ "get_rooms" }, { env = { LIVEBLOCKS_SECRET_KEY = "", LIVEBLOCKS_BASE_URL = srv.url } })
    assert.equal(2, status)
    assert.matches("LIVEBLOCKS_SECRET_KEY", err, 1, true)
  end)

  it("stops at once and cleanly on an interrupt", function()
    local silent = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = srv:base("silent", "stop") }
    local one = process.start({ "call", "get_room", "r" }, { env = silent })
    srv:wait_log("stop", 1)
    one:signal("INT")
    local out, err, status = one:wait()
    assert.same({ "", "lbhost: interrupted\n", 130 }, { out, err, status })
  end)

  it("fails when its output cannot be written", function()
    local pipe = io.popen(("env -u LD_PRELOAD %s call --list 2>&1 >/dev/full; echo status $?")
      :format(quote(process.program)))
    local text = pipe:read("a")
    pipe:close()
    assert.equal("lbhost: cannot write the output: No space left on device\nstatus 1\n", text)
  end)
end)
