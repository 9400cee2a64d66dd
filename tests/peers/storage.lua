-- Storage documents to the official dev server and back, in both formats, compared value by value. Run inside it:
--   liveblocks dev -P -c "lbhost run tests/peers/storage.lua FOLDER"   FOLDER: the root of this repository
--
-- The server is JavaScript, which has one kind of number: every number becomes a double there and is written in
-- JavaScript's spelling. So 1.0 comes back as 1, -0.0 as 0, and an integer beyond 2^53 as the nearest double. What
-- must hold is that each number that comes back is the same double, and that everything else is as it was. That our
-- half keeps every digit is shown without such a server, in tests/spec/module/values_spec.lua.
local liveblocks = require "liveblocks"

local root = assert(arg[1], "usage: storage.lua FOLDER")
package.path = root .. "/?.lua;" .. package.path
local documents = dofile(root .. "/tests/data/values/documents.lua")
local same = require "tests.support.same"

local client = liveblocks.new()
local json, failed = liveblocks.json, 0

local function check(title, good, difference)
  if good then return end
  failed = failed + 1
  print(("%s: %s"):format(title, difference))
end

-- Plain LSON as simplified JSON: the data of a Live structure stands in its place.
local function simplified(value)
  if type(value) ~= "table" or value == json.null then return value end
  if value.liveblocksType then return simplified(value.data) end
  local copy = json.is_array(value) and json.array {} or json.object {}
  for key, item in pairs(value) do copy[key] = simplified(item) end
  return copy
end

local function same_as_doubles(title, sent, got)
  check(title, same.as_doubles(sent, got))
end

for i, document in ipairs(documents) do
  local title, text = table.unpack(document)
  local room = ("storage-%d"):format(i)
  local sent = { liveblocksType = "LiveObject", data = json.decode(text) }
  client:create_room { id = room, defaultAccesses = {} }
  client:initialize_storage_document(room, sent)
  same_as_doubles(title .. ", plain LSON", sent, (client:get_storage_document(room)))
  same_as_doubles(title .. ", JSON", simplified(sent), (client:get_storage_document(room, { format = "json" })))

  -- What was read can be sent again, and then nothing changes any more.
  local again = client:get_storage_document(room)
  client:delete_storage_document(room)
  client:initialize_storage_document(room, again)
  check(title .. ", sent again", same.exactly(again, (client:get_storage_document(room))))
  client:delete_room(room)
end

print(("%d documents to the dev server and back, %d differences"):format(#documents, failed))
os.exit(failed == 0)
