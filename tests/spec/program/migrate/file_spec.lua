local file = require "lbhost.migrate.file"
local directory = require "tests.support.directory"

describe("a migration file", function()
  local dir
  setup(function() dir = directory.new() end)
  teardown(function() dir:remove() end)

  local function load(text, arguments)
    return file.load(dir:write("rename-keys.lua", text), arguments or {})
  end
  local function refused(text, arguments)
    local ok, err = pcall(load, text, arguments)
    assert.is_false(ok)
    assert.equal("usage", err.kind)
    assert.is_nil(err.message:find("\n", 1, true))
    return err.message
  end

  it("is read with its name, source and options", function()
    local migration = load([[return { api = 1, rooms = { query = { metadata = { a = "b" } } }, each = function() end,
      options = { key = { type = "string", required = true }, value = "json", many = { type = "integer", default = 3 } } }]],
      { "key=a=b", 'value={"x":[]}' })
    assert.equal("rename-keys", migration.name)
    assert.equal("rooms", migration.source)
    assert.same({ key = "a=b", value = { x = {} }, many = 3 }, migration.values)
  end)

  it("has another hash when its text or options change", function()
    local text = "return { api = 1, ids = {}, each = function() end, options = { a = 'string' } }"
    local one, same, other, given = load(text), load(text), load(text .. " "), load(text, { "a=1" })
    assert.same({ one.file_hash, one.options_hash }, { same.file_hash, same.options_hash })
    assert.not_equal(one.file_hash, other.file_hash)
    assert.equal(one.options_hash, other.options_hash)
    assert.equal(one.file_hash, given.file_hash)
    assert.not_equal(one.options_hash, given.options_hash)
  end)

  it("is refused in one line that says what to do", function()
    assert.matches("returned nothing", refused "")
    assert.matches("returned number", refused "return 5")
    assert.matches("rename%-keys.lua:1: ", refused "return {")
    assert.matches("no field 'api'", refused "return { rooms = {}, each = function() end }")
    assert.matches("knows api = 1", refused "return { api = 2, rooms = {}, each = function() end }")
    assert.matches("no function 'each'", refused "return { api = 1, rooms = {} }")
    assert.matches("'each' must be a function, got string", refused "return { api = 1, rooms = {}, each = 'x' }")
    assert.matches("'check' must be a function", refused "return { api = 1, rooms = {}, each = print, check = 1 }")
    assert.matches("one source, of rooms, threads, users, ids, items; it has none", refused "return { api = 1, each = print }")
    assert.matches("it has rooms and ids", refused "return { api = 1, rooms = {}, ids = {}, each = print }")
    assert.matches("unknown field 'eech'; did you mean 'each'%?", refused "return { api = 1, rooms = {}, eech = print }")
    assert.matches("unknown field 'qurey'; did you mean 'query'%?",
      refused "return { api = 1, rooms = { qurey = 'x' }, each = print }")
    assert.matches("'rooms' query does not parse",
      refused "return { api = 1, rooms = { query = { a = { b = 1, c = {} } } }, each = print }")
    assert.matches("undefined global 'oops'", refused "return oops.x")
    assert.matches("option 'key' is required.*key=VALUE",
      refused "return { api = 1, ids = {}, each = print, options = { key = { type = 'string', required = true } } }")
    assert.matches("has no option 'kez'; did you mean 'key'%?",
      refused("return { api = 1, ids = {}, each = print, options = { key = 'string' } }", { "kez=1" }))
    assert.matches("'n' must be an integer, got 'x'",
      refused("return { api = 1, ids = {}, each = print, options = { n = 'integer' } }", { "n=x" }))
    assert.matches("cannot read the migration: .*No such file", select(2, pcall(file.load, dir.path .. "/none.lua", {})).message)
  end)
end)
