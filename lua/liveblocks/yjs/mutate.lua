--- client:mutate_yjs: reads a document, lets a function edit it, and sends the one update that makes the difference. Yjs
--- merges it with what others write meanwhile: there is no conflict, and nothing is tried again.
local document = require "liveblocks.yjs.document"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local known = { guid = "string", dry_run = "boolean" }

local function check(options)
  if options ~= nil and type(options) ~= "table" then
    errors.usage("mutate_yjs: a table of options expected, got %s", type(options))
  end
  for name, value in pairs(options or {}) do
    if not known[name] then errors.usage("mutate_yjs: unknown option '%s'%s", tostring(name), errors.hint(name, known)) end
    if type(value) ~= known[name] then
      errors.usage("mutate_yjs: option '%s' must be a %s, got %s", name, known[name], type(value))
    end
  end
  return options or {}
end

-- The root types as lines of JSON.
local function shown(doc)
  local lines = {}
  for _, name in ipairs(doc:names()) do lines[name] = json.encode(doc:to_json { key = name }[name]) end
  return lines
end

-- What was changed, as text: "- name: before" and "+ name: after".
local function difference(before, after)
  local names, lines = {}, {}
  for name in pairs(after) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if before[name] ~= after[name] then
      if before[name] then lines[#lines + 1] = ("- %s: %s"):format(name, before[name]) end
      lines[#lines + 1] = ("+ %s: %s"):format(name, after[name])
    end
  end
  return table.concat(lines, "\n")
end

return function(client, room_id, fn, options)
  options = check(options)
  if type(fn) ~= "function" then errors.usage("mutate_yjs: a function that edits the document expected, got %s", type(fn)) end
  local fields = options.guid and { guid = options.guid } or nil
  local doc = document.open((client:get_yjs_document_as_binary_update(room_id, fields)))
  local before = options.dry_run and shown(doc)
  doc:transact(fn)
  local update = doc:update()
  if options.dry_run then return update and difference(before, shown(doc)) or "" end
  if update then client:send_yjs_binary_update(room_id, update, fields) end
  return update
end
