-- Runs lbhost in a process of its own: to its end (process.run), or beside the test (process.start).
local eventually = require "tests.support.eventually"
local files = require "tests.support.files"
local quote = require "tests.support.quote"
local socket = require "socket"

local process = { program = os.getenv "LBHOST" or "build/debug/lbhost" }

local program = process.program

-- `env NAME=value... program arguments`; the sanitizer's library is for the Lua of the test alone.
local function command_of(arguments, options)
  local parts = { "env", "-u", "LD_PRELOAD", "-u", "LUA_PATH", "-u", "LUA_CPATH" }
  for name, value in pairs(options.env or {}) do
    if not value then table.insert(parts, 2, "-u") table.insert(parts, 3, name) end
    if value then parts[#parts + 1] = quote(name .. "=" .. value) end
  end
  -- in the foreground, or timeout(1) passes a signal on twice
  if options.timeout then parts[#parts + 1] = ("timeout --foreground %g"):format(options.timeout) end
  parts[#parts + 1] = quote(options.program or program)
  for _, argument in ipairs(type(arguments) == "string" and { arguments } or arguments) do
    parts[#parts + 1] = type(arguments) == "string" and argument or quote(argument)
  end
  local command = table.concat(parts, " ")
  return options.cwd and ("cd %s && exec %s"):format(quote(options.cwd), command) or "exec " .. command
end

local Process = {}
Process.__index = Process

--- What it has written so far.
function Process:output() return files.content(self.out) end
function Process:errors() return files.content(self.err) end

function Process:signal(name)
  os.execute(("kill -%s %d 2>/dev/null"):format(name, self.pid))
end

--- Waits until its output (or, with `errors`, its standard error) matches a pattern; returns the captures.
function Process:wait_for(pattern, errors)
  local till = eventually.deadline()
  repeat
    local found = table.pack((errors and self:errors() or self:output()):match(pattern))
    if found[1] then return table.unpack(found) end
    socket.sleep(0.005)
  until socket.gettime() > till
  error(("no '%s' in the output:\n%s\n%s"):format(pattern, self:output(), self:errors()), 2)
end

--- Waits for its end; returns output, errors and exit status (128 + N for signal N).
function Process:wait()
  if not self.status then
    self.status = tonumber(self.shell:read("l"))
    self.shell:close()
    self.texts = { self:output(), self:errors() }
    os.remove(self.out)
    os.remove(self.err)
    if self.input then os.remove(self.input) end
  end
  return self.texts[1], self.texts[2], self.status
end

--- Kills it when it still runs. Under `timeout`, lbhost is the child.
function Process:stop()
  if not self.status then
    local children = files.content(("/proc/%d/task/%d/children"):format(self.pid, self.pid))
    os.execute(("kill -KILL %s %d 2>/dev/null"):format(children, self.pid))
    self:wait()
  end
end

Process.__close = Process.stop
Process.__gc = Process.stop

--- Starts lbhost.
---@param arguments string[]|string arguments, or text for the shell
---@param options { env: table?, input: string?, cwd: string?, timeout: number? }? a value of false in env unsets
function process.start(arguments, options)
  options = options or {}
  local self = { out = os.tmpname(), err = os.tmpname() }
  if options.input then
    self.input = os.tmpname()
    local file = assert(io.open(self.input, "wb"))
    file:write(options.input)
    file:close()
  end
  -- Through a pipe, since a file can be read in ways that a pipe cannot.
  local from, rest = "", " </dev/null"
  if self.input then from, rest = ("cat %s | "):format(quote(self.input)), "" end
  local script = ("exec 2>/dev/null; %s( %s ) >%s 2>%s%s & echo $!; wait $!; echo $?"):format(from, command_of(arguments, options),
    quote(self.out), quote(self.err), rest)
  self.shell = assert(io.popen(script, "r"))
  self.pid = tonumber(self.shell:read("l"))
  -- Now, so that a collector kills the process before it closes `shell`, which would wait for its end.
  return setmetatable(self, Process)
end

--- Runs lbhost to its end; returns output, errors and exit status.
function process.run(arguments, options)
  options = options or {}
  options.timeout = options.timeout or eventually.seconds
  return process.start(arguments, options):wait()
end

return process
