--- How a run went: a summary for people, and a report of every item as JSON Lines.
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"
local progress = require "lbhost.migrate.progress"

local report = {}

local SHOWN = 5 -- failures in a summary

---@class lbhost.migrate.Report
local Report = {}
Report.__index = Report

--- Opens the file of a report, before anything is done. It is its owner's alone: errors and keys are in it.
---@param path string
---@return lbhost.migrate.Report
function report.open(path)
  local made, problem = host.make_private(path)
  local file
  if made then file, problem = io.open(path, "w") end
  if not file then errors.usage("cannot write the report: %s", problem) end
  return setmetatable({ file = file, path = path }, Report)
end

local function refuse(self, problem)
  error(errors.new("file", ("cannot write the report: %s: %s (what was done is in the journal: free some space, and run it again)")
    :format(self.path, (problem:gsub("^.*: ", "")))), 0)
end

--- Writes the line of an item: { key, state, attempts, seconds?, changes?, error?, note? }.
---@param key string
---@param state string
---@param note string?
---@param facts { attempts: integer, seconds: number?, changes: string[]? }
function Report:add(key, state, note, facts)
  local row = json.object { key = key, state = state, seconds = facts.seconds,
    changes = facts.changes and json.array(facts.changes) }
  if facts.attempts > 0 then row.attempts = facts.attempts end
  if note then row[(state == "failed" or state == "gone" or state == "missing") and "error" or "note"] = note end
  local ok, problem = self.file:write(printable.json(json.encode(row)), "\n")
  if not ok then refuse(self, problem) end
end

--- Writes all that a journal knows, and closes the file.
---@param journal lbhost.migrate.Journal?
function Report:finish(journal)
  if journal then
    for key, state, note, facts in journal:all() do self:add(key, state, note, facts) end
  end
  local ok, problem = self.file:close()
  if not ok then refuse(self, problem) end
end

local labels = { missing = "not found" }

--- "12 done, 3 unchanged, 1 failed", of what there is.
---@param counts table<string, integer>
---@return string
function report.counts(counts)
  local parts = {}
  for _, state in ipairs { "done", "unchanged", "failed", "gone", "missing", "pending" } do
    if counts[state] > 0 then
      parts[#parts + 1] = ("%s %s"):format(progress.number(counts[state]), labels[state] or state)
    end
  end
  return parts[1] and table.concat(parts, ", ") or "nothing to do"
end

--- A host of those that share a journal, in a line.
---@param one table of journal:hosts()
---@return string
function report.host(one)
  local text = ("host %s: %s done, %s in flight"):format(one.name, progress.number(one.handled), progress.number(one.in_flight))
  if one.failed > 0 then text = text .. (", %s failed"):format(progress.number(one.failed)) end
  if one.share > 0 then text = text .. (", %.3g requests a second at most"):format(one.share) end
  return one.late and text .. ", silent" or text .. (", since %s"):format(os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(one.since)))
end

--- The first failures, with their errors.
---@param journal lbhost.migrate.Journal
---@return string
function report.failures(journal)
  local out = {}
  for i, one in ipairs(journal:failures(SHOWN + 1)) do
    if i > SHOWN then
      out[i] = "  ... (--report FILE lists all)\n"
    else
      out[i] = ("  %s\n"):format(printable.line(("%s: %s%s"):format(one.key, one.state == "missing" and "not found: " or "", one.note
        or "?")))
    end
  end
  return table.concat(out)
end

return report
