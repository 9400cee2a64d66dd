--- E-mails by SMTP, over the same transport and in the same tasks as requests.
---
---   liveblocks.mail.send { url = "smtps://smtp.example", user = "...", password = "...",
---     from = "Planner <notify@app.example>", to = "alice@app.example", subject = "News", text = "...", html = "..." }
local core = require "liveblocks.core"
local client_options = require "liveblocks.options"
local errors = require "liveblocks.errors"
local hooks = require "liveblocks.hooks"
local sorted_keys = require "liveblocks.sorted_keys"
local trim = require "liveblocks.trim"
local wtf8 = require "liveblocks.wtf8"

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

-- ---- Headers (RFC 5322, RFC 2047) ----------------------------------------------------------------

local LINE = 45 -- bytes in an encoded word: 60 characters, and what stands around them

-- Text beyond ASCII as encoded words; each holds whole characters.
local function encode_words(text)
  local words, word = {}, ""
  for char in text:gmatch(utf8.charpattern) do
    if #word + #char > LINE then
      words[#words + 1], word = word, ""
    end
    word = word .. char
  end
  words[#words + 1] = word
  for i, one in ipairs(words) do words[i] = "=?UTF-8?B?" .. core.base64_encode(one) .. "?=" end
  return table.concat(words, "\r\n ")
end

local function check_text(text, what)
  if type(text) ~= "string" then errors.usage("mail: '%s' must be a string, got %s", what, type(text)) end
  text = wtf8.to_utf8(text)
  if not utf8.len(text) then errors.usage("mail: '%s' is not valid UTF-8", what) end
  if text:find("[%z\1-\31\127]") then errors.usage("mail: '%s' has a line break or control character", what) end
  return text
end

-- A line has 998 bytes at most; what is longer is encoded, which folds it.
local function header_text(text, what)
  text = check_text(text, what)
  if text:find("[\x80-\xFF]") or text:find("=?", 1, true) or #text > 200 then return encode_words(text) end
  return text
end

local function is_address(text)
  return #text <= 320 and text:find("^[^%s%c,;<>\"\\@]+@[^%s%c,;<>\"\\@]+$") ~= nil
end

-- "Name <address>" as the header has it, and the address alone.
local function mailbox(text, what)
  text = check_text(text, what)
  local whole, name, address = trim.both(text), nil, text
  local open = whole:find "<[^<>]*>$"
  if open then name, address = trim.both(whole:sub(1, open - 1)), whole:sub(open + 1, -2) end
  if not is_address(address) then errors.usage("mail: '%s' is not a valid e-mail address: %s", what, text) end
  if not name or name == "" then return address, address end
  local quoted = name:match('^"(.*)"$')
  name = quoted and quoted:gsub("\\(.)", "%1") or name
  if name:find("[\x80-\xFF]") or #name > 60 then return ("%s <%s>"):format(encode_words(name), address), address end
  return ('"%s" <%s>'):format(name:gsub('[\\"]', "\\%0"), address), address
end

-- A list of mailboxes for a header; their addresses are added to `recipients`.
local function mailboxes(given, what, recipients)
  local list = {}
  for i, text in ipairs(type(given) == "table" and given or { given }) do
    list[i], recipients[#recipients + 1] = mailbox(text, what)
  end
  return table.concat(list, ",\r\n ")
end

local days = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local months = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

local function date()
  if not os then errors.usage "mail: this engine hides os.date, which the Date header needs" end
  local now = os.date "!*t"
  return ("%s, %d %s %d %02d:%02d:%02d +0000"):format(days[now.wday], now.day, months[now.month], now.year, now.hour,
    now.min, now.sec)
end

-- ---- Bodies --------------------------------------------------------------------------------------

-- Quoted-printable (RFC 2045): lines of 76 characters at most.
local function quoted_printable(text)
  local out = {}
  for bare in (text:gsub("\r\n?", "\n") .. "\n"):gmatch("([^\n]*)\n") do
    local line = bare:gsub("[^\t\32-\60\62-\126]", function(char) return ("=%02X"):format(char:byte()) end)
    line = line:gsub("[\t ]$", function(char) return ("=%02X"):format(char:byte()) end)
    local from = 1
    while #line - from >= 76 do
      local cut = from + 74
      while line:sub(cut - 1, cut):find("=") do cut = cut - 1 end -- not inside of =XX
      out[#out + 1] = line:sub(from, cut) .. "="
      from = cut + 1
    end
    out[#out + 1] = line:sub(from)
  end
  return table.concat(out, "\r\n")
end

local function part(kind, text, what)
  if type(text) ~= "string" then errors.usage("mail: '%s' must be a string, got %s", what, type(text)) end
  text = wtf8.to_utf8(text)
  if not utf8.len(text) then errors.usage("mail: '%s' is not valid UTF-8", what) end
  return ("Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\n"):format(kind,
    quoted_printable(text))
end

local function body_of(options)
  local text, html = options.text, options.html
  if not text and not html then errors.usage("mail: give 'text', 'html' or both") end
  if not html then return part("text/plain", text, "text") end
  if not text then return part("text/html", html, "html") end
  local boundary = "part_" .. core.random_id(24)
  return ('Content-Type: multipart/alternative; boundary="%s"\r\n\r\n--%s\r\n%s--%s\r\n%s--%s--\r\n'):format(boundary,
    boundary, part("text/plain", text, "text"), boundary, part("text/html", html, "html"), boundary)
end

-- ---- Sending -------------------------------------------------------------------------------------

local types = { url = "string", user = "string", password = "string", plain = "boolean", ca_file = "string",
  from = "string", to = "list", cc = "list", bcc = "list", reply_to = "string", subject = "string", text = "string",
  html = "string", id = "string", headers = "table", timeout = "number" }

local function check(options)
  client_options.typed("mail", options, types)
  for _, name in ipairs { "from", "to", "subject" } do
    if options[name] == nil then errors.usage("mail: '%s' is required", name) end
  end
end

local function message_id(options, sender)
  local left = options.id or core.random_id(24)
  if not left:find("^[%w!#$%%&'*+/=?^_`{|}~.-]+$") then
    errors.usage("mail: 'id' may have letters, digits and !#$%%&'*+/=?^_`{|}~.- alone: %s", left)
  end
  return ("<%s@%s>"):format(left, sender:match("@(.*)$"))
end

--- The text of an e-mail, with its sender and recipients: what send() sends.
---@param options liveblocks.MailOptions
---@return string message
---@return { from: string, recipients: string[], id: string } envelope
function mail.message(options)
  check(options)
  local from, sender = mailbox(options.from, "from")
  local recipients, lines = {}, {}
  local function add(name, value)
    if value and value ~= "" then lines[#lines + 1] = name .. ": " .. value end
  end
  local id = message_id(options, sender)
  add("From", from)
  add("To", mailboxes(options.to, "to", recipients))
  add("Cc", options.cc and mailboxes(options.cc, "cc", recipients))
  mailboxes(options.bcc or {}, "bcc", recipients)
  add("Reply-To", options.reply_to and (mailbox(options.reply_to, "reply_to")))
  add("Subject", header_text(options.subject, "subject"))
  add("Date", date())
  add("Message-ID", id)
  add("MIME-Version", "1.0")
  local headers = options.headers or {}
  for _, name in ipairs(sorted_keys(headers)) do
    local value = headers[name]
    if type(name) ~= "string" or not name:find("^%a[%w-]*$") then
      errors.usage("mail: '%s' is not a valid header name", tostring(name))
    end
    add(name, header_text(value, name))
  end
  if not recipients[1] then errors.usage("mail: 'to' has no address") end
  return table.concat(lines, "\r\n") .. "\r\n" .. body_of(options),
    { from = sender, recipients = recipients, id = id }
end

local client

local function send(options)
  local message, envelope = mail.message(options)
  if not options.url then errors.usage("mail: 'url' is required: smtps://host or smtp://host") end
  client = client or core.client {}
  local through = options.ca_file and core.client({ ca_file = options.ca_file }, client) or client
  core.begin_request(through, { url = options.url, method = "MAIL", body = message, timeout = options.timeout,
    mail = { from = envelope.from, recipients = envelope.recipients, user = options.user, password = options.password,
      plain = options.plain } }, "raw"):wait()
  return { id = envelope.id }
end

--- Sends an e-mail. Raises when the server does not take it: `status` is the code of SMTP when it has refused (550), and
--- none when it could not be reached. It is tried again only when it cannot have been sent.
---@param options liveblocks.MailOptions
---@return { id: string } sent its Message-ID
function mail.send(options)
  return hooks.send("mail", options, send)
end

return mail
