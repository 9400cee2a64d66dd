local csv = require "lbhost.migrate.csv"
local directory = require "tests.support.directory"

describe("a CSV file", function()
  local dir
  setup(function() dir = directory.new() end)
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
    assert.matches("x.csv:2: text after a closed quote", refused 'a,b\n"x"y,2\n')
    assert.matches("the file is empty", refused "")
    assert.matches("cannot read the CSV file", select(2, pcall(csv.rows, "/nonexistent")).message)
  end)

  it("may be separated by semicolons or tabs, as spreadsheets do it", function()
    assert.same({ { id = "a,b", ["m.x"] = "1", line = 2 } }, rows "id;m.x\na,b;1\n")
    assert.same({ { id = "a;b", x = "1\t2", line = 2 } }, rows 'id\tx\na;b\t"1\t2"\n')
    assert.same({ { ["a;b;c"] = "1", d = "2", line = 2 } }, rows '"a;b;c",d\n1,2\n')
    assert.same({ { ["a,b,c"] = "1", d = "2", line = 3 } }, rows "sep=;\r\na,b,c;d\r\n1;2\r\n")
  end)

  it("is refused when a column has no name, or the name of another", function()
    assert.matches("x.csv:1: column 2 has no name", refused "a,,c\n1,2,3\n")
    assert.matches("x.csv:1: two columns have the name 'a'", refused "a,a\n1,2\n")
  end)

  it("is refused with line and encoding when it is not UTF-8", function()
    assert.matches("x.csv:3: this is not UTF%-8 %(it looks like Windows%-1252", refused "a,b\n1,2\nM\xFCller,3\n")
    assert.matches("x.csv:1: .*UTF%-16", refused "\xFF\xFEi\0d\0\n\0")
  end)

  it("gives items by the column id, which no row leaves empty", function()
    local function items(text)
      local list = {}
      for row in csv.items(dir:write("x.csv", text)) do list[#list + 1] = row end
      return list
    end
    assert.same({ { id = "a", n = "1" } }, items "id,n\na,1\n")
    assert.matches("x.csv: there is no column 'id'; it has: ID, n", select(2, pcall(items, "ID,n\na,1\n")).message)
    assert.matches("x.csv:3: the id is empty", select(2, pcall(items, "id,n\na,1\n ,2\n")).message)
  end)
end)
