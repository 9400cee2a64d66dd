--- What an item has changed, for the report: a client that notes the calls that write.
local client_module = require "liveblocks.client"
local dry = require "lbhost.migrate.dry"
local errors = require "liveblocks.errors"

local recorder = {}

local MAX_CHANGES <const> = 20 -- changes of an item that are kept
local LENGTH <const> = 200 -- bytes of one

-- One line that is not too long.
local function cut(text)
  if text:find("\n", 1, true) then text = text:gsub("\n", "\\n") end
  if #text <= LENGTH then return text end
  return text:sub(1, (utf8.offset(text, 0, LENGTH) or LENGTH) - 1) .. "…"
end

local function note(changes, text)
  if #changes < MAX_CHANGES then
    changes[#changes + 1] = cut(text)
  else
    changes.more = (changes.more or 0) + 1
    changes[MAX_CHANGES] = ("... and %d more"):format(changes.more + 1)
  end
end

-- One change of Storage an operation: the values are in the document, or may be secret.
local function note_patch(changes, of, room, patch)
  local where = room ~= of and "Storage of " .. room .. ": " or ""
  for _, operation in ipairs(patch) do
    if operation.op ~= "test" then note(changes, where .. operation.op .. " " .. operation.path) end
  end
end

-- One change of a Yjs document a root type.
local function note_yjs(changes, of, room, names)
  local where = room ~= of and " of " .. room or ""
  for _, name in ipairs(names) do note(changes, ("Yjs%s: %s"):format(where, name)) end
end

local function note_call(changes, row, arguments)
  local parts = { row.name }
  for i = 1, #row.parameters do parts[#parts + 1] = tostring(arguments[i]) end
  note(changes, table.concat(parts, " "))
end

--- Notes a call that a dry run would have made.
---@param changes string[]
---@param of string? the room that the item is
---@param call table as dry.client gives it
function recorder.note_plan(changes, of, call)
  if call.name == "mutate_storage" then return note_patch(changes, of, call.room, call.patch) end
  if call.name == "mutate_yjs" then return note_yjs(changes, of, call.room, call.changed) end
  note_call(changes, { name = call.name, parameters = call.row.parameters }, call.arguments)
end

local special = {}

function special.mutate_storage(self, room, fn, options)
  local patch, info = self.real:mutate_storage(room, fn, options)
  if info.sent then note_patch(self.changes, self.of, room, patch) end
  return patch, info
end

function special.mutate_yjs(self, room, fn, options)
  local update, info = self.real:mutate_yjs(room, fn, options)
  if info.sent then note_yjs(self.changes, self.of, room, info.changed) end
  return update, info
end

function special.request(self, method, path, options)
  local value, meta = self.real:request(method, path, options)
  if method ~= "GET" and method ~= "HEAD" then note(self.changes, ("%s %s"):format(method, path)) end
  return value, meta
end

function special.submit(self, name, ...)
  local row = client_module.rows[name]
  if row and not dry.is_read(row) then note_call(self.changes, row, { ... }) end
  return self.real:submit(name, ...)
end

function special.upload_file(self, room, options)
  local file = self.real:upload_file(room, options)
  note(self.changes, ("upload_file %s %s"):format(room, file.id))
  return file
end

function special.with(self, options)
  return recorder.client(self.real:with(options), self.changes, self.of)
end

-- Methods by name, shared by all items.
local methods = setmetatable({}, { __index = function(methods, name)
  local method = special[name]
  local row = not method and client_module.rows[name]
  if row and not dry.is_read(row) then
    function method(self, ...)
      local value, meta = self.real[name](self.real, ...)
      note_call(self.changes, row, { ... })
      return value, meta
    end
  elseif not method then
    function method(self, ...) return self.real[name](self.real, ...) end
  end
  methods[name] = method
  return method
end })

local function outcome(ok, ...)
  if ok then return ... end
  if errors.is((...)) then return nil, (...) end
  error((...), 0)
end

local function try(self)
  return setmetatable({}, { __index = function(_, name)
    return function(_, ...) return outcome(pcall(self[name], self, ...)) end
  end })
end

local meta = {
  __index = function(self, name)
    if name == "try" then return try(self) end
    local value = self.real[name]
    if type(value) ~= "function" then return value end
    return methods[name]
  end,
  __tostring = function(self) return tostring(self.real) end,
  __name = "liveblocks.client",
}

--- A client that notes what an item changes.
---@param real liveblocks.Client
---@param changes string[] gets a line for each call that has written
---@param of string? the room that the item is
---@return liveblocks.Client
function recorder.client(real, changes, of)
  return setmetatable({ real = real, changes = changes, of = of }, meta)
end

return recorder
