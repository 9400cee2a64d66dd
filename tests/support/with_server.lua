-- Runs a command with the address of a fresh test server in LBHOST_TEST_SERVER; exits with its status.
package.path = "./?.lua;" .. package.path
local quote = require "tests.support.quote"
local server = require("tests.support.server").start {}
local arguments = {}
for i, argument in ipairs(arg) do arguments[i] = quote(argument) end
local ok, _, status = os.execute(("LBHOST_TEST_SERVER=%s %s"):format(server.url, table.concat(arguments, " ")))
server:stop()
os.exit(ok and 0 or status)
