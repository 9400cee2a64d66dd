-- The build. Premake 5: premake5 gmake. Debian packages Premake 4.3, which reads the same file:
-- premake4 --file=premake5.lua gmake. Then: make -C build config=release (or debug, asan).

-- The names of Premake 5, else those of Premake 4.
local solution_of = workspace or solution
local for_configuration = filter or configuration
local build = os.getenv "BUILD" or "build"
local function keep_symbols() -- else Premake 4 strips what it links, and no report of a sanitizer has lines
  if symbols then symbols "On" else flags { "Symbols" } end
end
local warnings = "-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror"

-- ---- Lua sources that are compiled in ------------------------------------------------------------

local embed = dofile("scripts/tools/embed.lua")

local function modules(folder, prefix)
  local list = {}
  for _, path in ipairs(os.matchfiles(folder .. "/**.lua")) do
    local name = path:sub(#folder + 2):gsub("%.lua$", ""):gsub("/", ".")
    list[#list + 1] = { prefix .. name, path }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function argparse_path()
  for _, path in ipairs { "/usr/share/lua/5.4/argparse.lua", "/usr/local/share/lua/5.4/argparse.lua" } do
    if os.isfile(path) then return path end
  end
  error("argparse.lua for Lua 5.4 is missing: apt-get install lua-argparse")
end

os.mkdir(build)
os.mkdir(build .. "/generated")
embed(build .. "/generated/module_sources.c", "lblua_module_sources", modules("lua/liveblocks", "liveblocks."))
local pages = {}
for _, path in ipairs(os.matchfiles("docs/*.md")) do pages[#pages + 1] = { path:match("([^/]+)%.md$"), path } end
table.sort(pages, function(a, b) return a[1] < b[1] end)
embed(build .. "/generated/pages.c", "lbhost_pages", pages)
local program = modules("lua/lbhost", "lbhost.")
program[#program + 1] = { "argparse", argparse_path() }
embed(build .. "/generated/program_sources.c", "lbhost_sources", program)

-- ---- Targets -------------------------------------------------------------------------------------

local function common(folder, include)
  language "C"
  includedirs { include or "/usr/include/lua5.4", "bindings/lua" }
  buildoptions { warnings, "-fPIC", "-fvisibility=hidden" }
  linkoptions { "-Wl,-z,relro,-z,now" } -- the addresses of functions are looked up once, and are then read-only
  for _, name in ipairs { "debug", "release", "asan" } do
    for_configuration(name)
    targetdir(build .. "/" .. name .. (folder or ""))
    objdir(build .. "/obj")
  end
  for_configuration "debug"
  keep_symbols()
  for_configuration "release"
  defines { "NDEBUG" }
  -- Calls of Lua's functions without a stub in between: 2 % less time to encode the room page of tests/bench/json.lua, and
  -- loading the module takes no longer (29 November 2026).
  buildoptions { "-O2", "-g1", "-fno-plt" }
  for_configuration "asan"
  keep_symbols()
  buildoptions { "-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined" }
  linkoptions { "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined" }
  for_configuration {}
end

solution_of "lbhost"
configurations { "debug", "release", "asan" }
location(build)

-- The C library without Lua.
project "client"
kind "StaticLib"
targetname "liveblocks"
files { "bindings/client/*.c", "bindings/loading/*.c", "bindings/text/*.c" }
defines { "LB_LINK_LIBRARIES" } -- the others load libcurl and libcrypto when they need them
common()

-- The same for what loads libcurl when it needs it: compiled once, and linked whole into each of them.
project "client_objects"
kind "StaticLib"
targetname "client_objects"
files { "bindings/client/*.c", "bindings/loading/*.c", "bindings/text/*.c", "bindings/yjs/*.c" }
common()

-- All of a static library, whether something calls it or not.
local function link_whole(target)
  for _, name in ipairs { "debug", "release", "asan" } do
    for_configuration(name)
    -- make runs in the build directory, whose path may have spaces
    linkoptions { ("-Wl,--whole-archive %s/lib%s.a -Wl,--no-whole-archive"):format(name, target) }
  end
  for_configuration {}
end

local function link_client()
  links { "client_objects", "m", "dl" }
  link_whole "client_objects"
end

-- The C library as a shared one: the objects of the static library, and the symbols of the public headers alone.
project "client_shared"
kind "SharedLib"
targetname "liveblocks"
links { "client", "curl", "crypto", "m" }
link_whole "liveblocks"
linkoptions {
  "-Wl,-soname,libliveblocks.so.1", "-Wl,-z,defs",
  ('-Wl,--version-script="%s/bindings/liveblocks.map"'):format(os.getcwd()),
}
common()

-- The Lua module, require "liveblocks", for each Lua whose headers are there: that of the 5.1 interface is for LuaJIT.
local luas = {
  { name = "module", include = "/usr/include/lua5.4" },
  { name = "module51", include = "/usr/include/luajit-2.1", folder = "/lua/5.1" },
  { name = "module52", include = "/usr/include/lua5.2", folder = "/lua/5.2" },
  { name = "module53", include = "/usr/include/lua5.3", folder = "/lua/5.3" },
  { name = "module55", include = os.getenv "LUA55_INCLUDE" or "/usr/include/lua5.5", folder = "/lua/5.5" },
}
for _, lua in ipairs(luas) do
  if os.isfile(lua.include .. "/lua.h") then
    project(lua.name)
    kind "SharedLib"
    targetprefix ""
    targetname "liveblocks"
    files { "bindings/lua/*.c", build .. "/generated/module_sources.c" }
    linkoptions { "-Wl,-Bsymbolic-functions" } -- not those of a libliveblocks.so that the program has as well
    link_client()
    common(lua.folder, lua.include)
  end
end

-- The program.
project "lbhost"
kind "ConsoleApp"
files { "host/*.c", "bindings/lua/*.c", build .. "/generated/*.c" }
linkoptions { "-Wl,-E", "-l:liblua5.4-cjson.a", "-l:liblua5.4.a", "-l:libsqlite3.a" }
link_client()
common()

-- Plugins in C, each a shared object of its own: they may need more libraries than the program does.
project "postgres"
kind "SharedLib"
targetprefix ""
targetname "postgres"
files { "host/plugins/postgres/*.c" }
includedirs { "/usr/include/postgresql" }
linkoptions { "-Wl,-z,nodelete" } -- a thread of lookup.c may outlive the Lua state, which unloads its plugins
links { "pq", "pthread" }
common "/plugins"
