--- What webhooks need of libcrypto.
local core = require "liveblocks.core"

local crypto = {}

--- HMAC-SHA256, 32 bytes.
---@param key string
---@param text string
---@return string
function crypto.hmac_sha256(key, text)
  return core.hmac_sha256(key, text)
end

--- Are two strings the same? It takes as long for strings that begin alike as for others.
---@param a string
---@param b string
---@return boolean
function crypto.equal(a, b)
  return core.equal(a, b)
end

---@param bytes string
---@return string
function crypto.base64_encode(bytes)
  return core.base64_encode(bytes)
end

--- Nil when it is not valid base64; padding is required.
---@param text string
---@return string?
function crypto.base64_decode(text)
  return core.base64_decode(text)
end

--- So many (1 to 64) random characters of A-Z, a-z, 0-9, _ and -.
---@param count integer
---@return string
function crypto.random_id(count)
  return core.random_id(count)
end

return crypto
