-- The layers do not see through each other: checks what each directory includes, requires and calls.
local failed = 0

local function files(directory, pattern)
  local pipe = assert(io.popen("find " .. directory .. " -name '" .. pattern .. "' | sort"))
  local text = pipe:read("a")
  pipe:close()
  return text:gmatch("[^\n]+")
end

local function forbid_in(path, pattern, what)
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    if line:find(pattern) then
      failed = failed + 1
      io.stderr:write(("%s:%d: %s\n"):format(path, number, what))
    end
  end
end

-- Is it one of these files, or of those whose names have this in them?
local function is_excepted(path, except)
  if type(except) == "string" then return path:find(except, 1, true) end
  for _, name in ipairs(except or {}) do
    if path == name then return true end
  end
end

local function forbid(directory, pattern, what, except)
  for path in files(directory, "*.[ch]") do
    if not is_excepted(path, except) then forbid_in(path, pattern, what) end
  end
end

forbid("bindings/client", '#include *[<"]l[ua][ua]?[uax]*[li]*b?%.h', "the C client must not know Lua")
forbid("bindings/client", "lua_State", "the C client must not know Lua")
forbid("bindings/lua", "#include *<curl/", "the glue must not know libcurl")
forbid("bindings/lua", "%.%./client/", "the glue uses the client by its public header")
forbid("bindings/text", "#include *[<\"]l[ua][ua]?[uax]*[li]*b?%.h", "text conversion must not know Lua")
forbid("bindings/text", "lua_State", "text conversion must not know Lua")
forbid("bindings/text", "#include *<curl/", "text conversion must not know libcurl")
forbid("bindings/text", '#include *"[^"]*/', "text conversion must not know the directories beside it")
forbid("bindings/yjs", "#include *[<\"]l[ua][ua]?[uax]*[li]*b?%.h", "Yjs documents must not know Lua")
forbid("bindings/yjs", "lua_State", "Yjs documents must not know Lua")
forbid("bindings/yjs", "#include *<curl/", "Yjs documents must not know libcurl")
forbid("bindings/yjs", "%.%./client/", "Yjs documents must not know the client")
forbid("host", "#include *<curl/", "the host must not know libcurl")
forbid("host", '#include *".*bindings/lua/[^e]', "the host uses the module by its public header, and the embedded sources")
forbid("host", "lblua_get_state", "the host uses the module by its public header")
forbid("bindings/client", "#include *<curl/", "the transport alone talks to libcurl", "transport_curl")
forbid("bindings/client", "%f[%w_]curl_%w+%(", "the transport alone talks to libcurl", "transport_curl")
forbid("bindings/client", "%f[%w_]libcrypto%.h", "webhooks alone need libcrypto", "client/webhook.c")
forbid("bindings", "#include *<openssl/", "libcrypto.h alone includes the headers of OpenSSL", "loading/libcrypto.h")
forbid("bindings", "%f[%w_]dlopen%(", "library.c alone loads libraries", "loading/library.c")
forbid("bindings/loading", '#include *"[^"]*/', "the loading of libraries must not know the directories beside it")
forbid("bindings/loading", "lua_State", "the loading of libraries must not know Lua")
forbid("bindings/client", "%f[%w_]epoll_%w+%(", "the poller alone waits", "client/poller.c")
forbid("bindings/client", "%f[%w_]poll%(", "the poller alone waits", "client/poller.c")
forbid("bindings/client", "%f[%w_]clock_gettime%(CLOCK_MONOTONIC", "one clock", "client/clock.c")
for _, name in ipairs { "lb_client", "lb_request", "lb_response", "lb_watch", "lb_pace", "lb_poller_wait", "lb_timer_%w+%(" } do
  for path in files("bindings/client", "transport_curl*") do
    forbid_in(path, "%f[%w_]" .. name, "the transport only transfers")
  end
end
for file, names in pairs {
  ["poller.c"] = { "lb_loop", "lb_transport", "lb_client", "lb_request", "lb_watch%f[^%w_]" },
  ["timers.c"] = { "lb_transport", "lb_client", "lb_request", "lb_poller" },
  ["pace.c"] = { "lb_client", "lb_request", "lb_transport", "lb_poller" },
  ["watch.c"] = { "lb_transport", "lb_client", "lb_request" },
  ["client.c"] = { "lb_transfer", "lb_poller" },
} do
  for _, name in ipairs(names) do
    forbid_in("bindings/client/" .. file, "%f[%w_]" .. name, "it would know a layer that it must not know (internal.h)")
  end
end
forbid("bindings", "%f[%w_]lua_yieldk?%(",
  "what waits yields in wait.c, a preempted task in tasks.c", { "bindings/lua/wait.c", "bindings/lua/tasks.c" })
