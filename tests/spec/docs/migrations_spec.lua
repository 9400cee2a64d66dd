-- The migration of docs/migrations.md, done as it stands there.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local local_server = require "tests.support.local_server"
local postgres = require "tests.support.postgres"
local quote = require "tests.support.quote"

local page = documentation.page "docs/migrations.md"
local SECTION = "From an idea to a finished migration"

local function plain(text)
  return (text:gsub("in %d+ s", "in 0 s"):gsub("%s+$", ""))
end

describe("docs/migrations.md shows", function()
  local dir
  before_each(function()
    dir = directory.new()
    dir:write("boards.lua", page:block(SECTION, 1))
    dir:write("due.lua", page:block(SECTION, 2))
  end)
  after_each(function() dir:remove() end)

  it("what a dry run and a run on the local Liveblocks print", function()
    local shown = documentation.commands(page:block(SECTION, 3))
    assert.equal(2, #shown)
    for _, one in ipairs(shown) do
      local output, status = documentation.run(one.command, { cwd = dir.path })
      assert.same({ plain(one.output), 0 }, { plain(output), status }, one.command)
    end
  end)

  describe("for a project:", function()
    local server
    before_each(function() server = local_server.start() end)
    after_each(function() server:stop() end)

    local function make_boards()
      assert.same({ "", 0 }, { documentation.run("lbhost run boards.lua", { cwd = dir.path, env = server.env }) })
    end

    it("commands for the real project that work, one after the other", function()
      make_boards()
      local checkout = io.popen "pwd"
      local scripts = checkout:read "l" .. "/scripts/"
      checkout:close()
      local outputs = {}
      for _, one in ipairs(documentation.commands(page:block(SECTION, 4))) do
        if not one.command:find "^export " then
          local output, status = documentation.run((one.command:gsub("scripts/", quote(scripts))), { cwd = dir.path, env = server.env })
          assert.equal(0, status, one.command .. "\n" .. output)
          outputs[#outputs + 1] = output
        end
      end
      assert.equal(5, #outputs)
      assert.matches("20 of 20 would change", outputs[1])
      assert.matches("5 done", outputs[3])
      assert.matches("30 done", outputs[5])
    end)

    it("orders for a run in progress", function()
      make_boards()
      server:client():request("PUT", "/local/faults", { body = "latency=500ms", content_type = "application/octet-stream" })
      local running <close> = server:spawn({ "migrate", "due.lua", "--concurrency", "1" }, { cwd = dir.path })
      local outputs = {}
      for command in page:block("From another terminal", 1):gmatch "[^\n]+" do
        local output, status
        for _ = 1, outputs[1] and 1 or 200 do -- the first order may come before the run has its journal
          output, status = documentation.run(command, { cwd = dir.path, env = server.env })
          if status == 0 then break end
        end
        assert.same({ 0, command }, { status, command }, output)
        outputs[#outputs + 1] = output:match "^add%-due%-date: (.-) by "
      end
      assert.same({ "paused", "goes on", "is set to rate=20,concurrency=4", "is stopping" }, outputs)
      local out, err, status = running:wait()
      assert.equal(130, status, out .. err)
    end)

    it("a journal that hosts share", function()
      local database <close> = postgres.start()
      local command, count = page:block("Several hosts", 1):gsub("postgres://lbhost@db/lbhost", function() return database.url end)
      assert.equal(1, count)
      local output, status = documentation.run(command:gsub("lbhost migrate", "lbhost --plugin " .. postgres.plugin .. " migrate"),
        { cwd = dir.path, env = server.env })
      assert.equal(0, status, output)
      assert.equal("add-due-date", database:sql "SELECT name FROM lbhost_journals")
    end)

    it("a backup for each night", function()
      local command = page:block("Backups", 1):gsub("\n", ""):gsub("/var/backups/", dir.path .. "/")
      for night = 1, 2 do
        server:client():create_room { id = "night-" .. night, defaultAccesses = {} }
        assert.same({ "", 0 }, { documentation.run(command, { cwd = dir.path, env = server.env }) })
        assert.is_string(dir:read(("liveblocks/rooms/night-%d/room.json"):format(night)))
      end
    end)
  end)

  it("every migration that comes with lbhost", function()
    local pipe <close> = assert(io.popen "ls scripts/migrations/*.lua")
    for path in pipe:lines() do
      local name = path:match "([^/]+)$"
      assert.is_truthy(page.text:find(("| `%s` |"):format(name), 1, true), name)
    end
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
