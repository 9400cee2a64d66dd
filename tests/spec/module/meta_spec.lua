-- lua/meta against the module: what editors show is there, and nothing else.
local liveblocks = require "liveblocks"
local client_module = require "liveblocks.client"

local builtin = {}
for name in ("nil any boolean string number integer function table thread userdata lightuserdata true false T"):gmatch("%a+") do
  builtin[name] = true
end

local paths = {}
for path in assert(io.popen "find lua/meta -name '*.lua'"):lines() do paths[#paths + 1] = path end
table.sort(paths)

local files, lines, known, declared = {}, {}, {}, {}
for _, path in ipairs(paths) do
  local file <close> = assert(io.open(path))
  files[path] = file:read("a")
  local number = 0
  for line in files[path]:gmatch("([^\n]*)\n") do
    number = number + 1
    lines[#lines + 1] = { path = path, number = number, text = line }
    local defined = line:match("^%-%-%-@class ([%w_.]+)") or line:match("^%-%-%-@alias ([%w_.]+)")
    if defined then known[defined] = true end
    local owner, method = line:match("^function ([%w_]+)[.:]([%w_]+)%(")
    if not owner then owner, method = line:match("^(Client)%.([%w_]+) = ") end
    if owner then
      declared[owner] = declared[owner] or {}
      declared[owner][method] = true
    end
  end
end

-- Reads a type of LuaCATS; returns the position after it, or raises.
local read_type

local function fail(text, at) error(("no type at %d: %s"):format(at, text:sub(at, at + 40)), 0) end

local function read_list(text, at, closing, named)
  at = text:match("^%s*()", at)
  while text:sub(at, at) ~= closing do
    if named then
      local behind = text:match("^[%w_]+%??%s*:%s*()", at) or text:match("^%[%d%]:%s*()", at) or text:match("^%.%.%.%s*:?%s*()", at)
      if not behind then fail(text, at) end
      at = behind
    end
    at = text:match("^%s*,?%s*()", read_type(text, at))
  end
  return at + 1
end

local function read_item(text, at)
  local behind = text:match('^"[^"]*"()', at) or text:match("^%d+()", at)
  if behind then return behind end
  local first = text:sub(at, at)
  if first == "(" then
    behind = read_type(text, at + 1)
    return text:match("^%)()", behind) or fail(text, behind)
  end
  if first == "{" then return read_list(text, at + 1, "}", true) end
  behind = text:match("^fun%(()", at)
  if behind then
    behind = read_list(text, behind, ")", true)
    local returns = text:match("^:%s*()", behind)
    return returns and read_type(text, returns) or behind
  end
  local name, stop = text:match("^([%a_][%w_.]*)()", at)
  if not name or not (builtin[name] or known[name]) then fail(text, at) end
  if text:sub(stop, stop) == "<" then return read_list(text, stop + 1, ">") end
  return stop
end

function read_type(text, at)
  repeat
    at = read_item(text, at)
    at = text:match("^[%[%]]*%??()", at)
    local more = text:match("^|()", at)
    at = more or at
  until not more
  return at
end

-- The text after a tag in which a type begins.
local function type_behind(line)
  local tag, rest = line:match("^%-%-%-@([%a_]+)%s*(.*)$")
  if tag == "param" then return rest:match("^[%w_.]+%??%s+(.*)$") end
  if tag == "field" then return rest:match("^[%w_]+%??%s+(.*)$") or rest:match("^%[string%]%s+(.*)$") end
  if tag == "class" then return rest:match("^[%w_.]+:%s+(.*)$") end
  if tag == "alias" then return rest:match("^[%w_.]+%s+(.*)$") end
  if tag == "return" or tag == "return_overload" or tag == "type" then return rest end
  if tag == "generic" then return rest:match("^T:%s*(.*)$") end
end

describe("the annotations", function()
  -- What stands after an error is out of reach for an editor: it would know of nothing.
  it("run to their end, and return what require is to find there", function()
    assert.is_true(#paths > 20)
    for path, text in pairs(files) do
      local name = path:match("^lua/meta/(.*)%.lua$"):gsub("/", ".")
      local meta = text:match("^%-%-%-@meta (%S+)\n")
      local found = assert(load(text, "@" .. path, "t", {}))()
      if meta == "_" then
        assert.is_nil(found, path)
      else
        assert.equal(name, meta)
        assert.is_truthy(found, path)
      end
    end
  end)

  it("name types that exist, in their notation", function()
    local checked = 0
    for _, line in ipairs(lines) do
      local text = type_behind(line.text)
      if text then
        checked = checked + 1
        local ok, message = pcall(read_type, text, 1)
        assert.is_true(ok, ("%s:%d: %s"):format(line.path, line.number, message))
        -- a comma: further values that a function returns
        assert.is_truthy(text:sub(message):find("^$") or text:sub(message):find("^[%s,]"), line.text)
      end
    end
    assert.is_true(checked > 500)
  end)

  it("describe the parameters that a function has", function()
    local described = {}
    for _, line in ipairs(lines) do
      local name = line.text:match("^%-%-%-@param ([%w_.]+)")
      local list = line.text:match("^function [%w_.:]+%((.*)%) end$") or line.text:match("^return function%((.*)%) end$")
      if name then described[#described + 1] = name end
      if list then
        assert.equal(list, table.concat(described, ", "), ("%s:%d"):format(line.path, line.number))
        described = {}
      end
    end
  end)

  for name in ("task json query webhook http storage comment notify mail yjs errors crypto"):gmatch "%a+" do
    it(("have every function of liveblocks.%s, and no other"):format(name), function()
      local module, found = require("liveblocks." .. name), declared[name]
      for key, value in pairs(module) do
        if type(value) == "function" then assert.is_true(found[key], key .. " is missing") end
      end
      for key in pairs(found) do assert.is_function(module[key], key .. " is not there") end
    end)
  end

  it("have every call, its other names and its pages", function()
    local client = liveblocks.new { secret = "sk_x" }
    for name, row in pairs(client_module.rows) do
      assert.is_true(declared.Client[name], name)
      if row.page and row.name == name then assert.is_true(declared.Client["iter_" .. name:gsub("^get_", "")], name) end
    end
    for name in pairs(declared.Client) do assert.is_function(client[name], name) end
    for name in pairs(declared.liveblocks) do assert.is_function(liveblocks[name], name) end
  end)

  it("have every call once more for client.try, with the same parameters, and no other", function()
    local client = liveblocks.new { secret = "sk_x" }
    local tries = files["lua/meta/liveblocks.lua"]:match("\n%-%-%-@class liveblocks%.Try\n(.-)\n\n")
    local found = {}
    for name, list in tries:gmatch("@field ([%w_]+) fun(%b())") do
      local words = {}
      for word in list:gsub("fun%b()", ""):gmatch("[(,] ?([%w_]+)%??:") do words[#words + 1] = word end
      found[name] = table.concat(words, ", ", 2)
      assert.equal("self", words[1])
      assert.is_function(client.try[name], name)
    end
    for name, row in pairs(client_module.rows) do
      local list = files["lua/meta/liveblocks.lua"]:match(("\nfunction Client:%s%%((.-)%%) end\n"):format(row.name))
      assert.equal(list, found[name], name)
      found[name] = nil
    end
    assert.same({ request = "method, path, options", warm = "", upload_file = "room, options",
      mutate_storage = "room_id, fn, options", mutate_yjs = "room_id, fn, options" }, found)
  end)

  it("know of liveblocks.core what there is", function()
    local core = require "liveblocks.core"
    for name in pairs(declared.core) do assert.is_function(core[name], name) end
    for name in pairs(declared.Event) do assert.is_function(core.event()[name], name) end
  end)

  it("have every method of Yjs documents and of shared types, and no other", function()
    local text = files["lua/meta/types.lua"] .. "\n\n"
    for class, module in pairs { Document = "document", Type = "shared" } do
      local found = {}
      for name in text:match(("@class liveblocks%%.yjs%%.%s\n(.-)\n\n"):format(class)):gmatch "@field ([%w_]+) fun" do
        found[name] = true
      end
      assert.same(require("liveblocks.yjs." .. module).methods(), found)
    end
  end)

  it("have the methods of sessions, tasks, calls and responses", function()
    local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:1" }
    local call <close> = client:submit("get_room", "r")
    for owner, value in pairs { Session = liveblocks.session(client, "u"), Task = liveblocks.task.spawn(type, 1), Call = call } do
      for name in pairs(declared[owner]) do assert.is_function(value[name], owner .. ":" .. name) end
    end
  end)

  it("have every option of a client", function()
    local options = files["lua/meta/types.lua"]:match("@class liveblocks%.Options\n(.-)\n\n")
    local count = 0
    for name in options:gmatch("@field ([%w_]+)") do
      count = count + 1
      local ok, err = pcall(liveblocks.new, { [name] = {} })
      assert.is_false(ok)
      assert.matches("must be", err.message)
    end
    local _, err = pcall(liveblocks.new, { nothing = 1 })
    assert.matches("unknown option", err.message)
    assert.equal(14, count)
  end)
end)
