-- One scenario against the official dev server and against the local Liveblocks: their responses agree, or the difference
-- is in both_differences.lua with the documentation that decides it.
--
--   liveblocks dev -P -c "lbhost run tests/peers/local/both.lua ROOT"
package.path = arg[1] .. "/?.lua;" .. package.path
local differences = require "tests.peers.local.both_differences"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local server = require "lbhost.local.server"

local crypto = require "liveblocks.crypto"
local update = crypto.base64_decode "AQEBAAQBAXQCaGkA" -- a Yjs update: the text "hi" in the shared type "t"
-- One with a Y.Text, a map, arrays and XML, made by Yjs.
local many_types = crypto.base64_decode(table.concat {
  "ASIHAAQBBHRleHQDSGVshAcCAmxvhAcEBiB3b3JsZEYHAARib2xkBHRydWXGBwQHBQRib2xkBG51bGzGBwIHAwRib2xkBG51bGzF",
  "Bw0HAwt7ImltZyI6IngifcYHDgcDBGJvbGQEdHJ1ZSgBA21hcAFhAX0BKAEDbWFwAW4BfigBA21hcAFvAXYBAXh1A30BfEAgAAB4",
  "JwEDbWFwAXQCBAAHEwVpbm5lcicBA21hcANhcnIACAAHGQJ9AXcBYYcHGwEhAQNtYXAEZ29uZQEIAQVhcnJheQF3AXiBBx4BiAcf",
  "A352AQFxfQF1AX0BBwEEbWFwcwGHByMBKAAHIwRkb25lAXgHAQN4bWwDCVBhcmFncmFwaCgAByYFbGV2ZWwBdwEyBwAHJgYEAAco",
  "AmhphAcqBiB0aGVyZUYHKQRib2xkBHRydWXGBzEHKQZpdGFsaWMHeyJ4IjoxfcYHKgcrBGJvbGQEbnVsbMYHMwcrBml0YWxpYwRu",
  "dWxshwcoAwJicgEBB2RlbGV0ZWQDAQcDHQEfATYD",
})

-- A document in which every kind of node has content.
local document = { liveblocksType = "LiveObject", data = { title = "Plan", none = json.null, n = 1.5,
  list = { liveblocksType = "LiveList", data = { 1, "two", { plain = true }, { liveblocksType = "LiveObject", data = { x = 1 } } } },
  map = { liveblocksType = "LiveMap", data = { a = "b" } } } }

