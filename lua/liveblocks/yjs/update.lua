--- Yjs updates (encoding version 1): what they say, and how several become one.
---
--- An update holds structs, which belong to a client and begin at a clock of it, and ranges of clocks that are deleted.
--- A struct is { client, clock, length, kind, ... }; of an item also origin, right (ids: { client, clock }), parent (a name or
--- an id), sub (key in a map), content.
local reader = require "liveblocks.yjs.reader"

local update = {}

-- ---- Lengths and halves of contents --------------------------------------------------------------

-- UTF-16 units, in which JavaScript counts texts.
local function units(text)
  local n = utf8.len(text)
  for _ in text:gmatch("[\xf0-\xf4]") do n = n + 1 end
  return n
end

local REPLACEMENT = "\xef\xbf\xbd"

-- A text in two, after `count` units; what would split a character becomes two replacement characters.
local function split_text(text, count)
  local at = 0
  for place, code in utf8.codes(text) do
    if at == count then return text:sub(1, place - 1), text:sub(place) end
    at = at + (code > 0xffff and 2 or 1)
    if at > count then
      local behind = utf8.offset(text, 2, place)
      return text:sub(1, place - 1) .. REPLACEMENT, REPLACEMENT .. text:sub(behind)
    end
  end
  return text, ""
end

