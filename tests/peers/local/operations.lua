-- Random Storage operations, as clients send them, to the official dev server and to the local Liveblocks: the answers and
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
local values = { 1, "x", json.null, true, { deep = { 1, { y = json.null } } }, 1.5 }

local function segments()
  return json.array { json.array { one_of { "ab", "Hello", "x" } }, random(2) == 1 and json.array { "é😀", { bold = true } } or nil }
end

local function text_changes()
  local changes = json.array {}
  for i = 1, random(3) do
    changes[i] = one_of {
      { type = "insert", index = random(0, 6), text = one_of { "Q", "12" }, attributes = random(2) == 1 and { b = 1 } or nil },
      { type = "delete", index = random(0, 6), length = random(1, 4) },
      { type = "format", index = random(0, 6), length = random(1, 4), attributes = { b = one_of { 1, json.null, true } } },
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
    op.id, op.parentKey = one_of(state.ids), one_of(keys)
  elseif kind == 3 then
    op.id, op.data = one_of(state.ids), { [one_of(keys)] = one_of(values), p = one_of(values) }
  elseif kind == 5 then
    op.id = random(4) == 1 and one_of(state.ids) or "gone"
  elseif kind == 6 then
    op.id, op.key = one_of(state.ids), one_of(keys)
  elseif kind == 10 then
    op.id, op.baseVersion, op.ops = one_of(state.texts) or "gone", random(0, 4), text_changes()
  else
    op.id = random(15) == 1 and one_of(state.ids) or "9:" .. state.count
    op.parentId, op.parentKey = one_of(state.ids), one_of(keys)
    op.intent = one_of { "set", "push", "none" }
    if op.intent == "none" then op.intent = nil end
    if op.intent == "set" and random(2) == 1 then op.deletedId = one_of(state.ids) end
    if kind == 4 then op.data = { v = state.count } end
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

local function nodes_of(client, room)
  local text = client:request("POST", "/v2/rooms/" .. room .. "/request-storage-mutation", { json = json.object {}, reply = "text" })
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
for number = 1, documents do
  local room = ("operations-%d-%d"):format(seed.value, number)
  local state = { count = 0, ids = { "root", "root" }, texts = {} }
  for _, client in ipairs { official, ours } do client:create_room { id = room, defaultAccesses = { "room:write" } } end
  for _ = 1, BATCHES do
    local ops = json.array {}
    for i = 1, random(6) do ops[i] = operation(state) end
    local body = { messages = json.array { { type = 201, ops = ops } } }
    local a, b = canonical(official:send_message(room, body)), canonical(ours:send_message(room, body))
    if a ~= b then report(room, "the answers", ops, a, b) end
    a, b = nodes_of(official, room), nodes_of(ours, room)
    if a ~= b then report(room, "the nodes", ops, a, b) end
    count = count + #ops
  end
  local a, b = canonical(official:get_storage_document(room)), canonical(ours:get_storage_document(room))
  if a ~= b then report(room, "the documents", "nothing", a, b) end
end
own:stop()
print(("operations: %d operations on %d documents agree (seed %d)"):format(count, documents, seed.value))
