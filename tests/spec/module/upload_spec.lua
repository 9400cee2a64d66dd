local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local core = require "liveblocks.core"
local eventually = require "tests.support.eventually"
local refused = require "tests.support.refused"

local json, task = liveblocks.json, liveblocks.task

-- Bytes that show when one is lost or moved.
local function bytes(n)
  local out = {}
  for i = 1, n do out[i] = string.char(i * 7 % 251) end
  return table.concat(out)
end

local function file_of(content)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

local kinds = {
  attachment = { directory = "/v2/rooms/r/attachments/at_1", id = "at_1", user = "u" },
  storage = { directory = "/v2/rooms/r/storage/files/fl_1", id = "fl_1" },
}

for kind, facts in pairs(kinds) do
  describe("an upload of kind " .. kind, function()
    local srv
    setup(function() srv = helper.server() end)
    teardown(function() srv:stop() end)
    before_each(function()
      srv:reset()
      srv:answer { path = facts.directory .. "/multipart/n%.bin$", pattern = true, method = "POST", json = { uploadId = "up" } }
      srv:answer { path = facts.directory .. "/multipart/up/complete", method = "POST", json = { id = facts.id, name = "n.bin" } }
      srv:answer { path = facts.directory .. "/multipart/up", method = "DELETE", status = 204 }
      for number = 1, 9 do
        srv:answer { path = facts.directory .. "/multipart/up/" .. number, method = "PUT",
          json = { partNumber = number, etag = ('e"%d'):format(number) } }
      end
    end)

    local function options(more)
      local all = { kind = kind, id = facts.id, name = "n.bin", userId = facts.user }
      for name, value in pairs(more) do all[name] = value end
      return all
    end
    local function part(number) return facts.directory .. "/multipart/up/" .. number end

    -- The log as: create, parts by number, complete, aborted.
    local function story()
      local found = { parts = {}, puts = 0 }
      for _, row in ipairs(srv:log()) do
        local number = math.tointeger(tonumber(row.path:match("/multipart/up/(%d+)$")))
        if number then
          found.puts = found.puts + 1
          found.parts[number] = row.body
        elseif row.path:find("/complete$") then found.complete = row
        elseif row.method == "DELETE" then found.aborted = (found.aborted or 0) + 1
        else found.create = row end
      end
      return found
    end

    it("sends a small one in one piece, from a string and from a file", function()
      for size = 0, 3000, 1500 do
        local content = bytes(size)
        local path = file_of(content)
        for _, given in ipairs { { data = content }, { file = path } } do
          srv:answer { path = facts.directory .. "/upload/n.bin", method = "PUT", times = 1, json = { id = facts.id, size = size } }
          local client = helper.client(srv)
          assert.equal(size, client:upload_file("r", options(given)).size)
          local log = srv:log()
          assert.equal(1, #log)
          assert.equal(content, log[1].body)
          assert.matches("fileSize=" .. size, log[1].query, 1, true)
          assert.equal(facts.user and "u" or nil, log[1].query:match("userId=(%w+)"))
          assert.equal("application/octet-stream", log[1].header["content-type"])
        end
        os.remove(path)
      end
    end)

    it("sends a large one in parts, from a string and from a file", function()
      local content = bytes(2500)
      local path = file_of(content)
      for _, given in ipairs { { data = content }, { file = path } } do
        given.partSize = 1000
        assert.equal(facts.id, helper.client(srv):upload_file("r", options(given)).id)
        local found = story()
        assert.matches("fileSize=2500", found.create.query, 1, true)
        assert.same({ content:sub(1, 1000), content:sub(1001, 2000), content:sub(2001) }, found.parts)
        local want = {}
        for number = 1, 3 do want[number] = { partNumber = number, etag = ('e"%d'):format(number) } end
        assert.same({ parts = want }, json.decode(found.complete.body))
        assert.equal(facts.user and "userId=u" or nil, found.complete.query)
        assert.is_nil(found.aborted)
      end
      os.remove(path)
    end)

    it("takes floats with integral values as sizes and counts", function()
      local content = bytes(25)
      helper.client(srv):upload_file("r", options { data = content, partSize = 2 ^ 4, concurrency = 2.0 })
      local found = story()
      assert.same({ content:sub(1, 16), content:sub(17) }, found.parts)
      assert.matches("fileSize=25$", found.create.query)
    end)

    it("sends parts side by side, as many as it may", function()
      local slow = helper.client(srv, "slow=80")
      slow:upload_file("r", options { data = bytes(900), partSize = 100, concurrency = 3 })
      assert.equal(3, srv:count().peak_busy)
      assert.equal(9, story().puts)
    end)

    it("resumes with the part that failed", function()
      srv:answer { path = part(2), method = "PUT", status = 500, times = 1 }
      local content = bytes(250)
      helper.client(srv, nil, { retries = 0 }):upload_file("r", options { data = content, partSize = 100 })
      local found = story()
      assert.equal(4, found.puts)
      assert.same({ content:sub(1, 100), content:sub(101, 200), content:sub(201) }, found.parts)
      assert.is_nil(found.aborted)
      assert.is_table(found.complete)
    end)

    it("resumes a part of a file from where it begins", function()
      local content = bytes(2500)
      local path = file_of(content)
      srv:answer { path = part(3), method = "PUT", status = 503, times = 2 }
      helper.client(srv):upload_file("r", options { file = path, partSize = 1000 })
      os.remove(path)
      local found = story()
      assert.equal(5, found.puts)
      assert.equal(content:sub(2001), found.parts[3])
    end)

    it("is aborted once, and says why, when a part is refused", function()
      srv:answer { path = part(2), method = "PUT", status = 422, json = { error = "BAD_PART" } }
      local _, err = helper.client(srv).try:upload_file("r", options { data = bytes(250), partSize = 100 })
      assert.equal("BAD_PART", err.code)
      local found = story()
      assert.equal(1, found.aborted)
      assert.is_nil(found.complete)
    end)

    it("is aborted when it cannot be completed, and the failure of that is not hidden", function()
      srv:answer { path = facts.directory .. "/multipart/up/complete", method = "POST", status = 409, json = { error = "TAKEN" } }
      srv:answer { path = facts.directory .. "/multipart/up", method = "DELETE", status = 403, json = { error = "NO" } }
      local _, err = helper.client(srv).try:upload_file("r", options { data = bytes(250), partSize = 100 })
      assert.equal("TAKEN", err.code)
      assert.equal(1, story().aborted)
    end)

    it("is aborted when its task is cancelled", function()
      local slow, id = helper.client(srv, "slow=300")
      local one = task.spawn(function() slow:upload_file("r", options { data = bytes(500), partSize = 100 }) end)
      eventually(function() return #srv:log(id, { keep = true, bytes = false }) >= 4 end)
      one:cancel()
      local ok, err = pcall(one.wait, one)
      assert.is_false(ok)
      assert.equal("cancelled", err.kind)
      local found = story()
      assert.equal(1, found.aborted)
      assert.is_nil(found.complete)
      assert.equal(0, core.pending())
    end)

    it("is not begun when it cannot be created", function()
      srv:answer { path = facts.directory .. "/multipart/n.bin", method = "POST", status = 413, json = { error = "TOO_LARGE" } }
      local _, err = helper.client(srv).try:upload_file("r", options { data = bytes(250), partSize = 100 })
      assert.equal("TOO_LARGE", err.code)
      assert.equal(1, #srv:log())
    end)
  end)
end

describe("an upload", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv)
  end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  it("takes the name of its file and an id of its own", function()
    local path = file_of("x")
    client:upload_file("r", { kind = "attachment", file = path, userId = "u" })
    client:upload_file("r", { kind = "storage", data = "x", name = "a b/é.txt" })
    os.remove(path)
    local log = srv:log()
    assert.matches("^/v2/rooms/r/attachments/at_[%w_-]+/upload/" .. path:match("[^/]+$") .. "$", log[1].path)
    assert.equal(21, #log[1].path:match("at_([%w_-]+)"))
    assert.matches("/files/fl_[%w_-]+/upload/a%%20b%%2F%%C3%%A9%.txt$", log[2].path)
  end)

  it("says which part of a file is missing when the file has become shorter", function()
    local path = file_of("short")
    local _, err = client.try:upload_attachment_multipart_part("r", "at_1", "up", "1", { file = path, offset = 3, length = 10 })
    os.remove(path)
    assert.equal("usage", err.kind)
    assert.matches("has 5 bytes; the part to upload ends after them", err.message, 1, true)
    assert.equal(0, #srv:log())
  end)

  it("of a large file takes little memory", function()
    local directory = require("tests.support.directory").new()
    finally(function() directory:remove() end)
    local file = assert(io.open(directory.path .. "/big.bin", "wb"))
    file:seek("set", 48 * 1024 * 1024 - 1)
    file:write("x")
    file:close()
    srv:answer { path = "/multipart/big%.bin$", pattern = true, method = "POST", json = { uploadId = "up" } }
    srv:answer { path = "/multipart/up/%d+$", pattern = true, method = "PUT", json = { etag = "e" } }
    local out, err, status = require("tests.support.process").run({ "-e", [[
      require("liveblocks").new():upload_file("r", { kind = "storage", file = "big.bin" })
      print(io.open("/proc/self/status"):read("a"):match("VmHWM:%s+(%d+) kB"))]] },
      { cwd = directory.path, env = { LIVEBLOCKS_SECRET_KEY = "sk_x", LIVEBLOCKS_BASE_URL = srv.url } })
    assert.same({ "", 0 }, { err, status })
    local sent = 0
    for _, row in ipairs(srv:log(nil, { bytes = false })) do sent = sent + row.body_size end
    assert.is_true(sent > 48 * 1024 * 1024)
    local sanitized = (os.getenv "LBHOST" or ""):find("/asan/", 1, true)
    assert.is_true(tonumber(out) < (sanitized and 400 or 32) * 1024, out)
  end)

  it("is refused before anything is sent when it is not valid", function()
    local unreadable = file_of("x")
    for expected, given in pairs {
      ["kind must be 'attachment' or 'storage'"] = { data = "x", name = "n" },
      ["either 'file' (a path) or 'data'"] = { kind = "storage", name = "n" },
      ["either 'file' (a path) or 'data' (a"] = { kind = "storage", name = "n", data = "x", file = "y" },
      ["'userId' is required"] = { kind = "attachment", data = "x", name = "n" },
      ["'name' is required with 'data'"] = { kind = "storage", data = "x" },
      ["did you mean 'contentType'"] = { kind = "storage", data = "x", name = "n", content_type = "a/b" },
      ["'partSize' must be an integer"] = { kind = "storage", data = "x", name = "n", partSize = "5" },
      ["'concurrency' must be an integer"] = { kind = "storage", data = "x", name = "n", concurrency = 1.5 },
      ["'partSize' must be at least 1"] = { kind = "storage", data = "x", name = "n", partSize = 0 },
      ["'concurrency' must be at least 1"] = { kind = "storage", data = "x", name = "n", concurrency = 0 },
      ["'data' must be a string"] = { kind = "storage", data = {}, name = "n" },
      ["cannot read the file: /nonexistent"] = { kind = "storage", file = "/nonexistent" },
      ["cannot read the file '/tmp': Is a directory"] = { kind = "storage", file = "/tmp" },
    } do
      assert.matches(expected, refused(client.upload_file, client, "r", given), 1, true)
    end
    assert.matches("a table of options", refused(client.upload_file, client, "r"))
    assert.matches("'room_id' must not be empty", refused(client.upload_file, client, "", { kind = "storage", data = "", name = "n" }))
    os.remove(unreadable)
    assert.equal(0, #srv:log())
  end)
end)
