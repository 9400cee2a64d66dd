--- Documents within a document, as values: what stands in the outer one is a guid and options. The content is a document of
--- its own, which the API keeps by the guid.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local subdocument = {}

local option_types = { autoLoad = "boolean", gc = "boolean", meta = "any" }

---@class liveblocks.yjs.Subdocument
---@field guid string
---@field options table autoLoad, gc (false: what is deleted is kept) and meta, as they are in the outer document
---@field should_load boolean is its content wanted? True from the beginning with autoLoad; load() makes it so
local Subdocument = {}
Subdocument.__index = Subdocument
Subdocument.__name = "liveblocks.yjs.Subdocument"
Subdocument.__tostring = function(self) return ("subdocument %s"):format(self.guid) end

--- Says that the content is wanted.
---@return liveblocks.yjs.Subdocument self
function Subdocument:load()
  self.should_load = true
  return self
end

--- Opens the content.
---@param updates string|string[]|nil as client:get_yjs_document_as_binary_update(room, { guid = guid }) returns it
---@param options { version: 1|2|nil, client_id: integer? }?
---@return liveblocks.yjs.Document
function Subdocument:open(updates, options)
  local arguments = require "liveblocks.yjs.arguments"
  local version, given = arguments.version(options, "open", "client_id")
  local gc
  if self.options.gc == false then gc = false end
  return require("liveblocks.yjs.document").open(updates, { version = version, client_id = given.client_id, gc = gc }, "open")
end

local HEX = "0123456789abcdef"
local CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-" -- of a random id

local function pick(list, number) return list:sub(number % #list + 1, number % #list + 1) end

-- A random UUID (version 4), as Yjs makes them.
local function new_guid()
  local random = core.random_id(32)
  local function at(i) return CHARACTERS:find(random:sub(i, i), 1, true) - 1 end
  local digits = {}
  for i = 1, 32 do digits[i] = pick(HEX, at(i)) end
  digits[13], digits[17] = "4", pick("89ab", at(17))
  local text = table.concat(digits)
  return ("%s-%s-%s-%s-%s"):format(text:sub(1, 8), text:sub(9, 12), text:sub(13, 16), text:sub(17, 20), text:sub(21))
end

local function check_options(options)
  for name, value in pairs(options) do
    if not option_types[name] then
      errors.usage("yjs.subdocument: unknown option '%s'%s", tostring(name), errors.hint(tostring(name), option_types))
    end
    if option_types[name] == "boolean" and type(value) ~= "boolean" then
      errors.usage("yjs.subdocument: option '%s' must be a boolean, got %s", name, errors.a(type(value)))
    end
  end
end

--- A subdocument. It has a key that JSON does not have, so that none is taken for a plain value.
---@param guid string
---@param options table?
---@return liveblocks.yjs.Subdocument
function subdocument.of(guid, options)
  options = options or json.object {}
  return setmetatable({ guid = guid, options = options, should_load = options.autoLoad == true, [false] = true }, Subdocument)
end

--- A new one, to be inserted.
---@param guid string? a random UUID when it is nil
---@param options table?
---@return liveblocks.yjs.Subdocument
function subdocument.new(guid, options)
  if guid ~= nil and type(guid) ~= "string" then errors.usage("yjs.subdocument: a guid expected, got %s", errors.a(type(guid))) end
  if options ~= nil and type(options) ~= "table" then
    errors.usage("yjs.subdocument: a table of options expected, got %s", errors.a(type(options)))
  end
  check_options(options or {})
  local kept = json.object {}
  for name, value in pairs(options or {}) do kept[name] = value end
  return subdocument.of(guid or new_guid(), kept)
end

---@param value any
---@return boolean
function subdocument.is(value) return getmetatable(value) == Subdocument end

return subdocument
