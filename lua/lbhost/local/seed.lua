--- Data to begin with, from a file: a Lua script that gets a client, a JSON list of calls, or a state that was saved.
---
---   seed.lua     local client = ...
---                client:create_room { id = "board", defaultAccesses = { "room:write" } }
---   seed.json    [["create_room", {"id": "board", "defaultAccesses": ["room:write"]}],
---                 ["initialize_storage_document", "board", {"liveblocksType": "LiveObject", "data": {}}]]
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local module_path = require "lbhost.util.module_path"
local state = require "lbhost.local.state"
local text_file = require "lbhost.util.text_file"

local seed = {}

local function read(path)
  local text, problem = text_file.read(path)
  if not text then errors.usage("cannot read the seed file: %s", problem) end
  return text
end

local function run_call(path, number, call, client)
  local function fail(format, ...)
    errors.usage("seed file '%s', call %d: %s", path, number, format:format(...))
  end
  if not json.is_array(call) or type(call[1]) ~= "string" then
    fail('a list with the name of a call and its arguments expected, such as ["create_room", {"id": "board"}]')
  end
  local found, method = pcall(function() return client[call[1]] end)
  if not found or type(method) ~= "function" then fail("there is no call '%s' (lbhost call --list)", call[1]) end
  local ok, err = pcall(method, client, table.unpack(call, 2))
  if not ok then fail("%s", tostring(err)) end
end

local function run_json(path, text, app, client)
  local value, problem = json.try_decode(text)
  if problem then errors.usage("the seed file '%s' is not valid JSON: %s", path, problem) end
  if not json.is_array(value) then
    local content, why = state.decode(text)
    if not content then errors.usage("the seed file '%s' is neither a list of calls nor a state: %s", path, why) end
    return app:load(content)
  end
  for number, call in ipairs(value) do run_call(path, number, call, client) end
end

local function run_lua(path, client)
  local chunk, problem = module_path.load_file(path)
  if not chunk then errors.usage("cannot use the seed file: %s", problem) end
  local ok, err = xpcall(chunk, function(err)
    return errors.is(err) and tostring(err) or debug.traceback(tostring(err), 2)
  end, client)
  if not ok then errors.usage("the seed file '%s' failed: %s", path, err) end
end

--- Runs a seed file against a server.
---@param path string *.json, or Lua
---@param app lbhost.local.App
---@param client liveblocks.Client of that server
function seed.run(path, app, client)
  if path:find("%.json$") then return run_json(path, read(path), app, client) end
  return run_lua(path, client)
end

return seed
