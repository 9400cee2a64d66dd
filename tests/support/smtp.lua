--- Starts the mail server of tests/servers/smtp.lua for a spec.
---   local smtp = require("tests.support.smtp").start()
---   smtp.url            smtp://127.0.0.1:PORT
---   smtp:mails()        what it has taken: { from, to, user, password, data }
---   smtp:connections()  how many it has taken
---   smtp:stop()
local cjson = require "cjson"
local eventually = require "tests.support.eventually"
local files = require "tests.support.files"
local quote = require "tests.support.quote"
local server = require "tests.support.server"

local Smtp = {}
Smtp.__index = Smtp

function Smtp:mails()
  local list = {}
  for line in io.lines(self.path) do list[#list + 1] = cjson.decode(line) end
  return list
end

function Smtp:connections()
  local count = 0
  for line in io.lines(self.output) do count = count + (line == "connection" and 1 or 0) end
  return count
end

function Smtp:stop()
  self.process:close()
  os.remove(self.output)
  os.remove(self.path)
end

local smtp = {}

function smtp.start()
  local path = os.tmpname()
  local output = path .. ".output"
  local process = assert(io.popen(("LD_PRELOAD= exec lua5.4 %s %s >%s"):format(quote(server.directory .. "/smtp.lua"), path, output), "w"))
  local port = eventually(function() return files.content(output):match("^listening (%d+)\n") end, "the mail server has started")
  return setmetatable({ process = process, path = path, output = output, url = "smtp://127.0.0.1:" .. port }, Smtp)
end

return smtp
