-- Compiles C of the documentation without a warning, against the build that is tested.
local quote = require "tests.support.quote"

local c_compiler = {}

local build = (os.getenv "LBHOST" or "build/debug/lbhost"):match "^(.*)/[^/]*$"

local C = { compiler = "gcc -std=c11", extension = "c" }
local CPP = { compiler = "g++ -std=c++17", extension = "cpp" } -- the oldest C++ that has to do
local FLAGS = ("-Wall -Wextra -Wpedantic -Werror -I%s -I/usr/include/lua5.4"):format(quote(build .. "/../include"))

local HEADS = {
  cplusplus = '#include <cstdio>\n#include <liveblocks/liveblocks.h>\n',
  client = '#include <stdio.h>\n#include <string.h>\n#include <liveblocks/liveblocks.h>\n',
  module = '#include <stdio.h>\n#include <lauxlib.h>\n#include <lualib.h>\n#include <liveblocks/liveblocks_lua.h>\n',
}
local CLIENT = quote(build .. "/libliveblocks.a") .. " -lcurl -lcrypto -lm"
local LIBRARIES = {
  client = CLIENT, cplusplus = CLIENT,
  module = ('%s -Wl,-rpath,"$(realpath %s)" -llua5.4'):format(quote(build .. "/liveblocks.so"), quote(build)),
}

local function run(command)
  local pipe = io.popen("exec 2>&1; LD_PRELOAD=; " .. command)
  local text = pipe:read "a"
  return pipe:close(), text
end

--- Compiles without linking; raises what the compiler says.
---@param folder table of tests.support.folder
---@param text string after the includes
function c_compiler.compile(folder, text)
  local source = folder:write("compile.c", HEADS.client .. text)
  local ok, said = run(("%s %s -c '%s' -o '%s.o'"):format(C.compiler, FLAGS, source, source))
  if not ok then error(said, 2) end
end

--- Compiles a program, links and runs it.
---@param folder table
---@param kind "client"|"cplusplus"|"module" what it uses; "cplusplus": the client, from C++
---@param text string functions, before main
---@param body string of main
---@param environment string such as "NAME=value"
---@return string what the program, or the compiler, has written
function c_compiler.run(folder, kind, text, body, environment)
  local language = kind == "cplusplus" and CPP or C
  local source = folder:write("main." .. language.extension, HEADS[kind] .. text .. "int main(void) {\n" .. body .. "    return 0;\n}\n")
  local sanitizers = build:find "/asan$" and "-fsanitize=address,undefined" or ""
  local _, said = run(("%s %s %s '%s' %s -o '%s/main' && %s '%s/main'")
    :format(language.compiler, FLAGS, sanitizers, source, LIBRARIES[kind], folder.path, environment, folder.path))
  return said
end

return c_compiler
