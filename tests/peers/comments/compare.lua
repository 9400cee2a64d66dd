-- Compares what fuzz.mjs wrote with what this client makes of the same inputs:   compare.lua FILE
package.path = "./?.lua;" .. package.path
local json = require "liveblocks.json"
local comments = require "tests.support.comments"
local same = require "tests.support.same"

-- Where we do not do as the SDK does, on purpose: marked loses its place behind an escaped character that JavaScript
-- counts as two, and so cuts off the emphasis before it.
local function is_known(row)
  return row.kind == "markdown" and row.input:find("\\[\xF0-\xF4]") ~= nil
end

local counts, wrong, known = {}, 0, 0
for line in io.lines(arg[1]) do
  local row = json.decode(line)
  local ok, output = xpcall(comments.make[row.kind], debug.traceback, row.input)
  local good, difference = false, output
  if ok then good, difference = same.exactly(row.output, output) end
  counts[row.kind] = (counts[row.kind] or 0) + 1
  if not good and is_known(row) then
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
