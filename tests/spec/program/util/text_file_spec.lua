local directory = require "tests.support.directory"
local text_file = require "lbhost.util.text_file"

describe("a file that a person has written", function()
  local dir
  setup(function() dir = directory.new() end)
  teardown(function() dir:remove() end)

  local function lines(text)
    local list = {}
    for line, number in text_file.lines(dir:write("x", text), "list") do list[#list + 1] = number .. line end
    return list
  end
  local function refused(text)
    local ok, err = pcall(lines, text)
    assert.is_false(ok)
    assert.equal("usage", err.kind)
    return err.message
  end

  it("is read without its byte order mark and the ends of its lines", function()
    assert.same({ "1a", "2", "3é " }, lines "\xEF\xBB\xBFa\r\n\r\né ")
    assert.same({}, lines "")
    assert.equal("x\r\n", text_file.read(dir:write("y", "\xEF\xBB\xBFx\r\n")))
    assert.equal("\xEF\xBB", text_file.without_mark "\xEF\xBB")
  end)

  it("is refused with the line and the encoding when it is not UTF-8", function()
    assert.matches("x:2: this is not UTF%-8 %(it looks like Windows%-1252 or ISO 8859%-1%): save the file as UTF%-8",
      refused "a\nM\xFCller\n")
    assert.matches("x:1: this is not UTF%-8 %(it looks like UTF%-16%)", refused "\xFF\xFEa\0\n\0")
    assert.matches("x:1: .*UTF%-16", refused "a\0\n\0")
  end)

  it("is named when it cannot be read", function()
    assert.matches("cannot read the list: .*none: No such file", select(2, pcall(text_file.lines, dir.path .. "/none", "list")).message)
    assert.matches("Is a directory", select(2, pcall(text_file.lines(dir.path))).message)
    local text, problem = text_file.read(dir.path)
    assert.is_nil(text)
    assert.matches("Is a directory", problem)
  end)
end)
