--- Values as readable text: tables over several lines with keys in order, long ones cut, lists of objects as rows.
local json = require "liveblocks.json"
local fields_of = require "lbhost.repl.fields"
local display_text = require "lbhost.util.display_text"
local printable = require "lbhost.util.printable"

local printer = {}
printer.__index = printer

-- What is more is cut, and the cut says how much it was; `full` lifts that.
local LIMITS = { items = 30, depth = 6, text = 400, lines = 200, rows = 50 }
local LONGEST_CELL <const> = 40 -- longer lists are only counted in rows
local NO_LIMITS = { items = math.huge, depth = 60, text = math.huge, lines = math.huge, rows = math.huge }

-- Those stand first, since they say what a thing is.
local first_keys = { id = 1, type = 2, kind = 3, roomId = 4, threadId = 5, commentId = 6, userId = 7, name = 8 }

---@param options { paint: function, width: integer?, full: boolean? } paint of lbhost.util.colors
function printer.new(options)
  return setmetatable({ paint = options.paint, width = options.width or 80,
    limits = options.full and NO_LIMITS or LIMITS }, printer)
end

-- ---- Keys ----------------------------------------------------------------------------------------

local function order_of(key)
  if type(key) == "number" then return 0 end
  return first_keys[key] or 100
end

local function sort_keys(a, b)
  local x, y = order_of(a), order_of(b)
  if x ~= y then return x < y end
  if type(a) == "number" and type(b) == "number" then return a < b end
  return tostring(a) < tostring(b)
end

