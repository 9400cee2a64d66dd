-- The instructions of a get_room, which are the same however busy the machine is, and the goal for them.
local bench, clients, report = require "bench", require "clients", require "report"

---@param what string
---@param url string
---@param mode string of raw_libcurl
---@param calls integer that are counted
---@param limit number at most, of raw libcurl's
---@param environment? string[] { "env", "NAME=value" ... }
return function(what, url, mode, calls, limit, environment)
  local function count(key, script, how)
    local entry = clients.entry(key, script, function(n, warmup) return { how, url, n, warmup, 64 } end)
    return bench.instructions(entry, calls, environment)
  end
  local theirs, why = count("raw", "", mode)
  local ours, why_not = count("lbhost", "get_room", mode == "turn" and "turn" or "flight")
  if not (theirs and ours) then print(("Instructions, %s: %s\n"):format(what, why or why_not)) end
  local share = theirs and ours and ours / theirs
  report.goal("instructions a call, " .. what, ("at most %g of raw libcurl"):format(limit), share,
    share and ("%s (%s to %s)"):format(report.ratio(share), report.number(ours), report.number(theirs)), share and share <= limit)
end
