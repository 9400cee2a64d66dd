--- What the endpoint table says about a call or a group of calls, as text.
local client_module = require "liveblocks.client"
local core = require "liveblocks.core"

local DOCS = "https://liveblocks.io/docs/api-reference/rest-api-endpoints"

local function query_line(field)
  local kind = field.type
  if field.type == "integer" and field.max < math.maxinteger then kind = ("%d to %d"):format(field.min, field.max) end
  if field.values then kind = field.values:gsub("|", " or ") end
  return ("    %-18s %s%s\n"):format(field.name, kind, field.required and ", required" or "")
end

local endpoint_help = {}

--- The text about one call.
---@param row table of core.endpoints()
---@return string
function endpoint_help.call(row)
  local out = { row.name }
  if row.aliases ~= "" then out[1] = out[1] .. " (also " .. row.aliases .. ")" end
  out[1] = out[1] .. "\n  " .. row.help .. "\n"
  local words = table.move(row.parameters, 1, #row.parameters, 1, {})
  if row.body == "value" then words[#words + 1] = "value" end
  if row.body == "bytes" then words[#words + 1] = "bytes" end
  if row.query[1] or row.body == "fields" then words[#words + 1] = "{ ... }" end
  out[#out + 1] = ("\n  client:%s(%s)\n  %s %s\n"):format(row.name, table.concat(words, ", "), row.method, row.path)
  if row.query[1] then
    out[#out + 1] = "\n  query:\n"
    for _, field in ipairs(row.query) do out[#out + 1] = query_line(field) end
  end
  if row.type and row.body ~= "bytes" then out[#out + 1] = ("\n  body: %s\n"):format(row.type) end
  out[#out + 1] = ("\n  returns %s%s\n"):format(row.reply == "none" and "true" or row.reply,
    row.page and "; all pages: client:iter_" .. row.name:gsub("^get_", "") or "")
  out[#out + 1] = "  " .. DOCS .. "\n"
  return table.concat(out)
end

--- The rows of a group ("threads" finds "Comments" as little as it would in the documentation: by its name alone).
---@param name string
---@return table[]
function endpoint_help.group(name)
  local rows = {}
  for _, row in ipairs(core.endpoints()) do
    if row.group:lower() == name:lower() then rows[#rows + 1] = row end
  end
  return rows
end

--- The rows whose name or sentence contains a word.
---@param word string
---@return table[]
function endpoint_help.search(word)
  local rows, stem = {}, word:lower():gsub("s$", "")
  for _, row in ipairs(core.endpoints()) do
    if row.name:find(stem, 1, true) or row.help:lower():find(stem, 1, true) then rows[#rows + 1] = row end
  end
  return rows
end

--- One line for each row.
---@param rows table[]
---@return string
function endpoint_help.list(rows)
  local out = {}
  for i, row in ipairs(rows) do out[i] = ("%-46s %s\n"):format(row.name, row.help) end
  return table.concat(out)
end

--- The groups of calls, with how many are in each.
---@return string
function endpoint_help.groups()
  local names, counts, out = {}, {}, {}
  for _, row in ipairs(core.endpoints()) do
    if not counts[row.group] then names[#names + 1] = row.group end
    counts[row.group] = (counts[row.group] or 0) + 1
  end
  for i, name in ipairs(names) do out[i] = ("  %-16s %d calls\n"):format(name:lower(), counts[name]) end
  return table.concat(out)
end

--- All that help is about: calls with their other names, and groups.
---@return table<string, boolean>
function endpoint_help.topics()
  local topics = {}
  for name in pairs(client_module.rows) do
    topics[name] = true
    local noun = name:match("^get_(%a+s)$")
    if noun then topics[noun] = true end
  end
  for _, row in ipairs(core.endpoints()) do topics[row.group:lower()] = true end
  return topics
end

--- The text about a topic: a call, a group, or what a word finds.
---@param name string
---@return string?
function endpoint_help.about(name)
  local row = client_module.rows[name]
  if row then return endpoint_help.call(row) end
  local rows = endpoint_help.group(name)
  if not rows[1] then rows = endpoint_help.search(name) end
  return rows[1] and endpoint_help.list(rows) or nil
end

return endpoint_help
