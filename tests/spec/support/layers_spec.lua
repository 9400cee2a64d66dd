-- Each hole between layers that was closed: the lint finds it again. In a copy of the sources.
local directory = require "tests.support.directory"

local holes = {
  { "host/signals.c", '#include "../bindings/lua/glue.h"', "the host uses the module by its public header" },
  { "host/input.c", "void f(void) { lblua_get_state(0); }", "the host uses the module by its public header" },
  { "host/system.c", "#include <curl/curl.h>", "the host must not know libcurl" },
  { "bindings/client/transport_curl_mail.c", "void f(void) { lb_poller_wait(0); }", "the transport only transfers" },
  { "bindings/client/transport_curl.c", "void f(void) { lb_timer_set(0, 0, 0); }", "the transport only transfers" },
  { "bindings/client/transport_curl_streams.c", "lb_watch *w;", "the transport only transfers" },
  { "bindings/client/loop.c", "int e = epoll_wait(1, 0, 0, 0);", "the poller alone waits" },
  { "bindings/client/pace.c", "lb_request *r;", "it would know a layer that it must not know" },
  { "bindings/client/request.c", '#include "../lua/glue.h"\nlua_State *L;', "the C client must not know Lua" },
  { "bindings/lua/call.c", "int f(lua_State *L) { return lua_yield(L, 0); }", "what waits yields in wait.c" },
  { "bindings/lua/json_decode.c", '#include "../client/internal.h"', "the glue uses the client by its public header" },
  { "bindings/client/request.c", '#include "../loading/libcrypto.h"', "webhooks alone need libcrypto" },
  { "bindings/lua/yjs.c", "#include <openssl/rand.h>", "libcrypto.h alone includes the headers of OpenSSL" },
  { "bindings/client/transport_curl_load.c", "void *f(void) { return dlopen(0, 1); }", "library.c alone loads libraries" },
  { "bindings/loading/library.c", '#include "../client/internal.h"', "the loading of libraries must not know the directories beside it" },
  { "bindings/text/utf8.c", '#include "../client/internal.h"', "text conversion must not know the directories beside it" },
  { "lua/lbhost/cli/main.lua", "liveblocks.new = function() end", "functions of the module are not replaced" },
  { "lua/lbhost/cli/man.lua", 'local core = require("liveblocks.core")', "liveblocks.core is of the module alone" },
  { "lua/lbhost/serve/service.lua", "local a = settings.tries", "settings.tries is not an option of lbhost serve" },
  { "lua/lbhost/util/xdg.lua", 'local store = require "lbhost.serve.store"', "must not require lbhost.serve.store" },
  { "lua/liveblocks/init.lua", 'local host = require "lbhost.host"', "the module must not know the program" },
  { "lua/liveblocks/errors.lua", 'local types = require "liveblocks.types"', "a circle of modules" },
}

describe("the layers", function()
  local dir
  setup(function()
    dir = directory.new()
    assert(os.execute(("unset LD_PRELOAD; to='%s'; mkdir -p \"$to/tests/spec/program\" \"$to/tests/spec/system\" && "
      .. "cp -r bindings host lua scripts \"$to\" && cp tests/layers.lua \"$to/tests\""):format(dir.path)))
  end)
  teardown(function() dir:remove() end)

  local function check()
    local pipe = io.popen(("unset LD_PRELOAD; cd '%s' && lua5.4 tests/layers.lua 2>&1; echo $?"):format(dir.path))
    local text, status = pipe:read "a":match "^(.-)(%d+)\n$"
    pipe:close()
    return text, status
  end

  it("hold", function() assert.same({ "", "0" }, { check() }) end)

  it("have none of the holes that were closed", function()
    for _, hole in ipairs(holes) do dir:write(hole[1], dir:read(hole[1]) .. "\n" .. hole[2] .. "\n") end
    local text, status = check()
    assert.equal("1", status)
    for _, hole in ipairs(holes) do
      local name = hole[1]:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/", ".")
      local found = false
      for line in text:gmatch "[^\n]+" do
        found = found or line:find(hole[3], 1, true) and (line:find(hole[1], 1, true) or line:find(name, 1, true))
      end
      assert.is_truthy(found, hole[1] .. ": " .. hole[2] .. "\n" .. text)
    end
  end)
end)