for _, name in ipairs { "exit", "abort", "printf", "puts", "signal", "sigaction", "strcpy", "strcat", "sprintf",
  "pthread_create", "fork" } do
  forbid("bindings", "%f[%w_]" .. name .. "%(", name .. "() has no place in a library", "bindings/examples/")
end
for path in files("lua/liveblocks", "*.lua") do
  local file = assert(io.open(path))
  if file:read("a"):find("lbhost%.") then
    failed = failed + 1
    io.stderr:write(path, ": the module must not know the program\n")
  end
  file:close()
end
-- What is in C is of the module alone; it has public names in Lua.
for _, directory in ipairs { "lua/lbhost", "scripts", "tests/spec/program", "tests/spec/system" } do
  for path in files(directory, "*.lua") do
    local file = assert(io.open(path))
    if file:read("a"):find("liveblocks%.core[\"']") then
      failed = failed + 1
      io.stderr:write(path, ": liveblocks.core is of the module alone; see liveblocks.now, liveblocks.task, liveblocks.crypto\n")
    end
    file:close()
  end
end
-- Default options and the clients of scripts have a hook (liveblocks.hook): nobody replaces a function of the module.
for path in files("lua/lbhost", "*.lua") do
  forbid_in(path, "%f[%w]liveblocks%.[%w_.]+ *=[^=]", "functions of the module are not replaced; see liveblocks.hook")
end

-- The functions of liveblocks.core come from several files: the one that is added last would take the name of another.
local owners = {}
for path in files("bindings/lua", "*.c") do
  local file = assert(io.open(path))
  local opening = file:read("a"):match "\nvoid lblua_open_%w+%(lua_State %*L%) { +/%* core %*/\n(.-)\n}"
  file:close()
  for name in (opening or ""):gmatch '{ "([%w_]+)", [%w_]+ }' do
    if owners[name] then
      failed = failed + 1
      io.stderr:write(("%s: liveblocks.core.%s is in %s already\n"):format(path, name, owners[name]))
    end
    owners[name] = path
  end
end

-- The options of `lbhost serve` keep their names on their way: what it reads of its settings are options of the command.
local options_of_serve = { files = true }
for line in io.lines "lua/lbhost/commands/serve.lua" do
  local name = line:match '^  { "%-%-([%l-]+)"'
  if name then options_of_serve[(name:gsub("-", "_"))] = true end
end
for path in files("lua/lbhost/serve -maxdepth 1", "*.lua") do
  for line in io.lines(path) do
    local name = line:match "%f[%w]settings%.([%l_]+)"
    if name and not options_of_serve[name] then
      failed = failed + 1
      io.stderr:write(("%s: settings.%s is not an option of lbhost serve\n"):format(path, name))
    end
  end
end

-- ---- What modules of lua/lbhost require ----------------------------------------------------------

local function name_of(path) return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")) end

-- name -> the modules that it requires when it is loaded
local required = {}
for path in files("lua", "*.lua") do
  if not path:find "^lua/meta/" then
    local list = {}
    for line in io.lines(path) do
      list[#list + 1] = line:match "^local [^\n]-require *%(?[\"'](l[%w_.]+)"
    end
    required[name_of(path)] = list
  end
end

-- directory -> the directories of lua/lbhost that it may use besides itself, util, and the modules at the top
local may_use = {
  util = {}, web = {}, postgres = {}, repl = { cli = true }, cli = { plugin = true }, plugin = { cli = true },
  plugins = { cli = true, repl = true },
  ["local"] = { cli = true, web = true }, migrate = { cli = true, plugin = true, postgres = true },
  serve = { migrate = true, plugin = true, postgres = true, web = true },
  commands = { cli = true, ["local"] = true, migrate = true, plugin = true, repl = true },
}
local function directory_of(name) return name:match "^lbhost%.([^.]+)%." end
for name, list in pairs(required) do
  local mine = directory_of(name)
  for _, other in ipairs(list) do
    local theirs = directory_of(other)
    if theirs and theirs ~= mine and theirs ~= "util" and not (mine and may_use[mine][theirs]) then
      failed = failed + 1
      io.stderr:write(("%s: must not require %s\n"):format(name, other))
    end
  end
end

-- No module requires itself, by whatever way.
local state = {}
local function visit(name, way)
  if state[name] == "done" then return end
  if state[name] then
    failed = failed + 1
    io.stderr:write(("a circle of modules: %s %s\n"):format(way, name))
    return
  end
  state[name] = "open"
  for _, other in ipairs(required[name] or {}) do visit(other, way .. " " .. name) end
  state[name] = "done"
end
for name in pairs(required) do visit(name, "") end
if failed > 0 then os.exit(1) end
