-- gzip without a compressor: stored blocks for any data, and one run of equal bytes that is tiny
-- packed and as large as wanted unpacked.

local gzip = {}

local HEADER = "\31\139\8\0\0\0\0\0\0\255"
local LAST, MORE = "\1", "\0"

local TABLE = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do crc = crc & 1 == 1 and crc >> 1 ~ 0xEDB88320 or crc >> 1 end
  TABLE[byte] = crc
end

local function update(crc, data)
  for i = 1, #data do crc = TABLE[(crc ~ data:byte(i)) & 255] ~ crc >> 8 end
  return crc
end

---@param data string
---@return integer
function gzip.crc32(data)
  return update(0xFFFFFFFF, data) ~ 0xFFFFFFFF
end

local function stored(data, last)
  local blocks = {}
  for from = 1, math.max(1, #data), 65535 do
    local piece = data:sub(from, from + 65534)
    local final = last and from + 65535 > #data and LAST or MORE
    blocks[#blocks + 1] = final .. ("<I2I2"):pack(#piece, ~#piece & 0xFFFF) .. piece
  end
  return table.concat(blocks)
end

local function trailer(crc, size)
  return ("<I4I4"):pack(crc, size & 0xFFFFFFFF)
end

--- The gzip form of data, a little larger than data.
---@param data string
---@return string
function gzip.pack(data)
  return HEADER .. stored(data, true) .. trailer(gzip.crc32(data), #data)
end

--- Bits given as text, first bit first, as bytes; their number must divide by 8.
local function bytes_of(bits)
  return (bits:gsub("........", function(byte) return string.char(tonumber(byte:reverse(), 2)) end))
end

-- In the fixed Huffman code: the letter x, a copy of 258 bytes from 1 byte back, the end of a block.
local X, COPY, END = "10101000", "11000101" .. "00000", "0000000"
local RUN = 8 * 258 -- bytes that the 13 bytes of eight copies stand for

--- What a CRC becomes when `block` follows `count` times. Feeding a block is an affine map of the CRC:
--- the image of each single bit is found once, then a block costs 32 steps however long it is.
local function feed_many(crc, block, count)
  local zero, image = update(0, block), {}
  for bit = 0, 31 do image[bit] = update(1 << bit, block) ~ zero end
  for _ = 1, count do
    local fed = zero
    for bit = 0, 31 do
      if crc >> bit & 1 == 1 then fed = fed ~ image[bit] end
    end
    crc = fed
  end
  return crc
end

--- gzip of a valid JSON object {"data":"xxx..."} of at least `size` bytes, about 160 times smaller.
---@param size integer
---@return string
function gzip.bomb(size)
  local before, after, first = '{"data":"', '"}', ("x"):rep(259)
  local runs = math.max(0, (size - 270 + RUN - 1) // RUN)
  local huffman = bytes_of("010" .. X .. COPY) .. bytes_of(COPY:rep(8)):rep(runs) .. bytes_of(END .. "1")
  -- The 1 after END is the "last block" bit of the stored block that follows; its other header bits are
  -- the zero byte that a stored block not marked as last starts with.
  local crc = update(update(0xFFFFFFFF, before), first)
  crc = update(feed_many(crc, ("x"):rep(RUN), runs), after) ~ 0xFFFFFFFF
  local total = #before + #first + runs * RUN + #after
  return HEADER .. stored(before) .. huffman .. stored(after, false) .. trailer(crc, total)
end

return gzip
