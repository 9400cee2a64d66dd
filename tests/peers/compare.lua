-- Compares what the SDKs and this client sent, said and refused.
-- Usage: compare.lua DIRECTORY   with calls.json, PEER.result.json and PEER.log.json in it

local json = require("json")
local requests = require("requests")
local known = require("differences")

local PEERS = { "python", "python-3.15.4", "node" }
local OURS = "lbhost"
local SHOWN = 200

local directory = assert(arg[1], "usage: compare.lua DIRECTORY")
local used, problems, listed = {}, {}, 0
local count = { calls = 0, requests = 0, passed = 0, failed = 0 }

local function read(name)
  local file = assert(io.open(directory .. "/" .. name, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local function load_peer(name)
  local peer = json.decode(read(name .. ".result.json"))
  peer.name, peer.requests = name, requests.by_call(read(name .. ".log.json"))
  return peer
end

---An expectation of the table: nothing, the text itself, or a Lua pattern that begins with ^.
local function fits(expected, text)
  if expected == nil or expected == text then return true end
  return expected:sub(1, 1) == "^" and text:find(expected) ~= nil
end

local function op_fits(row, op)
  if type(row.op) ~= "table" then return fits(row.op, op) end
  for _, name in ipairs(row.op) do
    if name == op then return true end
  end
  return false
end

local function speaks_of(row, peer, op, case, found)
  return row.peer == peer and op_fits(row, op) and fits(row.case, case) and fits(row.what, found.what)
    and fits(row.ours, found.ours) and fits(row.theirs, found.theirs)
    and (not row.test or row.test(found.ours, found.theirs))
end

local function find_row(peer, op, case, found)
  for index, row in ipairs(known.rows) do
    if speaks_of(row, peer, op, case, found) then return index end
  end
end

local function report(text)
  problems[#problems + 1] = text
end

---Counts the differences of one case: listed ones count, others are problems.
local function count_case(peer, op, case, differences)
  local good = true
  for _, found in ipairs(differences) do
    local index = find_row(peer, op, case, found)
    if index then
      used[index] = true
      listed = listed + 1
    else
      good = false
      report(("%s/%s: %s differs from %s\n    ours:   %s\n    theirs: %s%s"):format(op, case, found.what,
        peer, found.ours, found.theirs, found.note and "\n    " .. found.note or ""))
    end
  end
  local outcome = good and "passed" or "failed"
  count[outcome] = count[outcome] + 1
end

local function sent(list, result)
  if #list > 0 then return #list == 1 and "sent" or ("%d requests"):format(#list) end
  return "refused", result.error and "reason: " .. result.error
end

local function compare_call(row, ours, theirs)
  local mine, other = ours.requests[row.id] or {}, theirs.requests[row.id] or {}
  local my_word, my_note = sent(mine, ours.calls[row.id])
  local other_word, other_note = sent(other, theirs.calls[row.id])
  if my_word ~= other_word then
    return { { what = "sent", ours = my_word, theirs = other_word, note = my_note or other_note } }
  end
  if row.sorted then
    requests.sort(mine)
    requests.sort(other)
  end
  local found = {}
  for index, request in ipairs(mine) do
    count.requests = count.requests + 1
    table.move(requests.differences(request, other[index]), 1, 1000, #found + 1, found)
  end
  return found
end

local function compare_calls(calls, ours, theirs)
  for _, row in ipairs(calls) do
    local result = assert(theirs.calls[row.id], theirs.name .. " has no result for " .. row.id)
    if not result.absent then
      count.calls = count.calls + 1
      local op, case = row.id:match("^([^/]*)/(.*)$")
      count_case(theirs.name, op, case, compare_call(row, ours, theirs))
    end
  end
end

local function verdict(result)
  return result.accepted and "accepted" or "refused"
end

local function compare_webhooks(rows, ours, theirs)
  for _, row in ipairs(rows) do
    local mine, other = ours.webhooks[row.id], theirs.webhooks[row.id]
    local found = {}
    if mine.accepted ~= other.accepted then
      local note = "reason: " .. tostring(mine.error or other.error)
      found[1] = { what = "verdict", ours = verdict(mine), theirs = verdict(other), note = note }
    elseif mine.accepted and json.encode(mine.event) ~= json.encode(other.event) then
      found[1] = { what = "event", ours = json.encode(mine.event), theirs = json.encode(other.event) }
    end
    count_case(theirs.name, "webhook", row.id, found)
  end
end

local function compare_queries(rows, ours, theirs)
  for _, row in ipairs(rows) do
    local mine, other = ours.queries[row.id], theirs.queries[row.id]
    local found = {}
    if (mine.text or false) ~= (other.text or false) then
      local note = mine.error and other.text and "reason: " .. mine.error or nil
      local my_text, other_text = mine.text or "refused", other.text or "refused"
      found[1] = { what = "text", ours = my_text, theirs = other_text, note = note }
    end
    count_case(theirs.name, "query", row.id, found)
  end
end

---Every public method of an SDK must have been called by some row, or be listed.
local function check_coverage(theirs)
  for _, method in ipairs(theirs.unused) do
    count_case(theirs.name, "method", method, { { what = "called", ours = "-", theirs = "never" } })
  end
end

local function describe_row(row)
  local op = type(row.op) == "table" and table.concat(row.op, "|") or row.op or "any"
  return ("%s, op %s, case %s, what %s"):format(row.peer, op, row.case or "any", row.what)
end

---A row of the table whose difference is gone must go too.
local function check_stale_rows()
  for index, row in ipairs(known.rows) do
    if not used[index] then
      count.failed = count.failed + 1
      report(("differences.lua: no difference any more, delete the row: %s\n    why: %s"):format(
        describe_row(row), row.why))
    end
  end
end

local function show_problems()
  for index = 1, math.min(#problems, SHOWN) do print(problems[index]) end
  if #problems > SHOWN then print(("... and %d more"):format(#problems - SHOWN)) end
end

local work = json.decode(read("calls.json"))
local ours = load_peer(OURS)
for _, name in ipairs(PEERS) do
  local theirs = load_peer(name)
  compare_calls(work.calls, ours, theirs)
  compare_webhooks(work.webhooks, ours, theirs)
  if theirs.queries then compare_queries(work.queries, ours, theirs) end
  check_coverage(theirs)
end
check_stale_rows()
show_problems()
print(("%d calls, %d requests compared, %d listed differences"):format(count.calls, count.requests, listed))
print(("%d passed, %d failed"):format(count.passed, count.failed))
os.exit(count.failed == 0)
