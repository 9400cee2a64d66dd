--- What would be changed, for people and as JSON Lines.
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"

local show = {}

local WIDTH = 100 -- of a value

local function text_of(value)
  if value == nil then return "" end
  local text = json.encode(value)
  if #text <= WIDTH then return text end
  local cut = utf8.offset(text, 1, utf8.offset(text, 0, WIDTH) or WIDTH)
  return ("%s… (%d bytes)"):format(text:sub(1, cut - 1), #text)
end

local marks = { add = "+", remove = "-", replace = "~", move = ">", copy = "=" }

-- A line of a Storage patch; nil for a guard.
local function operation_line(op, old)
  local mark = marks[op.op]
  if not mark then return nil end
  local what
  if op.from then
    what = op.from .. " → " .. op.path
  elseif op.op == "replace" then
    what = ("%s  %s → %s"):format(op.path, text_of(old), text_of(op.value))
  elseif op.op == "remove" then
    what = ("%s  %s"):format(op.path, text_of(old))
  else
    what = ("%s  %s"):format(op.path, text_of(op.value))
  end
  if old ~= nil and op.op ~= "replace" and op.op ~= "remove" then what = what .. "  instead of " .. text_of(old) end
  return ("    %s %s\n"):format(mark, what)
end

local function call_line(call)
  local parts = {}
  for i = 1, #call.row.parameters do parts[i] = tostring(call.arguments[i]) end
  local fields = call.arguments[#call.row.parameters + 1]
  if type(fields) == "string" then
    parts[#parts + 1] = ("%d bytes"):format(#fields)
  elseif fields ~= nil then
    local ok, text = pcall(text_of, fields)
    parts[#parts + 1] = ok and text or tostring(fields)
  end
  return ("    ! %s %s\n"):format(call.name, table.concat(parts, " "))
end

--- A plan as text: what would happen to one item.
---@param key string
---@param plan table[] what dry.client has reported
---@return string
function show.text(key, plan)
  local out = { key, "\n" }
  for _, call in ipairs(plan) do
    if call.name == "mutate_storage" then
      if call.room ~= key then out[#out + 1] = ("    Storage of %s\n"):format(call.room) end
      for i, op in ipairs(call.patch) do out[#out + 1] = operation_line(op, call.old and call.old[i]) or "" end
    elseif call.name == "mutate_yjs" then
      if call.room ~= key or call.guid then
        out[#out + 1] = ("    Yjs of %s%s\n"):format(call.room, call.guid and ", subdocument " .. call.guid or "")
      end
      for line in call.text:gmatch "[^\n]+" do out[#out + 1] = ("    %s\n"):format(line) end
    else
      out[#out + 1] = call_line(call)
    end
  end
  return printable.block(table.concat(out))
end

local function plain(value)
  local ok = pcall(json.encode, value)
  return ok and value or tostring(value)
end

--- The same as one line of JSON.
---@param key string
---@param plan table[]
---@param problem string? why the item would fail
---@return string
function show.json(key, plan, problem)
  local calls = json.array {}
  for i, call in ipairs(plan) do
    if call.name == "mutate_storage" then
      calls[i] = json.object { call = call.name, room = call.room, patch = call.patch }
    elseif call.name == "mutate_yjs" then
      calls[i] = json.object { call = call.name, room = call.room, guid = call.guid, text = call.text,
        changed = json.array(call.changed) }
    else
      local arguments = json.array {}
      for j = 1, #call.arguments do arguments[j] = plain(call.arguments[j]) end
      calls[i] = json.object { call = call.name, arguments = arguments }
    end
  end
  return printable.json(json.encode(json.object { key = key, calls = calls, error = problem })) .. "\n"
end

return show