local R = "/v2/rooms"
local FILES = R .. "/both%2Fa%20b/storage/files/"
local steps = {
  { "create_room", "POST", R, { id = "both/a b", defaultAccesses = { "room:write" }, metadata = { color = "blue" } } },
  { "create_room again", "POST", R, { id = "both/a b", defaultAccesses = { "room:write" } } },
  { "create_room idempotent", "POST", R .. "?idempotent", { id = "both/a b", defaultAccesses = { "room:write" } } },
  { "create_room without id", "POST", R, { defaultAccesses = {} } },
  { "create_room with a number in metadata", "POST", R, { id = "both/n", defaultAccesses = {}, metadata = { n = 1 } } },
  { "create_room with accesses", "POST", R, { id = "both/c", defaultAccesses = { "room:write" }, usersAccesses = { ann = { "room:write" } },
    groupsAccesses = { team = { "room:read" } }, metadata = { tags = { "a", "b" } } } },
  { "create_room not JSON", "POST", R, "{" },
  { "get_room", "GET", R .. "/both%2Fa%20b" },
  { "get_room missing", "GET", R .. "/both-none" },
  { "get_room with another key", "GET", R .. "/both%2Fa%20b", nil, nil, "sk_another" },
  { "an unknown route", "GET", "/v2/nothing" },
  { "get_room with a slash at the end", "GET", R .. "/both%2Fa%20b/" },
  { "update_room", "POST", R .. "/both%2Fa%20b", { metadata = { shape = "round" }, usersAccesses = { bob = { "room:read" } } } },
  { "update_room null access", "POST", R .. "/both%2Fa%20b", { usersAccesses = { bob = json.null } } },
  { "update_room missing", "POST", R .. "/both-none", { metadata = {} } },
  { "get_rooms by metadata", "GET", R .. "?metadata.color=blue" },
  { "get_rooms all", "GET", R },
  { "get_rooms bad query", "GET", R .. "?query=roomId^" },
  { "a room with PUT", "PUT", R .. "/both%2Fa%20b", {} },
  { "get_active_users", "GET", R .. "/both%2Fa%20b/active-users" },
  { "get_active_users missing", "GET", R .. "/both-none/active-users" },
  { "get_storage_document empty", "GET", R .. "/both%2Fa%20b/storage" },
  { "initialize_storage_document wrong root", "POST", R .. "/both%2Fa%20b/storage", { liveblocksType = "LiveMap", data = {} } },
  { "initialize_storage_document", "POST", R .. "/both%2Fa%20b/storage", document },
  { "initialize_storage_document again", "POST", R .. "/both%2Fa%20b/storage", document },
  { "get_storage_document", "GET", R .. "/both%2Fa%20b/storage" },
  { "get_storage_document json", "GET", R .. "/both%2Fa%20b/storage?format=json" },
  { "get_storage_document other format", "GET", R .. "/both%2Fa%20b/storage?format=xml" },
  { "get_storage_document missing", "GET", R .. "/both-none/storage" },
  { "delete_storage_document", "DELETE", R .. "/both%2Fa%20b/storage" },
  { "get_storage_document deleted", "GET", R .. "/both%2Fa%20b/storage?format=json" },
  { "get_yjs_document empty", "GET", R .. "/both%2Fa%20b/ydoc" },
  { "send_yjs_binary_update", "PUT", R .. "/both%2Fa%20b/ydoc", update, "application/octet-stream" },
  { "send_yjs_binary_update as text", "PUT", R .. "/both%2Fa%20b/ydoc", update, "text/plain" },
  { "get_yjs_document_as_binary_update", "GET", R .. "/both%2Fa%20b/ydoc-binary" },
  { "send_yjs_binary_update broken", "PUT", R .. "/both%2Fa%20b/ydoc", "\255\255\255", "application/octet-stream" },
  { "get_yjs_document of hi", "GET", R .. "/both%2Fa%20b/ydoc" },
  { "send_yjs_binary_update second", "PUT", R .. "/both%2Fa%20b/ydoc", many_types, "application/octet-stream" },
  { "get_yjs_document as text", "GET", R .. "/both%2Fa%20b/ydoc?key=t&type=ytext" },
  { "get_yjs_document of a key", "GET", R .. "/both%2Fa%20b/ydoc?key=t" },
  { "get_yjs_document of no key", "GET", R .. "/both%2Fa%20b/ydoc?key=none" },
  { "get_yjs_document as map", "GET", R .. "/both%2Fa%20b/ydoc?key=map&type=ymap" },
  { "get_yjs_document of map", "GET", R .. "/both%2Fa%20b/ydoc?key=map" },
  { "get_yjs_document as array", "GET", R .. "/both%2Fa%20b/ydoc?key=array&type=yarray" },
  { "get_yjs_document of array", "GET", R .. "/both%2Fa%20b/ydoc?key=array" },
  { "get_yjs_document as XML", "GET", R .. "/both%2Fa%20b/ydoc?key=xml&type=yxmlfragment" },
  { "get_yjs_document of XML", "GET", R .. "/both%2Fa%20b/ydoc?key=xml" },
  { "get_yjs_document of maps", "GET", R .. "/both%2Fa%20b/ydoc?key=maps" },
  { "get_yjs_document as array of maps", "GET", R .. "/both%2Fa%20b/ydoc?key=maps&type=yarray" },
  { "get_yjs_document of text with formats", "GET", R .. "/both%2Fa%20b/ydoc?key=text&formatting=true" },
  { "get_yjs_document of what was deleted", "GET", R .. "/both%2Fa%20b/ydoc?key=deleted" },
  { "get_yjs_document missing", "GET", R .. "/both-none/ydoc" },
  { "upload_storage_file", "PUT", FILES .. "fl_AAAAAAAAAAAAAAAAAAAAA/upload/a.txt?fileSize=5", "hello", "text/plain" },
  { "upload_storage_file again", "PUT", FILES .. "fl_AAAAAAAAAAAAAAAAAAAAA/upload/a.txt?fileSize=5", "hello", "text/plain" },
  { "upload_storage_file other name", "PUT", FILES .. "fl_AAAAAAAAAAAAAAAAAAAAA/upload/b.txt?fileSize=5", "hello", "text/plain" },
  { "upload_storage_file bad id", "PUT", FILES .. "fl_short/upload/a.txt?fileSize=5", "hello", "text/plain" },
  { "get_storage_file", "GET", FILES .. "fl_AAAAAAAAAAAAAAAAAAAAA" },
  { "get_storage_file missing", "GET", FILES .. "fl_BBBBBBBBBBBBBBBBBBBBB" },
  { "authorize_user", "POST", "/v2/authorize-user", { userId = "ann", permissions = { ["both*"] = { "room:write" } } } },
  { "authorize_user without user", "POST", "/v2/authorize-user", { permissions = {} } },
  { "identify_user", "POST", "/v2/identify-user", { userId = "ann", groupIds = { "team" }, userInfo = { name = "Ann" } } },
  { "no such route", "GET", "/v2/nothing" },
  { "create_room private", "POST", R, { id = "both/p", defaultAccesses = {} } },
  { "update_room null metadata", "POST", R .. "/both%2Fa%20b", { metadata = { shape = json.null } } },
  { "delete_room", "DELETE", R .. "/both%2Fa%20b" },
  { "delete_room missing", "DELETE", R .. "/both%2Fa%20b" },
  { "get_room deleted", "GET", R .. "/both%2Fa%20b" },
  { "delete_room c", "DELETE", R .. "/both%2Fc" },
  { "delete_room p", "DELETE", R .. "/both%2Fp" },
}

