-- The chapter of the README about migrations, run as it stands.
local folder = require "tests.support.folder"
local process = require "tests.support.process"

local file = assert(io.open "README.md")
local chapter = file:read("a"):match "\n## Bulk migrations\n(.-)\n## "
file:close()

-- The indented block behind a text.
local function block(behind)
  local _, stop = chapter:find(behind, 1, true)
  local lines = {}
  for line in chapter:sub(assert(stop, behind) + 1):gmatch "([^\n]*)\n" do
    if line:find "^    " or line == "" then
      lines[#lines + 1] = line:sub(5)
    elseif lines[2] then
      break
    end
  end
  return table.concat(lines, "\n")
end

describe("the README's migration", function()
  local dir
  setup(function()
    dir = folder.new()
    dir:write("boards.lua", block "`boards.lua`:")
    dir:write("due.lua", block "how to tell afterwards that it is right.")
  end)
  teardown(function() dir:remove() end)

  it("does what the README says, word for word", function()
    local session, count = block "`--seed` fills it.", 0
    for command, expected in (session .. "\n$"):gmatch "%$ lbhost ([^\n]+)\n(.-)%f[%$]" do
      local out, err, status = process.run(command, { cwd = dir.path, env = { HOME = "/nonexistent" } })
      assert.equal(0, status, err)
      local function plain(text) return (text:gsub("in %d+ s", "in 0 s"):gsub("%s+$", "")) end
      assert.equal(plain(expected), plain(out .. err))
      count = count + 1
    end
    assert.equal(2, count)
  end)
end)
