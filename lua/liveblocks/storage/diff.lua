--- The patch from a document as it was read to what it shall be: RFC 6902 operations, few and small.
---
--- Containers are brought into shape from the root down; a part that another container needs stays where it is
--- (`parked`) until that container fetches it with a `move`.
local divided = require "liveblocks.storage.divided"
local errors = require "liveblocks.errors"
local guards = require "liveblocks.storage.guard"
local json = require "liveblocks.json"
local layout = require "liveblocks.storage.layout"
local lists = require "liveblocks.storage.lists"
local model = require "liveblocks.storage.model"
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"
local value = require "liveblocks.storage.value"

local diff = {}

---@class liveblocks.storage.Diff
---@field losing any what the next operation replaces or removes, for those who show the patch
local Diff = {}
Diff.__index = Diff
for name, method in pairs(lists) do Diff[name] = method end

-- ---- Operations ----------------------------------------------------------------------------------

local complaints = {
  plain = "%s: the API turns plain objects and lists into LiveObject and LiveList, so this edit would%s; "
    .. "use liveblocks.storage.object{} and list{}, or allow it with { allow_conversion = true }",
  LiveMap = "%s: the API does not promise that a LiveMap given in a patch stays one, and this edit would%s; "
    .. "use liveblocks.storage.object{}, or allow it with { allow_map = true }",
  LiveText = "%s: the API has no way to make a LiveText by a patch; set the `data` of one that is there, or move one here "
    .. "(new ones are made by initialize_storage_document and by the Liveblocks SDKs for JavaScript)",
}

local function refuse_damage(damaged, path, doing)
  if damaged then errors.usage(complaints[damaged], path == "" and "the root" or path, doing) end
end

-- Refuses a value that would not arrive as it is.
function Diff:check(entry, inside, path, doing)
  refuse_damage(value.damaged(entry, inside, self.allowed), path, doing)
end

-- Refuses to move what would not stay as it is; a LiveText does.
function Diff:check_move(entry, inside, path, doing)
  local allowed = { plain = self.allowed.plain, LiveMap = self.allowed.LiveMap, LiveText = true }
  refuse_damage(value.damaged(entry, inside, allowed), path, doing)
end

