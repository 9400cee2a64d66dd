-- Runs a command with the address of a fresh test server in LBHOST_TEST_SERVER; exits with its status. One named host_libraries_*
-- also gets a PostgreSQL, in LBHOST_TEST_POSTGRES.
package.path = "./?.lua;" .. package.path
local quote = require "tests.support.quote"
local server = require("tests.support.server").start {}
local arguments = {}
for i, argument in ipairs(arg) do arguments[i] = quote(argument) end
local command = table.concat(arguments, " ")
local postgres = command:find("host_libraries_", 1, true) and require("tests.support.postgres").start() or nil
local ok, _, status = os.execute(("LBHOST_TEST_SERVER=%s LBHOST_TEST_POSTGRES=%s %s"):format(server.url,
  quote(postgres and postgres.url or ""), command))
server:stop()
if postgres then postgres:stop() end
os.exit(ok and 0 or status)
