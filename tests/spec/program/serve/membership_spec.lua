-- How hosts over PostgreSQL claim lanes, and how they go and get new numbers while a commit under their old ones is under way.
local eventually = require "tests.support.eventually"
local membership = require "lbhost.serve.postgres.membership"
local open_store = require "lbhost.serve.open_store"
local postgres = require "tests.support.postgres"
local quote = require "tests.support.quote"

describe("a host over PostgreSQL, whose last commit may be under way,", function()
  local server, stop, sessions
  setup(function() server, stop = postgres.start_with_plugin() end)
  teardown(function() stop() end)

  before_each(function()
    sessions = {}
    open_store(server.url, { create = true }):close()
    server:sql [[INSERT INTO lbhost_hosts (id, name, version, started, seen, until) VALUES (7, 'h', '1', 0, 0, 1);
      INSERT INTO lbhost_lanes (lane, host) VALUES ('first', 7)]]
  end)
  after_each(function()
    for _, one in ipairs(sessions) do
      one.pipe:close()
      os.remove(one.path)
    end
    server:sql "DROP TABLE lbhost_events, lbhost_queue, lbhost_lanes, lbhost_hosts, lbhost_once, lbhost_timers, lbhost_format"
  end)

  -- A session in which each call is executed to its end.
  local function session()
    local path, count = os.tmpname(), 0
    local pipe = assert(io.popen(("%spostgres >%s 2>&1"):format(server.client, quote(path)), "w"))
    table.insert(sessions, { pipe = pipe, path = path })
    return function(sql)
      count = count + 1
      pipe:write(sql, ";\n\\echo end ", count, "\n")
      pipe:flush()
      eventually(function()
        local file <close> = assert(io.open(path))
        return file:read "a":find(("end %d\n"):format(count), 1, true)
      end, sql)
    end
  end

  local function state()
    return server:sql [[SELECT (SELECT coalesce(string_agg(id || ' until ' || until, ', '), 'none') FROM lbhost_hosts WHERE id = 7)
      || '; ' || string_agg(lane || ' ' || coalesce(CASE WHEN host <> 7 AND host IN (SELECT id FROM lbhost_hosts) THEN 'another' END,
      host::text, 'free'), ', ' ORDER BY lane) FROM lbhost_lanes]]
  end

  -- The commit locks the row of its host as the fence does, and ends between the two statements.
  local function run(pair, own)
    local commit, other = session(), session()
    local first, second = pair[1]:gsub("%$1", own), pair[2]:gsub("%$1", own)
    commit "BEGIN; SELECT FROM lbhost_hosts WHERE id = 7 FOR KEY SHARE; INSERT INTO lbhost_lanes (lane, host) VALUES ('last', 7)"
    other("BEGIN; " .. first)
    commit "COMMIT"
    other(second .. "; COMMIT")
    local between = state()
    other(("BEGIN; %s; %s; COMMIT"):format(first, second))
    return between, state()
  end

  it("stays until that has ended, so that no lane keeps the number of a host that is gone", function()
    local between, after = run(membership.REAP, "1")
    assert.equal("7 until 1; first 7, last 7", between)
    assert.equal("none; first free, last free", after)
  end)

  it("gets no new number until that has ended", function()
    local between, after = run(membership.RENUMBER, "7")
    assert.equal("7 until 1; first 7, last 7", between)
    assert.equal("none; first another, last another", after)
    assert.equal("1", server:sql "SELECT until FROM lbhost_hosts")
  end)

  it("claims no more lanes than it asks for, also with a plan that joins them row by row", function()
    local off = {}
    for i, name in ipairs { "hashagg", "hashjoin", "mergejoin", "sort", "material" } do
      off[i] = ("SET enable_%s = off;"):format(name)
    end
    server:sql "INSERT INTO lbhost_lanes (lane) SELECT 'free ' || n FROM generate_series(1, 60) AS n"
    server:sql(table.concat(off) .. membership.CLAIM:gsub("%$1", "7"):gsub("%$2", "3"))
    assert.equal("4", server:sql "SELECT count(*) FROM lbhost_lanes WHERE host = 7") -- with the one that it had
  end)
end)
