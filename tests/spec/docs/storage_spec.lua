-- What docs/storage.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local folder = require "tests.support.folder"

local page = documentation.page "docs/storage.md"

describe("docs/storage.md shows", function()
  it("an edit of an empty document, and of one that has been edited so", function()
    local dir <close> = folder.new()
    dir:write("edit.lua", [[
      local liveblocks = require "liveblocks"
      local client = liveblocks.new()
      client:create_room { id = "my-room", defaultAccesses = {} }
      local function edit()
        ]] .. page:block "" .. [[
      end
      edit() edit()
      local document = client:get_storage_document("my-room", { format = "json" })
      print(document.title, #document.todos, #document.done, document.done[2].text, document.board.columns[1])]])
    assert.same({ "Untitled\t0\t2\tmilk\ttodo\n", 0 }, { documentation.run("lbhost --local run edit.lua", { cwd = dir.path }) })
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
