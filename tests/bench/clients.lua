-- The clients of a benchmark run: how each is started, and why one cannot be.
local bench = require "bench"

local clients = {}

local lbhost, peers = os.getenv("LBHOST"), os.getenv("LBHOST_PEERS")
local bun, python = peers .. "/node_modules/.bin/bun", peers .. "/venv/bin/python"
local here = arg[0]:match("^(.*/)") or "./"
clients.directory = here

-- A client with a just-in-time compiler gets as many calls to warm up as are measured, others a fifth.
clients.raw = { name = "raw libcurl", start = { os.getenv("BENCH_DIR") .. "/raw_libcurl" } }
clients.lbhost = { name = "lbhost", start = { lbhost, "run" }, suffix = ".lua" }
clients.node = {
  name = "Node SDK, Node", json = "Node", start = { "node" }, suffix = ".mjs", compiles = true,
}
clients.bun = {
  name = "Node SDK, Bun", json = "Bun", start = { bun }, suffix = ".mjs", compiles = true,
}
clients.python = { name = "Python SDK", json = "Python", start = { python }, suffix = ".py" }

local function succeeds(...)
  local arguments = {}
  for i, argument in ipairs { ... } do arguments[i] = bench.quote(argument) end
  return (os.execute(table.concat(arguments, " ") .. " >/dev/null 2>&1"))
end

local function find_missing()
  if not succeeds("test", "-x", lbhost) then clients.lbhost.missing = lbhost .. " is not built" end
  local sdk = "/node_modules/@liveblocks/node/dist/index.js"
  local why = not succeeds("test", "-f", peers .. sdk) and "there is no " .. peers .. sdk or nil
  clients.node.missing = why or not succeeds("node", "--version") and "node is not installed" or nil
  clients.bun.missing = why or not succeeds(bun, "--version") and "there is no " .. bun or nil
  if not succeeds(python, "-c", "import liveblocks") then
    clients.python.missing = python .. " cannot import liveblocks"
  end
end

--- The arguments that start a client on its version of a script; those of the script follow.
---@param key string
---@param script string name without suffix
---@return string[]
function clients.command(key, script)
  local client = clients[key]
  local arguments = { table.unpack(client.start) }
  if client.suffix then arguments[#arguments + 1] = here .. script .. client.suffix end
  return arguments
end

--- An entry for bench.rounds: one client running one script.
---@param key string
---@param script string
---@param more_of fun(calls: integer, warmup: integer): any[]
---@return table
function clients.entry(key, script, more_of)
  local client = clients[key]
  return {
    key = key, name = client.name, missing = client.missing, compiles = client.compiles,
    arguments = function(calls, warmup)
      local arguments, more = clients.command(key, script), more_of(calls, warmup)
      return table.move(more, 1, #more, #arguments + 1, arguments)
    end,
  }
end

--- An entry whose program is started by another one: `first`, its name and arguments.
---@param entry table
---@param first string[]
---@return table
function clients.under(entry, first)
  local arguments = entry.arguments
  entry.arguments = function(...)
    local all = table.move(first, 1, #first, 1, {})
    local own = arguments(...)
    return table.move(own, 1, #own, #all + 1, all)
  end
  return entry
end

--- An entry on other processors than the server. Now and then the scheduler puts both on the same one for a while, where
--- a call in turn is a fifth faster.
---@param entry table
---@return table
function clients.apart(entry)
  local cpus = os.getenv "BENCH_CPUS"
  return cpus and clients.under(entry, { "taskset", "-c", cpus }) or entry
end

find_missing()
return clients
