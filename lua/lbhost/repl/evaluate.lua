--- Runs what was typed: as an expression where it is one, else as statements, in a task that can be interrupted.
local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"
local global_hint = require "lbhost.util.global_hint"
local host = require "lbhost.host"
local task = require "liveblocks.task"
local traceback = require "lbhost.util.traceback"

local evaluate = {}

local NAME = "=input"

-- A string between quotes goes on in the next line only after a backslash.
local function is_incomplete(problem, text)
  if problem:find("unfinished string", 1, true) then return text:find("\\$") ~= nil end
  return problem:find("near '?<eof>'?$") ~= nil
end

-- Every input is a chunk of its own, in which a local would end: `local x = 1` at its start sets the global x.
local function lift_locals(text)
  local names, rest = text:match("^%s*local%s+([%a_][%w_%s,]*)(.*)$")
  if not names then return text end
  if names:find("^function%s") then return (text:gsub("^%s*local%s+", "", 1)) end
  if rest:find("^=") and not rest:find("^==") then return (text:gsub("^%s*local%s+", "", 1)) end
  if rest == "" and not names:find("%a%s+%a") then return names .. " = nil" end
  return text
end

--- Compiles a piece of input.
---@param text string
---@param env table
---@return function? chunk
---@return string? problem nil when the input is only incomplete
---@return boolean? is_expression
function evaluate.compile(text, env)
  local chunk, unlike_expression = load("return " .. text, NAME, "t", env)
  if chunk then return chunk, nil, true end
  local expression = text:match("^%s*=(.*)$") -- as in Lua 5.1: = value
  if expression then return evaluate.compile(expression, env) end
  local problem
  chunk, problem = load(lift_locals(text), NAME, "t", env)
  if chunk then return chunk, nil, false end
  if is_incomplete(problem, text) or is_incomplete(unlike_expression, text) then return nil end
  return nil, problem
end

---@class lbhost.Outcome
---@field ok boolean
---@field interrupted boolean?
---@field left boolean? it goes on by itself
---@field error any
---@field traceback string?
---@field n integer number of results, which are at 1...

-- The body of the task: an interrupt is taken back as soon as it has ended what it was meant for.
local function body(chunk, outcome)
  local results = table.pack(xpcall(chunk, function(err)
    return { error = err, traceback = debug.traceback("", 2) }
  end))
  outcome.interrupted = host.clear_interrupt() or outcome.interrupted
  outcome.ok = results[1]
  if results[1] then
    outcome.n = results.n - 1
    table.move(results, 2, results.n, 1, outcome)
  else
    outcome.error, outcome.traceback = results[2].error, results[2].traceback
  end
end

-- Waits for the task; an interrupt meanwhile cancels what it waits for. One that catches that as well is left to
-- itself at the second interrupt, so that the prompt always comes back.
local function wait(running, outcome)
  while not running.done do
    local ok, err = pcall(running.wait, running)
    if not ok and host.clear_interrupt() then
      outcome.left = outcome.interrupted
      outcome.interrupted = true
      if outcome.left then return nil end
      running:cancel()
    elseif not ok and not running.done then
      return err -- such as: waiting for what cannot happen
    end
  end
end

--- Runs a chunk as a task, and waits for it.
---@param chunk function
---@return lbhost.Outcome
function evaluate.run(chunk)
  local outcome = { ok = false, n = 0 }
  local running = task.spawn(body, chunk, outcome)
  local problem = wait(running, outcome)
  if problem then
    running:cancel()
    pcall(liveblocks.step)
    outcome.error = problem
  end
  return outcome
end

-- ---- Errors --------------------------------------------------------------------------------------

local function frames_of(text)
  local frames = traceback.frames(text)
  -- the frame of the input itself says nothing
  local last = frames[#frames]
  if last and (last:find("^input:%d+: in main chunk") or #frames == 1 and last:find("^input:")) then frames[#frames] = nil end
  return frames
end

--- An error as lines: what happened, a hint, and where.
---@param err any
---@param trace string?
---@param env table
---@return string[]
function evaluate.describe(err, trace, env)
  local message = type(err) == "table" and not getmetatable(err) and "an error that is a table (see _err)" or tostring(err)
  local lines = { message }
  lines[#lines + 1] = global_hint(err, env)
  if errors.is(err) and err.docs then lines[#lines + 1] = "see " .. err.docs end
  -- what has failed in a call is in its message
  if not errors.is(err) then
    for _, frame in ipairs(frames_of(trace or "")) do lines[#lines + 1] = "at " .. frame end
  end
  return lines
end

return evaluate
