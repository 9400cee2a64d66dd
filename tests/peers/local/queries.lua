-- Random queries to the official dev server and to the local query language: both take and refuse the same, with the same
-- message and position. What a query finds cannot be compared: the dev server reads queries, but does not apply them.
--
--   liveblocks dev -P -c "lbhost run tests/peers/local/queries.lua ROOT [COUNT]"
package.path = arg[1] .. "/?.lua;" .. package.path
local http = require "liveblocks.http"
local query = require "lbhost.local.query"
local seed = require "tests.support.seed"
local task = require "liveblocks.task"
local url = require "lbhost.local.url"

local count = math.tointeger(tonumber(arg[2] or "")) or 4000

-- hasThreads is newer than the dev server.
local pieces = {
  "roomId", "roomId", "metadata", "metadata", "['k']", '["k"]', "[", "]", "'a'", '"b"', "''", "'it\\'s'", '"\\u0041"', "'", '"',
  ":", ":", "^", "<", "<=", ">", ">=", "=", "(", ")", "-", "--", " ", " ", "\n", "\t", "AND", "and", "OR", "or", "NOT", "AND2",
  "1", "-1", "1.5", ".5", "5.", "1.5.5", "1..2", "-.", "00.50", "1e3", "1OR", "true", "false", "null", "truex", "x", "_y", "$",
  "é", "\\", "&", ",", " OR ", "(",
}

-- Whole clauses come often, so that not all is refused at once.
for _ = 1, 8 do
  for _, clause in ipairs { "metadata['k']:'v'", "roomId^'x'", " AND ", " " } do pieces[#pieces + 1] = clause end
end

local function random_text()
  local text = {}
  for i = 1, math.random(9) do text[i] = pieces[math.random(#pieces)] end
  return table.concat(text)
end

local function theirs(text)
  local answer, err = http.try_request {
    url = os.getenv "LIVEBLOCKS_BASE_URL" .. "/v2/rooms?query=" .. url.encode(text), headers = { authorization = "Bearer sk_localdev" },
  }
  return answer and "taken" or err.message
end

local function ours(text)
  local ok, failure = pcall(query.compile, text, "rooms")
  return ok and "taken" or failure.message
end

seed.start()
local texts = {}
for i = 1, count do texts[i] = random_text() end
local failures, taken = 0, 0
task.map(texts, function(text)
  local expected, got = theirs(text), ours(text)
  if expected == "taken" then taken = taken + 1 end
  if expected ~= got then
    failures = failures + 1
    io.stderr:write(("queries: %q\n  dev server: %s\n  here:       %s\n"):format(text, expected, got))
  end
end, { concurrency = 8 })
print(("queries: %d random ones, %d taken, %d differences (seed %d)"):format(count, taken, failures, seed.value))
os.exit(failures == 0 and 0 or 1)
