--- How a run went: a summary for people, and a report of every item as JSON Lines.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local progress = require "lbhost.migrate.progress"

local report = {}

local SHOWN = 5 -- failures in a summary

--- Opens the file of a report, before anything is done.
---@param path string
function report.open(path)
  local file, problem = io.open(path, "w")
  if not file then errors.usage("cannot write the report: %s", problem) end
  return file
end

local function refuse(path, problem)
  error(errors.new("file", ("cannot write the report: %s: %s (what was done is in the journal: make room, and run it again)")
    :format(path, (problem:gsub("^.*: ", "")))), 0)
end

--- Writes one line an item: { key, state, error? }.
function report.write(file, path, journal)
  for key, state, note in journal:all() do
    local row = json.object { key = key, state = state }
    if note then row[(state == "failed" or state == "gone") and "error" or "note"] = note end
    local ok, problem = file:write(json.encode(row), "\n")
    if not ok then refuse(path, problem) end
  end
  local ok, problem = file:close()
  if not ok then refuse(path, problem) end
end

--- "12 done, 3 unchanged, 1 failed", of what there is.
function report.counts(counts)
  local parts = {}
  for _, state in ipairs { "done", "unchanged", "failed", "gone", "pending" } do
    if counts[state] > 0 then parts[#parts + 1] = ("%s %s"):format(progress.number(counts[state]), state) end
  end
  return parts[1] and table.concat(parts, ", ") or "nothing to do"
end

--- The first failures, with their errors.
function report.failures(journal)
  local out = {}
  for key, state, note in journal:all() do
    if state == "failed" then
      if #out == SHOWN then
        out[#out + 1] = "  ... (--report FILE lists all)\n"
        break
      end
      out[#out + 1] = ("  %s: %s\n"):format(key, note or "?")
    end
  end
  return table.concat(out)
end

return report
