-- Each promise of docs/security.md names tests that are there.
local documentation = require "tests.support.documentation"
local read = require("tests.support.files").read

local page = documentation.page "docs/security.md"

-- Is there a test of that name? Of one that is made in a loop, the beginning is named.
local function has_test(source, name)
  for line in source:gmatch "[^\n]+" do
    if line:find(name, 1, true) and (line:find "%f[%w]it%(" or line:find "cmocka_unit_test%(") then return true end
  end
  return false
end

-- The tests of a cell: "name", "name" in `file`; `c_name` in `file`
local function each_test(cell, fn)
  local count = 0
  for part in (cell .. ";"):gmatch "(.-);" do
    local names, file = part:match "^(.*) in `(tests/[^`]+)`%s*$"
    assert.is_truthy(file, "no test and file: " .. part)
    for name in names:gsub("`", '"'):gmatch '"([^"]+)"' do
      count = count + 1
      fn(name, file)
    end
  end
  return count
end

describe("docs/security.md", function()
  it("names for each promise tests that are there", function()
    local promises, tests, in_table = 0, 0, false
    for line in page.text:gmatch "[^\n]*" do
      if line == "| promise | shown by |" then
        in_table = true
      elseif line:sub(1, 1) ~= "|" then
        in_table = false
      elseif in_table and not line:find "^|%-" then
        local cell = assert(line:match "^|[^|]+| ([^|]+) |$", line)
        promises = promises + 1
        tests = tests + each_test(cell, function(name, file)
          assert.is_true(has_test(read(file), name), ("%s has no test '%s'"):format(file, name))
        end)
      end
    end
    assert.is_true(promises > 50 and tests >= promises, ("%d promises, %d tests"):format(promises, tests))
  end)

  it("has in each chapter about a command such promises", function()
    for _, title in ipairs { "Secrets", "Files", "lbhost serve", "lbhost local", "lbhost migrate, backups and restore", "Embedding" } do
      local _, from = page.text:find("\n## " .. title .. "\n", 1, true)
      local section = from and page.text:sub(from, page.text:find("\n## ", from, true))
      assert.is_truthy(section and section:find("| promise | shown by |", 1, true), title)
    end
  end)
end)
