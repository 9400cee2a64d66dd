--- Environments of plugins and of the configuration: globals of their own, mistakes with them caught, text only.
---
--- It contains mistakes, not attackers: what a plugin requires is shared, and it can do what the program can.
local text_file = require "lbhost.util.text_file"

local sandbox = {}

local function copy(library)
  local own = {}
  for name, value in pairs(library) do own[name] = value end
  return own
end

local function strict(env, owner)
  local declared = {}
  return setmetatable(env, {
    __index = function(_, name)
      if declared[name] then return nil end
      error(("undefined global '%s' in %s"):format(tostring(name), owner), 2)
    end,
    -- A main chunk may define globals; a function that does so has mostly forgotten `local`.
    __newindex = function(_, name, value)
      local caller = debug.getinfo(2, "S")
      if not declared[name] and caller and caller.what ~= "main" and caller.what ~= "C" then
        error(("assignment to the undeclared global '%s' in %s; write 'local %s'"):format(tostring(name), owner,
          tostring(name)), 2)
      end
      declared[name] = true
      rawset(env, name, value)
    end,
  })
end

--- Loads Lua text from a file; never bytecode.
---@param path string
---@param env table? the real globals when absent
---@return function? chunk
---@return string? problem names the file
---@return boolean? unreadable the file could not be read at all
function sandbox.load_file(path, env)
  local text, problem = text_file.read(path)
  if not text then return nil, problem, true end
  text = text:gsub("^#[^\n]*", "") -- a first line for the shell stays an empty line, so that line numbers are right
  local chunk, mistake = load(text, "@" .. path, "t", env or _G)
  local encoding = not chunk and text:sub(1, 1) ~= "\27" and text_file.problem_of(text) -- 27: bytecode
  if encoding then return nil, ("%s: %s"):format(path, encoding) end
  return chunk, mistake
end

-- load, loadfile and dofile as in the manual, but for text alone and with this environment as the default.
local function add_loaders(env)
  function env.load(chunk, name, mode, ...)
    local given = select("#", ...) > 0 and (...) or env
    if mode == "b" then return nil, "attempt to load a binary chunk (only text is loaded here)" end
    return load(chunk, name, "t", given)
  end
  function env.loadfile(path, mode, ...)
    if mode == "b" then return nil, "attempt to load a binary chunk (only text is loaded here)" end
    return sandbox.load_file(path, select("#", ...) > 0 and (...) or env)
  end
  function env.dofile(path)
    local chunk, problem = sandbox.load_file(path, env)
    if not chunk then error(problem, 2) end
    return chunk()
  end
end

--- A new environment.
---@param owner string how messages name it, such as "plugin 'mentions'"
---@return table
function sandbox.new(owner)
  local env = {}
  for name, value in pairs(_G) do
    env[name] = type(value) == "table" and name ~= "arg" and copy(value) or value
  end
  env._G, env.arg = env, nil
  -- `require` and who looks into the package table mean the real one.
  env.package = package
  function env.os.exit()
    error(("os.exit in %s would end lbhost with all its plugins; return instead"):format(owner), 2)
  end
  add_loaders(env)
  return strict(env, owner)
end

return sandbox
