--- lbhost send: signs an event and posts it, to try a receiver of webhooks.
local command_line = require "lbhost.cli.parser"
local display_text = require "lbhost.util.display_text"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local known_secrets = require "lbhost.util.secrets"
local printable = require "lbhost.util.printable"
local samples = require "lbhost.util.sample_events"
local sorted_keys = require "liveblocks.sorted_keys"
local task = require "liveblocks.task"

local NOTIFICATION_KINDS <const> = { thread = true, textMention = true }
local TO <const> = "http://127.0.0.1:8787/"
local MAX_SHOWN <const> = 400 -- columns of what the receiver has answered: it may be a page of something else

local function parser()
  local self = command_line.new("send", "Signs an event with LIVEBLOCKS_WEBHOOK_SECRET and posts it. Types: " ..
    table.concat(samples.types(), ", ") .. ".")
  self:argument("event", "The type of the event (or any, with --file)."):argname "EVENT":args "?"
  self:argument("fields", "Fields of its data: field=value; values are JSON where they parse."):argname "FIELD=VALUE":args "*"
  self:flag("--list", "List the types of events with their fields.")
  self:option("--to", "Where to post."):argname "URL":default(TO)
  self:option("--file", "Send this body as it is; - for standard input."):argname "FILE"
  self:option("--repeat", "Send that many, each with an id of its own."):argname "N":default "1":target "times"
  self:option("--concurrency", "How many at once."):argname "N":default "8"
  self:option("--id", "The id of the delivery: the same again is a duplicate."):argname "ID"
  self:option("--age", "Seconds by which it claims to be old."):argname "SECONDS":default "0"
  self:option("--webhook-secret-file", "File with the secret, instead of LIVEBLOCKS_WEBHOOK_SECRET."):argname "FILE"
  return self
end

local function whole(options, name, least)
  local number = math.tointeger(tonumber(options[name]))
  if not number or number < least then
    errors.usage("send: --%s takes a whole number of at least %d, got '%s'", name == "times" and "repeat" or name, least,
      options[name])
  end
  options[name] = number
end

local function parse(arguments)
  local options = command_line.parse(parser(), arguments, "send")
  whole(options, "times", 1)
  whole(options, "concurrency", 1)
  whole(options, "age", -1000000000)
  return options
end

local function read(path, what)
  if path == "-" then return io.read("a") end
  local file, problem = io.open(path, "rb")
  if not file then errors.usage("send: cannot read %s: %s", what, problem) end
  local text = file:read("a")
  file:close()
  return text
end

local function secret_of(options)
  local secret = require("lbhost.cli.secret_file").webhook_secrets(options.webhook_secret_file)[1]
  known_secrets.add(secret)
  return secret
end

-- The value of a field of which `example` shows the type. What is to be a string need not be written as JSON.
local function value_of(event, name, text, example)
  local value, problem = json.try_decode(text)
  if value == json.null and not problem then return value end
  if type(example) == "string" then return not problem and type(value) == "string" and value or text end
  if example == json.null then return problem and text or value end
  if problem or type(value) ~= type(example) then
    errors.usage("send: '%s' of %s must be %s, got '%s'", name, event.type,
      type(example) == "table" and "a JSON object" or errors.a(type(example)), text)
  end
  return value
end

local function set_fields(event, fields)
  for _, field in ipairs(fields) do
    local name, text = field:match "^([%w_]+)=(.*)$"
    if not name then errors.usage("send: '%s' is not field=value", field) end
    local example = event.data[name]
    if example == nil then
      errors.usage("send: %s has no field '%s'%s (lbhost send --list shows the fields; --file sends any body)", event.type, name,
        errors.hint(name, event.data))
    end
    event.data[name] = value_of(event, name, text, example)
  end
end

local function sample(kind, fields)
  local notification_kind
  for _, field in ipairs(fields) do
    if kind == "notification" then notification_kind = field:match "^kind=(.*)$" or notification_kind end
  end
  if notification_kind and not NOTIFICATION_KINDS[notification_kind] and notification_kind:sub(1, 1) ~= "$" then
    errors.usage("send: there is no kind '%s' of notification%s (thread, textMention, or a custom one that begins with $)",
      notification_kind, errors.hint(notification_kind, NOTIFICATION_KINDS))
  end
  return samples.make(kind, { now = os.date "!%Y-%m-%dT%H:%M:%S.000Z", project_id = "local-project", room_id = "my-room",
    notification_kind = notification_kind })
end

-- Every type with its fields; a notification has those of its kind.
local function list()
  for _, kind in ipairs(samples.types()) do
    for _, variant in ipairs(kind == "notification" and { "kind=thread", "kind=textMention", "kind=$custom" } or { "" }) do
      local event = sample(kind, { variant })
      io.stdout:write(("%-36s %s\n"):format(kind .. (variant == "" and "" or " " .. variant), table.concat(sorted_keys(event.data), " ")))
    end
  end
  return 0
end

local function body_of(options)
  if options.file then
    if options.fields[1] then errors.usage("send: fields are for an event of a type; the body of --file is sent as it is") end
    return read(options.file, "the body")
  end
  local names = {}
  for _, name in ipairs(samples.types()) do names[name] = true end
  if not options.event then errors.usage("send: say which event (lbhost send --list)") end
  if not names[options.event] then
    errors.usage("send: there is no event '%s'%s (lbhost send --list)", options.event, errors.hint(options.event, names))
  end
  local event = sample(options.event, options.fields)
  set_fields(event, options.fields)
  return json.encode(event)
end

local function post(options, secret, body, id)
  local crypto, http, webhook = require "liveblocks.crypto", require "liveblocks.http", require "liveblocks.webhook"
  id = id or "msg_" .. crypto.random_id(27)
  local timestamp = tostring(os.time() - options.age)
  local response, err = http.try_request { url = options.to, method = "POST", body = body, content_type = "application/json",
    retries = 0, headers = { ["webhook-id"] = id, ["webhook-timestamp"] = timestamp,
      ["webhook-signature"] = webhook.sign(secret, id, timestamp, body) } }
  local status = response and response.status or err.status or 0
  local text = response and response.body or err.body or tostring(err)
  io.stdout:write(("%s %s %s\n"):format(status == 0 and "---" or status, printable.line(id),
    display_text.cut(printable.line(known_secrets.hide((text:gsub("%s+", " ")))), MAX_SHOWN)))
  return response ~= nil
end

local function send(options)
  if options.list then return list() end
  local body, secret = body_of(options), secret_of(options)
  local good = true
  task.map(options.times, function()
    good = post(options, secret, body, options.id) and good
  end, { concurrency = options.concurrency })
  return good and 0 or 1
end

return {
  api = 1, name = "send", about = "Sends events, signed",
  commands = {
    send = {
      about = "sign an event and post it to a receiver", usage = "send EVENT [field=value...] [--to URL]",
      run = function(arguments) return task.run(send, parse(arguments)) end,
      parser = parser,
      examples = { "lbhost send --list", "lbhost send commentCreated roomId=plan",
        "lbhost send roomCreated --to http://127.0.0.1:8787/ --repeat 100" },
      environment = { "LIVEBLOCKS_WEBHOOK_SECRET" },
    },
  },
}
