-- The public headers, as engines include them.
local read = require("tests.support.files").read

local function compile(compiler, source)
  local pipe = io.popen(("exec 2>&1; LD_PRELOAD= %s -Wall -Wextra -Wpedantic -Werror -Ibindings -I/usr/include/lua5.4 "
    .. "-fsyntax-only - <<'END'\n%s\nEND\necho status $?"):format(compiler, source))
  local text = pipe:read("a")
  pipe:close()
  assert.equal("status 0\n", text)
end

describe("the public headers", function()
  local use = "int main(void) { lb_loop *loop; lb_options o = lb_options_init(); return lb_loop_create(&loop) + (int)(o.size > 0)"
    .. " + lb_create_room(0, 0, LB_TEXT(\"{}\"), 0, 0) + lb_create_room(0, 0, LB_BYTES(\"x\", 1), 0, 0); }"

  for name, compiler in pairs {
    C11 = "gcc -std=c11 -x c", ["C++11"] = "g++ -std=c++11 -x c++", ["C++17"] = "g++ -std=c++17 -x c++",
    ["C++20"] = "g++ -std=c++20 -x c++", ["C11 of clang"] = "clang -std=c11 -x c", ["C++17 of clang"] = "clang++ -std=c++17 -x c++",
  } do
    it("compile by themselves and twice, as " .. name, function()
      compile(compiler, "#include \"liveblocks.h\"\n#include \"liveblocks.h\"\n" .. use)
      compile(compiler, (name:find "^C11" and "" or "extern \"C\" {\n#include <lua.h>\n}\n") .. "#include \"liveblocks_lua.h\"\n" .. use)
    end)
  end

  -- Of the client's header; what liveblocks_endpoints.h declares for each row of the table counts as one.
  it("have no function that tests/c/null_test.c does not call with NULL", function()
    local test, seen = read "tests/c/null_test.c", 0
    for _, header in ipairs { "bindings/liveblocks.h", "bindings/liveblocks_endpoints.h" } do
      for name in read(header):gmatch "LB_API [%w_ ]-%*?(lb_[%l_]+)%(" do
        seen = seen + 1
        assert.truthy(test:find(name .. "(", 1, true), name)
      end
    end
    assert.is_true(seen > 30, seen)
    assert.truthy(test:find("lb_##name(NULL", 1, true) and test:find("lb_submit_##name(NULL", 1, true))
  end)

  it("live with macros of the words in the endpoint table, as a system header defines DELETE", function()
    local macros = {}
    local words = "DELETE GET POST PUT PATCH JSON PLAIN BINARY NOTHING IDEMPOTENT NOT_IDEMPOTENT WITH_FLAG BYTES VALUE NOBODY NOPAGE"
    for word in words:gmatch "[%a_]+" do
      macros[#macros + 1] = ("#define %s (0x00010000L)"):format(word)
    end
    compile("gcc -std=c11 -x c", table.concat(macros, "\n") .. "\n#include \"liveblocks.h\"\n" .. use)
    compile("gcc -std=c11 -x c", table.concat(macros, "\n") .. "\n#include \"client/endpoints.c\"\n" .. use)
  end)
end)
