--- lbhost run FILE|- [ARG...] and lbhost -e CODE: the script is a task; the program ends when all tasks have.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local task = require "liveblocks.task"

local function report(err, traceback)
  if host.interrupted() then return end
  local text = tostring(err)
  io.stderr:write("lbhost: ", text, "\n")
  local frames = traceback and traceback:match("\nstack traceback:.*")
  if frames then
    -- our own frames below the script say nothing to its author
    frames = frames:gsub("\n%s*%[C%]: in function 'xpcall'.*", "")
    io.stderr:write(frames:sub(2), "\n")
  end
end

local function load_script(command, arguments)
  if command == "-e" then
    if not arguments[1] then errors.usage("-e needs a line of Lua") end
    return load(arguments[1], "=(command line)", "t")
  end
  local path = arguments[1]
  if not path then errors.usage("run needs a file, or - for standard input") end
  if path == "-" then return load(io.read("a"), "=stdin", "t") end
  local file, problem = io.open(path, "rb")
  if not file then errors.usage("cannot read the script: %s", problem) end
  local text, failure = file:read("a")
  file:close()
  if not text then errors.usage("cannot read the script '%s': %s", path, failure) end
  return load(text:gsub("^#[^\n]*", ""), "@" .. path, "t")
end

return function(command, arguments)
  local script, problem = load_script(command, arguments)
  if not script then
    io.stderr:write("lbhost: ", problem, "\n")
    return 1
  end
  _G.arg = { [0] = command == "-e" and "-e" or arguments[1], table.unpack(arguments, 2) }
  local main = task.spawn(script, table.unpack(arguments, 2))
  local status = 0
  local ok, err = pcall(main.wait, main)
  if not ok then
    report(err, main.traceback)
    return 1
  end
  while core.pending() > 0 do
    local stepped, stuck = pcall(core.step, -1)
    if not stepped then
      report(stuck)
      return 1
    end
  end
  for _, failed in ipairs(task.unseen_failures()) do
    report(failed.error, failed.traceback)
    status = 1
  end
  return status
end
