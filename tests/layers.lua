-- The layers do not see through each other: checks what each folder includes and calls.
local failed = 0

local function files(folder, pattern)
  local pipe = assert(io.popen("find " .. folder .. " -name '" .. pattern .. "' | sort"))
  local text = pipe:read("a")
  pipe:close()
  return text:gmatch("[^\n]+")
end

-- Is it one of these files, or of those whose names have this in them?
local function is_excepted(path, except)
  if type(except) == "string" then return path:find(except, 1, true) end
  for _, name in ipairs(except or {}) do
    if path == name then return true end
  end
end

local function forbid(folder, pattern, what, except)
  for path in files(folder, "*.[ch]") do
    local number = 0
    for line in io.lines(path) do
      number = number + 1
      if line:find(pattern) and not is_excepted(path, except) then
        failed = failed + 1
        io.stderr:write(("%s:%d: %s\n"):format(path, number, what))
      end
    end
  end
end

forbid("bindings/client", '#include *[<"]l[ua][ua]?[uax]*[li]*b?%.h', "the C client must not know Lua")
forbid("bindings/client", "lua_State", "the C client must not know Lua")
forbid("bindings/lua", "#include *<curl/", "the glue must not know libcurl")
forbid("bindings/lua", "%.%./client/", "the glue uses the client by its public header")
forbid("bindings/text", "#include *[<\"]l[ua][ua]?[uax]*[li]*b?%.h", "text conversion must not know Lua")
forbid("bindings/text", "lua_State", "text conversion must not know Lua")
forbid("bindings/text", "#include *<curl/", "text conversion must not know libcurl")
forbid("bindings/text", '#include *"[^"]*/', "text conversion must not know the folders beside it")
forbid("host", "#include *<curl/", "the host must not know libcurl")
forbid("host", '#include *".*glue%.h"', "the host uses the module by its public header")
forbid("bindings/client", "#include *<curl/", "the transport alone talks to libcurl", "transport_curl")
forbid("bindings", "%f[%w_]lua_yieldk?%(",
  "what waits yields in wait.c, a preempted task in tasks.c", { "bindings/lua/wait.c", "bindings/lua/tasks.c" })
for _, name in ipairs { "exit", "abort", "printf", "puts", "signal", "sigaction", "strcpy", "strcat", "sprintf",
  "pthread_create", "fork" } do
  forbid("bindings", "%f[%w_]" .. name .. "%(", name .. "() has no place under bindings/")
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
for _, folder in ipairs { "lua/lbhost", "scripts", "tests/spec/program", "tests/spec/system" } do
  for path in files(folder, "*.lua") do
    local file = assert(io.open(path))
    if file:read("a"):find("liveblocks%.core[\"']") then
      failed = failed + 1
      io.stderr:write(path, ": liveblocks.core is of the module alone; see liveblocks.now, liveblocks.task, liveblocks.crypto\n")
    end
    file:close()
  end
end
if failed > 0 then os.exit(1) end
