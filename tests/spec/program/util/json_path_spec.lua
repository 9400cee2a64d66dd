local json = require "liveblocks.json"
local json_path = require "lbhost.util.json_path"

describe("a path into JSON", function()
  local value = json.decode [[
    { "id": "a", "data": [ { "id": 1, "m": { "x": null } }, { "id": 2 }, 3 ], "map": { "b": 2, "a": 1 }, "odd-key": false }]]

  it("picks what it names, in order", function()
    for path, parts in pairs {
      id = { "a" }, ["data[0].id"] = { 1 }, ["data[].id"] = { 1, 2 }, ["data[2]"] = { 3 }, ["map[]"] = { 1, 2 }, ["odd-key"] = { false },
      ["data[0].m.x"] = { json.null },
    } do
      assert.same(parts, json_path.select(value, path), path)
    end
    assert.same({ 5 }, json_path.select(json.decode "[[5],[]]", "[][]"))
  end)

  it("leaves out what is not there", function()
    for _, path in ipairs { "name", "data.id", "data[9]", "id.x", "id[0]", "map[0]", "data[0].id.x", "id[]" } do
      assert.same({}, json_path.select(value, path), path)
    end
    assert.same({}, json_path.select(5, "id"))
  end)

  it("is refused where it is not one", function()
    for path, at in pairs { [".id"] = ".id", ["id."] = ".", ["id..x"] = "..x", ["data[x]"] = "[x]", ["data[0"] = "[0", ["a]b"] = "]b" } do
      local ok, err = pcall(json_path.select, value, path)
      assert.is_false(ok, path)
      assert.matches(("'%s' is not a path at '%s': write id, data[0].id or data[].id"):format(path, at), err.message, 1, true)
    end
    assert.matches("the path is empty", select(2, pcall(json_path.select, value, "")).message, 1, true)
  end)
end)
