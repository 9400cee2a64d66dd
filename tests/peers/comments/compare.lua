-- Compares what fuzz.mjs wrote with what this client makes of the same inputs:   compare.lua FILE
package.path = "./?.lua;" .. package.path
local json = require "liveblocks.json"
local comments = require "tests.support.comments"
local same = require "tests.support.same"

-- Where we do not do as the SDK does, on purpose. marked loses its position after an escaped character that JavaScript
-- counts as two, and so cuts off the emphasis before it. Node 20 leaves .. in a path after a segment that begins with a
-- full stop.
local function is_known(row)
  if row.kind == "markdown" then return row.input:find("\\[\xF0-\xF4]") ~= nil end
  return row.kind == "addresses" and row.input:find("[/\\]%.[^/\\?#]+[/\\]") ~= nil
end

local counts, wrong, known = {}, 0, 0
for line in io.lines(arg[1]) do
  -- Where JavaScript has cut a character in half, its output cannot be read.
  local row = json.try_decode(line)
  local ok, output, good, difference = false, nil, nil, nil
  if row then
    ok, output = xpcall(comments.make[row.kind], debug.traceback, row.input)
    difference = output
    counts[row.kind] = (counts[row.kind] or 0) + 1
  end
  if ok then good, difference = same.exactly(row.output, output) end
  if not row or not good and is_known(row) then
    known = known + 1
  elseif not good then
    wrong = wrong + 1
    if wrong <= 10 then print(("%s, seed %d: %s\n  %s"):format(row.kind, row.seed, json.encode(row.input), difference)) end
  end
end
for _, kind in ipairs { "markdown", "bodies", "addresses" } do
  print(("%d random inputs: %s"):format(counts[kind] or 0, kind))
end
print(("%d differ, and %d where they should"):format(wrong, known))
os.exit(wrong == 0)
