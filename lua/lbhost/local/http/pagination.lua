--- Pages of a list. A cursor is the position of the last record of the page, so that it stays right while records
--- come and go, and the next page is found without walking over those before it.
local responses = require "lbhost.local.http.response"
local crypto = require "liveblocks.crypto"
local json = require "liveblocks.json"

local pages = {}

local FORMAT <const> = ">nn"
local EVERY <const> = 500 -- records that are looked at before others run

---@param a number
---@param b number
---@return string cursor
function pages.cursor(a, b)
  return (crypto.base64_encode(FORMAT:pack(a, b)):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

--- The position of a cursor; 422 when it is not one of this list.
---@param text string
---@param name string the parameter, for the message
---@return number a
---@return number b
function pages.position(text, name)
  local padded = text:gsub("[-_]", { ["-"] = "+", _ = "/" }) .. ("="):rep(-#text % 4)
  local bytes = #padded % 4 == 0 and crypto.base64_decode(padded)
  if not bytes or #bytes ~= FORMAT:packsize() then
    responses.invalid("%s is not a cursor of this list: send nextCursor of the page before, or leave it out", name)
  end
  local a, b = FORMAT:unpack(bytes)
  if a ~= a or b ~= b then responses.invalid("%s is not a cursor of this list", name) end
  return a, b
end

---@class lbhost.local.PageOptions
---@field keep? fun(record: table): boolean which records are listed
---@field view fun(record: table): table what is shown of a record
---@field size? integer records on a page when the request names no limit (20)
---@field oldest? boolean oldest first instead of newest first

local function nothing() end

-- Others run; then the list goes on after the record, whatever has become of it. It ends when all data have been replaced.
local function let_others_run(call, list, order, record)
  local app = call.app
  local state, a, b = app.state, list.position(record)
  app.gate:point(call)
  return app.state == state and list[order](list, a, b) or nothing
end

--- The records of a list. Others run now and then: what they add or remove further on is in it or not.
---@param call table app
---@param list lbhost.local.Index
---@param order "newest"|"oldest"
---@return fun(): table?
function pages.each(call, list, order)
  local next_record, looked = list[order](list), 0
  return function()
    local record = next_record()
    looked = looked + 1
    if looked % EVERY == 0 and record then next_record = let_others_run(call, list, order, record) end
    return record
  end
end

--- The page that a request asks for.
---@param call table with the row's `limit` and cursor parameters in call.query
---@param list lbhost.local.Index
---@param options lbhost.local.PageOptions
---@return table page { nextCursor = string|null, data = list }
function pages.page(call, list, options)
  local limit = math.tointeger(tonumber(call.query.limit)) or options.size or 20
  local name = call.row.page or "startingAfter"
  local a, b
  if call.query[name] and call.query[name] ~= "" then a, b = pages.position(call.query[name], name) end
  local data, last, more, looked = json.array {}, nil, false, 0
  local order = options.oldest and "oldest" or "newest"
  local next_record = list[order](list, a, b)
  local record = next_record()
  while record do
    if not options.keep or options.keep(record) then
      if #data == limit then
        more = true
        break
      end
      data[#data + 1] = options.view(record)
      last = record
    end
    looked = looked + 1
    if looked % EVERY == 0 then next_record = let_others_run(call, list, order, record) end
    record = next_record()
  end
  return { nextCursor = more and pages.cursor(list.position(last)) or json.null, data = data }
end

return pages
