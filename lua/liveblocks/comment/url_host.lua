--- Host names of addresses, in the one form that browsers make of them (WHATWG URL): lower case, numbers as IPv4
--- and IPv6 addresses, other scripts in Punycode. The compatibility mappings of UTS #46 are left out.
local host = {}

-- ---- Punycode (RFC 3492) -------------------------------------------------------------------------

local BASE, TMIN, TMAX, SKEW, DAMP = 36, 1, 26, 38, 700

local function adapt(delta, count, first)
  delta = math.floor(delta / (first and DAMP or 2))
  delta = delta + math.floor(delta / count)
  local k = 0
  while delta > (BASE - TMIN) * TMAX / 2 do
    delta = math.floor(delta / (BASE - TMIN))
    k = k + BASE
  end
  return k + math.floor((BASE - TMIN + 1) * delta / (delta + SKEW))
end

local function digit(n)
  return string.char(n < 26 and 97 + n or 22 + n)
end

local function add_number(out, delta, bias)
  local k = BASE
  while true do
    local t = math.max(TMIN, math.min(TMAX, k - bias))
    if delta < t then break end
    out[#out + 1] = digit(t + (delta - t) % (BASE - t))
    delta = math.floor((delta - t) / (BASE - t))
    k = k + BASE
  end
  out[#out + 1] = digit(delta)
end

local function punycode(label)
  local codes, out = { utf8.codepoint(label, 1, -1) }, {}
  for _, code in ipairs(codes) do
    if code < 128 then out[#out + 1] = string.char(code) end
  end
  local basic = #out
  local done = basic
  if basic > 0 then out[#out + 1] = "-" end
  local n, delta, bias = 128, 0, 72
  while done < #codes do
    local least = math.maxinteger
    for _, code in ipairs(codes) do
      if code >= n and code < least then least = code end
    end
    delta = delta + (least - n) * (done + 1)
    n = least
    for _, code in ipairs(codes) do
      if code < n then delta = delta + 1 end
      if code == n then
        add_number(out, delta, bias)
        bias = adapt(delta, done + 1, done == basic)
        delta, done = 0, done + 1
      end
    end
    delta, n = delta + 1, n + 1
  end
  return "xn--" .. table.concat(out)
end

-- Capitals of Latin-1, Greek and Cyrillic: first, last, and how far their small letters are.
local capitals = { { 0xc0, 0xd6, 32 }, { 0xd8, 0xde, 32 }, { 0x391, 0x3a9, 32 }, { 0x400, 0x40f, 80 }, { 0x410, 0x42f, 32 } }

local function small(char)
  local code = utf8.codepoint(char)
  for _, range in ipairs(capitals) do
    if code >= range[1] and code <= range[2] then return utf8.char(code + range[3]) end
  end
end

local function ascii(name)
  name = name:lower()
  if not name:find("[\x80-\xFF]") then return name end
  name = name:gsub("\xe3\x80\x82", "."):gsub("\xc2\xad", ""):gsub("[\xC3-\xD1][\x80-\xBF]", small)
  return (name:gsub("[^.]+", function(label) return label:find("[\x80-\xFF]") and punycode(label) or nil end))
end

-- ---- IPv4 ----------------------------------------------------------------------------------------

-- A part of an IPv4 address: decimal, hexadecimal after 0x, octal after 0.
local function ipv4_number(part)
  local hexadecimal = part:match("^0[xX](%x*)$")
  if hexadecimal then return tonumber("0" .. hexadecimal, 16) end
  if part:find("^0[0-7]+$") then return tonumber(part, 8) end
  return part:find("^%d+$") and not part:find("^0.") and tonumber(part) or nil
end

-- The address when the name ends in a number; nil when it does not, false when it is not a valid one.
local function ipv4(name)
  local parts = {}
  for part in (name:gsub("%.$", "") .. "."):gmatch("([^.]*)%.") do parts[#parts + 1] = part end
  local last = parts[#parts]
  if not (last:find("^%d+$") or last:find("^0[xX]%x*$")) then return nil end
  if #parts > 4 then return false end
  local address = 0
  for i, part in ipairs(parts) do
    local number = #part < 16 and ipv4_number(part)
    if not number then return false end
    if number >= (i < #parts and 256 or 256 ^ (5 - #parts)) then return false end
    address = address + (i < #parts and number * 256 ^ (4 - i) or number)
  end
  local bytes = {}
  for i = 4, 1, -1 do
    bytes[i] = ("%d"):format(address % 256)
    address = math.floor(address / 256)
  end
  return table.concat(bytes, ".")
end

-- ---- IPv6 ----------------------------------------------------------------------------------------

local function ipv6_pieces(text)
  local pieces = {}
  if text == "" then return pieces end
  for piece in (text .. ":"):gmatch("([^:]*):") do
    local a, b, c, d = piece:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
    if a then
      for _, pair in ipairs { { a, b }, { c, d } } do
        local high, low = tonumber(pair[1]), tonumber(pair[2])
        if high > 255 or low > 255 then return nil end
        pieces[#pieces + 1] = high * 256 + low
      end
    elseif piece:find("^%x+$") and #piece <= 4 then
      pieces[#pieces + 1] = tonumber(piece, 16)
    else
      return nil
    end
  end
  return pieces
end

-- The longest run of zeros, when it is longer than one.
local function zeros(pieces)
  local best, best_length, first = nil, 1, nil
  for i = 1, 9 do
    if pieces[i] == 0 then
      first = first or i
    elseif first then
      if i - first > best_length then best, best_length = first, i - first end
      first = nil
    end
  end
  return best, best_length
end

local function ipv6(text)
  local head, tail = text:match("^(.-)::(.*)$")
  local pieces = ipv6_pieces(head or text)
  local after = ipv6_pieces(tail or "")
  if not pieces or not after then return nil end
  if head then
    if #pieces + #after > 7 then return nil end
    local fill = 8 - #pieces - #after
    for _ = 1, fill do pieces[#pieces + 1] = 0 end
    table.move(after, 1, #after, #pieces + 1, pieces)
  end
  if #pieces ~= 8 then return nil end
  local from, length = zeros(pieces)
  for i, piece in ipairs(pieces) do pieces[i] = ("%x"):format(piece) end
  if not from then return "[" .. table.concat(pieces, ":") .. "]" end
  return ("[%s::%s]"):format(table.concat(pieces, ":", 1, from - 1), table.concat(pieces, ":", from + length))
end

--- The host as it stands in an address, or nil when it is not valid.
---@param text string
---@return string?
function host.normal(text)
  local inner = text:match("^%[(.*)%]$")
  if inner then return ipv6(inner) end
  text = text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if not utf8.len(text) then return nil end
  local name = ascii(text)
  if name == "" or name:find("[%z\1-\32#/:<>?@%[\\%]^|%%\127]") then return nil end
  local address = ipv4(name)
  if address == false then return nil end
  return address or name
end

return host
