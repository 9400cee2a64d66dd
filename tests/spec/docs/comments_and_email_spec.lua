-- What docs/comments-and-email.md shows, run.
local documentation = require "tests.support.documentation"
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local comments = require "tests.support.comments" -- after liveblocks, which brings liveblocks.json
local smtp = require "tests.support.smtp"

local page = documentation.page "docs/comments-and-email.md"

describe("docs/comments-and-email.md shows", function()
  it("bodies of comments as text and HTML, and an e-mail about a thread", function()
    local srv = helper.server()
    local case = comments.rows "emails"()
    local client = setmetatable({
      get_thread = function() return { comments = case.input.comments } end,
      get_inbox_notification = function() return case.input.notification end,
    }, { __index = helper.client(srv) })
    local asked
    local email = documentation.load(page:block "Bodies of comments" .. page:block "Notification e-mails" .. "return email", {
      client = client, body = liveblocks.comment.from_markdown "Hello @alice", event = case.input.event,
      names_of = function(ids)
        asked = ids
        return { { name = "Alice" } }
      end })()
    srv:stop()
    assert.same({ "alice" }, asked)
    assert.equal("unreadReplies", email.type)
  end)

  it("an e-mail about a mention in a document", function()
    local case
    for line in io.lines "tests/data/editors/mentions.jsonl" do
      case = liveblocks.json.decode(line)
      if case.email ~= liveblocks.null then break end
    end
    local printed
    documentation.load(page:block "E-mails of mentions in documents", { event = case.event, liveblocks = liveblocks, client = {
      get_room = function() return case.room end,
      get_inbox_notification = function() return case.notification end,
      get_yjs_document_as_binary_update = function() return liveblocks.crypto.base64_decode(case.update) end,
    }, names_of = function(ids)
      local names = {}
      for i, id in ipairs(ids) do names[i] = { name = "Name of " .. id } end
      return names
    end, print = function(author) printed = author end })()
    assert.equal("Name of " .. case.notification.createdBy, printed)
  end)

  it("an e-mail that is sent", function()
    local server = smtp.start()
    local code, count = page:block "Sending e-mail":gsub("smtps://smtp%.example", server.url):gsub('user = "app",', "plain = true,")
    assert.equal(1, count)
    documentation.load((code:gsub("password = password, ", "")))()
    local mails = server:mails()
    server:stop()
    assert.equal(1, #mails)
    assert.matches("Subject: News", mails[1].data)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
