-- Compiles C of the documentation without a warning, against the build that is tested.
local c_compiler = {}

local build = (os.getenv "LBHOST" or "build/debug/lbhost"):match "^(.*)/[^/]*$"

local HEAD = '#include <stdio.h>\n#include <string.h>\n#include "liveblocks.h"\n'
local FLAGS = "-std=c11 -Wall -Wextra -Wpedantic -Werror -Ibindings"

local function run(command)
  local pipe = io.popen("exec 2>&1; LD_PRELOAD=; " .. command)
  local text = pipe:read "a"
  return pipe:close(), text
end

--- Compiles without linking; raises what the compiler says.
---@param folder table of tests.support.folder
---@param text string after the includes
function c_compiler.compile(folder, text)
  local source = folder:write("compile.c", HEAD .. text)
  local ok, said = run(("gcc %s -c '%s' -o '%s.o'"):format(FLAGS, source, source))
  if not ok then error(said, 2) end
end

--- Compiles the body of main, links and runs it.
---@param folder table
---@param body string
---@param environment string such as "NAME=value"
---@return string what the program, or the compiler, has written
function c_compiler.run(folder, body, environment)
  local source = folder:write("main.c", HEAD .. "int main(void) {\n" .. body .. "    return 0;\n}\n")
  local sanitizers = build:find("asan", 1, true) and "-fsanitize=address,undefined" or ""
  local _, text = run(("gcc %s %s '%s' %s/libliveblocks.a -lcurl -lm -o '%s/main' && %s '%s/main'")
    :format(FLAGS, sanitizers, source, build, folder.path, environment, folder.path))
  return text
end

return c_compiler
