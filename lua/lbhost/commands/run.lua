--- lbhost run FILE|- [ARG...] and lbhost -e CODE: the script is a task; the program ends when all tasks have.
local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"
local global_options = require "lbhost.cli.global_options"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local module_path = require "lbhost.util.module_path"
local task = require "liveblocks.task"

-- A table says nothing as text: its fields do.
local function text_of(err)
  local meta = getmetatable(err)
  if type(err) ~= "table" or (type(meta) == "table" and meta.__tostring) then return tostring(err) end
  local shown, fields = pcall(json.encode, err)
  return "the error is a table: " .. (shown and fields or tostring(err))
end

-- What only failures need is required there: a short script should start at once.
local function say(text)
  local hidden = require("lbhost.util.secrets").hide(text)
  io.stderr:write("lbhost: ", require("lbhost.util.printable").message(hidden), "\n")
end

local function report(err, trace)
  if host.interrupted() then return end
  local text, hint = text_of(err), require "lbhost.util.global_hint"(err, _G)
  say(text .. (hint and "; " .. hint or ""))
  local frames = trace and require("lbhost.util.traceback").frames(trace) or {}
  if not frames[1] then return end
  io.stderr:write(require("lbhost.util.printable").block("stack traceback:\n\t" .. table.concat(frames, "\n\t")), "\n")
end

local function load_file(path)
  if path == "-" then return load(require("lbhost.util.text_file").without_mark(io.read("a")), "=stdin", "t") end
  local script, problem, unreadable = module_path.load_file(path)
  if unreadable then errors.usage("cannot read the script: %s", problem) end
  return script, problem
end

-- The chunks that the arguments name, and the index of the first argument that is theirs.
local function load_chunks(arguments)
  local chunks, i = {}, 1
  while arguments[i] == "-e" do
    if not arguments[i + 1] then errors.usage("-e needs a line of Lua") end
    local chunk, problem = load(arguments[i + 1], "=(command line)", "t")
    if not chunk then return nil, problem end
    chunks[#chunks + 1], i = chunk, i + 2
  end
  if chunks[1] then return chunks, i end
  if not arguments[1] then errors.usage("run needs a file, or - for standard input") end
  local chunk, problem = load_file(arguments[1])
  return chunk and { chunk }, chunk and 2 or problem
end

-- As the stand-alone Lua sets it: the script is at 0, what stands before it on the command line at negative indices.
local function make_arg(arguments, first)
  local line = global_options.command_line
  local script = math.max(#line - #arguments + first - 1, 0)
  local arg = { [0] = first > 2 and "-e" or arguments[1], table.unpack(arguments, first) }
  for i = 0, script - 1 do arg[i - script] = line[i] end
  return arg
end

-- Runs a chunk as a task to its end; false when it has failed, which is reported.
local function run_chunk(chunk, ...)
  local main = task.spawn(chunk, ...)
  local ok, err = pcall(main.wait, main)
  if not ok then report(err, main.traceback) end
  return ok
end

local function run(arguments)
  local chunks, first = load_chunks(arguments)
  if not chunks then
    say(first)
    return 1
  end
  _G.arg = make_arg(arguments, first)
  for _, chunk in ipairs(chunks) do
    if not run_chunk(chunk, table.unpack(arguments, first)) then return 1 end
  end
  local status = 0
  while task.any_left() do
    local stepped, stuck = pcall(liveblocks.step, nil, math.huge)
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
      about = "run a script as a task; lbhost FILE.lua, lbhost -e CODE", usage = "run FILE|- [ARG...]", raw = true, run = run,
      help = [[
The program ends when the script and all tasks that it started have ended; with
status 1 when one failed. `lbhost FILE.lua` and a first line
`#!/usr/bin/env lbhost` do the same; -e CODE may be repeated. `require` finds
modules in the directory of the script, never in the current directory. SIGINT
(status 130) and SIGTERM (143) end it in order.
]],
      examples = { "lbhost run chore.lua", "lbhost chore.lua --limit 5", "lbhost -e 'print(require(\"liveblocks\").version)'",
        "lbhost --local run chore.lua" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL", "LUA_PATH", "SSL_CERT_FILE", "https_proxy" },
    },
  },
}
