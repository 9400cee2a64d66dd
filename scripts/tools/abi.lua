-- What programs that were compiled with the public headers rely on, and libliveblocks.so must keep:
--   lua5.4 scripts/tools/abi.lua           writes bindings/liveblocks.abi (functions, structs with sizes and offsets,
--                                          enumerators, macros) and bindings/liveblocks.map (the linker's version script)
--   lua5.4 scripts/tools/abi.lua --check   fails where they differ from the headers
-- Sizes and offsets are those of a 64-bit platform, from the debug information of the compiler.
local ABI, MAP = "bindings/liveblocks.abi", "bindings/liveblocks.map"
local HEADER = "bindings/liveblocks.h"
local NODE = "LIVEBLOCKS_1" -- of the SONAME libliveblocks.so.1

local function output_of(command)
  local pipe <close> = assert(io.popen(command))
  local text = pipe:read "a"
  assert(pipe:close(), command)
  return text
end

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

-- ---- Functions and macros, from the preprocessor -------------------------------------------------

local function functions()
  local list, names = {}, {}
  local text = output_of("gcc -std=c11 -E -P -DLB_API=LB_EXPORTED " .. HEADER)
  for declaration in text:gmatch "LB_EXPORTED%s+([^;]+);" do
    declaration = declaration:gsub("%s+", " "):gsub("%( ", "("):gsub(" %)", ")")
    list[#list + 1] = declaration
    names[#names + 1] = declaration:match "(lb_[%w_]+) ?%("
  end
  table.sort(list)
  table.sort(names)
  return list, names
end

local function macros()
  local list = {}
  for line in output_of("gcc -std=c11 -dM -E " .. HEADER):gmatch "[^\n]+" do
    local name, value = line:match '^#define (LB_[%u%d_]+) ([%d"].*)$'
    if name and not name:find "^LB_VERSION" then list[#list + 1] = name .. " " .. value end
  end
  table.sort(list)
  return list
end

-- ---- Types, from the debug information -----------------------------------------------------------

-- { [offset] = { tag, depth, name, size, at, value, type } }, and the offsets in their order.
local function entries()
  local object = os.tmpname()
  local text = output_of(("gcc -std=c11 -g -fno-eliminate-unused-debug-types -x c -c -o %s %s && readelf --wide --debug-dump=info %s")
    :format(object, HEADER, object))
  os.remove(object)
  local all, order, entry = {}, {}, nil
  for line in text:gmatch "[^\n]+" do
    local depth, offset, tag = line:match "^ *<(%x+)><(%x+)>: Abbrev Number: %d+ %(DW_TAG_([%w_]+)%)"
    if depth then
      entry = { tag = tag, depth = tonumber(depth, 16) }
      all[offset], order[#order + 1] = entry, offset
    elseif entry then
      local attribute, value = line:match "DW_AT_([%w_]+) *: (.*)$"
      if attribute == "name" then entry.name = value:match "([%w_]+)%s*$"
      elseif attribute == "byte_size" then entry.size = tonumber(value:match "(%d+)%s*$")
      elseif attribute == "data_member_location" then entry.at = tonumber(value:match "(%d+)%s*$")
      elseif attribute == "const_value" then entry.value = value:match "(%-?%d+)%s*$"
      elseif attribute == "type" then entry.type = value:match "<0x(%x+)>"
      end
    end
  end
  return all, order
end

-- Each line says all of itself, so that a difference can be shown by lines.
local function add_members(lines, all, order, index, name)
  for i = index + 1, #order do
    local entry = all[order[i]]
    if entry.depth <= all[order[index]].depth then break end
    if entry.tag == "member" then lines[#lines + 1] = ("%s.%s at %d"):format(name, entry.name, entry.at)
    elseif entry.tag == "enumerator" then lines[#lines + 1] = ("%s = %s"):format(entry.name, entry.value)
    end
  end
end

local function types()
  local all, order = entries()
  local names, list = {}, {} -- of types without a name of their own: that of their typedef
  for _, offset in ipairs(order) do
    local entry = all[offset]
    if entry.tag == "typedef" and entry.type then names[entry.type] = entry.name end
  end
  for i, offset in ipairs(order) do
    local entry = all[offset]
    local name = entry.name or names[offset]
    if name and name:find "^lb_" and entry.size and (entry.tag == "structure_type" or entry.tag == "enumeration_type") then
      list[#list + 1] = ("%s: %d bytes"):format(name, entry.size)
      add_members(list, all, order, i, name)
    end
  end
  return list
end

-- ---- Files -----------------------------------------------------------------------------------------

local declarations, names = functions()
assert(#names > 200 and #names == #declarations, "the functions of " .. HEADER .. " cannot be read")
local files = {
  { ABI, "Made by ./dev generate: the binary interface of libliveblocks.so.\n\n" .. table.concat(macros(), "\n") .. "\n\n"
    .. table.concat(types(), "\n") .. "\n\n" .. table.concat(declarations, "\n") .. "\n" },
  { MAP, ("/* Made by ./dev generate: the symbols of libliveblocks.so. */\n%s {\nglobal:\n    %s;\nlocal:\n    *;\n};\n")
    :format(NODE, table.concat(names, ";\n    ")) },
}

-- Lines of a that b lacks.
local function missing(a, b)
  local has, list = {}, {}
  for line in b:gmatch "[^\n]+" do has[line] = true end
  for line in a:gmatch "[^\n]+" do
    if not has[line] then list[#list + 1] = line end
  end
  return list
end

local failed
for _, file in ipairs(files) do
  local path, text = file[1], file[2]
  local old = read(path) or ""
  if old ~= text and arg[1] == "--check" then
    failed = true
    for _, line in ipairs(missing(old, text)) do io.stderr:write(path, ": - ", line, "\n") end
    for _, line in ipairs(missing(text, old)) do io.stderr:write(path, ": + ", line, "\n") end
  elseif old ~= text then
    local out <close> = assert(io.open(path, "wb"))
    out:write(text)
  end
end
if failed then
  io.stderr:write("the headers have another binary interface than these files say: ./dev generate writes them; what is gone (-) ",
    "breaks programs that were compiled before, and needs a new SONAME once the library is released\n")
  os.exit(1)
end
