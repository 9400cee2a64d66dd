-- Where this client and an SDK differ on purpose, and why. A difference that no row speaks of fails
-- the test, and so does a row whose difference is gone.
--
--   peer    python, python-3.15.4 or node
--   op      operation, or a list of them; left out: any
--   case    label of the call; ^... is a Lua pattern; left out: any
--   what    where they differ: path, encoding, query NAME, header NAME, content-type, body.PLACE,
--           sent (the call sent a request or refused), verdict, text, called; ^... is a Lua pattern
--   ours    what this client has there, "-" for nothing; ^... is a Lua pattern; left out: anything
--   theirs  what the SDK has there
--   test    function(ours, theirs) that must hold too
--   why     the reason

local MARKS = { ["%21"] = "!", ["%27"] = "'", ["%28"] = "(", ["%29"] = ")", ["%2A"] = "*" }

---The two differ only in the marks that encodeURIComponent leaves alone.
local function marks_left_alone(ours, theirs)
  return (ours:gsub("%%%x%x", MARKS)) == theirs
end

local function milliseconds(text)
  local year, month, day, hour, minute, second, rest =
    text:match('^"(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)(.*)"$')
  if not year then return nil end
  local fraction, sign, zone_hour, zone_minute = rest:match("^(%.?%d*)([-+]?)(%d*):?(%d*)")
  local zone = ((tonumber(zone_hour) or 0) * 60 + (tonumber(zone_minute) or 0)) * 60
  if sign == "-" then zone = -zone end
  local seconds = os.time({
    year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false,
  }) - zone
  return seconds * 1000 + (tonumber(fraction) or 0) * 1000
end

---Two spellings of one moment.
local function same_moment(ours, theirs)
  local a, b = milliseconds(ours), milliseconds(theirs)
  return a ~= nil and b ~= nil and math.abs(a - b) < 0.5
end

---The SDK's path is ours without the last directory of the base URL, or without the whole prefix.
local function prefix_lost(ours, theirs)
  return ours:sub(1, 11) == "/some/path/" and (theirs == ours:sub(11) or theirs == "/some" .. ours:sub(11))
end

local function replaced(from, to)
  return function(ours, theirs) return ours:gsub(from, to) == theirs end
end

local TIMES = [[^body%..*At$]]

local TRANSPORT = "how the HTTP library speaks; it changes no response"

-- What both SDKs do otherwise; a row for each is made below.
local both = {
  { what = "header connection", ours = "-", theirs = "sent", why = TRANSPORT },
  { what = "header accept", ours = "-", theirs = "sent", why = TRANSPORT },
  { case = "^time%-", what = TIMES, test = same_moment,
    why = "the SDK writes times in its own form; we send the text as it is given" },
  { op = "update_room", case = "users-null", what = "sent", ours = "sent", theirs = "refused",
    why = "the SDK cannot say that all accesses go" },
  { op = "update_room", case = "groups-null", what = "sent", ours = "sent", theirs = "refused",
    why = "the SDK cannot say that all accesses go" },
  { case = "ids-empty", what = "sent", ours = "refused", theirs = "sent",
    why = "an empty id would name the whole collection" },
  { case = "^ids%-dots?$", what = "sent", ours = "refused", theirs = "sent",
    why = "the SDK's URL parser takes . and .. for directories and calls something else" },
  { case = "^limit%-too", what = "sent", ours = "refused", theirs = "sent",
    why = "the range is known, so the mistake is reported before anything is sent" },

  { op = "webhook", case = "body-signed-unknown-event", what = "verdict", ours = "accepted",
    theirs = "refused", why = "a handler must live through event types of the future" },
  { op = "webhook", case = "^notification%-n", what = "verdict", ours = "accepted", theirs = "refused",
    why = "a handler must live through notification kinds of the future" },
  { op = "webhook", case = "^stamp%-", what = "verdict", ours = "refused", theirs = "accepted",
    why = "we take digits only for a time" },
  { op = "webhook", case = "^signature%-e", what = "verdict", ours = "refused", theirs = "accepted",
    why = "we take 'version,signature' only for a signature" },
  { op = "webhook", case = "id-empty", what = "verdict", ours = "refused", theirs = "accepted",
    why = "repeated events are known by their id, so there must be one" },
}

-- What only the first version that this client was compared with does.
local python_3_15_4 = {
  { op = "set_presence", case = "info-missing", what = "sent", ours = "refused", theirs = "sent",
    why = "the documentation says that userInfo must be given" },
  { op = "get_active_users", what = "path", test = replaced("/active%-users$", "/active_users"),
    why = "the SDK uses the legacy path" },
  { op = "broadcast_event", what = "path", test = replaced("/broadcast%-event$", "/broadcast_event"),
    why = "the SDK uses the legacy path" },
  { op = "create_yjs_version", what = "path", test = replaced("/versions$", "/version"),
    why = "the SDK uses the legacy path" },
  { op = "get_yjs_version", what = "path", test = replaced("/versions/(.*)/yjs$", "/version/%1"),
    why = "the SDK uses the legacy path" },
  { op = "create_thread", case = "^attachments", what = "^body%.comment%.attachmentIds", theirs = "-",
    why = "the SDK drops this field" },
  { op = { "create_room", "session" }, case = "permissions-new", what = "sent",
    ours = "sent", theirs = "refused", why = "the SDK does not know the newer permission names" },
  { op = "upsert_room", case = "create", what = "sent", ours = "sent", theirs = "refused",
    why = "the SDK wants the room's id once more in create" },
  { op = "upsert_room", case = "all", what = "sent", ours = "sent", theirs = "refused",
    why = "the SDK wants the room's id once more in create" },
}

