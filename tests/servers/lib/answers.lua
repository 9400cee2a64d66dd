-- What the server says when nothing went wrong: canned answers, else a plausible default.

local answers = {}

local canned = {}

--- Sets a response; a later one goes before an earlier one.
---@param row { path: string, pattern: boolean?, method: string?, status: integer?, headers: table[]?,
---  body: string, type: string?, times: integer? }
function answers.set(row)
  table.insert(canned, 1, row)
end

function answers.clear()
  canned = {}
end

local function fits(row, req)
  if row.times == 0 or row.method and row.method ~= req.method then return false end
  if row.pattern then return req.path:find(row.path) ~= nil end
  return req.path == row.path
end

--- The response for a request that no scenario touches.
---@param req table
---@return table for Connection:answer
function answers.find(req)
  for _, row in ipairs(canned) do
    if fits(row, req) then
      if row.times then row.times = row.times - 1 end
      return row
    end
  end
  return { body = req.method == "GET" and '{"data":[],"nextCursor":null}' or "{}" }
end

return answers
