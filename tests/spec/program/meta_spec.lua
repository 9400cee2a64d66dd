-- lua/meta/lbhost against the modules of the program: what editors show is there, and nothing else.
local migration = require "lbhost.migrate.file"
local read = require("tests.support.files").read

local paths = {}
for path in assert(io.popen "find lua/meta/lbhost -name '*.lua'"):lines() do paths[#paths + 1] = path end

-- The fields of a class, in their order.
local function fields_of(class)
  local text = (read "lua/meta/lbhost.lua" .. "\n"):match("@class " .. class:gsub("%.", "%%.") .. "\n(.-)\n\n")
  local list = {}
  for name in text:gmatch "@field ([%w_]+)" do list[#list + 1] = name end
  table.sort(list)
  return list
end

describe("the annotations of the program's modules", function()
  it("have the functions of each of them, and no other", function()
    assert.is_true(#paths >= 10)
    for _, path in ipairs(paths) do
      local name = path:match("^lua/meta/(.*)%.lua$"):gsub("/", ".")
      local module, text = require(name), read(path)
      if type(module) == "function" then
        assert.is_truthy(text:find("\nreturn function%b() end\n$"), path)
      else
        local word, found = name:match "[%w_]+$", {}
        for key in text:gmatch("\nfunction " .. word .. "%.([%w_]+)%(") do
          found[key] = true
          assert.is_function(module[key], ("%s.%s"):format(name, key))
        end
        for key, value in pairs(module) do
          if type(value) == "function" then assert.is_true(found[key], ("%s.%s is missing"):format(name, key)) end
        end
      end
    end
  end)

  it("have the methods of databases, budgets and stores", function()
    local db <close> = require("lbhost.sqlite").open ":memory:"
    local store = require("lbhost.serve.store").open ":memory:"
    for path, value in pairs { sqlite = db, limits = require("lbhost.limits").new {} } do
      local count = 0
      for name in read(("lua/meta/lbhost/%s.lua"):format(path)):gmatch "\nfunction %u%a+:([%w_]+)" do
        count = count + 1
        assert.is_function(value[name], name)
      end
      assert.is_true(count > 3)
    end
    for name in read("lua/meta/lbhost/serve/store.lua"):gmatch "@field ([%w_]+)" do assert.is_function(store[name], name) end
    store:close()
  end)

  it("have the fields of a migration and of its rooms", function()
    local names = {}
    for name in pairs(migration.fields) do names[#names + 1] = name end
    table.sort(names)
    assert.same(names, fields_of "lbhost.MigrationTable")
    names = {}
    for name in pairs(migration.room_fields) do names[#names + 1] = name end
    table.sort(names)
    assert.same(names, fields_of "lbhost.RoomFields")
  end)
end)