-- Some RFC 6902 implementations take "-" for the end of a list in objects as well, and do not replace there; to add
-- a field that is there is the same.
function Diff:emit(op, path, fields)
  fields = fields or {}
  if op == "replace" and path:sub(-2) == "/-" then op = "add" end
  fields.op, fields.path = op, path
  self.patch[#self.patch + 1] = json.object(fields)
  self.old[#self.patch], self.losing = self.losing, nil
end

local reserved = "liveblocksType"

-- The JSON of an operation's value. A field that is called like the mark of a Live structure would be taken as one:
-- it is added afterwards by a pointer of its own.
local function plain_value(entry, path, later)
  if type(entry) ~= "table" then return entry end
  -- What is given as a marked node is read as plain LSON, with all that is in it.
  if node.kinds[entry.kind] == "leaf" or entry.kind == "LiveMap" then return value.form(entry, "lson") end
  local out = entry.list and json.array {} or json.object {}
  for key, item in pairs(entry:entries()) do
    local where = pointer.join(path, entry.list and key - 1 or key)
    if not entry.list and key == reserved then
      later[#later + 1] = { where, item }
    else
      out[key] = plain_value(item, where, later)
    end
  end
  return out
end

-- Adds or replaces what is at `path`; after the last item of a list that is `appended`, its pointer with "-".
function Diff:put(op, path, entry, inside, appended)
  if type(entry) ~= "table" then return self:emit(op, appended or path, { value = entry }) end
  if self.layout.made[entry] then
    return self:emit(op, appended or path, { value = self.doc.nodes[entry].list and json.array {} or json.object {} })
  end
  self:check(entry, inside, path, " change what is stored there")
  local later = {}
  local content = plain_value(node.load(value.form(entry, "lson", inside)), path, later)
  self.model.given[node.identity(entry)] = true
  if value.damaged(entry, inside, { plain = true, LiveText = true }) then self.maps = true end
  self:emit(op, later[1] and path or appended or path, { value = content })
  table.sort(later, function(a, b) return a[1] < b[1] end)
  for _, one in ipairs(later) do self:put("add", one[1], one[2]) end
end

-- Gives the LiveText that is at `path` the segments of another.
function Diff:put_text(path, entry)
  self:emit("replace", path, { value = value.form(entry, "patch") })
end

-- ---- Plain JSON ----------------------------------------------------------------------------------

-- Was something in a part of plain JSON written?
function Diff:plain_changed(one)
  local function written(part)
    if part.now then return true end
    for _, entry in pairs(part.was) do
      local child = type(entry) == "table" and self.doc.nodes[entry]
      if child and written(child) then return true end
    end
    return false
  end
  return written(one) and not value.equal(value.form(one, "patch"), one.raw)
end

-- Plain JSON and LiveText are compared as they stand.
function Diff:update_part(one)
  local raw = one.raw
  if self.model.given[raw] then return end
  local path = self.model:path(raw)
  if not path then return end
  if one.kind == "plain" then
    if not self:plain_changed(one) then return end
    self.guard:node(one)
    self.losing = raw
    self:put("replace", path, raw, one.parent)
  elseif one.now and not value.equal(one.now, one.was) then
    self.guard:node(one)
    self.losing = raw
    self:put_text(path, one)
  end
end

function Diff:member(container, key)
  return pointer.join(self.model:path(container), key)
end

-- ---- Objects and maps ----------------------------------------------------------------------------

-- Is this part, or something in it, fetched by another container later?
function Diff:is_needed(entry)
  return type(entry) == "table" and self.needed[entry] == true
end

local function same(a, b)
  if a == b then return true end
  local old = type(a) == "table" and not node.is(a)
  if not old or not node.is(b) or b.raw then return false end
  return node.kind_of(a) == b.kind and value.equal(value.form(a, "patch"), value.form(b, "patch"))
end

-- The part's pointer on the server, when it can still be fetched from there.
function Diff:source_of(entry)
  if type(entry) ~= "table" or node.is(entry) or self.layout.made[entry] then return nil end
  return self.model:path(entry)
end

-- A part of the old document leaves its container for another, whose pointer `where` gives once it has left.
function Diff:fetch(entry, source, where)
  local one = self.doc.nodes[entry]
  local from = self.model:parent_of(entry)
  self:check_move(entry, one.parent, source, " put it in another place")
  self.guard:way(one)
  self.model:take(entry)
  self.fetched[entry] = true
  local path = where()
  if path:sub(1, #source + 1) == source .. "/" then
    -- An item that goes into its next neighbour: RFC 6902 wants no pointer that begins with where it was, so it
    -- steps aside first.
    local list, losing = source:match "^(.*)/", self.losing
    self.losing = nil
    self:emit("move", list .. "/-", { from = source })
    self.losing = losing
    source = ("%s/%d"):format(list, self.model:current(from).n)
  end
  self:emit("move", path, { from = source })
end

-- A part with a LiveText that another container fetches later cannot be overwritten and made again: it waits under a name
-- that is free.
function Diff:put_aside(raw, key, goal)
  local now, name = self.model:current(raw), key
  repeat name = "_" .. name until now[name] == nil and goal[name] == nil
  local entry, losing = now[key], self.losing
  self.losing = nil
  self:check_move(entry, self.doc.nodes[raw], self:member(raw, key), " put it in another place")
  self:emit("move", self:member(raw, name), { from = self:member(raw, key) })
  self.losing = losing
  now[name], now[key] = entry, nil
  self.model:arrived(entry, raw, name)
  self.parked[#self.parked + 1] = { raw, entry }
end

function Diff:set_field(raw, key, entry, goal)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  if now[key] ~= nil then self.guard:whole(one, key) end
  if self:is_needed(now[key]) and value.holds_text(now[key]) then self:put_aside(raw, key, goal) end
  local old, source = now[key], self:source_of(entry)
  local old_is_text = value.is_text(old)
  if old_is_text and not source and not value.is_text(entry) then
    -- What replaces a LiveText becomes its content.
    self:remove_field(raw, key)
    old, old_is_text = nil, false
  end
  self.losing = old
  if source then
    self:fetch(entry, source, function() return self:member(raw, key) end)
  elseif old_is_text then
    self:put_text(self:member(raw, key), entry)
  else
    self:put(old == nil and "add" or "replace", self:member(raw, key), entry, one)
  end
  self.model:left(old)
  now[key] = entry
  self.model:arrived(entry, raw, key)
end

-- Scalars that only change their name are moved: one operation instead of two.
function Diff:rename_scalars(raw, goal, changed)
  local gone
  for _, key in ipairs(changed) do
    local old = self.model:fields(raw)[key]
    if goal[key] == nil and type(old) ~= "table" then
      gone = gone or {}
      local queue = gone[old] or { first = 1 }
      gone[old] = queue
      queue[#queue + 1] = key
    end
  end
  if not gone then return end
  local now = self.model:current(raw)
  for _, key in ipairs(changed) do
    local queue = now[key] == nil and gone[goal[key]]
    local old = queue and queue[queue.first]
    if old then
      queue.first = queue.first + 1
      self.guard:way(self.doc.nodes[raw])
      self.guard:whole(self.doc.nodes[raw], old)
      self:emit("move", self:member(raw, key), { from = self:member(raw, old) })
      now[key], now[old] = now[old], nil
    end
  end
end

-- Does the wanted entry differ from the old one? One of the same value does not, unless the old one moves elsewhere.
function Diff:differs(old, want)
  return old ~= want and (not same(old, want) or self:is_needed(old))
end

-- The names whose entries differ, in order.
function Diff:changed_names(now, goal)
  local names = {}
  for key, want in pairs(goal) do
    divided.point()
    if self:differs(now[key], want) then names[#names + 1] = key end
  end
  for key in pairs(now) do
    if goal[key] == nil then names[#names + 1] = key end
  end
  return divided.sort(names)
end

function Diff:shape_object(raw, goal)
  local changed = self:changed_names(self.model:fields(raw), goal)
  if not changed[1] then return end
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  self:rename_scalars(raw, goal, changed)
  for _, key in ipairs(changed) do
    divided.point()
    local old, want = now[key], goal[key]
    if want ~= nil and self:differs(old, want) then
      self.guard:way(one)
      self:set_field(raw, key, want, goal)
    elseif want == nil and old ~= nil then
      self.guard:way(one)
      if self:is_needed(old) then
        self.parked[#self.parked + 1] = { raw, old }
      else
        self:remove_field(raw, key)
      end
    end
  end
end

function Diff:remove_field(raw, key)
  local now = self.model:current(raw)
  self.guard:whole(self.doc.nodes[raw], key)
  self.losing = now[key]
  self:emit("remove", self:member(raw, key))
  self.model:left(now[key])
  now[key] = nil
end

-- ---- The whole -----------------------------------------------------------------------------------

-- Marks the parts that another container fetches, and everything they stand in.
function Diff:mark_needed()
  for raw in pairs(self.layout.home) do
    divided.point()
    local one = self.doc.nodes[raw]
    while one and one.raw and not self.needed[one.raw] do
      self.needed[one.raw] = true
      one = one.parent
    end
  end
end

-- Was it sent with a whole that it is a part of? Parents come first in the order.
function Diff:is_given(raw)
  return self.model.given[raw] or self.model.given[self.layout.up[raw]] or false
end

-- Parts that had to stay until others had been fetched out of them.
function Diff:sweep()
  for _, one in ipairs(self.parked) do
    divided.point()
    local raw, entry = one[1], one[2]
    if not self.fetched[entry] and self.model:path(entry) then
      if self.doc.nodes[raw].list then
        local now = self.model:current(raw)
        self:drop(raw, now:index_of(self.model.boxes[entry]))
      else
        self:remove_field(raw, self.model:key_of(entry))
      end
    end
  end
end

--- The patch of an edited document.
---@param doc table from view.open
---@param options table? allow_conversion, allow_map, guard ("values", "structure" or "none")
---@return table[] patch a list of operations, empty when nothing changed
---@return table facts `maps`: does it make a LiveMap? `old`: what operations (by number) replace or remove
function diff.patch(doc, options)
  local self = setmetatable({
    doc = doc, options = options or {}, layout = layout.of(doc), guard = guards.new(doc), patch = {},
    model = model.new(doc), needed = {}, parked = {}, fetched = {},
    old = {}, allowed = { plain = options and options.allow_conversion, LiveMap = options and options.allow_map },
  }, Diff)
  self:mark_needed()
  for _, raw in ipairs(self.layout.order) do
    local goal = self.layout.goal[raw]
    divided.point()
    if self:is_given(raw) then
      self.model.given[raw] = true
    elseif not self.layout.unchanged[raw] then
      if doc.nodes[raw].list then self:shape_list(raw, goal) else self:shape_object(raw, goal) end
    end
  end
  for _, one in ipairs(doc.parts) do
    divided.point()
    self:update_part(one)
  end
  self:sweep()
  if not self.patch[1] then return json.array {}, {} end
  local out, old = json.array {}, {}
  if self.options.guard ~= "none" then
    self.guard:reads(self.options.guard == "structure")
    for _, operation in ipairs(self.guard:operations()) do out[#out + 1] = operation end
  end
  local tests = #out
  for i, operation in ipairs(self.patch) do
    divided.point()
    out[tests + i], old[tests + i] = operation, self.old[i]
  end
  return out, { maps = self.maps or false, old = old }
end

return diff
