-- Compares what fuzz.mjs wrote with what this client makes of the same inputs:   compare.lua FILE
local json = require "liveblocks.json"

package.path = arg[0]:match("^(.*/)") .. "?.lua;" .. package.path
local ours = require "ours"

-- JSON text with sorted keys, so that equal values are equal texts.
local function canonical(value)
  if value == nil then return "null" end
  if type(value) ~= "table" then return json.encode(value) end
  local parts = {}
  if json.encode(value):byte() == 91 then
    for i, item in ipairs(value) do parts[i] = canonical(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do parts[#parts + 1] = json.encode(key) .. ":" .. canonical(item) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local counts, wrong = {}, 0
for line in io.lines(arg[1]) do
  local row = json.decode(line)
  local ok, output = xpcall(ours[row.kind], debug.traceback, row.input)
  local theirs, mine = canonical(row.output), ok and canonical(output) or output
  counts[row.kind] = (counts[row.kind] or 0) + 1
  if theirs ~= mine then
    wrong = wrong + 1
    if wrong <= tonumber(arg[2] or 10) then
      print(("%s %d: %s\n  theirs %s\n  ours   %s"):format(row.kind, row.seed, json.encode(row.input), theirs, mine))
    end
  end
end
for kind, count in pairs(counts) do print(("%d random inputs of kind %s"):format(count, kind)) end
if wrong > 0 then
  print(wrong .. " differ")
  os.exit(1)
end
