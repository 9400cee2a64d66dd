-- Scenarios that break the connection or HTTP itself.

local param = require "param"

local number, text = param.number, param.text

local JSON_TYPE = { "Content-Type", "application/json" }
local CHUNKED = { "Transfer-Encoding", "chunked" }
local LET_IT_ARRIVE = 0.03 -- seconds between the last bytes and RST, which may overtake them

local function reset_after(conn, bytes)
  conn:send(bytes)
  conn:pause(LET_IT_ARRIVE)
  conn:reset()
end

local function close_after(conn, bytes)
  conn:send(bytes)
  conn:close()
end

local function run_reset_body(conn, _, p)
  local half = '{"data":"' .. ("x"):rep(p.size // 2)
  if p.chunked ~= 0 then
    reset_after(conn, conn:head(200, { JSON_TYPE, CHUNKED }) .. ("%x\r\n%s"):format(p.size + 20, half))
  else
    reset_after(conn, conn:head(200, { JSON_TYPE, { "Content-Length", p.size + 20 } }) .. half)
  end
end

local function run_early(conn, req, p)
  local body = '{"error":"CONTENT_TOO_LARGE","message":"refused before the body was read"}'
  req.complete = false
  conn:answer { status = p.code, body = body, close = true }
  if p.drain > 0 then conn:drain(p.drain / 1000) end
end

local function run_reset_upload(conn, req, p)
  if (req.header.expect or ""):lower() == "100-continue" then conn:send(conn:head(100, {})) end
  local pieces, got = {}, 0
  while got < p.after do
    local bytes = conn:take(p.after - got)
    if not bytes then break end
    pieces[#pieces + 1], got = bytes, got + #bytes
  end
  req.body, req.complete = table.concat(pieces), false
  conn:reset()
end

local LENGTHS = {
  text = { { "Content-Length", "2 bytes" } },
  two = { { "Content-Length", "2" }, { "Content-Length", "3" } },
  negative = { { "Content-Length", "-2" } },
  huge = { { "Content-Length", "99999999999999999999999" } },
}

return {
  {
    name = "reset-before", about = "RST instead of a response",
    run = function(conn) conn:reset() end,
  },
  {
    name = "reset-headers", about = "RST in the middle of the headers",
    run = function(conn) reset_after(conn, "HTTP/1.1 200 OK\r\nContent-Type: applic") end,
  },
  {
    name = "reset-body", about = "RST in the middle of the body",
    params = { number("size", 1000, "bytes of body, about"), number("chunked", 0, "1: in chunks") },
    run = run_reset_body,
  },
  {
    name = "reset-upload", main = "after", about = "RST while the request's body is still coming",
    params = { number("after", 0, "bytes of it that are read first") },
    before_body = true,
    run = run_reset_upload,
  },
  {
    name = "close-before", about = "FIN instead of a response",
    run = function(conn) conn:close() end,
  },
  {
    name = "half-body", about = "FIN before all of the body that Content-Length promised",
    params = { number("size", 1000, "bytes promised; half of them come") },
    run = function(conn, _, p)
      local half = ('{"data":"' .. ("x"):rep(p.size)):sub(1, p.size // 2)
      close_after(conn, conn:head(200, { JSON_TYPE, { "Content-Length", p.size } }) .. half)
    end,
  },
  {
    name = "early", main = "code", about = "a response before the request's body is read, then FIN",
    params = { number("code", 413, "the status"),
      number("drain", 500, "milliseconds of reading what still comes; 0: RST may overtake the response") },
    before_body = true,
    run = run_early,
  },
  {
    name = "garbage", main = "bytes", about = "bytes that are not HTTP, then FIN",
    params = { text("bytes", "SSH-2.0-OpenSSH_9.2p1\r\n\0\1\2\255\254", "the bytes") },
    run = function(conn, _, p) close_after(conn, p.bytes) end,
  },
  {
    name = "bad-chunk", about = "a chunk whose size is not a number, then FIN",
    run = function(conn)
      close_after(conn, conn:head(200, { JSON_TYPE, CHUNKED }) .. '8\r\n{"data":\r\nzz\r\n"x"}\r\n0\r\n\r\n')
    end,
  },
  {
    name = "bad-length", main = "kind", about = "an invalid Content-Length, the body {} and FIN",
    params = { text("kind", "text", "text, negative, huge, or two: two different ones") },
    run = function(conn, _, p)
      local headers = { JSON_TYPE, table.unpack(LENGTHS[p.kind] or LENGTHS.text) }
      close_after(conn, conn:head(200, headers) .. "{}")
    end,
  },
}
