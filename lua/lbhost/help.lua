--- lbhost help [NAME]: a call, a group of calls, or the list of groups; all from the endpoint table.
local client_module = require "liveblocks.client"
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"

local DOCS = "https://liveblocks.io/docs/api-reference/rest-api-endpoints"

local function query_line(field)
  local kind = field.type
  if field.type == "integer" and field.max < math.maxinteger then kind = ("%d to %d"):format(field.min, field.max) end
  if field.values then kind = field.values:gsub("|", " or ") end
  return ("    %-18s %s%s\n"):format(field.name, kind, field.required and ", required" or "")
end

--- The text about one call.
local function describe(row)
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

return function(_, arguments)
  local name = arguments[1]
  if not name then
    return require "lbhost.main" { [0] = "lbhost", "--help" }
  end
  local row = client_module.rows[name]
  if row then
    io.stdout:write(describe(row))
    return 0
  end
  local groups, found = {}, false
  for _, other in ipairs(core.endpoints()) do
    groups[other.group:lower()] = true
    if other.group:lower() == name:lower() then
      found = true
      io.stdout:write(("%-46s %s\n"):format(other.name, other.help))
    end
  end
  if found then return 0 end
  for other in pairs(client_module.rows) do groups[other] = true end
  errors.usage("no help about '%s'%s", name, errors.hint(name, groups))
end
