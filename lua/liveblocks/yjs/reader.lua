--- Reads the binary encoding of Yjs (lib0, version 1): numbers, texts and values from bytes that nobody vouches for.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

---@class liveblocks.yjs.Reader
---@field bytes string
---@field at integer the next byte
local Reader = {}
Reader.__index = Reader

local reader = {}

--- A value that JavaScript calls undefined, which is not null.
reader.undefined = setmetatable({}, { __tostring = function() return "undefined" end })

--- Bytes, told apart from texts.
local Binary = {}
---@param bytes string
function reader.binary(bytes) return setmetatable({ bytes = bytes }, Binary) end
function reader.is_binary(value) return getmetatable(value) == Binary end

local LARGEST = 2 ^ 53 - 1
reader.LARGEST = LARGEST
local DEPTH = 100

--- Raises an error of kind "yjs".
function reader.fail(format, ...)
  error(errors.new("yjs", "no valid Yjs update: " .. format:format(...)), 0)
end

---@param bytes string
---@return liveblocks.yjs.Reader
function reader.new(bytes)
  return setmetatable({ bytes = bytes, at = 1 }, Reader)
end

function Reader:fail(what)
  reader.fail("%s at byte %d of %d", what, self.at - 1, #self.bytes)
end

function Reader:byte()
  local byte = self.bytes:byte(self.at)
  if not byte then self:fail "it ends too early" end
  self.at = self.at + 1
  return byte
end

--- An unsigned number in groups of 7 bits.
function Reader:uint()
  local value, shift = 0, 0
  while true do
    local byte = self:byte()
    value = value + byte % 128 * 2 ^ shift
    if byte < 0x80 then break end
    shift = shift + 7
    if shift > 49 then self:fail "a number is too large" end
  end
  if value > LARGEST then self:fail "a number is too large" end
  return math.tointeger(value)
end

--- A signed number: 6 bits and the sign, then groups of 7 bits.
function Reader:int()
  local byte = self:byte()
  local negative, value, shift = byte % 128 >= 64, byte % 64, 6
  while byte >= 0x80 do
    byte = self:byte()
    value = value + byte % 128 * 2 ^ shift
    shift = shift + 7
    if shift > 62 then self:fail "a number is too large" end
  end
  value = math.tointeger(value) or value
  if negative then return value == 0 and -0.0 or -value end
  return value
end

function Reader:take(count)
  if count > #self.bytes - self.at + 1 then self:fail "it ends too early" end
  local taken = self.bytes:sub(self.at, self.at + count - 1)
  self.at = self.at + count
  return taken
end

function Reader:block()
  return self:take(self:uint())
end

function Reader:text()
  local text = self:block()
  if not utf8.len(text) then self:fail "a string is not UTF-8" end
  return text
end

--- JSON in a text; JavaScript writes undefined as such.
function Reader:json()
  local text = self:text()
  if text == "undefined" then return reader.undefined end
  local value, problem = json.try_decode(text)
  if problem then self:fail("a value is not JSON (" .. problem .. ")") end
  return value
end

-- A whole float as an integer, so that it is written as JavaScript would.
local function plain(number)
  return number == number and math.abs(number) <= LARGEST and math.tointeger(number) or number
end

local any = {
  [127] = function() return reader.undefined end,
  [126] = function() return json.null end,
  [125] = function(self) return self:int() end,
  [124] = function(self) return plain(core.read_float(self:take(4))) end,
  [123] = function(self) return plain(core.read_double(self:take(8))) end,
  [122] = function(self) return core.read_int64(self:take(8)) end,
  [121] = function() return false end,
  [120] = function() return true end,
  [119] = function(self) return self:text() end,
  [118] = function(self, depth)
    local object = json.object {}
    for _ = 1, self:uint() do
      local key = self:text()
      object[key] = self:any(depth + 1)
    end
    return object
  end,
  [117] = function(self, depth)
    local list = json.array {}
    for i = 1, self:uint() do list[i] = self:any(depth + 1) end
    return list
  end,
  [116] = function(self) return reader.binary(self:block()) end,
}

--- A value of lib0's own encoding.
function Reader:any(depth)
  depth = depth or 1
  if depth > DEPTH then self:fail "a value is nested too deeply" end
  local kind = self:byte()
  local read = any[kind]
  if not read then self:fail(("there is no kind of value %d"):format(kind)) end
  return read(self, depth)
end

function Reader:at_end()
  return self.at > #self.bytes
end

return reader
