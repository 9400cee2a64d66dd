-- Writes the conformance set as files for a fuzzer to start from:  lua5.4 tests/fuzz/corpus.lua FOLDER
local directory = assert(arg[1], "usage: lua5.4 tests/fuzz/corpus.lua FOLDER")
local here = arg[0]:match "^(.*)/fuzz/[^/]*$" or ".."
local cases = assert(loadfile(here .. "/data/json/cases.lua"))()
local count = 0
for _, group in ipairs { "accepted", "lenient", "refused", "either" } do
  for _, row in ipairs(cases[group]) do
    if #row[2] <= 4096 then
      count = count + 1
      local file = assert(io.open(("%s/%s-%04d"):format(directory, group, count), "wb"))
      assert(file:write(row[2]))
      file:close()
    end
  end
end
