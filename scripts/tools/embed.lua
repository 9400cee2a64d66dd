-- Writes Lua sources into a C file, so that the library and the program need no other files. Runs under
-- Premake's Lua (5.1 and later). Returns embed(output, symbol, sources): sources = { { module, path }, ... }

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function bytes_of(text)
  local out = {}
  for i = 1, #text do
    out[#out + 1] = text:byte(i) .. (i % 24 == 0 and ",\n" or ",")
  end
  return table.concat(out)
end

return function(output, symbol, sources)
  local parts = { '#include "embedded.h"\n' }
  for i, source in ipairs(sources) do
    local text = read(source[2])
    parts[#parts + 1] = ("LBLUA_SOURCE_TEXT static const unsigned char s%d[] = {\n%s0 };"):format(i, bytes_of(text))
    source.size = #text
  end
  parts[#parts + 1] = ("const lblua_source %s[] = {"):format(symbol)
  for i, source in ipairs(sources) do
    parts[#parts + 1] = ('    { "%s", "%s", (const char *)s%d, %d },'):format(source[1], source[2], i, source.size)
  end
  parts[#parts + 1] = "    { 0, 0, 0, 0 },\n};\n"
  local text = table.concat(parts, "\n")
  local old = io.open(output, "rb")
  local same = old and old:read("*a") == text
  if old then old:close() end
  if same then return end
  local file = assert(io.open(output, "wb"))
  file:write(text)
  file:close()
end
