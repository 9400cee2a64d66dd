-- Neovim: its loop says when the module has work to do.
package.cpath = os.getenv "MODULES" .. "/5.1/?.so;" .. package.cpath
local liveblocks = require "liveblocks"
local calls = dofile(os.getenv "ENGINES" .. "/calls.lua")(liveblocks, os.getenv "BASE_URL")
local loop = vim.loop

local readable, timer, ticker = loop.new_poll(liveblocks.fd()), loop.new_timer(), loop.new_timer()

local function step()
  liveblocks.step(0.002)
  local due = liveblocks.due()
  timer:stop()
  if due then timer:start(math.ceil(due * 1000), 0, step) end
end

readable:start("r", step)
ticker:start(10, 10, calls.tick)
calls.start()
liveblocks.task.spawn(function()
  while not calls.ended() do liveblocks.task.sleep(0.01) end
  local version = vim.version()
  calls.report("neovim", ("Neovim %d.%d.%d"):format(version.major, version.minor, version.patch))
  vim.schedule(function() vim.cmd "qall!" end)
end)
step()
