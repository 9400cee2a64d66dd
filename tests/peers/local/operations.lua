-- Random Storage operations, as clients send them, to the official dev server and to the local Liveblocks: the responses and
-- the documents agree.
--
--   liveblocks dev -P -c "lbhost run tests/peers/local/operations.lua ROOT [DOCUMENTS]"
package.path = arg[1] .. "/?.lua;" .. package.path
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local server = require "lbhost.local.server"
local seed = require "tests.support.seed"

local documents = tonumber(arg[2]) or 60
local BATCHES <const> = 12

seed.start()
local random = math.random
local function one_of(list) return list[random(#list)] end

local keys = { "!", "!!", '"', "a", "b", "~" }
-- Not __proto__: the dev server loses it.
local odd_keys = { "", " ", "  ", "! ", "~~", "!O", "é", "a b", "id", "0" }
local values = { 1, "x", json.null, true, { deep = { 1, { y = json.null } } }, 1.5, false, "", -3, 1e300, "é😀\n", json.array {},
  json.object {}, { liveblocksType = "LiveList", data = json.array {} } }
local words = { "ab", "Hello", "x", "é😀", "😀😀", "\n", "e\u{301}", "" }
local attributes = { { b = 1 }, { b = json.null }, { b = true, c = "x" }, { c = { d = 1 } }, json.object {} }

local function a_key()
  return one_of(random(8) == 1 and odd_keys or keys)
end

local function segments()
  local list = json.array {}
  for i = 1, random(0, 3) do list[i] = json.array { one_of(words), random(2) == 1 and one_of(attributes) or nil } end
  return list
end

local function text_changes()
  local changes = json.array {}
  for i = 1, random(4) do
    changes[i] = one_of {
      { type = "insert", index = random(0, 9), text = one_of(words), attributes = random(2) == 1 and one_of(attributes) or nil },
      { type = "delete", index = random(0, 9), length = random(0, 5) },
      { type = "format", index = random(0, 9), length = random(0, 5), attributes = one_of(attributes) },
    }
  end
  return changes
end

-- An operation among the nodes that exist or once did.
local function operation(state)
  state.count = state.count + 1
  local op = { opId = "9:" .. state.count }
  local kind = one_of { 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 9, 10, 10 }
  op.type = kind
  if kind == 1 then
    op.id, op.parentKey = one_of(state.ids), a_key()
  elseif kind == 3 then
    op.id, op.data = one_of(state.ids), random(9) == 1 and json.object {} or { [a_key()] = one_of(values), p = one_of(values) }
  elseif kind == 5 then
    op.id = random(4) == 1 and one_of(state.ids) or "gone"
  elseif kind == 6 then
    op.id, op.key = one_of(state.ids), a_key()
  elseif kind == 10 then
    op.id, op.baseVersion, op.ops = one_of(state.texts) or "gone", random(0, 6), text_changes()
  else
    op.id = random(15) == 1 and one_of(state.ids) or "9:" .. state.count
    op.parentId, op.parentKey = random(20) == 1 and "gone" or one_of(state.ids), a_key()
    op.intent = one_of { "set", "push", "none" }
    if op.intent == "none" then op.intent = nil end
    if op.intent == "set" and random(2) == 1 then op.deletedId = random(9) == 1 and "gone" or one_of(state.ids) end
    if kind == 4 then op.data = random(5) == 1 and json.object {} or { v = state.count, [a_key()] = one_of(values) } end
    if kind == 8 then op.data = one_of(values) end
    if kind == 9 then
      op.data, op.version = segments(), 0
      table.insert(state.texts, op.id)
    end
    table.insert(state.ids, op.id)
  end
  return op
end

-- JSON on one line with its keys in order, so that texts can be compared.
local function canonical(value)
  return (json.encode(value, { pretty = true }):gsub("\n *", ""))
end

-- What is answered; of a refusal its status.
local function answer(client, room, body)
  local ok, reply = pcall(client.send_message, client, room, body)
  return ok and canonical(reply) or tostring(reply.status or reply)
end

local function nodes_of(client, room)
  local text = client:request("POST", "/v2/rooms/" .. room .. "/request-storage-mutation", { json = json.object {}, response = "text" })
  local lines = {}
  for line in text:gmatch("[^\n]+") do lines[#lines + 1] = canonical(json.decode(line)) end
  table.remove(lines, 1)
  table.sort(lines)
  return table.concat(lines, "\n")
end

local function report(room, what, sent, official, ours)
  io.stderr:write(("operations: %s of %s, seed %d:\nsent\n%s\nofficial\n%s\nours\n%s\n"):format(what, room, seed.value, canonical(sent),
    official, ours))
  os.exit(1)
end

local own = server.start {}
local official = liveblocks.new { timeout = 20 }
local ours = liveblocks.new { base_url = own.url, secret = "sk_localdev", timeout = 20 }
local count = 0

local function compare(room)
  local state = { count = 0, ids = { "root", "root" }, texts = {} }
  for _, client in ipairs { official, ours } do client:create_room { id = room, defaultAccesses = { "room:write" } } end
  for _ = 1, BATCHES do
    local ops = json.array {}
    for i = 1, random(6) do ops[i] = operation(state) end
    local body = { messages = json.array { { type = 201, ops = ops } } }
    local a, b = answer(official, room, body), answer(ours, room, body)
    -- The dev server fails, and may have done a part, where an item would have to go between two of the same position.
    if a == "500" and b == "422" then return end
    if a ~= b then report(room, "the responses", ops, a, b) end
    a, b = nodes_of(official, room), nodes_of(ours, room)
    if a ~= b then report(room, "the nodes", ops, a, b) end
    count = count + #ops
  end
  local a, b = canonical(official:get_storage_document(room)), canonical(ours:get_storage_document(room))
  if a ~= b then report(room, "the documents", "nothing", a, b) end
end

for number = 1, documents do compare(("operations-%d-%d"):format(seed.value, number)) end
own:stop()
print(("operations: %d operations on %d documents agree (seed %d)"):format(count, documents, seed.value))
