--- The layout of the edited document: what each container shall hold. Parts are compared by identity.
---
--- A new structure that replaces an old one of its kind becomes that old one with other entries, so that
--- the difference between the two is sent and not the whole. A part that stands in several places stays in one of
--- them, the one it was read in if it can, and is copied to the others.
local divided = require "liveblocks.storage.divided"
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local value = require "liveblocks.storage.value"
local view = require "liveblocks.storage.view"

local layout = {}

local Node = getmetatable(node.new("plain", false, {})) -- node.is() where it is called for every entry

---@class liveblocks.storage.Layout
---@field goal table<table, table> for each container (its raw table) what it shall hold: scalars, raw tables, new nodes
---@field order table[] the containers, parents first
---@field up table<table, table> the container that each one shall stand in
---@field home table<table, table> for each raw table that was moved to another container, that container
---@field unchanged table<table, boolean> the containers that hold what they were read with
---@field made table<table, boolean> raw tables that stand for new structures which get parts moved into them
local Layout = {}
Layout.__index = Layout

-- All raw tables that stand somewhere in what was written.
local function collect(one, present, seen)
  if seen[one] then return end
  seen[one] = true
  if node.kinds[one.kind] == "leaf" or one.kind == "plain" then return end
  divided.point()
  local nodes = one.doc and one.doc.nodes
  for _, entry in pairs(one:entries()) do
    if type(entry) == "table" then
      local child = getmetatable(entry) == Node and entry or (nodes and nodes[entry])
      present[child and child.raw or entry] = true
      if child then collect(child, present, seen) end
    end
  end
end

-- Worked out when a new structure is met.
function Layout:present()
  if not self.anywhere then
    self.anywhere = {}
    collect(self.doc.replaced or self.doc.root_node, self.anywhere, {})
  end
  return self.anywhere
end

local function id_of(entry)
  local kind, entries
  if node.is(entry) then
    kind, entries = entry.kind, entry:entries()
  else
    kind, entries = node.kind_of(entry), entry.data
  end
  if kind ~= "LiveObject" then return nil end
  local id = entries.id
  return (type(id) == "string" or math.type(id) == "integer") and id or nil
end

local function kind_of(entry)
  return node.is(entry) and entry.kind or node.kind_of(entry)
end

-- May a new structure become this old one? Only when that one stands nowhere else.
function Layout:can_bind(old, new)
  if type(old) ~= "table" or type(new) ~= "table" or getmetatable(new) ~= Node or new.raw then return false end
  local kind = kind_of(old)
  return kind == new.kind and kind ~= "plain" and node.kinds[kind] ~= "leaf" and not self:present()[old]
    and not self.bound[old]
end

function Layout:bind(parent, key, old, new)
  self.bound[old] = new
  node.open(self.doc, old, parent, not parent.list and key or nil)
  return old
end

local function text_of(form)
  return json.encode(form, { pretty = true })
end

-- The old items of a list that stand nowhere any more, by id or else by content.
function Layout:lost_items(container)
  local by_id, by_text, present = {}, {}, self:present()
  for _, old in ipairs(container.was) do
    divided.point()
    if type(old) == "table" and not present[old] then
      local id = id_of(old)
      if id ~= nil then
        by_id[id] = by_id[id] or old
      else
        local text = text_of(old)
        by_text[text] = by_text[text] or { first = 1 }
        table.insert(by_text[text], old)
      end
    end
  end
  return by_id, by_text
end

local function is_new(entry)
  return type(entry) == "table" and getmetatable(entry) == Node and not entry.raw
end

