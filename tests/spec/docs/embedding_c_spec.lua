-- What docs/embedding-c.md shows: the examples of bindings/examples, built with an installed library as users build them,
-- and run against the local Liveblocks.
local c_compiler = require "tests.support.c_compiler"
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local local_server = require "tests.support.local_server"
local process = require "tests.support.process"
local quote = require "tests.support.quote"
local read = require("tests.support.files").read
local webhook = require("liveblocks").webhook

local page = documentation.page "docs/embedding-c.md"
local SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

local function run(command)
  local pipe = io.popen("unset LD_PRELOAD; ( " .. command .. " ) 2>&1; echo $?")
  local output, status = pipe:read "a":match "^(.-)(%d+)\n$"
  pipe:close()
  return output, tonumber(status)
end

describe("the examples of docs/embedding-c.md", function()
  local dir, server

  -- Installs the build that is tested, and builds the examples with CMake.
  setup(function()
    dir = directory.new()
    local build, config = process.program:match "^(.*)/(%l+)/[^/]+$"
    local sanitizers = config == "asan" and "-fsanitize=address,undefined" or ""
    local output, status = run(("BUILD=$(realpath %s) CONFIG=%s sh scripts/tools/install.sh copy %s/prefix && "
      .. "cmake -S %s/prefix/share/doc/liveblocks/examples -B %s/built -DCMAKE_PREFIX_PATH=%s/prefix -DCMAKE_C_FLAGS='-Werror %s' "
      .. "-DCMAKE_CXX_FLAGS='-Werror %s' && cmake --build %s/built"):format(quote(build), config, dir.path, dir.path, dir.path, dir.path,
      sanitizers, sanitizers, dir.path))
    assert.equal(0, status, output)
    server = local_server.start()
    local client = server:client()
    for i = 1, 101 do client:create_room { id = ("eng:%03d"):format(i), defaultAccesses = {} } end
    client:create_room { id = "level-1", defaultAccesses = { "room:write" } }
  end)
  teardown(function()
    server:stop()
    dir:remove()
  end)

  local function example(name, arguments)
    return run(("LIVEBLOCKS_SECRET_KEY=sk_localdev LIVEBLOCKS_BASE_URL=%s LIVEBLOCKS_WEBHOOK_SECRET=%s %s/built/%s %s")
      :format(server.url, SECRET, dir.path, name, arguments or ""))
  end

  it("are the files, and all of them", function()
    local shown = {}
    for name, section in pairs {
      ["rooms.c"] = "A call that waits", ["frame_loop.c"] = "A game loop", ["raii.cpp"] = "C++", ["cjson.c"] = "JSON",
      ["token.c"] = "Access tokens", ["webhook.c"] = "Webhooks",
    } do
      shown[#shown + 1] = name
      assert.equal(read("bindings/examples/" .. name), page:block(section))
    end
    local pipe <close> = assert(io.popen "ls bindings/examples | grep -v CMakeLists")
    local files = {}
    for name in pipe:lines() do files[#files + 1] = name end
    table.sort(shown)
    assert.same(files, shown)
  end)

  it("list rooms, a page at a time", function()
    local output, status = example("rooms", "eng:")
    assert.equal(0, status, output)
    assert.equal(2, select(2, output:gsub('{"data":', "")))
    for i = 1, 101 do assert.is_truthy(output:find(('"id":"eng:%03d"'):format(i), 1, true)) end
    assert.is_nil(output:find("level-1", 1, true))
    output, status = example("rooms", "''")
    assert.equal(1, status)
    assert.matches("422 INVALID_QUERY", output)
  end)

  it("draw frames while a request is under way, and cancel one", function()
    assert.equal('players: {"data":[]}\ncancelled\ndrawn: yes\n', (example "frame_loop"))
  end)

  it("release what they own in C++, and throw errors", function()
    assert.equal("there is a room\n404 ROOM_NOT_FOUND\n", (example "raii"))
  end)

  it("read and write JSON with a library of their own", function()
    local output, status = example "cjson"
    assert.equal(0, status, output)
    assert.matches("^board%-1: board\n", output)
    assert.matches("\neng:%d+: %-\n", output)
    output, status = example "cjson" -- the room exists already
    assert.equal(1, status)
    assert.matches("409", output)
  end)

  it("ask for an access token", function()
    local output, status = example "token"
    assert.equal(0, status, output)
    assert.matches('^{"token":"[%w_.-]+"}\n$', output)
  end)

  it("verify a webhook, and say why one is refused", function()
    local body, now = '{"type":"roomCreated"}', os.time()
    local function request(signature)
      return dir:write("request", ("POST / HTTP/1.1\r\nWebhook-Id: msg_1\r\nWEBHOOK-TIMESTAMP: %d\r\nwebhook-signature: %s\r\n\r\n%s")
        :format(now, signature, body))
    end
    assert.equal("200 msg_1: " .. body .. "\n", (example("webhook", "<" .. request(webhook.sign(SECRET, "msg_1", now, body)))))
    local output, status = example("webhook", "<" .. request(webhook.sign("whsec_AAAA", "msg_1", now, body)))
    assert.matches("^401 WRONG_SIGNATURE: ", output)
    assert.equal(1, status)
  end)
end)

describe("docs/embedding-c.md shows", function()
  it("a call of the table", function()
    local dir <close> = directory.new()
    c_compiler.compile(dir, "int example(lb_client *client, lb_response **response, lb_error *error);\n"
      .. "int example(lb_client *client, lb_response **response, lb_error *error) {\n" .. page:block "Calls" .. "}\n")
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