-- Explanations are everyone's own words; the code of an error is what programs read.
local words = { message = true, suggestion = true, reason = true, docs = true }

-- What differs from run to run, as its kind.
local function normal(value, key)
  if type(value) == "string" then
    if value:find("^%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z$") then return "<date>" end
    if key == "token" and select(2, value:gsub("%.", "")) == 2 then return "<token>" end
    if key == "url" then return "<url>" end
    if key == "error" then return value:upper():gsub(" ", "_") end
    return value
  end
  if type(value) ~= "table" or value == json.null then return value end
  local copy = setmetatable({}, getmetatable(value))
  for name, inner in pairs(value) do
    if not (value.error and words[name]) then copy[name] = normal(inner, name) end
  end
  return copy
end

local function ask(client, step)
  local _, method, path, body, content_type, secret = table.unpack(step, 1, 6)
  if secret then client = client:with { secret = secret } end
  local options = {}
  if type(body) == "table" then options.json = body else options.body, options.content_type = body, content_type end
  if body == "{" then options.content_type = "application/json" end
  local value, meta
  local ok, err = pcall(function() value, meta = client:request(method, path, options) end)
  if not ok then
    if not err.status then error(err, 0) end
    value, meta = err.body and json.try_decode(err.body) or err.body, err
  end
  if type(value) == "string" then value = json.try_decode(value) or value end
  return { status = meta.status, body = normal(value) }
end

local function show(answer)
  -- pretty, because then the keys are in order
  local text = json.encode(answer.body == nil and json.null or answer.body, { pretty = true })
  return ("%d %s"):format(answer.status, (text:gsub("\n *", "")))
end

local own <close> = server.start()
local official = liveblocks.new { retries = 0 }
local ours = liveblocks.new { base_url = own.url, secret = "sk_localdev", retries = 0 }

local failures, agreed, known = 0, 0, 0
for _, step in ipairs(steps) do
  local theirs, mine = show(ask(official, step)), show(ask(ours, step))
  local allowed = differences[step[1]]
  if theirs == mine and not allowed then
    agreed = agreed + 1
  elseif allowed and theirs == allowed.official and mine == allowed.ours then
    known = known + 1
  else
    failures = failures + 1
    io.stderr:write(("%s\n  official  %s\n  ours      %s\n"):format(step[1], theirs, mine))
  end
end
print(("both: %d answers agree, %d differ as documented, %d failures"):format(agreed, known, failures))
os.exit(failures == 0 and 0 or 1)