-- Pairs the new items of a list with lost ones: of the same id, else of the same content.
function Layout:bind_items(container, entries)
  local fresh = {}
  for i, entry in ipairs(entries) do
    if is_new(entry) then fresh[#fresh + 1] = i end
  end
  if not fresh[1] then return entries end
  local by_id, by_text = self:lost_items(container)
  if not next(by_id) and not next(by_text) then return entries end
  local out = table.move(entries, 1, #entries, 1, {})
  for _, i in ipairs(fresh) do
    divided.point()
    local entry = entries[i]
    local id = id_of(entry)
    if id then
      if self:can_bind(by_id[id], entry) then out[i] = self:bind(container, i, by_id[id], entry) end
    elseif next(by_text) then
      local alike = by_text[text_of(value.form(entry, "lson"))]
      if alike and alike[alike.first] then
        out[i] = alike[alike.first]
        alike.first = alike.first + 1
      end
    end
  end
  return out
end

-- Notes that a part of a container, which was read, stands there. False: it comes from elsewhere.
local function settle_here(self, container, key, part)
  local one = self.doc.nodes[part]
  -- What was never looked at was never moved.
  if one and one.parent and one.parent ~= container then return false end
  if self.taken[part] or not (container.list or container.was[key] == part) then return false end
  self.taken[part] = true
  return true
end

-- Is there a LiveText of the document in a structure, however deep?
function Layout:carries_text(one)
  local known = self.text_in[one]
  if known ~= nil then return known end
  self.text_in[one] = false
  divided.point()
  if one.kind == "LiveText" then
    known = one.raw ~= nil
  elseif node.kinds[one.kind] ~= "leaf" and one.kind ~= "plain" then
    local nodes = one.doc and one.doc.nodes
    for _, entry in pairs(one:entries()) do
      if type(entry) == "table" then
        local child = getmetatable(entry) == Node and entry or nodes and nodes[entry]
        if child then known = self:carries_text(child) else known = value.holds_text(entry) end
        if known then break end
      end
    end
  end
  self.text_in[one] = known or false
  return known
end

-- A new structure with such a LiveText is made empty and filled as the old ones are changed, for a patch can move a LiveText
-- but not make one. Nil when it can be sent as it is.
function Layout:make(container, key, entry)
  if not is_new(entry) or entry.kind == "LiveMap" or self.bound_to[entry] or not self:carries_text(entry) then return nil end
  local raw = { liveblocksType = entry.kind, data = entry.list and json.array {} or json.object {} }
  self.made[raw], self.bound_to[entry], self.taken[raw] = true, raw, true
  return self:bind(container, key, raw, entry)
end

local function by_position(a, b)
  return (a.at or a.key) < (b.at or b.key)
end

-- A container that nobody wrote, of whose parts none was put elsewhere, needs no look at what nobody looked at.
function Layout:settle_unwritten(raw, container)
  local opened, ordered = container.opened or {}, true
  for i, part in ipairs(opened) do
    divided.point()
    if self.taken[part.raw] then return false end
    ordered = ordered and (i == 1 or by_position(opened[i - 1], part))
  end
  if not ordered then table.sort(opened, by_position) end
  for _, part in ipairs(opened) do
    divided.point()
    self.taken[part.raw] = true
  end
  self.goal[raw], self.unchanged[raw] = container.was, true
  self.order[#self.order + 1] = raw
  for _, part in ipairs(opened) do self:visit(part.raw, raw) end
  return true
end

-- Fills in what a container shall hold; parts that come from elsewhere are settled afterwards.
function Layout:settle(raw)
  local nodes, up = self.doc.nodes, self.up
  local container = nodes[raw]
  local list = container.list
  if not container.now and not self.bound[raw] and self:settle_unwritten(raw, container) then return end
  local entries, goal, here, ordered = (self.bound[raw] or container):entries(), {}, {}, true
  if list then entries = self:bind_items(container, entries) end
  for key, entry in pairs(entries) do
    divided.point()
    local one = entry
    if type(entry) == "table" then
      local is_node = getmetatable(entry) == Node
      if is_node and not list and self:can_bind(container.was[key], entry) then
        one, is_node = self:bind(container, key, container.was[key], entry), false
      elseif is_node and entry.raw then
        one, is_node = entry.raw, false
      end
      local made = is_node and self:make(container, key, entry)
      if made then one = made end
      if made or not is_node and settle_here(self, container, key, one) then
        local last = here[#here]
        ordered = ordered and (not last or last < key)
        here[#here + 1] = key
      elseif not is_node then
        self.foreign[#self.foreign + 1] = { raw, key, one, #self.order + 1 }
      end
    end
    goal[key] = one
  end
  self.goal[raw] = goal
  self.order[#self.order + 1] = raw
  if not ordered then table.sort(here) end
  for _, key in ipairs(here) do
    local part = goal[key]
    up[part] = raw
    if nodes[part] then self:visit(part, raw) end
  end
end

function Layout:visit(raw, up)
  self.up[raw] = up
  local one = self.doc.nodes[raw]
  if not one or one.kind == "plain" or node.kinds[one.kind] == "leaf" then return end
  self:settle(raw)
end

-- By container, in the order they were met in; within one by key or position.
local function before(a, b)
  if a[4] ~= b[4] then return a[4] < b[4] end
  return a[2] < b[2]
end

-- Parts that stand in another container than the one they were read in: the first container gets them.
function Layout:settle_foreign()
  while self.foreign[1] do
    local list = self.foreign
    self.foreign = {}
    table.sort(list, before)
    for _, one in ipairs(list) do
      divided.point()
      local container, key, raw = one[1], one[2], one[3]
      if self.taken[raw] then
        self.goal[container][key] = view.copy(node.open(self.doc, raw))
      else
        self.taken[raw] = true
        self.home[raw] = container
        self:visit(raw, container)
      end
    end
  end
end

--- Works out the layout of an edited document.
---@param doc table
---@return liveblocks.storage.Layout
function layout.of(doc)
  local self = setmetatable({ doc = doc, bound = {}, bound_to = {}, taken = {}, foreign = {}, goal = {}, order = {},
    home = {}, up = {}, unchanged = {}, made = {}, text_in = {} }, Layout)
  if doc.replaced then self.bound[doc.root_node.raw] = doc.replaced end
  self.taken[doc.root_node.raw] = true
  self:settle(doc.root_node.raw)
  self:settle_foreign()
  return self
end

return layout
