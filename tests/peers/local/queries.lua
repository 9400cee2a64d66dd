-- Random queries to the official dev server and to the local query language: both take and refuse the same, with the same
-- message and position. What a query finds cannot be compared: the dev server reads queries, but does not apply them.
--
--   liveblocks dev -P -c "lbhost run tests/peers/local/queries.lua ROOT [COUNT [SEEDS]]"
-- begins with the seed of LBHOST_SEED and goes on to the next ones for as many SEEDS, COUNT queries each.
package.path = arg[1] .. "/?.lua;" .. package.path
local http = require "liveblocks.http"
local json = require "liveblocks.json"
local query = require "lbhost.local.query.predicate"
local random_query = require "tests.support.random_query"
local seed = require "tests.support.seed"
local task = require "liveblocks.task"
local url = require "lbhost.util.url"

local count = math.tointeger(tonumber(arg[2] or "")) or 10000
local seeds = math.tointeger(tonumber(arg[3] or "")) or 1

-- The message of an error object is one line; here every character counts. A string cannot hold half of a character.
local function theirs(text)
  local answer, err = http.try_request {
    url = os.getenv "LIVEBLOCKS_BASE_URL" .. "/v2/rooms?query=" .. url.encode(text), headers = { authorization = "Bearer sk_localdev" },
  }
  if answer then return "taken" end
  local body = err.body and json.try_decode((err.body:gsub("\\ud[89ab]%x%x", "\\ufffd"))) or {}
  return ("%s %s: %s"):format(err.status, body.error, body.message or err.message)
end

local function ours(text)
  local ok, failure = pcall(query.compile, text, "rooms")
  if ok then return "taken" end
  return type(failure) == "table" and ("%s %s: %s"):format(failure.status, failure.code, failure.message) or failure
end

local failed = false
for number = seed.value, seed.value + seeds - 1 do
  math.randomseed(number)
  local texts = {}
  for i = 1, count do texts[i] = random_query.make() end
  local failures, taken = 0, 0
  task.map(texts, function(text)
    local expected, got = theirs(text), ours(text)
    if expected == "taken" then taken = taken + 1 end
    if expected ~= got then
      failures = failures + 1
      io.stderr:write(("queries: %q\n  dev server: %s\n  here:       %s\n"):format(text, expected, got))
    end
  end, { concurrency = 8 })
  print(("queries: %d random ones, %d taken, %d differences (seed %d)"):format(count, taken, failures, number))
  failed = failed or failures > 0
end
os.exit(not failed)
