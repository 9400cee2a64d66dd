--- The operations that clients send to change Storage. The response to an operation is the operation as it was applied
--- (perhaps corrected), or an acknowledgement that it had no effect.
local divided = require "liveblocks.storage.divided"
local document = require "lbhost.local.storage.document"
local json = require "liveblocks.json"
local live_text = require "lbhost.local.storage.live_text"
local lson = require "lbhost.local.storage.lson"
local positions = require "lbhost.local.storage.positions"

local storage_ops = {}

local UPDATE <const>, REJECTED <const> = 201, 299

local kinds = { [2] = "LiveList", [4] = "LiveObject", [7] = "LiveMap", [8] = "Register", [9] = "LiveText", [11] = "LiveFile" }
local node_types = { LiveObject = 0, LiveList = 1, LiveMap = 2, Register = 3, LiveText = 4, LiveFile = 5 }

-- ---- What is sent --------------------------------------------------------------------------------

local create = "{opId: string, id: string, type: integer, parentId: string, parentKey: string, intent?: 'set'|'push', " ..
  "deletedId?: string%s}"
local text_op = "{type: 'insert'|'delete'|'format', index: integer, text?: string, length?: integer, attributes?: object}"

--- The type of each operation, in the notation of the endpoint table.
storage_ops.types = {
  [1] = "{opId: string, id: string, type: integer, parentKey: string}",
  [2] = create:format(""), [7] = create:format(""),
  [3] = "{opId: string, id: string, type: integer, data: object}",
  [4] = create:format(", data: object"), [8] = create:format(", data: any"),
  [5] = "{opId: string, id: string, type: integer}",
  [6] = "{opId: string, id: string, type: integer, key: string}",
  [9] = create:format(", data: any[], version: integer"),
  [10] = ("{opId: string, id: string, type: integer, baseVersion: integer, ops: %s[]}"):format(text_op),
  [11] = create:format(", data: {id: string, name: string, size: integer, mimeType: string}"),
}

--- What is wrong with an operation beyond its type, or nil.
function storage_ops.problem(op)
  divided.point()
  if op.type == 9 and not live_text.is_valid(op.data) then return "data must be a list of segments" end
  for i, change in ipairs(op.type == 10 and op.ops or {}) do
    local needed = change.type == "insert" and "text" or "length"
    if change[needed] == nil then return ("ops[%d].%s is required"):format(i - 1, needed) end
    if change.type == "format" and not change.attributes then return ("ops[%d].attributes is required"):format(i - 1) end
  end
end

-- ---- Creating ------------------------------------------------------------------------------------

local function new_node(op, kind)
  local node = { id = op.id, kind = kind, data = op.data }
  if kind == "LiveObject" then
    node.data, node.children = {}, {}
    for name, value in pairs(op.data) do node.data[name] = value end
  elseif kind == "LiveMap" then
    node.data, node.children = nil, {}
  elseif kind == "LiveList" then
    node.data, node.items = nil, {}
  end
  if kind == "LiveText" then node.version = op.version end
  return node
end

local function echo(op, changes)
  local copy = {}
  for name, value in pairs(op) do copy[name] = value end
  for name, value in pairs(changes or {}) do copy[name] = value end
  return copy
end

-- What an operation does: returns the operation as it took effect, nil when it had none, and what other clients and the
-- sender must get besides (`fix`).
local function create_in_list(self, list, op, node)
  local doc = self.document
  if op.intent == "set" then
    local fix
    local deleted = op.deletedId and doc.nodes[op.deletedId]
    local there = document.item_at(list, op.parentKey)
    if there then
      doc:drop_item(list, there)
      -- The sender does not know of an item that came to this position in the meantime.
      if there ~= deleted then fix = { type = 5, id = there.id } end
    end
    if deleted and deleted ~= there and doc.parents[deleted] == list then doc:drop_item(list, deleted) end
    doc:add_item(list, node, op.parentKey)
    return echo(op), fix
  end
  local count = document.count(list)
  local last = document.at(list, count)
  local follows = op.intent == "push" and last and positions.nearest(op.parentKey) <= positions.nearest(last.key)
  local key = follows and document.position_at(list, count + 1) or document.free_position(list, op.parentKey)
  doc:add_item(list, node, key)
  if key == op.parentKey then return echo(op) end
  return echo(op, { parentKey = key }), { type = 1, id = op.id, parentKey = key }
end

local function create_node(self, op)
  local doc = self.document
  local parent, kind = doc.nodes[op.parentId], kinds[op.type]
  local existing = doc.nodes[op.id]
  local holder = existing and doc.parents[existing]
  if op.intent == "push" and holder and holder.items then
    -- Pushed a second time: the sender is sent its position.
    return nil, echo(op, { parentKey = existing.key }), { type = 1, id = op.id, parentKey = existing.key }
  end
  if existing or not parent then return nil end
  local node = new_node(op, kind)
  if parent.kind == "LiveList" then return create_in_list(self, parent, op, node) end
  if parent.kind == "LiveObject" and kind ~= "Register" then
    if parent.data[op.parentKey] ~= nil then doc:set_data(parent, op.parentKey, nil) end
  elseif parent.kind ~= "LiveMap" then
    return nil
  end
  doc:set_child(parent, op.parentKey, node)
  return echo(op)
