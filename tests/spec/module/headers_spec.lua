-- The public headers, as engines include them.

local function compile(compiler, source)
  local pipe = io.popen(("exec 2>&1; LD_PRELOAD= %s -Wall -Wextra -Wpedantic -Werror -Ibindings -I/usr/include/lua5.4 "
    .. "-fsyntax-only - <<'END'\n%s\nEND\necho status $?"):format(compiler, source))
  local text = pipe:read("a")
  pipe:close()
  assert.equal("status 0\n", text)
end

describe("the public headers", function()
  local use = "int main(void) { lb_loop *loop; return lb_loop_create(&loop); }"

  for name, compiler in pairs { C11 = "gcc -std=c11 -x c", ["C++11"] = "g++ -std=c++11 -x c++", ["C++20"] = "g++ -std=c++20 -x c++" } do
    it("compile by themselves and twice, as " .. name, function()
      compile(compiler, "#include \"liveblocks.h\"\n#include \"liveblocks.h\"\n" .. use)
      compile(compiler, (name == "C11" and "" or "extern \"C\" {\n#include <lua.h>\n}\n") .. "#include \"liveblocks_lua.h\"\n" .. use)
    end)
  end

  it("live with macros of the words in the endpoint table, as a system header defines DELETE", function()
    local macros = {}
    for word in ("DELETE GET POST PUT PATCH JSON PLAIN BINARY NOTHING SAFE UNSAFE BYTES VALUE NOBODY NOPAGE"):gmatch("%a+") do
      macros[#macros + 1] = ("#define %s (0x00010000L)"):format(word)
    end
    compile("gcc -std=c11 -x c", table.concat(macros, "\n") .. "\n#include \"liveblocks.h\"\n" .. use)
    compile("gcc -std=c11 -x c", table.concat(macros, "\n") .. "\n#include \"client/endpoints.c\"\n" .. use)
  end)
end)
