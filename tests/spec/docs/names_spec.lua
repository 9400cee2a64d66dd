-- What the pages name exists: commands, options, calls, functions of the module, event types.
local documentation = require "tests.support.documentation"
local liveblocks = require "liveblocks"

local pages = {}
for _, path in ipairs(documentation.paths()) do
  if path == "README.md" or path:find "^docs/" then pages[path] = documentation.page(path) end
end

-- Calls fn(name, path) for each match of a pattern in a page.
local function each(pattern, fn)
  local count = 0
  for path, page in pairs(pages) do
    for name in page.text:gmatch(pattern) do
      count = count + 1
      fn(name, path)
    end
  end
  return count
end

describe("the documentation names", function()
  local help = pages["docs/commands.md"].text
  local global = pages["docs/configuration.md"].text:match "\n## Global options\n(.-)\n## "

  it("commands that lbhost has", function()
    local others = { new = true, NAME = true, COMMAND = true, TOPIC = true, FILE = true, PATH = true, greet = true }
    local count = each("[`\n ]lbhost ([%a_]+)[^%w.]", function(name, path)
      local known = others[name] or help:find(("\n## lbhost %s\n"):format(name), 1, true)
      -- Prose goes on with words; a command stands at the beginning of a span or of a line of a block.
      if not known then assert.is_nil(pages[path].text:find("`lbhost " .. name, 1, true), ("%s: lbhost %s"):format(path, name)) end
    end)
    assert.is_true(count > 60)
  end)

  it("options that commands have", function()
    local foreign = { ["--no-install-recommends"] = true, ["--data"] = true, ["--from"] = true, ["--rm"] = true,
      ["--unit"] = true, ["--working-directory"] = true, ["--bun"] = true,
      ["--cflags"] = true, ["--libs"] = true, ["--variable"] = true, ["--lua-version"] = true, ["--only-upgrade"] = true }
    local count = each("[%s`\"(](%-%-%l[%l-]*)", function(name, path)
      assert.is_true(foreign[name] or (help .. global):find(name, 1, true) ~= nil, ("%s: %s"):format(path, name))
    end)
    assert.is_true(count > 60)
  end)

  it("methods of a client", function()
    local client = liveblocks.new { secret = "sk_x" }
    local count = each("client:([%l_]+)", function(name, path)
      assert.is_function(client[name], ("%s: client:%s"):format(path, name))
    end)
    assert.is_true(count > 30)
  end)

  it("functions of the module", function()
    local count = 0
    for _, module in ipairs { "task", "storage", "yjs", "json", "comment", "notify", "mail", "webhook", "http" } do
      count = count + each("%f[%w_]" .. module .. "%.([%l_]+)%s*[%(`{\"']", function(name, path)
        local example = name == "example" or name == "lua"
        assert.is_true(example or liveblocks[module][name] ~= nil, ("%s: %s.%s"):format(path, module, name))
      end)
    end
    assert.is_true(count > 40)
  end)

  -- What an editor shows, the page describes, too.
  for class, page in pairs {
    ["lbhost.Option"] = "plugins", ["lbhost.PluginTable"] = "plugins", ["lbhost.EventContext"] = "serve", ["lbhost.Context"] = "serve",
    ["lbhost.MigrationTable"] = "migrations", ["lbhost.MigrationContext"] = "migrations",
  } do
    it(("every field of %s in docs/%s.md"):format(class, page), function()
      local file <close> = assert(io.open "lua/meta/lbhost.lua")
      local fields = (file:read "a" .. "\n"):match("@class " .. class:gsub("%.", "%%.") .. "%f[^%w][^\n]*\n(.-)\n[^-\n]*\n")
      local count = 0
      for name in fields:gmatch "@field ([%l_]+)" do
        count = count + 1
        local text = pages[("docs/%s.md"):format(page)].text
        assert.is_truthy(text:find("`" .. name .. "%f[^%w_]") or text:find("%f[%w_]" .. name .. " ?= "), name)
      end
      assert.is_true(count >= 4)
    end)
  end

  it("event types that are known", function()
    local known = {}
    for _, name in ipairs(liveblocks.types.events) do known[name] = true end
    local count = each("%f[%w](%l+%u%a*ed)%f[%W]", function(name, path)
      assert.is_true(known[name] ~= nil, ("%s: %s"):format(path, name))
    end)
    assert.is_true(count >= 5)
  end)
end)
