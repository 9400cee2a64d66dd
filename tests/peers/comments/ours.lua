-- What this client makes of the inputs of the tables and of the fuzzer, in the form that sdk.mjs gives them.
local comment = require "liveblocks.comment"
local url = require "liveblocks.url"

local ours = {}

local people = { alice = { name = "Al*ice <x>" }, bob = { name = "" }, ["c<d>"] = {} }
local groups = { eng = { name = "Engineers & co" } }

local function resolver(known)
  return function(ids)
    local list = {}
    for i, id in ipairs(ids) do list[i] = known[id] or false end
    return list
  end
end

local writers = { plain = comment.to_text, html = comment.to_html, markdown = comment.to_markdown }

function ours.body(body)
  local out = { mentions = comment.mentions(body) }
  for format, write in pairs(writers) do
    out[format] = write(body, { users = resolver(people), groups = resolver(groups) })
    out[format .. "_unresolved"] = write(body, { separator = " / " })
  end
  return out
end

ours.markdown = comment.from_markdown

function ours.address(text)
  return url.sanitize(text)
end

return ours