local python = {
  { op = "create_yjs_version", what = "body", ours = '"{}"', theirs = "-",
    why = "the Node SDK sends an empty object, as we do; the API takes both" },
  { op = "create_yjs_version", what = "content-type", ours = "application/json", theirs = "-",
    why = "goes with the body" },
  { op = "broadcast_event", case = "body-null", what = "body", ours = '"null"', theirs = "-",
    why = "the SDK sends no body where null was asked for" },
  { what = "query limit", ours = "-", theirs = "^[25]0$",
    why = "the SDK always sends its default page size; the API's own default is the same" },
  { op = "create_room", case = "idempotent-false", what = "query idempotent", ours = "-", theirs = "false",
    why = "the API looks whether the flag is there, so false must not be sent" },
  { op = "get_yjs_document", case = "formatting-false", what = "query formatting", ours = "-",
    theirs = "false", why = "the API looks whether the flag is there, so false must not be sent" },
  { op = "upsert_room", case = "create-with-id", what = "sent", ours = "refused", theirs = "sent",
    why = "the SDK sends an unknown field, which the API ignores" },

  { case = "^query%-table", what = "sent", ours = "sent", theirs = "refused",
    why = "the SDK takes the query language as text only" },
  { op = "create_ai_copilot", case = "model-unknown", what = "sent", ours = "sent", theirs = "refused",
    why = "the SDK knows the models of its day only" },
  { op = "delete_all_inbox_notifications", case = "organization", what = "sent", ours = "sent",
    theirs = "refused", why = "the SDK lacks this parameter" },
}

local node = {
  { what = "header accept-language", ours = "-", theirs = "sent", why = TRANSPORT },
  { what = "header sec-fetch-mode", ours = "-", theirs = "sent", why = TRANSPORT },
  { case = "ids-reserved", what = "encoding", test = marks_left_alone,
    why = "encodeURIComponent leaves ! ' ( ) * alone; both decode to the same id" },
  { case = "^base%-path", what = "path", test = prefix_lost,
    why = "the SDK drops the path of its base URL" },
  { op = { "create_room", "get_or_create_room" }, what = "query idempotent", ours = "true", theirs = "",
    why = "the SDK sends the flag without a value" },
  { op = "get_storage_document", what = "query format", ours = "-", theirs = "plain-lson",
    why = "the SDK always sends the default format" },
  { op = "iter_rooms", case = "defaults", what = "query limit", ours = "-", theirs = "40",
    why = "another default page size" },
  { op = "iter_inbox_notifications", case = "defaults", what = "query limit", ours = "-", theirs = "50",
    why = "the SDK always sends its default page size; the API's own default is the same" },
  { op = "create_group", what = "body.groupId", ours = "-",
    why = "the SDK sends the id under its argument's name too" },
  { op = "create_room", case = "engine", what = "body.engine", ours = "2", theirs = "-",
    why = "the SDK drops this field" },
  { op = "broadcast_event", case = "body-long", what = "body", ours = "12345678901234567",
    theirs = "12345678901234568", why = "JavaScript has no 64-bit integers" },
  { op = "^create_.*_multipart_upload$", what = "content-type", ours = "-", theirs = "application/json",
    why = "the SDK announces JSON but sends no body" },
  { op = { "upload_attachment", "upload_file" }, case = "parts", what = "content-type", ours = "-",
    theirs = "application/json", why = "the SDK announces JSON but sends no body" },
  { op = "create_file_knowledge_source", case = "mime", what = "content-type",
    ours = "application/octet-stream", theirs = "text/markdown",
    why = "the SDK sends the type of the File object" },

  { op = "set_presence", case = "info-missing", what = "sent", ours = "refused", theirs = "sent",
    why = "the documentation says that userInfo must be given" },
  { op = "upsert_room", case = "create-with-id", what = "sent", ours = "refused", theirs = "sent",
    why = "the documentation has no id there: it is in the path" },
  { op = "session", case = "pattern-length-128-emoji", what = "sent", ours = "sent", theirs = "refused",
    why = "JavaScript counts UTF-16 units where we count characters" },
  { op = "identify_user", case = "user-empty", what = "sent", ours = "sent", theirs = "refused",
    why = "the API itself refuses an empty user" },
  { op = "query", case = "^bad%-.*list$", what = "text", ours = "refused", theirs = "",
    why = "the SDK leaves out what it cannot write, which would widen the filter" },
  { op = "query", case = "bad-nested-twice", what = "text", ours = "refused", theirs = "",
    why = "the SDK leaves out what it cannot write, which would widen the filter" },
  { op = "query", case = "bad-operator", what = "text", ours = "refused", theirs = "",
    why = "the SDK leaves out what it cannot write, which would widen the filter" },
  { op = "query", case = "^bad%-number", what = "text", ours = "refused",
    why = "the SDK takes a comparison with a value of the wrong type for a field of that name" },
  { op = "query", case = "^bad%-prefix", what = "text", ours = "refused",
    why = "the SDK takes a comparison with a value of the wrong type for a field of that name" },
  { op = "method", case = "massMutateStorage", what = "called", theirs = "never",
    why = "makes no request of its own: rooms are listed, then each one is mutated" },
}

local rows = {}
local function add(peer, list)
  for _, row in ipairs(list) do
    local copy = { peer = peer }
    for key, value in pairs(row) do copy[key] = value end
    rows[#rows + 1] = copy
  end
end
for _, peer in ipairs { "python", "python-3.15.4" } do
  add(peer, both)
  add(peer, python)
end
add("python-3.15.4", python_3_15_4)
add("node", both)
add("node", node)

return { rows = rows }
