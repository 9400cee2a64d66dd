-- Finds the scenario that a path asks for. The rows drive both this and the help.

local cjson = require "cjson"

local param = require "param"

local scenarios = {}

local GROUPS = {
  { title = "Proper answers", rows = require "rows.proper" },
  { title = "Bodies", rows = require "rows.bodies" },
  { title = "Time", rows = require "rows.slow" },
  { title = "Broken connections and broken HTTP", rows = require "rows.broken" },
}

local COMMON = {
  param.number("times", nil, "only that many requests of the ID misbehave, the rest is served"),
  param.number("skip", 0, "that many requests of the ID are served first"),
}

local by_name = {}
for _, group in ipairs(GROUPS) do
  for _, row in ipairs(group.rows) do by_name[row.name] = row end
end

local hits = {} -- requests so far, by ID

--- Forgets the counts.
function scenarios.reset()
  hits = {}
end

local function explain(message)
  local body = cjson.encode { error = "BAD_SCENARIO", message = message }
  return { row = { run = function(conn) conn:answer { status = 400, body = body } end } }
end

--- Takes the prefix off req.path and says what to do with the request.
---@param req table gets id, scenario and hit
---@return { row: table, params: table }? plan nil: answer as usual
function scenarios.plan(req)
  local text, id, rest = req.path:match("^/do/([^/]+)/([^/]+)(.*)$")
  if not text then return nil end
  hits[id] = (hits[id] or 0) + 1
  req.path, req.scenario, req.id, req.hit = rest ~= "" and rest or "/", text, id, hits[id]
  local name, given = param.split(text)
  local row = by_name[name]
  if not row then return explain(("no scenario '%s'; see http.lua --help"):format(name)) end
  local params, err = param.bind(row, COMMON, given)
  if not params then return explain(err) end
  local turn = req.hit - params.skip
  if turn < 1 or params.times and turn > params.times then return nil end
  return { row = row, params = params }
end

--- What the scenarios do, as text.
---@return string
function scenarios.help()
  local lines = { "\nParameters of every scenario:" }
  for _, one in ipairs(COMMON) do lines[#lines + 1] = param.help(one) end
  for _, group in ipairs(GROUPS) do
    lines[#lines + 1] = "\n" .. group.title .. ":"
    for _, row in ipairs(group.rows) do
      local name = row.main and ("%s[=%s]"):format(row.name, row.main:upper()) or row.name
      lines[#lines + 1] = ("  %-25s %s"):format(name, row.about)
      for _, one in ipairs(row.params or {}) do lines[#lines + 1] = param.help(one) end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Every scenario by name, for tests that walk them.
---@return table<string, table>
function scenarios.all()
  return by_name
end

return scenarios
