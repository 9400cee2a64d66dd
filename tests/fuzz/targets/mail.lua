-- The text of an e-mail, of fields that are any bytes: no header of theirs gets into it.
local support = dofile "tests/fuzz/targets/support.lua"
local mail = require "liveblocks.mail"

local known = { from = true, to = true, cc = true, subject = true, date = true, ["reply-to"] = true, ["message-id"] = true,
  ["mime-version"] = true, ["content-type"] = true, ["content-transfer-encoding"] = true, ["x-own"] = true }

return function(bytes)
  local parts = support.parts(bytes, 6)
  local ok, message, envelope = support.refusable(mail.message, { from = parts[1], to = { parts[2] or "a@example.com" },
    subject = parts[3] or "", reply_to = parts[4] ~= "" and parts[4] or nil, headers = { ["X-Own"] = parts[5] or "" },
    text = parts[6] or "text" })
  if not ok then return end
  assert(not message:find "[^\r]\n" and not message:find "\r[^\n]", "a bare line break")
  for line in message:match("^(.-)\r\n\r\n"):gmatch "[^\r\n]+" do
    assert(line:find "^[ \t]" or known[(line:match "^([^:]+):" or ""):lower()], "an unknown header: " .. line)
  end
  for _, one in ipairs(envelope.recipients) do assert(not one:find "[%c%s<>]", "an address that breaks a command") end
end