end

-- ---- Changing ------------------------------------------------------------------------------------

local apply = {}

apply[1] = function(self, op)
  local node = self.document.nodes[op.id]
  local list = node and self.document.parents[node]
  if not list or list.kind ~= "LiveList" then return nil end
  if node.key == op.parentKey then return echo(op) end
  local key = document.free_position(list, op.parentKey)
  self.document:move_item(list, node, key)
  if key == op.parentKey then return echo(op) end
  return echo(op, { parentKey = key }), { type = 1, id = op.id, parentKey = key }
end

apply[3] = function(self, op)
  local node = self.document.nodes[op.id]
  if node and node.kind == "LiveObject" then
    for name, value in pairs(op.data) do
      if node.children[name] then self.document:set_child(node, name, nil) end
      self.document:set_data(node, name, value)
    end
  end
  return echo(op)
end

apply[5] = function(self, op)
  local node = self.document.nodes[op.id]
  if node and node ~= self.document.root then self.document:detach(node) end
  return echo(op)
end

apply[6] = function(self, op)
  local node = self.document.nodes[op.id]
  local child = node and (node.items and document.item_at(node, op.key) or node.children and node.children[op.key])
  if child then self.document:detach(child) end
  if node and node.kind == "LiveObject" and node.data[op.key] ~= nil then self.document:set_data(node, op.key, nil) end
  return echo(op)
end

-- Each change is transformed over each one that was accepted meanwhile: a second or two for so many.
local CROSSINGS <const> = 1000000

apply[10] = function(self, op)
  local node = self.document.nodes[op.id]
  if not node or node.kind ~= "LiveText" then return nil end
  if op.baseVersion > node.version then
    return nil, { rejected = "LiveText operation base version is ahead of storage" }
  end
  if #op.ops == 0 then return nil end
  local accepted = self.document:text_since(node, op.baseVersion)
  local ops = accepted and live_text.transform(op.ops, accepted, CROSSINGS)
  if not ops then
    return nil, { rejected = "LiveText operation base version is too old" }
  end
  local before = node.version
  local data, applied = live_text.apply(node.data, ops)
  self.document:set_text(node, data, applied)
  return echo(op, { baseVersion = before, version = node.version, ops = applied })
end

-- ---- Messages ------------------------------------------------------------------------------------

--- Applies operations in their order, all within the size limits or none.
---@param doc lbhost.local.Document
---@param ops table[]
---@return table[] replies lists of messages: what the sender has to put right, then what was applied
function storage_ops.apply(doc, ops)
  local self = { document = doc }
  local fixes, rejections, done = json.array {}, {}, json.array {}
  doc:transaction(function()
    for _, op in ipairs(ops) do
      divided.point()
      local applied, fix, more = (apply[op.type] or create_node)(self, op)
      if fix and fix.rejected then
        rejections[#rejections + 1] = { type = REJECTED, opIds = json.array { op.opId }, reason = fix.rejected }
      else
        fixes[#fixes + 1] = fix
        fixes[#fixes + 1] = more
        done[#done + 1] = applied
        if not applied and not fix then
          fixes[#fixes + 1] = { type = 5, id = "ACK", opId = op.opId }
        end
      end
    end
    lson.check_touched(doc)
  end)
  local replies, to_sender = json.array {}, json.array {}
  if #fixes > 0 then to_sender[1] = { type = UPDATE, ops = fixes } end
  table.move(rejections, 1, #rejections, #to_sender + 1, to_sender)
  if #to_sender > 0 then replies[1] = to_sender end
  if #done > 0 then replies[#replies + 1] = json.array { { type = UPDATE, ops = done } } end
  return replies
end

-- ---- The document as nodes -----------------------------------------------------------------------

local function node_line(node, parent)
  return json.encode(json.array { node.id, { type = node_types[node.kind], parentId = parent and parent.id,
    parentKey = parent and node.key, data = node.data, version = node.version } })
end

--- All nodes as lines of JSON, parents before their children, after a line with the actor for the client.
---@param doc lbhost.local.Document
---@param actor integer
---@return string
function storage_ops.lines(doc, actor)
  local lines = { json.encode { actor = actor } }
  local function write(node, parent)
    divided.point()
    lines[#lines + 1] = node_line(node, parent)
    for child in document.children(node) do write(child, node) end
  end
  write(doc.root, nil)
  return table.concat(lines, "\n") .. "\n"
end

return storage_ops
