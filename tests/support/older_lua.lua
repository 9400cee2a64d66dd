-- A helper for busted in LuaJIT, Lua 5.2 and 5.3: the specs of the module are written for 5.4's library. The module itself
-- needs none of this, and does not see it.
local complete = {}
assert(loadfile "lua/liveblocks/portable.lua")(complete, _G)
coroutine.isyieldable = coroutine.isyieldable or function() -- luacheck: ignore 122
  local co, is_main = coroutine.running()
  return co ~= nil and not is_main
end
table, math, utf8 = complete.table, complete.math, complete.utf8 -- luacheck: ignore 121 122
