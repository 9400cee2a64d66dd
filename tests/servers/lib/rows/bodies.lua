-- Scenarios about the form of the body: packed, in chunks, large, odd.

local answers = require "answers"
local gzip = require "gzip"
local param = require "param"

local number, text = param.number, param.text

local BIG_NUMBERS = '{"int64":9223372036854775807,"past_int64":9223372036854775808,'
  .. '"digits":123456789012345678901234567890,"past_double":9007199254740993,"pi":3.141592653589793,'
  .. '"tiny":1e-400,"huge":1e400,"minus_zero":-0.0,"whole_float":1.0,"exponent":1E2}'

local JSON_TYPE = { "Content-Type", "application/json" }
local CHUNKED = { "Transfer-Encoding", "chunked" }

--- A JSON object of exactly `size` bytes (of 11 when less is asked).
local function json_of(size)
  return ('{"data":"%s"}'):format(("x"):rep(size - 11))
end

--- Answers with a body in chunks of `size` bytes, ending with `trailers`.
local function send_chunked(conn, req, size, headers, trailers)
  local body = answers.find(req).body
  local parts = { conn:head(200, { JSON_TYPE, CHUNKED, table.unpack(headers) }) }
  for from = 1, #body, size do
    local piece = body:sub(from, from + size - 1)
    parts[#parts + 1] = ("%x\r\n%s\r\n"):format(#piece, piece)
  end
  conn:send(table.concat(parts) .. "0\r\n" .. trailers .. "\r\n")
  conn.answered = true
end

local function answer_packed(conn, packed)
  conn:answer { headers = { { "Content-Encoding", "gzip" } }, body = packed }
end

local BREAKERS = {
  crc = function(packed) return packed:sub(1, -9) .. "\222\173\190\239" .. packed:sub(-4) end,
  cut = function(packed) return packed:sub(1, #packed // 2) end,
  data = function(packed) return packed:sub(1, 10) .. "\7" .. packed:sub(12) end, -- no such block type
}

return {
  {
    name = "gzip", about = "the usual response, packed with gzip whether asked for or not",
    params = { text("body", nil, "the body to pack") },
    run = function(conn, req, p) answer_packed(conn, gzip.pack(p.body or answers.find(req).body)) end,
  },
  {
    name = "gzip-broken", main = "kind", about = "gzip that cannot be unpacked",
    params = { text("kind", "data", "data: bad block; cut: ends too early; crc: wrong checksum") },
    run = function(conn, req, p)
      local breaker = BREAKERS[p.kind] or BREAKERS.data
      answer_packed(conn, breaker(gzip.pack(answers.find(req).body)))
    end,
  },
  {
    name = "gzip-bomb", main = "size", about = "little gzip that unpacks to a large JSON object",
    params = { number("size", 100000000, "bytes unpacked, at least") },
    run = function(conn, _, p) answer_packed(conn, gzip.bomb(p.size)) end,
  },
  {
    name = "encoding", main = "name", about = "the usual response under a wrong Content-Encoding",
    params = { text("name", "compress", "the Content-Encoding") },
    run = function(conn, req, p)
      conn:answer { headers = { { "Content-Encoding", p.name } }, body = answers.find(req).body }
    end,
  },
  {
    name = "chunked", main = "size", about = "the usual response in chunks",
    params = { number("size", 7, "bytes a chunk") },
    run = function(conn, req, p) send_chunked(conn, req, p.size, {}, "") end,
  },
  {
    name = "trailing", about = "the usual response in chunks, with headers after the body",
    run = function(conn, req)
      send_chunked(conn, req, 7, { { "Trailer", "X-Checksum" } }, "X-Checksum: 12345\r\n")
    end,
  },
  {
    name = "bignum", about = "numbers at and past the limits of int64 and double",
    run = function(conn) conn:answer { body = BIG_NUMBERS } end,
  },
  {
    name = "deep", main = "depth", about = "arrays in arrays",
    params = { number("depth", 100000, "how many") },
    run = function(conn, _, p) conn:answer { body = ("["):rep(p.depth) .. ("]"):rep(p.depth) } end,
  },
  {
    name = "big", main = "size", about = "a large valid JSON object",
    params = { number("size", 1000000, "bytes") },
    run = function(conn, _, p) conn:answer { body = json_of(p.size) } end,
  },
  {
    name = "huge-header", main = "size", about = "the usual response with a very long header",
    params = { number("size", 1000000, "bytes of its value") },
    run = function(conn, req, p)
      conn:answer { headers = { { "X-Huge", ("h"):rep(p.size) } }, body = answers.find(req).body }
    end,
  },
}
