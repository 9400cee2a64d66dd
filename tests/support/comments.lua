--- What this client makes of the inputs of tests/data/comments and of tests/peers/comments/fuzz.mjs, in the form in
--- which the tables have what the official packages make of them.
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local url = require "liveblocks.comment.url"

local comment = liveblocks.comment

local comments = { make = {} }

local people = { alice = { name = "Al*ice <x>" }, bob = { name = "" }, ["c<d>"] = {} }
local groups = { eng = { name = "Engineers & co" } }

--- A resolver that knows what is in a table.
function comments.resolver(known)
  return function(ids)
    local list = {}
    for i, id in ipairs(ids) do list[i] = known[id] or false end
    return list
  end
end

local writers = { plain = comment.to_text, html = comment.to_html, markdown = comment.to_markdown }

function comments.make.bodies(body)
  local out = { mentions = comment.mentions(body) }
  for format, write in pairs(writers) do
    out[format] = write(body, { users = comments.resolver(people), groups = comments.resolver(groups) })
    out[format .. "_unresolved"] = write(body, { separator = " / " })
  end
  return out
end

comments.make.markdown = comment.from_markdown

function comments.make.addresses(text)
  return url.sanitize(text) or json.null
end

--- Iterates over the rows of a table: { input = ..., output = ... }.
---@param name string
---@param each integer? only every so many rows
function comments.rows(name, each)
  local directory = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
  local lines = io.lines(("%s/../data/comments/%s.jsonl"):format(directory, name))
  return function()
    local line
    for _ = 1, each or 1 do
      line = lines()
      if not line then return nil end
    end
    return json.decode(line)
  end
end

return comments
