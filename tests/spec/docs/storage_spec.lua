-- What docs/storage.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"

local page = documentation.page "docs/storage.md"

describe("docs/storage.md shows", function()
  it("an edit of an empty document, and of one that has been edited so", function()
    local dir <close> = directory.new()
    dir:write("edit.lua", [[
      local liveblocks = require "liveblocks"
      local client = liveblocks.new()
      client:create_room { id = "my-room", defaultAccesses = {} }
      local function edit()
        ]] .. page:block "Editing a document" .. [[
      end
      edit() edit()
      local document = client:get_storage_document("my-room", { format = "json" })
      print(document.title, #document.todos, #document.done, document.done[2].text, document.board.columns[1])]])
    assert.same({ "Untitled\t0\t2\tmilk\ttodo\n", 0 }, { documentation.run("lbhost --local run edit.lua", { cwd = dir.path }) })
  end)

  it("an edit without a client", function()
    local root = { liveblocksType = "LiveObject", data = {} }
    local patch = documentation.load(page:block "Without a client" .. "return patch", { lson = root })()
    assert.same({ { op = "add", path = "/title", value = "Plan" } }, patch)
  end)

  it("every option", function()
    local file <close> = assert(io.open "lua/meta/types.lua")
    local class = (file:read "a" .. "\n"):match "class liveblocks%.MutateOptions\n(.-)\n\n"
    local count = 0
    for name in class:gmatch "@field ([%l_]+)" do
      count = count + 1
      assert.is_truthy(page.text:find("| `" .. name .. "` |", 1, true), name)
    end
    assert.is_true(count >= 7)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
