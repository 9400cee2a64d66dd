-- The e-mails of mentions.mjs: what our code makes of the same documents.
--
--   lbhost run mentions.lua CASES
local crypto = require "liveblocks.crypto"
local json = require "liveblocks.json"
local notify = require "liveblocks.notify"

local users = { alice = { name = "Alice <A>" }, bob = { name = "" } }
local number, mails = 0, 0

local function canonical(value) return (json.encode(value, { pretty = true }):gsub("\n *", "")) end

for line in io.lines(arg[1]) do
  number = number + 1
  local case = json.decode(line)
  local client = {
    get_room = function() return case.room end,
    get_inbox_notification = function() return case.notification end,
    get_yjs_document_as_binary_update = function() return crypto.base64_decode(case.update) end,
  }
  local email = notify.text_mention_email(client, case.event, {
    users = function(ids)
      local list = { n = #ids }
      for i, id in ipairs(ids) do list[i] = users[id] or false end
      return list
    end,
    room = function() return { name = "Plan" } end,
  })
  local wanted, got = canonical(case.email), canonical(email or json.null)
  if email then mails = mails + 1 end
  if wanted ~= got then
    io.stderr:write(("editors: mention %d:\nwanted %s\ngot    %s\n"):format(number, wanted, got))
    os.exit(1)
  end
end
print(("editors: %d mentions, %d e-mails as @liveblocks/emails makes them"):format(number, mails))
