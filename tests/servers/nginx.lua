-- Runs nginx in front of another server, so that tests meet TLS, HTTP/2 and a real proxy.
-- lua5.4 nginx.lua --help says how.

local cjson = require "cjson"
local socket = require "socket"

local here = arg[0]:match("^(.*)/[^/]*$") or "."

local USAGE = [[
usage: lua5.4 nginx.lua --upstream PORT [--certs DIR] [--idle SECONDS] [--keepalive-requests N] [--watch-stdin]

Starts nginx on free ports of 127.0.0.1, in front of the server on PORT, and prints one line of JSON:
  {"pid": of nginx, "dir": its files, "log": its access log, "ca": file of the root certificate,
   "ports": {"plain", "good", "good-http1", "expired", "self-signed", "other-host"}}
plain speaks HTTP/1.1 without TLS; the others are named after their certificate (tls/make-certs.sh) and
speak HTTP/2 and HTTP/1.1, but good-http1 only the latter. On every port nginx answers /v2/rooms/fixed
itself, on /read after it has read a body, too, and /large, a megabyte of JSON, as fast as it can; the rest goes to PORT
unchanged, unbuffered and without a second try.
The log has one JSON object a line for each request; "connection" shows which ones shared a connection.
A connection serves N requests (1000000); SIGHUP to nginx makes it read its configuration again.
Certificates are made when --certs is not given. Ends, with nginx, after SECONDS (300) without a request,
and with --watch-stdin also when its standard input ends.
]]

local KINDS = {
  { name = "plain" },
  { name = "good", cert = "good", http2 = true },
  { name = "good-http1", cert = "good" },
  { name = "expired", cert = "expired", http2 = true },
  { name = "self-signed", cert = "self-signed", http2 = true },
  { name = "other-host", cert = "other-host", http2 = true },
}

local FIXED = '{"type":"room","id":"fixed","createdAt":"2026-03-14T09:26:53.589Z",'
  .. '"metadata":{"color":"blue"},"defaultAccesses":["room:read"],'
  .. '"usersAccesses":{},"groupsAccesses":{"design":["room:write"]}}'

local CONF = [[
@USER@
worker_processes 1;
daemon off;
pid "@DIR@/nginx.pid";
error_log "@DIR@/error.log" warn;

events {
    worker_connections 1024;
}

http {
    log_format rows escape=json '{"connection":$connection,"request":$connection_requests,'
        '"port":$server_port,"protocol":"$server_protocol","tls":"$ssl_protocol",'
        '"session_reused":"$ssl_session_reused","method":"$request_method","target":"$request_uri",'
        '"status":"$status","encoding":"$sent_http_content_encoding"}';
    access_log "@DIR@/access.log" rows;
    default_type application/json;
    tcp_nodelay on;
    ssl_protocols TLSv1.2 TLSv1.3;
    keepalive_requests @KEEPALIVE@;
    keepalive_timeout 300s;
    merge_slashes off;
    underscores_in_headers on;
    ignore_invalid_headers off;
    large_client_header_buffers 4 64k;
    client_max_body_size 0;
    client_body_temp_path "@DIR@/body";
    proxy_temp_path "@DIR@/proxy";
    fastcgi_temp_path "@DIR@/fastcgi";
    uwsgi_temp_path "@DIR@/uwsgi";
    scgi_temp_path "@DIR@/scgi";

    upstream behind {
        server 127.0.0.1:@UPSTREAM@;
        keepalive 64;
        keepalive_timeout 300s;
    }
@SERVERS@
}
]]

local SERVER = [[

    server {
        listen 127.0.0.1:@PORT@@TLS@;
@CERT@
        location = /v2/rooms/fixed {
            gzip on;
            gzip_types application/json;
            return 200 '@FIXED@';
        }
        location = /read {
            proxy_pass http://127.0.0.1:@PLAIN@/v2/rooms/fixed;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_next_upstream off;
        }
        location = /large {
            alias "@DIR@/large.json";
        }
        location / {
            proxy_pass http://behind;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_next_upstream off;
            proxy_read_timeout 300s;
        }
    }]]

local function fail(message, ...)
  io.stderr:write("nginx.lua: ", message:format(...), "\n")
  os.exit(1)
end

local function fill(template, values)
  return (template:gsub("@(%u+)@", function(name) return tostring(values[name]) end))
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function output_of(command)
  local pipe <close> = io.popen(command, "r")
  return (pipe:read("a"):gsub("%s+$", ""))
end

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read("a")
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

--- Ports on which nobody listens: nginx cannot choose one itself.
local function free_ports(count)
  local held, ports = {}, {}
  for i = 1, count do
    held[i] = assert(socket.bind("127.0.0.1", 0))
    ports[i] = tonumber((select(2, held[i]:getsockname())))
  end
  for _, sock in ipairs(held) do sock:close() end
  return ports
end

