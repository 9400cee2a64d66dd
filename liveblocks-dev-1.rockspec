-- The Lua module, for luarocks make in a checkout. It needs the headers of libcurl and OpenSSL where the compiler looks for
-- them, which external_dependencies would not say: Debian has those of libcurl in the directory of the architecture.
rockspec_format = "3.0"
package = "liveblocks"
version = "dev-1"
source = { url = "git+file://." }
description = {
  summary = "The whole Liveblocks REST API for Lua",
  detailed = [[
All calls of the Liveblocks REST API, with tasks that make many at once, Storage that is edited as Lua tables, Yjs documents,
comments and webhooks. libcurl.so.4 is loaded when the first client is made. With the interface of Lua 5.1 it is for LuaJIT.]],
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.6" }
build = {
  type = "command",
  build_command = [[sh scripts/tools/rock.sh "$(LUA)" "$(LUA_INCDIR)" "$(CC)" "$(CFLAGS)" "$(LIBFLAG)"]],
  install = { lib = { liveblocks = "build/rock/liveblocks.so" } },
}
