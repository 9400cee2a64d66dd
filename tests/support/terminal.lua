-- lbhost in a real terminal: a window of tmux, with keys sent to it and its screen read.
local eventually = require "tests.support.eventually"
local directory = require "tests.support.directory"
local quote = require "tests.support.quote"
local socket = require "socket"

local terminal = {}
terminal.__index = terminal

local count = 0
local program = os.getenv "LBHOST" or "build/debug/lbhost"

function terminal:tmux(arguments)
  local pipe = assert(io.popen(("SHELL=/bin/sh tmux -S %s -f /dev/null %s 2>&1"):format(quote(self.socket), arguments)))
  local text = pipe:read("a")
  pipe:close()
  return text
end

--- Types text, as it is.
function terminal:type(text)
  self:tmux("send-keys -t t -l " .. quote(text))
end

--- Presses keys by tmux's names: Enter, Tab, Up, C-c, ...
function terminal:press(...)
  for _, key in ipairs { ... } do self:tmux("send-keys -t t " .. key) end
end

--- Pastes text, as a terminal does that brackets what is pasted.
function terminal:paste(text)
  self:tmux("set-buffer -- " .. quote(text))
  self:tmux "paste-buffer -p -r -t t"
end

--- Types a line and presses Enter.
function terminal:enter(text)
  self:type(text)
  self:press "Enter"
end

--- What the screen and its history show, without blank lines at the end.
---@param escapes boolean? with the colours
function terminal:screen(escapes)
  return (self:tmux("capture-pane -t t -p -J -S -200" .. (escapes and " -e" or "")):gsub("%s+$", ""))
end

--- Waits until the screen matches a Lua pattern (or, with plain, contains a string).
function terminal:wait_for(pattern, plain)
  local till = eventually.deadline()
  repeat
    local screen = self:screen()
    if screen:find(pattern, 1, plain) then return screen end
    socket.sleep(0.01)
  until socket.gettime() > till
  error(("no '%s' on the screen:\n%s"):format(pattern, self:screen()), 2)
end

--- Starts lbhost in a new terminal; its home is a directory of its own.
---@param arguments string for the shell
---@param options { env: table?, columns: integer?, rows: integer? }?
function terminal.start(arguments, options)
  options = options or {}
  local self = setmetatable({ home = options.home or directory.new(), keep = options.home ~= nil }, terminal)
  count = count + 1
  self.socket = ("%s/tmux%d"):format(self.home.path, count)
  local parts = { "env -u LD_PRELOAD -u NO_COLOR -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u LIVEBLOCKS_SECRET_KEY LANG=C.UTF-8",
    "HOME=" .. quote(self.home.path) }
  for name, value in pairs(options.env or {}) do parts[#parts + 1] = name .. "=" .. quote(value) end
  -- Ctrl-C is for lbhost, not for the shell around it.
  local command = ("trap : INT; %s %s %s; echo status $?; cat"):format(table.concat(parts, " "), quote(program), arguments)
  self:tmux(("new-session -d -s t -x %d -y %d %s"):format(options.columns or 100, options.rows or 40, quote(command)))
  self.pid = tonumber(self:tmux "display-message -p '#{pid}'")
  return self
end

function terminal:stop()
  -- by its id: when a test has failed, the socket may be gone before this is called
  if self.pid then os.execute("kill " .. self.pid .. " 2>/dev/null") end
  self.pid = nil
  if not self.keep then self.home:remove() end
end

terminal.__close = terminal.stop

return terminal
