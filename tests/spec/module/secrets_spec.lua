-- The secret goes to the server in one header, and nowhere else; and nothing of a caller's becomes a header or a URL.
local helper = require "tests.support.client"
local json = require("liveblocks").json
local liveblocks = require "liveblocks"
local process = require "tests.support.process"
local quote = require "tests.support.quote"
local refused = require "tests.support.refused"
local server = require "tests.support.server"

local SECRET = "sk_prod_verysecret1234567890"

-- Everything that a value shows of itself, also inside.
local function shown(value, seen)
  seen = seen or {}
  if type(value) ~= "table" then return tostring(value) end
  if seen[value] then return "" end
  seen[value] = true
  local parts = { tostring(value) }
  for key, item in next, value do
    parts[#parts + 1] = shown(key, seen)
    parts[#parts + 1] = shown(item, seen)
  end
  parts[#parts + 1] = shown(getmetatable(value), seen)
  return table.concat(parts, "\n")
end

local function hidden(value)
  assert.is_nil(shown(value):find("verysecret", 1, true), shown(value))
end

describe("a secret", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  it("is sent in the Authorization header, and stands nowhere else in the request", function()
    helper.client(srv, nil, { secret = SECRET }):create_room { id = "r", defaultAccesses = {} }
    local sent = srv:log()[1]
    assert.equal("Bearer " .. SECRET, sent.header.authorization)
    assert.equal(1, select(2, (sent.head .. sent.body):gsub("verysecret", "")))
  end)

  it("is in no client, handle, session or task", function()
    local client = helper.client(srv, nil, { secret = SECRET })
    hidden(client)
    hidden(client:with { timeout = 3 })
    hidden(client.try)
    hidden(liveblocks.session(client, "alice"))
    local handle <close> = client:submit("get_room", "r")
    hidden(handle)
    hidden(liveblocks.task.spawn(function() client:get_room("r") end))
  end)

  it("is in no error, of whatever kind", function()
    local refusing = "http://127.0.0.1:" .. server.port_refused()
    local function failure(client, ...)
      local _, err = client.try:get_room(...)
      hidden(err)
      assert.is_nil(json.encode(setmetatable(err, nil)):find("verysecret", 1, true))
      return err
    end
    local function make(scenario, options)
      options = options or {}
      options.secret, options.retries = SECRET, 0
      return helper.client(srv, scenario, options)
    end
    assert.equal("http", failure(make("status,code=403"), "r").kind)
    assert.equal("network", failure(make("reset-before"), "r").kind)
    assert.equal("network", failure(make(nil, { base_url = refusing }), "r").kind)
    assert.equal("timeout", failure(make("silent", { timeout = 0.1 }), "r").kind)
    assert.equal("json", failure(make("json=%7B"), "r").kind)
    assert.equal("usage", failure(make(), "").kind)
    local nginx <close> = server.nginx { upstream = srv.port }
    assert.equal("tls", failure(make(nil, { base_url = nginx:url "self-signed" }), "r").kind)
    local client = make("silent")
    local one = liveblocks.task.spawn(function() client:get_room("r") end)
    require("liveblocks.core").step(0)
    one:cancel()
    local _, err = pcall(one.wait, one)
    assert.equal("cancelled", err.kind)
    hidden(err)
  end)

  it("is not repeated when it is refused", function()
    for _, bad in ipairs { SECRET .. "\n", SECRET .. "\r\nX-Evil: 1", SECRET .. " x", SECRET .. "\0", SECRET .. "é" } do
      local message = refused(liveblocks.new, { secret = bad, base_url = srv.url })
      assert.is_nil(message:find("verysecret", 1, true))
      assert.matches("secret", message)
    end
    local message = refused(liveblocks.new, { secret = SECRET, base_url = "http://" .. SECRET .. "@host" })
    assert.is_nil(message:find("verysecret", 1, true))
  end)

  it("is in no warning and no log", function()
    local seen = {}
    local function keep(...) seen[#seen + 1] = shown { ... } end
    local client = helper.client(srv, "status,code=200,header=X-LB-Warn:%20careful", { secret = SECRET, warn = keep, log = keep })
    client:get_rooms()
    assert.is_true(#seen >= 2)
    for _, text in ipairs(seen) do assert.is_nil(text:find("verysecret", 1, true)) end
  end)

  it("is not sent elsewhere: not to another service, and not to where a response points", function()
    liveblocks.http.request { url = srv.url .. "/hook", json = {} }
    assert.is_nil(srv:log()[1].header.authorization)
    local client, id = helper.client(srv, "redirect=307", { secret = SECRET })
    local _, err = client.try:get_room("r")
    assert.equal(307, err.status)
    assert.equal(1, #srv:log(id))
    assert.equal(0, #srv:log("redirected"))
  end)

  it("is in nothing that lbhost prints", function()
    local env = { LIVEBLOCKS_SECRET_KEY = SECRET, LIVEBLOCKS_BASE_URL = srv.url }
    srv:answer { path = "/v2/rooms/gone", status = 404, json = { error = "ROOM_NOT_FOUND" } }
    for _, arguments in ipairs { { "-v", "call", "get_rooms" }, { "-v", "call", "get_room", "gone" }, { "help" },
      { "-e", "local c = require('liveblocks').new() print(c, c.core, c.try) c:get_room('gone')" },
      { "-e", "error(require('liveblocks').new())" },
      { "-e", "local lb = require('liveblocks') for k, v in pairs(lb.new()) do print(k, v) end lb.new():nothing()" } } do
      local out, err = process.run(arguments, { env = env, timeout = 20 })
      assert.is_true(#out + #err > 0)
      assert.is_nil((out .. err):find("verysecret", 1, true), out .. err)
    end
  end)

  it("is named with its variable when that holds none, and lbhost says so in one line", function()
    local out, err, status = process.run({ "call", "get_rooms" },
      { env = { LIVEBLOCKS_SECRET_KEY = "sk_verysecret\nX: y", LIVEBLOCKS_BASE_URL = srv.url }, timeout = 20 })
    assert.same({ "", 2 }, { out, status })
    assert.matches("the environment variable LIVEBLOCKS_SECRET_KEY has a line break", err, 1, true)
    assert.is_nil(err:find("verysecret", 1, true))
    out, err, status = process.run({ "call", "get_rooms" },
      { env = { LIVEBLOCKS_SECRET_KEY = SECRET, LIVEBLOCKS_BASE_URL = "localhost:1" }, timeout = 20 })
    assert.same({ "", 2 }, { out, status })
    assert.matches("the environment variable LIVEBLOCKS_BASE_URL does not begin with http", err, 1, true)
    for secret, problem in pairs { pk_verysecret = "a public key (pk_...)", ['"sk_verysecret"'] = "quotation marks",
      ["LIVEBLOCKS_SECRET_KEY=sk_verysecret"] = "a name and = in front" } do
      srv:log()
      out, err, status = process.run({ "call", "get_rooms" },
        { env = { LIVEBLOCKS_SECRET_KEY = secret, LIVEBLOCKS_BASE_URL = srv.url }, timeout = 20 })
      assert.same({ "", 2 }, { out, status })
      assert.matches("^lbhost: LIVEBLOCKS_SECRET_KEY has " .. problem:gsub("%p", "%%%0"), err)
      assert.is_nil(err:find("verysecret", 1, true))
      assert.same({}, srv:log())
    end
  end)

  local function shell(command)
    local pipe = io.popen(command .. " 2>&1")
    local text = pipe:read("a")
    pipe:close()
    return text
  end
  local lbhost = shell(("realpath '%s'"):format(os.getenv "LBHOST" or "build/debug/lbhost")):match("[^\n]+")

  it("is in no core file, for lbhost writes none", function()
    local directory <close> = require("tests.support.directory").new()
    local function crash(program)
      return shell(("cd '%s' && ulimit -c unlimited && bash -c %s 2>&1; ls | sed 's/^/file: /'; rm -f core*")
        :format(directory.path, quote(program .. "; true")))
    end
    local control = crash("sh -c 'kill -SEGV $$'")
    if not control:find("file: core", 1, true) then pending("this system dumps no core") end
    local text = crash(("env -u LD_PRELOAD LIVEBLOCKS_SECRET_KEY=%s %s -e 'os.execute(\"kill -SEGV $PPID\")'")
      :format(SECRET, quote(lbhost)))
    assert.matches("Segmentation fault", text)
    assert.is_nil(text:find("file: core", 1, true), text)
    assert.is_nil(text:find("core dumped", 1, true), text)
  end)

  it("is hidden from other programs of the same user, also in the environment of the process", function()
    if lbhost:find("/asan/", 1, true) then pending("the leak sanitizer must look into the process") end
    local root = shell("id -u"):match("%d+") == "0"
    local text = shell(("env -u LD_PRELOAD LIVEBLOCKS_SECRET_KEY=%s %s %s -e 'print(io.open(\"/proc/self/environ\"))'")
      :format(SECRET, root and "setpriv --reuid 65534 --regid 65534 --clear-groups" or "", quote(lbhost)))
    assert.matches("nil\t.*Permission denied", text)
  end)
end)

describe("what a caller gives", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv)
  end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  it("stays inside its place in the URL", function()
    local nasty = "a\r\nX-Evil: 1\r\n\r\nGET /v2/b HTTP/1.1 ?x=y#z&/../%2e%2e é"
    client:get_room(nasty)
    client:get_rooms { userId = nasty, metadata = { [nasty] = nasty } }
    client:request("GET", "/v2/x", { query = { [nasty] = nasty } })
    local log = srv:log()
    assert.equal(3, #log)
    for _, sent in ipairs(log) do
      assert.is_nil(sent.header["x-evil"])
      assert.is_nil(sent.target:find("[\r\n ]"))
    end
    assert.equal(3, select(2, log[1].target:gsub("/", "")))
    assert.equal(1, select(2, log[2].target:gsub("%?", "")))
  end)

  it("does not become a header", function()
    assert.matches("control character", refused(liveblocks.new, { secret = "x", user_agent = "a\r\nX-Evil: 1" }))
    assert.matches("control character", refused(liveblocks.new, { secret = "x", base_url = srv.url .. "/a\r\nX-Evil: 1" }))
    assert.matches("line break", refused(client.send_yjs_binary_update, client, "r", "x", { contentType = "a\nX: 1" }) or "")
    assert.matches("line break", refused(client.request, client, "GET", "/", { headers = { A = "b\r\nX-Evil: 1" } }))
    assert.matches("not a valid header name", refused(client.request, client, "GET", "/", { headers = { ["A: b\r\nX-Evil"] = "1" } }))
    assert.equal(0, #srv:log())
  end)
end)