-- How many items lead the table as a list, and its other keys in order.
local function parts_of(value)
  local count, keys = rawlen(value), {}
  for key in next, value do
    if not (math.type(key) == "integer" and key >= 1 and key <= count) then keys[#keys + 1] = key end
  end
  table.sort(keys, sort_keys)
  return count, keys
end

local reserved = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch("%a+") do reserved[word] = true end

function printer:key(key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") and not reserved[key] then return self.paint("key", key) end
  if type(key) == "string" then return "[" .. self.paint("key", printable.quote(key)) .. "]" end
  return "[" .. self:scalar(key) .. "]"
end

-- ---- Values --------------------------------------------------------------------------------------

local function function_text(fn)
  local about = debug.getinfo(fn, "Su")
  local names = {}
  for i = 1, about.nparams do names[i] = debug.getlocal(fn, i) end
  if about.isvararg then names[#names + 1] = "..." end
  if about.what == "C" then return "<function>" end
  return ("<function(%s) %s:%d>"):format(table.concat(names, ", "), about.short_src, about.linedefined)
end

local function number_text(n)
  if math.type(n) == "integer" then return tostring(n) end
  if n ~= n or n == math.huge or n == -math.huge then return tostring(n) end
  return json.encode(n)
end

-- Anything that takes one piece of text.
function printer:scalar(value)
  local kind = type(value)
  if value == json.null then return self.paint("word", "null") end
  if kind == "string" then
    local max = self.limits.text
    if #value <= max then return self.paint("string", printable.quote(value)) end
    local last = max
    while last > max - 4 and (value:byte(last + 1) or 0) & 0xC0 == 0x80 do last = last - 1 end
    return self.paint("string", printable.quote(value:sub(1, last)) .. "…") .. self.paint("dim", ("<%d bytes>"):format(#value))
  end
  if kind == "number" then return self.paint("number", number_text(value)) end
  if json.is_number(value) then return self.paint("number", tostring(value)) end
  if kind == "boolean" or kind == "nil" then return self.paint("word", tostring(value)) end
  if kind == "function" then return self.paint("dim", function_text(value)) end
  return self.paint("dim", "<" .. display_text.cut((tostring(value):gsub("%c", " ")), self.width) .. ">")
end

-- Objects that say themselves what they are.
local function own_text(value)
  local meta = getmetatable(value)
  if type(meta) ~= "table" or meta == json.array_mt or meta == json.object_mt then return nil end
  if not rawget(meta, "__tostring") and not rawget(meta, "__name") then return nil end
  if meta.__name == "liveblocks.task" then
    return ("task: %s"):format(not value.done and "running" or value.ok and "done" or "failed")
  end
  local ok, said = pcall(tostring, value)
  return ok and said or "an object that cannot be shown"
end

-- The plain width of a string that may be painted.
local function plain_width(s)
  return display_text.width((s:gsub("\27%[[%d;]*m", "")))
end

local function count_text(n, what)
  return ("%d more %s%s"):format(n, what, n == 1 and "" or "s")
end

-- The entries of a table, each a string that may have several lines.
function printer:entries(value, indent, seen)
  local list, count, keys = {}, parts_of(value)
  local shown = 0
  for i = 1, count do
    if shown == self.limits.items then break end
    shown = shown + 1
    list[#list + 1] = self:value(value[i], indent + 2, seen)
  end
  for _, key in ipairs(keys) do
    if shown == self.limits.items then break end
    shown = shown + 1
    list[#list + 1] = self:key(key) .. " = " .. self:value(rawget(value, key), indent + 2, seen)
  end
  return list, count + #keys - shown
end

function printer:table(value, indent, seen)
  if seen[value] then return self.paint("dim", "<the table it is in>") end
  if next(value) == nil then return json.is_array(value) and "[]" or "{}" end
  if indent // 2 >= self.limits.depth then return self.paint("dim", "{ … }") end
  seen[value] = true
  local list, left = self:entries(value, indent, seen)
  seen[value] = nil
  local line = "{ " .. table.concat(list, ", ") .. " }"
  if left == 0 and not line:find("\n") and plain_width(line) <= self.width - indent - 12 then
    return line
  end
  local pad, out = (" "):rep(indent + 2), {}
  for i, entry in ipairs(list) do out[i] = pad .. entry .. "," end
  if left > 0 then out[#out + 1] = pad .. self.paint("dim", "-- " .. count_text(left, "item")) end
  return "{\n" .. table.concat(out, "\n") .. "\n" .. (" "):rep(indent) .. "}"
end

function printer:value(value, indent, seen)
  value = fields_of(value)
  if type(value) ~= "table" then return self:scalar(value) end
  if value == json.null then return self:scalar(value) end
  local said = own_text(value)
  if said then return self.paint("dim", "<" .. (said:gsub("%c", " ")) .. ">") end
  return self:table(value, indent, seen)
end

-- ---- Rows ----------------------------------------------------------------------------------------

-- Is it a list of objects that reads better as rows? At least two, unless it is a page.
local function is_rows(value, least)
  if type(value) ~= "table" or rawlen(value) < least or getmetatable(value) and own_text(value) then return false end
  local count, keys = parts_of(value)
  if keys[1] ~= nil then return false end
  for i = 1, count do
    local item = value[i]
    if type(item) ~= "table" or own_text(item) or rawlen(item) > 0 or next(item) == nil then return false end
    for key in next, item do
      if type(key) ~= "string" then return false end
    end
  end
  return true
end

-- Text of a cell: short, without quotes, on one line.
local function cell_text(value)
  if value == nil then return "" end
  if value == json.null then return "null" end
  if type(value) == "string" then return (printable.quote(value):sub(2, -2):gsub('\\"', '"')) end
  if type(value) == "number" then return number_text(value) end
  if type(value) == "table" and not own_text(value) then
    local plain = printer.new { paint = function(_, s) return s end, width = math.maxinteger }
    local line = plain:value(value, 0, {}):gsub("%s+", " ")
    local count = rawlen(value)
    if #line > LONGEST_CELL and count > 0 then return count == 1 and "1 item" or count .. " items" end
    return line
  end
  return tostring(value)
end

local function columns_of(items)
  local known, names = {}, {}
  for _, item in ipairs(items) do
    for key in next, item do
      if not known[key] then
        known[key] = true
        names[#names + 1] = key
      end
    end
  end
  table.sort(names, sort_keys)
  return names
end

local function is_empty(value)
  return value == nil or value == json.null or value == "" or type(value) == "table" and next(value) == nil
end

-- Takes the widths down, the widest first, until all fit; false when that would make them unreadable.
local function fit(widths, least, room)
  local total = 2 * (#widths - 1)
  for _, n in ipairs(widths) do total = total + n end
  while total > room do
    local widest
    for i, n in ipairs(widths) do
      if n > least[i] and (not widest or n > widths[widest]) then widest = i end
    end
    if not widest then return false end
    widths[widest] = widths[widest] - 1
    total = total - 1
  end
  return true
end

-- Names of the columns that fit, and of the others; the widths of those that fit.
local function lay_out(names, cells, room)
  local needed, least = {}, {}
  for j, name in ipairs(names) do
    needed[j] = display_text.width(name)
    for _, row in ipairs(cells) do needed[j] = math.max(needed[j], math.min(display_text.width(row[name]), 60)) end
    least[j] = math.min(needed[j], 24)
  end
  for count = #names, 1, -1 do
    local widths = table.move(needed, 1, count, 1, {})
    if fit(widths, least, room) or count == 1 then
      return table.move(names, 1, count, 1, {}), table.move(names, count + 1, #names, 1, {}), widths
    end
  end
end

function printer:rows(items)
  local cells, names, empty = {}, {}, {}
  local count = math.min(#items, self.limits.rows)
  for _, name in ipairs(columns_of(items)) do
    local nothing = true
    for i = 1, count do nothing = nothing and is_empty(items[i][name]) end
    table.insert(nothing and empty or names, name)
  end
  for i = 1, count do
    cells[i] = {}
    for _, name in ipairs(names) do cells[i][name] = cell_text(items[i][name]) end
  end
  local shown, hidden, widths = lay_out(names, cells, self.width)
  local out, head = {}, {}
  for j, name in ipairs(shown) do head[j] = display_text.pad(name, widths[j]) end
  out[1] = self.paint("bold", (table.concat(head, "  "):gsub("%s+$", "")))
  for i = 1, count do
    local row = {}
    for j, name in ipairs(shown) do row[j] = display_text.pad(cells[i][name], widths[j]) end
    out[i + 1] = table.concat(row, "  "):gsub("%s+$", "")
  end
  if hidden[1] then out[#out + 1] = self.paint("dim", "-- more columns: " .. table.concat(hidden, ", ")) end
  if empty[1] then out[#out + 1] = self.paint("dim", "-- empty: " .. table.concat(empty, ", ")) end
  return table.concat(out, "\n")
end

local function rows_note(self, items, rest)
  local notes = { ("%d row%s"):format(#items, #items == 1 and "" or "s") }
  if #items > self.limits.rows then notes[1] = ("%d of %s"):format(self.limits.rows, notes[1]) end
  for _, key in ipairs(rest) do notes[#notes + 1] = key end
  return self.paint("dim", "-- " .. table.concat(notes, ", "))
end

-- A page: { data = { objects... }, nextCursor = ... }, with nothing else but scalars around it.
local function page_items(value)
  if type(value) ~= "table" or own_text(value) or type(rawget(value, "data")) ~= "table" then return nil end
  for key, other in next, value do
    if type(key) ~= "string" or (key ~= "data" and type(other) == "table") then return nil end
  end
  return value.data
end

-- ---- The whole -----------------------------------------------------------------------------------

function printer:cut_lines(out)
  if self.limits.lines == math.huge then return out end
  local lines, position = 0, 0
  while true do
    position = out:find("\n", position + 1, true)
    if not position then return out end
    lines = lines + 1
    if lines == self.limits.lines then
      local more = select(2, out:sub(position):gsub("\n", ""))
      return out:sub(1, position) .. self.paint("dim", ("-- %s; full(value) shows all"):format(count_text(more, "line")))
    end
  end
end

--- The text of a value, without a newline at its end.
---@param value any
---@return string
function printer:show(value)
  local items = page_items(value)
  if items and is_rows(items, 1) then
    local rest = {}
    for key, other in next, value do
      if key ~= "data" then rest[#rest + 1] = ("%s = %s"):format(key, cell_text(other)) end
    end
    table.sort(rest)
    return self:rows(items) .. "\n" .. rows_note(self, items, rest)
  end
  if is_rows(value, 2) then return self:rows(value) .. "\n" .. rows_note(self, value, {}) end
  local said = type(value) == "table" and value ~= json.null and own_text(value)
  if said then return said end
  return self:cut_lines(self:value(value, 0, {}))
end

return printer
