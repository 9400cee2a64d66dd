--- Content that scripts give to an editor: what JSON has, and in a delta what stands for values of the document. Anything else
--- is refused before anything is made of it.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local values = require "liveblocks.yjs.values"

local content = {}

local MAX_DEPTH = 2100 -- a level of nodes is two of JSON

local function fail(path, problem)
  errors.usage("%s%s", path ~= "" and path:gsub("^%.", "") .. ": " or "", problem)
end

-- What stands for a value of the document, in a delta of Quill.
local embedded = { binary = true, undefined = true, shared = true, document = true }

local checkers = {}

-- A copy, with whole characters only.
local function checked(value, path, depth, has_embeds)
  local check = checkers[type(value)]
  if not check and value ~= json.null then fail(path, "a value that JSON has expected, got " .. values.name_of(value)) end
  return check and check(value, path, depth, has_embeds) or value
end

function checkers.string(value, path)
  local whole = values.whole(value)
  local _, bad = utf8.len(whole)
  if bad then fail(path, ("the string is not valid UTF-8 at byte %d"):format(bad)) end
  return whole
end

function checkers.boolean() end

function checkers.number(value, path)
  if value - value ~= 0 then fail(path, ("a number that JSON has expected, got %s"):format(tostring(value))) end
end

function checkers.table(value, path, depth, has_embeds)
  local kind = values.stands_for(value)
  if has_embeds and embedded[kind] then return value end
  if kind then fail(path, "a value that JSON has expected, got " .. values.name_of(value)) end
  if depth == MAX_DEPTH then fail("", ("it is nested in more than %d levels, or contains itself"):format(MAX_DEPTH)) end
  local copy, length = setmetatable({}, getmetatable(value)), values.length(value)
  for key, one in pairs(value) do
    if length then
      copy[key] = checked(one, ("%s[%d]"):format(path, key), depth + 1, has_embeds)
    else
      if type(key) ~= "string" then
        fail(path, ("the keys of a table are strings, or 1 to n without holes, got %s"):format(tostring(key)))
      end
      copy[checked(key, path, depth)] = checked(one, path .. "." .. key, depth + 1, has_embeds)
    end
  end
  return copy
end

--- Content that can be worked with: as it is given, or a copy of which the strings are whole.
---@param given any
---@param has_embeds boolean? values of the document stand in it
---@return any
function content.check(given, has_embeds)
  local ok, text = pcall(json.encode, given)
  if ok and not text:find "\237[\160-\191]" and not text:find "\\ud" then return given end
  return checked(given, "", 0, has_embeds)
end

--- What a value is, for messages.
---@param value any
---@return string
function content.name_of(value)
  if type(value) == "table" and not values.stands_for(value) then return value[1] ~= nil and "a list" or "an object" end
  return value == json.null and "null" or values.name_of(value)
end

--- Is it a table of fields by their names?
---@param value any
---@return boolean
function content.is_object(value) return type(value) == "table" and not values.stands_for(value) and value[1] == nil end

--- Is it a list, or an empty table?
---@param value any
---@return boolean
function content.is_list(value)
  return type(value) == "table" and not values.stands_for(value) and (value[1] ~= nil or next(value) == nil)
end

--- Calls fn; usage errors name the function that was called.
---@param what string
---@param fn function
---@return any ... what fn returns
function content.named(what, fn, ...)
  local ok, result, more = pcall(fn, ...)
  if ok then return result, more end
  if errors.is(result) and result.kind == "usage" then
    errors.usage("%s: %s", what, (result.message:gsub("^set_content: ", "")))
  end
  error(result, 0)
end

return content
