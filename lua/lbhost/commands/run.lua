--- lbhost run FILE|- [ARG...] and lbhost -e CODE: the script is a task; the program ends when all tasks have.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local sandbox = require "lbhost.plugin.sandbox"
local task = require "liveblocks.task"

-- A table says nothing as text: its fields do.
local function text_of(err)
  local meta = getmetatable(err)
  if type(err) ~= "table" or (type(meta) == "table" and meta.__tostring) then return tostring(err) end
  local shown, fields = pcall(json.encode, err)
  return "the error is a table: " .. (shown and fields or tostring(err))
end

local function report(err, traceback)
  if host.interrupted() then return end
  local text = text_of(err)
  io.stderr:write("lbhost: ", text, "\n")
  local frames = traceback and traceback:match("\nstack traceback:.*")
  if frames then
    -- our own frames below the script say nothing to its author
    frames = frames:gsub("\n%s*%[C%]: in function 'xpcall'.*", "")
    io.stderr:write(frames:sub(2), "\n")
  end
end

local function load_script(path, code)
  if path == "-e" then
    if not code then errors.usage("-e needs a line of Lua") end
    return load(code, "=(command line)", "t")
  end
  if not path then errors.usage("run needs a file, or - for standard input") end
  if path == "-" then return load(io.read("a"), "=stdin", "t") end
  local script, problem, unreadable = sandbox.load_file(path)
  if unreadable then errors.usage("cannot read the script: %s", problem) end
  return script, problem
end

local function run(arguments)
  local path, first = arguments[1], arguments[1] == "-e" and 3 or 2
  local script, problem = load_script(path, arguments[2])
  if not script then
    io.stderr:write("lbhost: ", problem, "\n")
    return 1
  end
  _G.arg = { [0] = path, table.unpack(arguments, first) }
  local main = task.spawn(script, table.unpack(arguments, first))
  local status = 0
  local ok, err = pcall(main.wait, main)
  if not ok then
    report(err, main.traceback)
    return 1
  end
  while task.any_left() do
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

return {
  api = 1, name = "run", about = "Runs scripts",
  commands = {
    run = {
      about = "run a script as a task; lbhost -e CODE runs a line", usage = "run FILE|- [ARG...]", raw = true, run = run,
      help = "The program ends when the script and all tasks that it started have ended; with status 1 when one failed.\n",
    },
  },
}
