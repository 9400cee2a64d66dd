---@meta liveblocks.mail
-- Made from lua/liveblocks/mail.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.mail
local mail = {}

---@class liveblocks.MailOptions
---@field url string smtps://host (TLS) or smtp://host[:port] (STARTTLS)
---@field user? string
---@field password? string
---@field plain? boolean smtp:// without TLS, for a server on this machine
---@field ca_file? string
---@field from string an address, or "Name <address>"
---@field to string|string[]
---@field cc? string|string[]
---@field bcc? string|string[] get it, but are not named in it
---@field reply_to? string
---@field subject string
---@field text? string for readers without HTML; one of text and html is required
---@field html? string
---@field id? string the left part of its Message-ID; the same again lets readers drop a second copy
---@field headers? table<string, string>
---@field timeout? number seconds (30)

--- The text of an e-mail, with its sender and recipients: what send() sends.
---@param options liveblocks.MailOptions
---@return string message
---@return { from: string, recipients: string[], id: string } envelope
function mail.message(options) end

--- Sends an e-mail. Raises when the server does not take it: `status` is the code of SMTP when it has refused (550), and
--- none when it could not be reached. It is tried again only when it cannot have been sent.
---@param options liveblocks.MailOptions
---@return { id: string } sent its Message-ID
function mail.send(options) end

return mail
