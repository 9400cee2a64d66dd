-- Takes the steps of edits.mjs with our code: the same bytes as Yjs after every edit, in both encodings, whatever order.
--
--   lbhost run edits.lua RUNS
local crypto = require "liveblocks.crypto"
local json = require "liveblocks.json"
local yjs = require "liveblocks.yjs"

local type_of = type

local function bytes(text) return crypto.base64_decode(text) end

local function make_node(node)
  if node.text then return yjs.xml_text(node.text) end
  local children = {}
  for i, child in ipairs(node.children) do children[i] = make_node(child) end
  return yjs.xml_element(node.name, node.attrs, children)
end

-- A value with parts that JSON has not.
local function revive(value)
  if type(value) ~= "table" then return value end
  if value.bytes then return yjs.binary(bytes(value.bytes)) end
  if value.undefined then return yjs.undefined end
  local revived = setmetatable({}, getmetatable(value))
  for key, one in pairs(value) do revived[key] = revive(one) end
  return revived
end

local function make(value)
  if value.value ~= nil then return value.value end
  if value.nested then return revive(value.nested) end
  if value.binary then return yjs.binary(bytes(value.binary)) end
  if value.undefined then return yjs.undefined end
  if value.text then return yjs.text(value.text) end
  if value.xml then return make_node(value.xml) end
  local made = {}
  for key, one in pairs(value.array or value.map) do
    if value.map then made[key] = make(one) end
  end
  for _, one in ipairs(value.array or {}) do
    if not one.undefined then made[#made + 1] = make(one) end
  end
  return value.array and yjs.array(made) or yjs.map(made)
end

local function list(values, with)
  local made = {}
  for i, value in ipairs(values) do made[i] = with(value) end
  return made
end

local getters = { text = "get_text", map = "get_map", array = "get_array", xml = "get_xml_fragment", xmltext = "get_xml_text" }

local function follow(doc, path)
  local type = doc[getters[path[1]]](doc, path[1])
  for i = 2, #path do type = type:get(path[i]) end
  return type
end

local operations = {
  insert = function(type, edit) type:insert(edit.at, edit.text, edit.attributes) end,
  delete = function(type, edit) type:delete(edit.at, edit.length) end,
  format = function(type, edit) type:format(edit.at, edit.length, edit.attributes) end,
  embed = function(type, edit) type:insert_embed(edit.at, make(edit.value), edit.attributes) end,
  delta = function(type, edit)
    for _, part in ipairs(edit.delta) do
      if type_of(part.insert) == "table" then part.insert = make(part.insert) end
    end
    type:apply_delta(edit.delta)
  end,
  set = function(type, edit) type:set(edit.key, make(edit.value)) end,
  remove = function(type, edit) type:delete(edit.key) end,
  attribute = function(type, edit) type:set_attribute(edit.key, edit.value.value) end,
  drop = function(type, edit) type:remove_attribute(edit.key) end,
  values = function(type, edit) type:insert(edit.at, list(edit.values, make)) end,
  push = function(type, edit) type:push(list(edit.values, make)) end,
  nodes = function(type, edit) type:insert(edit.at, list(edit.nodes, make_node)) end,
}

local number, checks = 0, 0

local function same(what, wanted, got)
  checks = checks + 1
  if wanted == got then return end
  io.stderr:write(("yjs: run %d, %s:\nwanted %s\ngot    %s\n"):format(number, what, wanted, got))
  os.exit(1)
end

local function same_bytes(what, wanted, got)
  same(what, wanted, got and crypto.base64_encode(got))
end

local function canonical(value)
  return (json.encode(value, { pretty = true }):gsub("\n *", ""))
end

-- A delta as JSON.stringify has it.
local function shown(delta)
  for _, part in ipairs(delta) do
    if type_of(part.insert) == "table" and part.insert.to_json then part.insert = part.insert:to_json() end
  end
  return delta
end

local function take_step(doc, snapshots, step, i)
  if step.apply then
    doc:apply(bytes(step.apply), { version = step.version })
    doc:update()
  elseif step.snapshot then
    local snapshot = doc:snapshot()
    same_bytes("snapshot " .. i, step.snapshot, snapshot:encode())
    same_bytes("snapshot v2 " .. i, step.v2, snapshot:encode { version = 2 })
    snapshots[#snapshots + 1] = yjs.decode_snapshot(bytes(step.v2), { version = 2 })
    assert(snapshots[#snapshots]:equal(snapshot))
  else
    local edits = json.encode(step.edits)
    doc:transact(function()
      for _, edit in ipairs(step.edits) do operations[edit.op](follow(doc, edit.path), edit) end
    end)
    same_bytes("update of step " .. i .. " " .. edits, step.update ~= json.null and step.update or nil, doc:update())
  end
end

-- A document in which the root types are known for what they are: texts are tidied then.
local function opened(run, update, version)
  local doc = yjs.open(nil, { gc = run.gc, client_id = run.client + 50 })
  for _, name in ipairs { "text", "map", "array", "xml", "xmltext" } do doc[getters[name]](doc, name) end
  if update then doc:apply(update, { version = version }) end
  return doc
end

local function deliver(run, number_of_order, order)
  local doc = opened(run)
  for i, step in ipairs(order.order) do
    doc:apply(bytes(step.apply), { version = step.version })
    if i == order.half then same_bytes("half of order " .. number_of_order, order.between, doc:update("\0", { version = 2 })) end
  end
  same_bytes("order " .. number_of_order, order.last, doc:update "\0")
  same_bytes("state vector of order " .. number_of_order, order.vector, doc:state_vector())
end

for line in io.lines(arg[1]) do
  number = number + 1
  local run = json.decode(line)
  local doc = yjs.open(nil, { gc = run.gc, client_id = run.client })
  for _, name in ipairs { "text", "map", "array", "xml", "xmltext" } do doc[getters[name]](doc, name) end
  local snapshots = {}
  for i, step in ipairs(run.steps) do take_step(doc, snapshots, step, i) end
  same_bytes("state", run.before.v1, doc:update "\0")
  same_bytes("state v2", run.before.v2, doc:update("\0", { version = 2 }))
  same_bytes("state vector", run.before.vector, doc:state_vector())
  same_bytes("part of the state", run.before.partial, doc:update(bytes(run.before.from)))
  for _, position in ipairs(run.positions) do
    local type = doc[getters[position.name]](doc, position.name)
    same_bytes("relative position", position.bytes, doc:relative_position(type, position.at, position.association))
  end
  for i, delta in ipairs(run.deltas) do
    same("delta " .. i, canonical(delta), canonical(shown(doc:get_text("text"):to_delta(snapshots[i - 1], snapshots[i - 2]))))
  end
  if run.restored then same_bytes("document of a snapshot", run.restored, doc:at_snapshot(snapshots[1]):update "\0") end
  for _, update in ipairs(run.final) do doc:apply(bytes(update)) end
  same_bytes("state after all", run.after, doc:update "\0")
  same_bytes("state after all, v2", run.after2, doc:update("\0", { version = 2 }))
  for i, position in ipairs(run.positions) do
    local _, index = doc:absolute_position(bytes(position.bytes))
    same("absolute position", tostring(run.resolved[i] ~= json.null and run.resolved[i] or nil), tostring(index))
  end
  same("text", run.shown.text, doc:get_text("text"):to_string())
  same("xml", run.shown.xml, doc:get_xml_fragment("xml"):to_string())
  local updates, converted = list(run.merge, bytes), {}
  for i, update in ipairs(updates) do converted[i] = yjs.convert(update, 1, 2) end
  local merged = yjs.merge(updates)
  if not run.gc then
    same_bytes("merged", run.merged, merged)
    same_bytes("merged v2", run.merged2, yjs.merge(converted, { version = 2 }))
    same_bytes("difference", run.diff, yjs.diff(merged, bytes(run.vector)))
  else
    -- Of the same struct, in one update with its content and in another without, Yjs takes whichever its sort puts first: the
    -- bytes may differ, what they say does not.
    same_bytes("document of what was merged", crypto.base64_encode(opened(run, bytes(run.merged)):update "\0"),
      opened(run, merged):update "\0")
    same_bytes("document of what was merged, v2", crypto.base64_encode(opened(run, bytes(run.merged2), 2):update "\0"),
      opened(run, yjs.merge(converted, { version = 2 }), 2):update "\0")
    same_bytes("difference", run.diff, yjs.diff(bytes(run.merged), bytes(run.vector)))
  end
  for i, order in ipairs(run.orders) do deliver(run, i, order) end
  same_bytes("state vector of an update", run.update_vector, yjs.state_vector(merged))
  same_bytes("v2 to v1", run.back, yjs.convert(bytes(run.after2), 2, 1))
end
print(("yjs: %d runs, %d times the same as Yjs"):format(number, checks))
