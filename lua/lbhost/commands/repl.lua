--- lbhost repl: reads, runs as a task, prints.
local colors = require "lbhost.util.colors"
local complete = require "lbhost.repl.complete"
local display_text = require "lbhost.util.display_text"
local environment = require "lbhost.repl.environment"
local errors = require "liveblocks.errors"
local evaluate = require "lbhost.repl.evaluate"
local history = require "lbhost.repl.history"
local host = require "lbhost.host"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local printer = require "lbhost.repl.print"
local read = require "lbhost.repl.read"
local task = require "liveblocks.task"

local function width()
  return host.terminal_width(1) or 100
end

-- ---- Completion ----------------------------------------------------------------------------------

-- Candidates as columns, or with a note each when they are few.
local function list(candidates, paint)
  local widest, noted = 0, #candidates <= 24
  for _, candidate in ipairs(candidates) do
    widest = math.max(widest, #candidate[1])
    noted = noted and candidate.note ~= nil
  end
  local out = {}
  if noted then
    for i, candidate in ipairs(candidates) do
      out[i] = display_text.pad(candidate[1], widest + 2) .. paint("dim", display_text.cut(candidate.note, width() - widest - 3)) .. "\n"
    end
    return table.concat(out)
  end
  local across = math.max(1, (width() - 1) // (widest + 2))
  local down = (#candidates + across - 1) // across
  for row = 1, down do
    local cells = {}
    for column = 0, across - 1 do
      local candidate = candidates[column * down + row]
      if candidate then cells[#cells + 1] = display_text.pad(candidate[1], widest + 2) end
    end
    out[row] = table.concat(cells):gsub("%s+$", "") .. "\n"
  end
  return table.concat(out)
end

local function make_completer(env, paint, earlier)
  return function(before)
    -- a multi-line input is completed with the lines above
    local candidates, fragment = complete.candidates(earlier() .. before, env)
    if not candidates[1] then return nil end
    local common = complete.common(candidates)
    if #candidates == 1 then
      local one = candidates[1]
      if one.note and common == fragment then return one.tail or "", list(candidates, paint) end
      return common:sub(#fragment + 1) .. (one.tail or "")
    end
    if #common > #fragment then return common:sub(#fragment + 1) end
    return nil, list(candidates, paint)
  end
end

-- ---- Results -------------------------------------------------------------------------------------

-- The second result of a call: how it went.
local function is_meta(value)
  local meta = type(value) == "userdata" and getmetatable(value)
  return type(meta) == "table" and meta.__name == "liveblocks.meta"
end

local function meta_line(meta)
  local line = ("-- %d, %.0f ms"):format(meta.status, meta.seconds * 1000)
  if meta.attempts > 1 then line = ("%s, %d attempts"):format(line, meta.attempts) end
  return line
end

local Session = {}
Session.__index = Session

function Session.say(_, ...)
  io.stdout:write(...)
end

function Session:show(value, full)
  self:say(printer.new { paint = self.paint, width = width(), full = full }:show(value), "\n")
end

function Session:show_results(outcome, is_expression)
  if outcome.n == 0 and not is_expression then return end
  self.env._ = outcome[1]
  local last = outcome.n
  local meta = last == 2 and is_meta(outcome[2])
  if meta then last = 1 end
  for i = 1, last do self:show(outcome[i]) end
  if meta then self:say(self.paint("dim", meta_line(outcome[2])), "\n") end
end

function Session:show_error(err, traceback, head)
  self.failed = true
  local lines = evaluate.describe(err, traceback, self.env)
  if self.no_client and self.env.client == nil and lines[1]:find("global 'client'", 1, true) then
    table.insert(lines, 2, self.no_client)
  end
  self:say(self.paint("error", head or "error:"), " ", printable.message(lines[1]), "\n")
  for i = 2, #lines do self:say("  ", self.paint("dim", printable.message(lines[i])), "\n") end
end

-- ---- The loop ------------------------------------------------------------------------------------

function Session:remember(input)
  local line = history.one_line(input)
  for each in (line or input):gmatch("[^\n]+") do
    if each:find("%S") then
      self.reader:add_history(each)
      if not history.is_secret(input) then history.add(each) end
    end
  end
end

-- Runs one complete input. Returns an exit status when it asked to leave.
function Session:run(chunk, is_expression)
  local outcome = evaluate.run(chunk)
  io.stdout:flush()
  if outcome.interrupted then
    self.failed = true
    -- after the ^C that the terminal has shown
    self:say(self.reader.edits and "\n" or "", self.paint("error", "interrupted"),
      outcome.left and ": it does not end, and goes on in the background\n" or "\n")
  elseif outcome.ok then
    self:show_results(outcome, is_expression)
  elseif type(outcome.error) == "table" and outcome.error.exit then
    return outcome.error.exit
  else
    self.env._err = outcome.error
    self:show_error(outcome.error, outcome.traceback)
  end
end

local FIRST, MORE = "lb>", "..>"

-- What one types to leave, besides Ctrl-D.
local LEAVE = { exit = true, quit = true }

-- Reads lines until they are a complete input: "input", chunk, is_expression; or "nothing", or "end".
function Session:read()
  local lines = {}
  while true do
    self.earlier = table.concat(lines, "\n") .. (lines[1] and "\n" or "")
    local prompt = lines[1] and MORE or FIRST
    local painted = self.color and ("\1\27[1;32m\1%s\1\27[0m\1"):format(prompt) or prompt
    local what, line = self.reader:line(painted .. " ", #prompt + 1)
    if what == "interrupted" then return "nothing" end
    if what == "end" then
      if lines[1] then self:show_error("the input ends before its last statement does") end
      return "end"
    end
    lines[#lines + 1] = line
    local input = table.concat(lines, "\n")
    if not input:find("%S") then return "nothing" end
    if LEAVE[input:match "^%s*(%a+)[%s()]*$"] and rawget(self.env, input:match "%a+") == nil then return "end" end
    local chunk, problem, is_expression = evaluate.compile(input, self.env)
    if chunk or problem then
      if self.reader.edits then self:remember(input) end
      if chunk then return "input", chunk, is_expression end
      self:show_error(problem)
      return "nothing"
    end
  end
end

-- A task that failed while nobody waited for it is reported at once.
function Session:watch_tasks()
  task.on_failure(function(failed)
    self.env._err = failed.error
    self.reader.fresh_line()
    self:show_error(failed.error, failed.traceback, "error in a background task:")
  end)
end

function Session:loop()
  while true do
    local what, chunk, is_expression = self:read()
    if what == "end" then return nil end
    if what == "input" then
      local status = self:run(chunk, is_expression)
      if status then return status end
    end
  end
end

-- Through a pipe the REPL is a program: background tasks end before it does, and a failure is its status.
function Session:finish()
  while task.any_left() do
    local ok, problem = pcall(liveblocks.step, nil, math.huge)
    if not ok then
      if not host.interrupted() then self:show_error(problem) end
      return 1
    end
  end
  return self.failed and 1 or 0
end

local function greet(session, no_editing)
  local say, paint = function(...) session:say(...) end, session.paint
  say(("lbhost %s (%s). help shows what there is; Tab completes; Ctrl-D leaves.\n"):format(liveblocks.version, _VERSION))
  if session.env.client then say(paint("dim", "client: " .. tostring(session.env.client):match(": (.*)$")), "\n") end
  if session.no_client then say(session.no_client, "\n") end
  if no_editing then say("lines cannot be edited: ", no_editing, "\n") end
end

local function run(arguments)
  if arguments[1] then errors.usage("repl takes no '%s'; a script is run with lbhost run", arguments[1]) end
  local color = colors.wanted()
  local session = setmetatable({ color = color, paint = colors.make(color), earlier = "" }, Session)
  session.env, session.no_client = environment.new(function(value) session:show(value, true) end)
  local no_editing
  session.reader, no_editing = read.open(make_completer(session.env, session.paint, function() return session.earlier end))
  local on_terminal = host.isatty(0)
  if on_terminal then greet(session, no_editing) end
  for _, line in ipairs(session.reader.edits and history.load() or {}) do session.reader:add_history(line) end
  session:watch_tasks()
  local ok, status = pcall(session.loop, session)
  task.on_failure(nil)
  session.reader:close()
  if not ok then error(status, 0) end
  if status or on_terminal then return status or 0 end
  return session:finish()
end

return {
  api = 1, name = "repl", about = "Lua at a prompt, with the API at hand",
  commands = {
    repl = {
      about = "Lua at a prompt, with the API at hand", usage = "repl", run = run,
      help = [[
Each input runs as a task and its results are printed; the last one is in _.
`client` is there when a secret is set. Lines are edited with libedit
(~/.editrc) and kept in ~/.local/state/lbhost/history, except those with a
secret. Through a pipe it reads its input line by line and ends with status 1
when something failed.]],
      examples = { "lbhost repl", "lbhost --local repl", "echo 'client:get_rooms()' | lbhost repl" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL", "XDG_STATE_HOME", "NO_COLOR" },
    },
  },
}
