local csv = require "lbhost.migrate.csv"
local folder = require "tests.support.folder"

describe("a CSV file", function()
  local dir
  setup(function() dir = folder.new() end)
  teardown(function() dir:remove() end)

  local function rows(text)
    local list = {}
    for row, line in csv.rows(dir:write("x.csv", text)) do
      row.line = line
      list[#list + 1] = row
    end
    return list
  end
  local function refused(text)
    local ok, err = pcall(rows, text)
    assert.is_false(ok)
    return err.message
  end

  it("gives rows by the names of its first one, with their lines", function()
    assert.same({ { a = "1", b = "x", line = 2 }, { a = "", b = "", line = 4 } }, rows "a,b\n1,x\n\n,\n")
    assert.same({}, rows "a,b")
  end)

  it("may have quotes, ends of lines and commas in its fields, and come from Windows", function()
    assert.same({ { a = 'say "hi", all', b = "two\nlines", line = 2 }, { a = "", b = "ü", line = 4 } },
      rows '\xEF\xBB\xBFa,b\r\n"say ""hi"", all","two\r\nlines"\r\n"",ü\r\n')
  end)

  it("is refused with the line that is wrong", function()
    assert.matches("x.csv:2: 3 fields, but 2 columns", refused "a,b\n1,2,3\n")
    assert.matches("x.csv:3: a quote is not closed", refused 'a,b\n1,2\n"x,2\n')
    assert.matches("x.csv:2: text behind a closed quote", refused 'a,b\n"x"y,2\n')
    assert.matches("the file is empty", refused "")
    assert.matches("cannot read the CSV file", select(2, pcall(csv.rows, "/nonexistent")).message)
  end)
end)
