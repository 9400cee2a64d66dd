-- HAProxy: each request makes one call; while it waits the thread serves the others.
local liveblocks = require "liveblocks"
local calls = dofile(os.getenv "ENGINES" .. "/calls.lua")(liveblocks, os.getenv "BASE_URL")

liveblocks.on_wait(function()
  core.msleep(5)
  liveblocks.step()
end)

local function respond(applet)
  local text = "done\n"
  applet:set_status(200)
  applet:add_header("content-length", tostring(#text))
  applet:start_response()
  applet:send(text)
end

local number = 0
core.register_service("call", "http", function(applet)
  number = number + 1
  calls.one(number)
  respond(applet)
end)

core.register_service("report", "http", function(applet)
  calls.report("haproxy", "HAProxy " .. core.get_info().Version)
  respond(applet)
end)

core.register_task(function()
  while true do
    core.msleep(10)
    calls.tick()
  end
end)
