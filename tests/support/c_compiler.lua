-- Compiles C of the documentation without a warning, against the build that is tested.
local quote = require "tests.support.quote"

local c_compiler = {}

local build = (os.getenv "LBHOST" or "build/debug/lbhost"):match "^(.*)/[^/]*$"

local COMPILER = "gcc -std=c11"
local FLAGS = ("-Wall -Wextra -Wpedantic -Werror -I%s -I/usr/include/lua5.4"):format(quote(build .. "/../include"))

local HEADS = {
  client = '#include <stdio.h>\n#include <string.h>\n#include <liveblocks/liveblocks.h>\n',
  module = '#include <stdio.h>\n#include <lauxlib.h>\n#include <lualib.h>\n#include <liveblocks/liveblocks_lua.h>\n',
}
local MODULE = ('%s -Wl,-rpath,"$(realpath %s)" -llua5.4'):format(quote(build .. "/liveblocks.so"), quote(build))

local function run(command)
  local pipe = io.popen("exec 2>&1; LD_PRELOAD=; " .. command)
  local text = pipe:read "a"
  return pipe:close(), text
end

--- Compiles without linking; raises what the compiler says.
---@param directory table of tests.support.directory
---@param text string after the includes
function c_compiler.compile(directory, text)
  local source = directory:write("compile.c", HEADS.client .. text)
  local ok, said = run(("%s %s -c '%s' -o '%s.o'"):format(COMPILER, FLAGS, source, source))
  if not ok then error(said, 2) end
end

--- Compiles a program that uses the module, links and runs it.
---@param directory table
---@param text string functions, before main
---@param body string of main
---@param environment string such as "NAME=value"
---@return string what the program, or the compiler, has written
function c_compiler.run(directory, text, body, environment)
  local source = directory:write("main.c", HEADS.module .. text .. "int main(void) {\n" .. body .. "    return 0;\n}\n")
  local sanitizers = build:find "/asan$" and "-fsanitize=address,undefined" or ""
  local _, said = run(("%s %s %s '%s' %s -o '%s/main' && %s '%s/main'")
    :format(COMPILER, FLAGS, sanitizers, source, MODULE, directory.path, environment, directory.path))
  return said
end

return c_compiler
