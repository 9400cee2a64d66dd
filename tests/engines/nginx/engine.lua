-- nginx (ngx_lua): each request makes one call; while it waits the worker serves the others.
local liveblocks = require "liveblocks"

liveblocks.on_wait(function()
  if not pcall(ngx.sleep, 0.005) then return false end -- a phase that cannot wait
  liveblocks.step()
end)

return function(file, base_url)
  local calls = dofile(file)(liveblocks, base_url)
  local engine, number = {}, 0

  function engine.call()
    number = number + 1
    calls.one(number)
    ngx.say "done"
  end

  function engine.report()
    calls.report("nginx", "nginx " .. ngx.config.nginx_version .. ", ngx_lua " .. ngx.config.ngx_lua_version)
    ngx.say "done"
  end

  assert(ngx.timer.every(0.01, calls.tick))
  return engine
end
