--- Reads lines: from a terminal with the line editor, else plainly. Tasks go on meanwhile, and what they write
--- appears above the line that is being typed.
local task = require "liveblocks.task"
local editor = require "lbhost.line_editor"
local host = require "lbhost.host"

local read = {}

-- ---- Output while a line is edited ---------------------------------------------------------------

local plain_write, plain_print = io.stdout.write, print
local prompting = false
local held = "" -- the beginning of a line whose end has not come

local function guarded(file, ...)
  if not prompting or (file ~= io.stdout and file ~= io.stderr) then return plain_write(file, ...) end
  local parts = table.pack(...)
  for i = 1, parts.n do
    if type(parts[i]) ~= "string" and type(parts[i]) ~= "number" then return plain_write(file, ...) end -- its error
    parts[i] = tostring(parts[i])
  end
  held = held .. table.concat(parts)
  local lines, rest = held:match("^(.*\n)(.*)$")
  if lines then
    held = rest
    editor.hide()
    plain_write(file, lines)
    file:flush()
    editor.show()
  end
  return file
end

local function show_held()
  if held ~= "" then plain_write(io.stdout, held, "\n") end
  held = ""
end

-- print, io.write and the methods of files go through `guarded` while the REPL runs.
local function guard_output()
  local methods = getmetatable(io.stdout).__index
  methods.write = guarded
  local write = io.write
  function io.write(...) -- luacheck: ignore 122
    if io.output() ~= io.stdout then return write(...) end
    return guarded(io.stdout, ...)
  end
  function print(...) -- luacheck: ignore 121
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    guarded(io.stdout, table.concat(parts, "\t"), "\n")
  end
  return function()
    methods.write, io.write, print = plain_write, write, plain_print -- luacheck: ignore 121 122
  end
end

-- ---- Waiting -------------------------------------------------------------------------------------

-- Waits until standard input can be read; false when that was interrupted. Tasks go on meanwhile.
local function wait_for_input()
  local event = task.event()
  host.input_event(event)
  local ok, err = pcall(event.wait, event)
  if ok then return true end
  host.input_event(nil)
  if host.clear_interrupt() then return false end
  error(err, 0)
end

-- ---- Terminal ------------------------------------------------------------------------------------

local Terminal = { edits = true }
Terminal.__index = Terminal

--- Reads a line: "line", text; "interrupted"; or "end".
---@param prompt string text between \1 and \1 takes no column
---@param width integer
---@return string what
---@return string? text
function Terminal.line(_, prompt, width)
  editor.start(prompt, width)
  prompting = true
  while true do
    if not editor.pasted() and not wait_for_input() then
      prompting = false
      editor.stop "^C"
      show_held()
      return "interrupted"
    end
    local what, text = editor.feed()
    if what ~= "more" then
      prompting = false
      if what == "end" then plain_write(io.stdout, "\n") end
      show_held()
      return what, text
    end
  end
end

function Terminal.add_history(_, text) editor.add_history(text) end

--- What is written next begins on a line of its own.
function Terminal.fresh_line()
  if prompting and held ~= "" then guarded(io.stdout, "\n") end
end

function Terminal:close()
  self.give_back()
  self.signals.off "WINCH"
  self.signals.off "CONT"
  editor.close()
end

-- ---- Plain ---------------------------------------------------------------------------------------

local Plain = { edits = false, rest = "" }
Plain.__index = Plain

function Plain:line(prompt)
  if self.prompts then io.stdout:write((prompt:gsub("\1[^\1]*\1", ""))) end
  io.stdout:flush()
  while true do
    local line, rest = self.rest:match("^([^\n]*)\n(.*)$")
    if line then
      self.rest = rest
      return "line", (line:gsub("\r$", ""))
    end
    if not wait_for_input() then
      io.stdout:write("\n")
      return "interrupted"
    end
    local bytes = host.read_input()
    if not bytes then
      line, self.rest = self.rest, ""
      if line == "" then return "end" end
      return "line", line
    end
    self.rest = self.rest .. bytes
  end
end

function Plain.add_history() end
function Plain.fresh_line() end
function Plain.close() end

--- The best reader that standard input allows.
---@param completer fun(before: string, after: string): string?, string?
---@return table reader line, add_history, fresh_line, close; edits: does it edit lines?
---@return string? problem why lines cannot be edited on this terminal
function read.open(completer)
  if not host.isatty(0) then return setmetatable({ prompts = false }, Plain) end
  local ok, problem = editor.open(completer)
  if not ok then return setmetatable({ prompts = true }, Plain), problem end
  local signals = require "lbhost.signals"
  signals.on("WINCH", editor.refresh)
  signals.on("CONT", editor.refresh)
  return setmetatable({ signals = signals, give_back = guard_output() }, Terminal)
end

return read
