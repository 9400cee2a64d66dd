-- Writes what the three drivers read: the calls, the webhook requests (signed here, with openssl, so
-- that no peer verifies its own signature) and the query tables. Usage: prepare.lua OUTPUT.json

local json = require("json")
local mime = require("mime")

local function read_command(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("a")
  assert(pipe:close(), command .. " failed; is openssl installed?")
  return text
end

local function hmac(secret, content)
  local key = mime.unb64((secret:gsub("^whsec_", "")))
  local hex = key:gsub(".", function(char) return ("%02x"):format(char:byte()) end)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write(content)
  file:close()
  local digest = read_command(
    ("openssl dgst -sha256 -mac HMAC -macopt hexkey:%s -binary '%s'"):format(hex, name))
  os.remove(name)
  return (mime.b64(digest))
end

local function webhook(row, all)
  local body = row.body or all.body
  local stamp = row.stamp or tostring(all.now - (row.age or 0))
  local id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
  local content = ("%s.%s.%s"):format(row.signed_id or id, stamp, row.sent or body)
  local signatures, parts = {}, {}
  for index, secret in ipairs(row.signers or { all.good }) do
    local text = hmac(secret, content)
    signatures[tostring(index)] = row.cut and text:sub(1, -1 - row.cut) or text
    parts[index] = "v1,%" .. index
  end
  local headers = {
    ["webhook-id"] = id, ["webhook-timestamp"] = stamp,
    ["webhook-signature"] = (row.signature or table.concat(parts, " ")):gsub("%%(%d)", signatures),
  }
  for name, value in pairs(row.headers or {}) do headers[name] = value or nil end
  local renamed = {}
  for name, value in pairs(headers) do renamed[row.rename and row.rename(name) or name] = value end
  return { id = row.id, secret = row.secret or all.good, headers = renamed, body = body }
end

local all = require("webhooks")
local webhooks = json.array({})
for index, row in ipairs(all.rows) do webhooks[index] = webhook(row, all) end

local queries = json.array({})
for index, row in ipairs(require("queries")) do queries[index] = { id = row[1], table = row[2] } end

local file = assert(io.open(assert(arg[1], "usage: prepare.lua OUTPUT.json"), "wb"))
file:write(json.encode({
  now = all.now, calls = json.array(require("calls")), webhooks = webhooks, queries = queries,
}))
file:close()
