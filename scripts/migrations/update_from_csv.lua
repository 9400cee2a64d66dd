--- Sets metadata and permissions of many rooms from a CSV file.
---
---   lbhost migrate update_from_csv file=rooms.csv
---
---   id,metadata.color,metadata.tags,defaultAccesses,usersAccesses.alice,groupsAccesses.design
---   room-1,blue,,room:write,room:write,
---   room-2,null,"a; b",,null,room:read room:presence:write
---
--- The file is UTF-8; commas, semicolons or tabs separate. An empty cell leaves what is there, `null` deletes it. Values
--- with `; ` are lists, permissions are separated by spaces.
local csv = require "lbhost.migrate.csv"
local liveblocks = require "liveblocks"

local function metadata_value(text)
  if text == "null" then return liveblocks.null end
  if not text:find("; ", 1, true) then return text end
  local list = liveblocks.array {}
  for part in (text .. "; "):gmatch "(.-); " do list[#list + 1] = part end
  return list
end

local function permissions(text)
  if text == "null" then return liveblocks.null end
  local list = liveblocks.array {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

-- column -> what its cells become; nil for a column that is not one
local function reader_of(column)
  if column == "defaultAccesses" then return permissions end
  local group, name = column:match "^(%a+)%.(.+)$"
  if group == "metadata" then return metadata_value, group, name end
  if group == "usersAccesses" or group == "groupsAccesses" then return permissions, group, name end
end

local function check_columns(row)
  for column in pairs(row) do
    if column ~= "id" and not reader_of(column) then
      error(("the column '%s' is not one of id, defaultAccesses, metadata.NAME, usersAccesses.ID, groupsAccesses.ID")
        :format(column), 0)
    end
  end
end

local function fields_of(row)
  local fields = {}
  for column, text in pairs(row) do
    local read, group, name = reader_of(column)
    if read and text ~= "" then
      if group then
        fields[group] = fields[group] or {}
        fields[group][name] = read(text)
      else
        fields[column] = read(text)
      end
    end
  end
  return fields
end

return {
  api = 1, about = "Sets metadata and permissions of many rooms from a CSV file.", idempotent = true,
  options = { file = { type = "string", required = true } },
  items = function(ctx)
    local first = true
    local rows = csv.items(ctx.options.file)
    return function()
      local row = rows()
      if row and first then check_columns(row) end
      first = false
      return row
    end
  end,
  each = function(row, ctx)
    local fields = fields_of(row)
    if not next(fields) then return false, "nothing is set" end
    ctx.client:update_room(row.id, fields)
  end,
}
