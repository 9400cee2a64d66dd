-- A mail server for specs, on 127.0.0.1: smtp.lua FILE. Prints "listening PORT" and a line "connection" for each, ends when
-- standard input closes, and writes what it takes into FILE, a JSON line for each e-mail: { from, to = [...], user, password, data }.
--
-- What an address says is done: reject@ is refused (550), later@ is put off (451), full@ as a sender has its e-mail
-- refused (552), drop@ as a sender has the connection closed after the e-mail. The password "wrong" is refused (535).
local cjson = require "cjson"
local mime = require "mime"
local socket = require "socket"

local path = arg[1]
local server = assert(socket.bind("127.0.0.1", 0))
print("listening " .. select(2, server:getsockname()))
io.stdout:flush()

local function read_data(connection)
  local lines = {}
  while true do
    local line = assert(connection:receive "*l")
    line = line:gsub("\r$", "")
    if line == "." then return table.concat(lines, "\r\n") end
    lines[#lines + 1] = line:gsub("^%.", "")
  end
end

local function keep(mail)
  local file <close> = assert(io.open(path, "ab"))
  file:write(cjson.encode(mail), "\n")
end

local function reply(connection, text)
  connection:send(text .. "\r\n")
end

-- Commands: each returns true when the connection is to be closed.
local commands = {}

function commands.EHLO(connection)
  reply(connection, "250-test\r\n250-AUTH PLAIN\r\n250 SIZE 1000000")
end

function commands.AUTH(connection, rest, mail)
  local encoded = rest:match("^PLAIN (%S+)")
  if not encoded then
    reply(connection, "334 ")
    encoded = connection:receive "*l"
  end
  local _, user, password = (mime.unb64(encoded)):match("^([^\0]*)\0([^\0]*)\0(.*)$")
  mail.user, mail.password = user, password
  reply(connection, password == "wrong" and "535 no" or "235 yes")
end

function commands.MAIL(connection, rest, mail)
  mail.from, mail.to = rest:match("<(.-)>"), {}
  reply(connection, "250 ok")
end

function commands.RCPT(connection, rest, mail)
  local address = rest:match("<(.-)>")
  if address:find("^reject@") then
    reply(connection, "550-this is")
    socket.sleep(0.005)
    return reply(connection, "550 nobody of that name")
  end
  if address:find("^stuck@") then
    reply(connection, "550 and now silence")
    connection:receive(1e6)
    return true
  end
  if address:find("^later@") then return reply(connection, "451 come back later") end
  table.insert(mail.to, address)
  reply(connection, "250 ok")
end

function commands.DATA(connection, _, mail)
  reply(connection, "354 go on")
  mail.data = read_data(connection)
  if mail.from:find("^full@") then return reply(connection, "552 no room") end
  keep(mail)
  if mail.from:find("^drop@") then return true end
  reply(connection, "250-an answer")
  socket.sleep(0.005)
  reply(connection, "250 of two lines")
end

function commands.QUIT(connection)
  reply(connection, "221 bye")
  return true
end

local function serve(connection)
  connection:settimeout(20)
  connection:setoption("tcp-nodelay", true)
  reply(connection, "220 test")
  local mail = {}
  while true do
    local line = connection:receive "*l"
    if not line then break end
    local command, rest = line:match("^(%a+) ?(.-)\r?$")
    local run = command and commands[command:upper()]
    if not run then reply(connection, "502 unknown") elseif run(connection, rest, mail) then break end
  end
  connection:close()
end

-- One connection after the other; the pipe from the test says when to end.
local input = { getfd = function() return 0 end, dirty = function() return false end }
while true do
  local ready = socket.select({ server, input }, nil)
  if ready[input] then break end
  if ready[server] then
    local connection = assert(server:accept())
    print("connection")
    io.stdout:flush()
    pcall(serve, connection)
  end
end