local function split_list(list, count)
  return table.move(list, 1, count, 1, {}), table.move(list, count + 1, #list, 1, {})
end

-- kind -> how a content is read and, where it can be longer than 1, split
local contents = {}

local function one(name, read)
  return { name = name, read = function(r) return read(r), 1 end }
end

local function listed(name, read)
  return { name = name, split = split_list, read = function(r)
    local list, count = {}, r:uint()
    if count == 0 then r:fail "an empty item" end
    for i = 1, count do list[i] = read(r) end
    return list, count
  end }
end

contents[1] = { name = "deleted", split = function(length, count) return count, length - count end, read = function(r)
  local length = r:uint()
  return length, length
end }
contents[2] = listed("json", function(r) return r:json() end)
contents[3] = one("binary", function(r) return reader.binary(r:block()) end)
contents[4] = { name = "text", split = split_text, read = function(r)
  local text = r:text()
  return text, units(text)
end }
contents[5] = one("embed", function(r) return r:json() end)
contents[6] = one("format", function(r)
  local key = r:text()
  return { key = key, value = r:json() }
end)
contents[7] = one("type", function(r)
  local kind = r:uint()
  local name = update.types[kind] or r:fail(("there is no shared type %d"):format(kind))
  return { kind = name, name = (name == "xml element" or name == "xml hook") and r:text() or nil }
end)
contents[8] = listed("json", function(r) return r:any() end)
contents[9] = one("document", function(r)
  local guid = r:text()
  return { guid = guid, options = r:any() }
end)

update.types = { [0] = "array", "map", "text", "xml element", "xml fragment", "xml hook", "xml text" }

-- ---- Reading -------------------------------------------------------------------------------------

local GC, SKIP = 0, 10
local ORIGIN, RIGHT, SUB = 0x80, 0x40, 0x20

local function read_id(r)
  local client = r:uint()
  return { client = client, clock = r:uint() }
end

local function read_item(r, struct, info)
  local content = contents[info % 32] or r:fail(("there is no content %d"):format(info % 32))
  struct.info, struct.kind = info, content.name
  if info >= ORIGIN then struct.origin = read_id(r) end
  if info % ORIGIN >= RIGHT then struct.right = read_id(r) end
  if info < RIGHT then
    if r:uint() == 1 then struct.parent = r:text() else struct.parent = read_id(r) end
    if info % RIGHT >= SUB then struct.sub = r:text() end
  end
  struct.from = r.at
  struct.content, struct.length = content.read(r)
end

local function read_struct(r, client, clock)
  local struct = { client = client, clock = clock, source = r.bytes, first = r.at }
  local info = r:byte()
  if info == GC or info == SKIP then
    struct.kind, struct.length = info == GC and "gc" or "skip", r:uint()
  else
    read_item(r, struct, info)
  end
  struct.last = r.at - 1
  if struct.length == 0 then r:fail "an empty struct" end
  return struct
end

local function read_deleted(r)
  local deleted = {}
  for _ = 1, r:uint() do
    local client = r:uint()
    deleted[client] = deleted[client] or {}
    for _ = 1, r:uint() do
      local clock = r:uint()
      table.insert(deleted[client], { clock = clock, length = r:uint() })
    end
  end
  return deleted
end

--- Reads an update; raises an error of kind "yjs" when it is none.
---@param bytes string
---@return table<integer, table[]> structs by client, in the order of their clocks
---@return table<integer, table[]> deleted ranges by client
function update.read(bytes)
  local r = reader.new(bytes)
  local structs = {}
  for _ = 1, r:uint() do
    local count, client, clock = r:uint(), r:uint(), r:uint()
    local list = structs[client] or {}
    structs[client] = list
    for _ = 1, count do
      local struct = read_struct(r, client, clock)
      clock = clock + struct.length
      if clock > reader.LARGEST then r:fail "a clock is too large" end
      list[#list + 1] = struct
    end
  end
  local deleted = read_deleted(r)
  if not r:at_end() then r:fail "more bytes after it" end
  return structs, deleted
end

-- ---- Splitting -----------------------------------------------------------------------------------

local splits = { gc = true, skip = true }
for _, content in pairs(contents) do splits[content.name] = content.split or false end

--- A content in two, after `count` clocks.
function update.split(kind, content, count)
  local split = splits[kind] or reader.fail("a struct of kind %s cannot be split", kind)
  return split(content, count)
end

-- ---- Writing -------------------------------------------------------------------------------------

local function write_uint(out, value)
  while value > 0x7f do
    out[#out + 1] = string.char(value % 128 + 128)
    value = math.floor(value / 128)
  end
  out[#out + 1] = string.char(value)
end

local function write_text(out, text)
  write_uint(out, #text)
  out[#out + 1] = text
end

local function write_id(out, id)
  write_uint(out, id.client)
  write_uint(out, id.clock)
end

-- Values of lists are written as they stood in the update: where the one at `index` begins is found by reading again.
local function write_rest_of_list(out, struct, from)
  local r = reader.new(struct.source)
  r.at = struct.from
  local count = r:uint()
  local read = struct.info % 32 == 2 and r.text or r.any
  for _ = 1, from do read(r) end
  write_uint(out, count - from)
  out[#out + 1] = struct.source:sub(r.at, struct.last)
end

-- A struct without its first `skip` clocks; what is whole is written as it stood in the update that it came from.
local function write_struct(out, struct, skip)
  if skip == 0 and struct.source then
    out[#out + 1] = struct.source:sub(struct.first, struct.last)
    return
  end
  if struct.kind == "gc" or struct.kind == "skip" then
    out[#out + 1] = string.char(struct.kind == "gc" and GC or SKIP)
    write_uint(out, struct.length - skip)
    return
  end
  out[#out + 1] = string.char(struct.info % 64 + ORIGIN + (struct.right and RIGHT or 0))
  write_id(out, { client = struct.client, clock = struct.clock + skip - 1 })
  if struct.right then write_id(out, struct.right) end
  if struct.kind == "deleted" then
    write_uint(out, struct.length - skip)
  elseif struct.kind == "text" then
    local _, rest = split_text(struct.content, skip)
    write_text(out, rest)
  else
    write_rest_of_list(out, struct, skip)
  end
end

local function sorted_clients(map)
  local clients = {}
  for client in pairs(map) do clients[#clients + 1] = client end
  -- The highest first, as Yjs does.
  table.sort(clients, function(a, b) return a > b end)
  return clients
end

-- Chooses among overlapping structs of a client so that each clock is written once: a list of { struct, clocks to skip }.
local function choose(list)
  table.sort(list, function(a, b)
    if a.clock ~= b.clock then return a.clock < b.clock end
    return a.length > b.length
  end)
  local chosen, clock = {}, nil
  for _, struct in ipairs(list) do
    local stop = struct.clock + struct.length
    if struct.kind ~= "skip" and (not clock or stop > clock) then
      local skip = clock and math.max(0, clock - struct.clock) or 0
      if clock and struct.clock > clock then
        chosen[#chosen + 1] = { { kind = "skip", client = struct.client, clock = clock, length = struct.clock - clock }, 0 }
      end
      chosen[#chosen + 1] = { struct, skip }
      clock = stop
    end
  end
  return chosen
end

local function join_ranges(ranges)
  table.sort(ranges, function(a, b) return a.clock < b.clock end)
  local joined = {}
  for _, range in ipairs(ranges) do
    local last = joined[#joined]
    if last and range.clock <= last.clock + last.length then
      last.length = math.max(last.length, range.clock + range.length - last.clock)
    else
      joined[#joined + 1] = { clock = range.clock, length = range.length }
    end
  end
  return joined
end

local function write_deleted(out, deleted)
  local clients = sorted_clients(deleted)
  write_uint(out, #clients)
  for _, client in ipairs(clients) do
    local ranges = join_ranges(deleted[client])
    write_uint(out, client)
    write_uint(out, #ranges)
    for _, range in ipairs(ranges) do
      write_uint(out, range.clock)
      write_uint(out, range.length)
    end
  end
end

local function write(structs, deleted)
  local out, chosen = {}, {}
  for client, list in pairs(structs) do
    local of_client = choose(list)
    if of_client[1] then chosen[client] = of_client end
  end
  local clients = sorted_clients(chosen)
  write_uint(out, #clients)
  for _, client in ipairs(clients) do
    local list = chosen[client]
    write_uint(out, #list)
    write_uint(out, client)
    write_uint(out, list[1][1].clock)
    for _, pair in ipairs(list) do write_struct(out, pair[1], pair[2]) end
  end
  write_deleted(out, deleted)
  return table.concat(out)
end

-- ---- Joining -------------------------------------------------------------------------------------

local function add_all(to, from)
  for client, list in pairs(from) do
    to[client] = to[client] or {}
    table.move(list, 1, #list, #to[client] + 1, to[client])
  end
end

--- Reads several updates as if they were one.
---@param updates string[]
---@return table structs
---@return table deleted
function update.read_all(updates)
  local structs, deleted = {}, {}
  for _, bytes in ipairs(updates) do
    local some, gone = update.read(bytes)
    add_all(structs, some)
    add_all(deleted, gone)
  end
  return structs, deleted
end

--- One update with what all of them say.
---@param updates string[]
---@return string
function update.join(updates)
  return write(update.read_all(updates))
end

--- The structs of a client, each clock once and in order, for those who apply them.
update.choose = choose

return update
