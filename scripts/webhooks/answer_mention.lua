--- answer_mention: a bot that answers comments which mention it. What it answers comes from an address of yours.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   export BOT_URL=https://app.example/api/bot
---   lbhost serve scripts/webhooks/answer_mention.lua    subscribe the endpoint to commentCreated
---
--- The address gets POST { roomId, threadId, commentId, userId, question, about, comments, document } and returns
--- { "markdown": "..." }: `question` is the comment as text, `about` the part of the document that the thread is about, `comments` the
--- thread so far ({ userId, text }), `document` all of the document as Markdown. With null, or without markdown, the bot stays silent.
---
--- Options, in lbhost.lua (return { plugins = { answer_mention = { ... } } }):
---   url       the address; else BOT_URL
---   token     sent to it as Authorization: Bearer; else BOT_TOKEN
---   user_id   the bot: comments that mention it are answered, in its name ("bot")
---   kind      editor of the documents: tiptap, prosemirror, blocknote, lexical, slate or quill ("tiptap"); field, as in editor.open
---   seconds   how long it may take (60; give --handler-seconds as much)
local comment = require "liveblocks.comment"
local editor = require "liveblocks.editor"
local http = require "liveblocks.http"
local json = require "liveblocks.json"
local yjs = require "liveblocks.yjs"

---@type table<string, any>
local options

local function setup(_, given) options = given end

local function find(list, id)
  for i, one in ipairs(list) do
    if one.id == id then return one, i end
  end
end

local function has_body(one) return one.body ~= nil and one.body ~= json.null end

local function is_mentioned(one)
  return comment.mentions(one.body, function(mention) return mention.kind == "user" and mention.id == options.user_id end)[1] ~= nil
end

-- Was it answered before the event came again?
local function is_answered(thread, index)
  local after = thread.comments[index + 1]
  return after ~= nil and after.userId == options.user_id
end

local function ask(client, thread, one)
  local doc = yjs.open((client:get_yjs_document_as_binary_update(thread.roomId)))
  local note = editor.open(doc, { kind = options.kind, field = options.field })
  local about
  for _, found in ipairs(note:threads()) do
    if found.threadId == thread.id then about = found.text end
  end
  local comments = json.array {}
  for _, each in ipairs(thread.comments) do
    if has_body(each) then comments[#comments + 1] = { userId = each.userId, text = comment.to_text(each.body) } end
  end
  local response = http.request { url = options.url, timeout = options.seconds, json = {
    roomId = thread.roomId, threadId = thread.id, commentId = one.id, userId = one.userId, question = comment.to_text(one.body),
    about = about or json.null, comments = comments, document = note:to_markdown(),
  }, headers = options.token and { authorization = "Bearer " .. options.token } or nil }
  local answer = json.try_decode(response.body)
  local markdown = type(answer) == "table" and answer.markdown
  return type(markdown) == "string" and markdown:find "%S" and markdown or nil
end

local function on_comment(event, ctx)
  local data = event.data
  if data.createdBy == options.user_id then return end
  local thread, gone = ctx.client.try:get_thread(data.roomId, data.threadId)
  if not thread then
    if gone.status == 404 then return end
    error(gone, 0)
  end
  local one, index = find(thread.comments, data.commentId)
  if not one or not has_body(one) or not is_mentioned(one) or is_answered(thread, index) then return end
  ctx.once("answer", function()
    local markdown = ask(ctx.client, thread, one)
    if not markdown then return ctx.log("info", "the bot stays silent", { thread = thread.id }) end
    ctx.client:create_comment(data.roomId, data.threadId, { userId = options.user_id, body = comment.from_markdown(markdown) })
    ctx.log("info", "the bot has answered", { thread = thread.id })
  end)
end

return {
  api = 1, name = "answer_mention", about = "Answers comments that mention a bot", version = "1.0",
  options = {
    url = { type = "string", required = true, env = "BOT_URL", about = "address that gives the answers" },
    token = { type = "string", secret = true, env = "BOT_TOKEN", about = "sent to the address" },
    user_id = { type = "string", default = "bot", about = "user id of the bot" },
    kind = { type = "string", default = "tiptap", one_of = editor.kinds, about = "editor of the documents" },
    field = { type = "string", about = "root type of the documents, where it is not the editor's usual one" },
    seconds = { type = "number", default = 60, min = 1, max = 600, about = "how long it may take" },
  },
  setup = setup,
  events = { commentCreated = on_comment },
}