local function server_block(kind, ports, certs, dir)
  local file = kind.cert and certs .. "/" .. kind.cert
  local cert = file
    and ('        ssl_certificate "%s.pem";\n        ssl_certificate_key "%s.key";\n'):format(file, file)
  local tls = not kind.cert and "" or kind.http2 and " ssl http2" or " ssl"
  return fill(SERVER, { PORT = ports[kind.name], PLAIN = ports.plain, TLS = tls, CERT = cert or "", FIXED = FIXED, DIR = dir })
end

--- Writes the configuration for new ports; returns them by kind.
local function configure(dir, certs, options)
  local numbers, ports, servers = free_ports(#KINDS), {}, {}
  for i, kind in ipairs(KINDS) do
    ports[kind.name] = numbers[i]
  end
  for i, kind in ipairs(KINDS) do servers[i] = server_block(kind, ports, certs, dir) end
  write(dir .. "/large.json", '[' .. ('{"x":0.12345,"y":[1]},'):rep(45465) .. '"0123456789"]')
  local user = output_of("id -u") == "0" and "user root;" or ""
  write(dir .. "/nginx.conf",
    fill(CONF, { USER = user, DIR = dir, UPSTREAM = options.upstream, KEEPALIVE = options["keepalive-requests"],
      SERVERS = table.concat(servers, "\n") }))
  return ports
end

local function answers(port)
  local sock = socket.connect("127.0.0.1", port)
  return sock and sock:close()
end

--- Starts nginx, to end with this process where the system can arrange that.
local function launch(dir)
  local nginx = output_of("command -v nginx || ls /usr/sbin/nginx 2>/dev/null")
  if nginx == "" then fail("nginx is missing; install the package nginx-light") end
  local guard = output_of("command -v setpriv") ~= "" and "setpriv --pdeathsig TERM " or ""
  return io.popen(("exec %s%s -p %s -e %s -c %s 2>&1"):format(guard, quote(nginx), quote(dir),
    quote(dir .. "/error.log"), quote(dir .. "/nginx.conf")), "r")
end

local function wait_until_up(dir, port)
  local till = socket.gettime() + 5
  local pid
  repeat
    pid = tonumber(read(dir .. "/nginx.pid") or "")
    if pid and answers(port) then return pid end
    socket.sleep(0.02)
  until socket.gettime() > till or (read(dir .. "/error.log") or ""):find("[emerg]", 1, true)
  if pid then os.execute("kill -TERM " .. pid) end
end

local function remove(dir)
  os.execute("rm -rf " .. quote(dir))
end

local function start(dir, certs, options)
  local why
  for _ = 1, 3 do
    os.remove(dir .. "/error.log")
    local ports = configure(dir, certs, options)
    local process = launch(dir)
    local pid = wait_until_up(dir, ports.plain)
    if pid then return process, pid, ports end
    process:close()
    why = read(dir .. "/error.log") or "it wrote no log"
    -- Another program may have taken a port in between; only then is a second try of use.
    if not why:find("bind()", 1, true) then break end
  end
  remove(dir)
  fail("nginx does not start: %s", why)
end

--- Waits for the end of standard input (if asked) or for `idle` seconds without a line in the log.
local function wait_for_end(log, options)
  local stdin = { getfd = function() return 0 end, dirty = function() return false end }
  local size, changed = -1, socket.gettime()
  io.stdin:setvbuf("no")
  while socket.gettime() - changed < options.idle do
    local ready = socket.select(options.watch_stdin and { stdin } or {}, nil, math.min(options.idle, 5))
    if ready[1] and not io.stdin:read(1) then return end
    local file <close> = io.open(log, "rb")
    local now = file and file:seek("end") or 0
    if now ~= size then size, changed = now, socket.gettime() end
  end
end

local function parse(args)
  local options, i = { idle = 300, ["keepalive-requests"] = 1000000 }, 1
  while args[i] do
    local name, value = args[i]:match("^%-%-(.+)$"), args[i + 1]
    local number = math.tointeger(tonumber(value))
    if name == "help" then
      io.write(USAGE)
      os.exit(0)
    elseif name == "watch-stdin" then
      options.watch_stdin = true
    elseif name == "certs" and value then
      options.certs, i = value, i + 1
    elseif (name == "upstream" or name == "idle" or name == "keepalive-requests") and number then
      options[name], i = number, i + 1
    else
      fail("cannot use argument '%s'; see --help", args[i])
    end
    i = i + 1
  end
  if not options.upstream then fail("--upstream PORT is missing; see --help") end
  return options
end

local function main()
  local options = parse(arg)
  local dir = output_of("mktemp -d")
  local certs = options.certs or dir .. "/certs"
  if not options.certs and not os.execute(quote(here .. "/tls/make-certs.sh") .. " " .. quote(certs)) then
    remove(dir)
    fail("no certificates; see above")
  end
  local process, pid, ports = start(dir, certs, options)
  local log = dir .. "/access.log"
  write(log, "") -- the test for being up is not a request
  print(cjson.encode { pid = pid, dir = dir, log = log, ca = certs .. "/ca.pem", ports = ports })
  io.stdout:flush()
  wait_for_end(log, options)
  os.execute("kill -TERM " .. pid)
  process:close()
  remove(dir)
end

main()
