--- IP addresses and networks, as bytes: IPv4 inside of IPv6 (::ffff:a.b.c.d), so that there is one form.
local ip = {}

local MAPPED <const> = ("\0"):rep(10) .. "\xff\xff"

local function parse_v4(text)
  local bytes = {}
  for part in (text .. "."):gmatch "(%d+)%." do
    local value = #part <= 3 and tonumber(part)
    if not value or value > 255 or (#part > 1 and part:sub(1, 1) == "0") then return nil end
    bytes[#bytes + 1] = string.char(value)
  end
  if #bytes ~= 4 or not text:find "^%d+%.%d+%.%d+%.%d+$" then return nil end
  return table.concat(bytes)
end

-- The groups of one side of "::".
local function parse_groups(text)
  if text == "" then return "" end
  local bytes = {}
  for part in (text .. ":"):gmatch "([^:]*):" do
    local v4 = part:find("%.") and parse_v4(part)
    if v4 then
      bytes[#bytes + 1] = v4
    elseif part:find "^%x%x?%x?%x?$" then
      bytes[#bytes + 1] = (">I2"):pack(tonumber(part, 16))
    else
      return nil
    end
  end
  return table.concat(bytes)
end

local function parse_v6(text)
  local left, right = text:match "^(.-)::(.*)$"
  if not left then
    local bytes = parse_groups(text)
    return bytes and #bytes == 16 and bytes or nil
  end
  if right:find("::", 1, true) then return nil end
  left, right = parse_groups(left), parse_groups(right)
  if not left or not right or #left + #right > 14 then return nil end
  return left .. ("\0"):rep(16 - #left - #right) .. right
end

--- The 16 bytes of an address, or nil when it is not an address.
---@param text string
---@return string?
function ip.parse(text)
  local v4 = parse_v4(text)
  if v4 then return MAPPED .. v4 end
  return text:find(":", 1, true) and parse_v6(text) or nil
end

--- A network, such as 10.0.0.0/8, fd00::/8, or a single address.
---@param text string
---@return { bytes: string, bits: integer }?
function ip.network(text)
  local address, length = text:match "^([^/]+)/(%d+)$"
  address = address or text
  local bytes = ip.parse(address)
  if not bytes then return nil end
  local v4 = not address:find(":", 1, true)
  local bits = tonumber(length) or (v4 and 32 or 128)
  if bits > (v4 and 32 or 128) then return nil end
  return { bytes = bytes, bits = v4 and bits + 96 or bits }
end

--- Is the address in the network?
---@param network table of ip.network
---@param bytes string of ip.parse
---@return boolean
function ip.contains(network, bytes)
  local whole = network.bits // 8
  if network.bytes:sub(1, whole) ~= bytes:sub(1, whole) then return false end
  local rest = network.bits % 8
  if rest == 0 then return true end
  return network.bytes:byte(whole + 1) >> (8 - rest) == bytes:byte(whole + 1) >> (8 - rest)
end

return ip
