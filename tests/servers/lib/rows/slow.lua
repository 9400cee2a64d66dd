-- Scenarios about time: late, slow or endless responses, and slow reading of requests.

local answers = require "answers"
local loop = require "loop"
local param = require "param"
local request = require "request"

local number = param.number

local JSON_TYPE = { "Content-Type", "application/json" }
local PIECE = 65536

local function send_slowly(conn, bytes, interval)
  for i = 1, #bytes do
    conn:send(bytes:sub(i, i))
    if i < #bytes then conn:pause(interval / 1000) end
  end
end

local function run_drip(conn, _, p)
  local body = ('{"data":"%s"}'):format(("x"):rep(p.size - 11))
  conn:send(conn:head(200, { { "Connection", "keep-alive" }, JSON_TYPE, { "Content-Length", #body } }))
  send_slowly(conn, body, p.interval)
  conn.answered = true
end

local function run_drip_headers(conn, _, p)
  local headers = { { "Connection", "keep-alive" }, JSON_TYPE, { "Content-Length", 2 } }
  local padding = p.size - #conn:head(200, headers) - #"X-Slow: \r\n"
  table.insert(headers, 2, { "X-Slow", ("h"):rep(padding) })
  send_slowly(conn, conn:head(200, headers), p.interval)
  conn:send("{}")
  conn.answered = true
end

--- Sends `piece` until the client leaves or `megabytes` are out; the latter ends with RST.
local function send_for_ever(conn, piece, megabytes)
  for _ = 1, megabytes * 1024 * 1024 // #piece do conn:send(piece) end
  conn:reset()
end

local function run_endless(conn, _, p)
  local chunked = p.chunked ~= 0
  local framing = chunked and { "Transfer-Encoding", "chunked" } or { "Connection", "close" }
  local piece = ("x"):rep(PIECE)
  conn:send(conn:head(200, { JSON_TYPE, framing }))
  conn:send(chunked and '9\r\n{"data":"\r\n' or '{"data":"')
  send_for_ever(conn, chunked and ("%x\r\n%s\r\n"):format(#piece, piece) or piece, p.max)
end

local function run_slow_read(conn, req, p)
  conn.sock:setoption("recv-buffer-size", 16384)
  request.read_body(conn, req, function(bytes) loop.sleep(bytes / (p.rate * 1024)) end)
  if req.complete then conn:answer(answers.find(req)) else conn:close() end
end

return {
  {
    name = "slow", main = "delay", about = "the usual response, late",
    params = { number("delay", 1000, "milliseconds") },
    run = function(conn, req, p)
      conn:pause(p.delay / 1000)
      conn:answer(answers.find(req))
    end,
  },
  {
    name = "silent", about = "no response until the client leaves",
    run = function(conn)
      while true do conn:pause(3600) end
    end,
  },
  {
    name = "drip", about = "the body byte by byte",
    params = { number("interval", 100, "milliseconds between bytes"),
      number("size", 100, "bytes, at least 11") },
    run = run_drip,
  },
  {
    name = "drip-headers", about = "the headers byte by byte, then the body {}",
    params = { number("interval", 100, "milliseconds between bytes"),
      number("size", 200, "bytes of headers") },
    run = run_drip_headers,
  },
  {
    name = "endless", about = "a body that does not end, as fast as the client takes it",
    params = { number("chunked", 1, "0: neither chunked nor with a length"),
      number("max", 4096, "megabytes until RST") },
    run = run_endless,
  },
  {
    name = "endless-headers", about = "header lines that do not end",
    params = { number("max", 4096, "megabytes until RST") },
    run = function(conn, _, p)
      conn:send("HTTP/1.1 200 OK\r\n")
      send_for_ever(conn, ("X-More: " .. ("h"):rep(54) .. "\r\n"):rep(PIECE // 64), p.max)
    end,
  },
  {
    name = "slow-read", main = "rate", about = "reads the body slowly, then gives the usual response",
    params = { number("rate", 100, "kilobytes a second") },
    before_body = true,
    run = run_slow_read,
  },
}
