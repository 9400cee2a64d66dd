local helper = require "tests.support.client"
local comments = require "tests.support.comments"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local same = require "tests.support.same"

local notify = liveblocks.notify

-- A client that answers from a row of the table.
local function client_of(case)
  return {
    get_thread = function() return { comments = case.comments } end,
    get_inbox_notification = function() return case.notification end,
    iter_user_groups = function()
      local i = 0
      return function()
        i = i + 1
        return case.groups[i]
      end
    end,
  }
end

local function options_of(known)
  return {
    users = known.users and comments.resolver(known.users), groups = known.groups and comments.resolver(known.groups),
    room = known.room and function() return known.room end,
  }
end

local rows = {}
for row in comments.rows "emails" do rows[#rows + 1] = row end

local function refusal(...)
  local ok, err = pcall(notify.thread_email, ...)
  assert.is_false(ok)
  assert.equal("usage", err.kind)
  return err.message
end

describe("notify.thread_email", function()
  for _, row in ipairs(rows) do
    it("makes of " .. row.input.name .. " what @liveblocks/emails makes", function()
      local email = notify.thread_email(client_of(row.input), row.input.event, options_of(row.input.known))
      assert(same.exactly(row.output, email or json.null))
    end)
  end

  it("asks once about all users, authors first", function()
    local asked = {}
    for _, row in ipairs(rows) do
      if row.input.name == "two replies by two people" then
        notify.thread_email(client_of(row.input), row.input.event, { users = function(ids)
          asked[#asked + 1] = table.concat(ids, " ")
        end })
      end
    end
    assert.same({ "bob carol" }, asked)
  end)

  it("takes styles as CSS, and escapes them", function()
    local case = rows[1].input
    local email = notify.thread_email(client_of(case), case.event, { styles = { paragraph = 'font-family:"A"' } })
    assert.equal('<p style="font-family:&quot;A&quot;">hello</p>', email.comments[1].body)
  end)

  it("returns nil and the error when the thread is gone, and raises other errors", function()
    local srv = helper.server()
    local event = rows[1].input.event
    local email, gone = notify.thread_email(helper.client(srv, "status,code=404"), event)
    local ok, err = pcall(notify.thread_email, helper.client(srv, "status,code=403"), event)
    srv:stop()
    assert.is_nil(email)
    assert.equal(404, gone.status)
    assert.is_false(ok)
    assert.equal(403, err.status)
  end)

  it("reports wrong arguments", function()
    local case = rows[1].input
    local client = client_of(case)
    assert.matches("kind 'thread' expected", refusal(client, { type = "notification", data = { kind = "$custom" } }))
    assert.matches("unknown option 'user'", refusal(client, case.event, { user = print }))
    assert.matches("unknown style 'p'", refusal(client, case.event, { styles = { p = "" } }))
    local broken = json.decode(json.encode(case.event))
    broken.data.triggeredAt = "yesterday"
    assert.matches("triggeredAt of the event is not a valid time: yesterday", refusal(client, broken))
  end)
end)

describe("notify.text_mention_email", function()
  local users = { alice = { name = "Alice <A>" }, bob = { name = "" } }
  local options = {
    users = function(ids)
      local list = { n = #ids }
      for i, id in ipairs(ids) do list[i] = users[id] or false end
      return list
    end,
    room = function() return { name = "Plan" } end,
  }

  local function client_for(case)
    return {
      get_room = function() return case.room end,
      get_inbox_notification = function() return case.notification end,
      get_yjs_document_as_binary_update = function() return liveblocks.crypto.base64_decode(case.update) end,
    }
  end

  it("makes of documents what @liveblocks/emails makes", function()
    local count = 0
    for line in io.lines "tests/data/editors/mentions.jsonl" do
      local case = json.decode(line)
      local email = notify.text_mention_email(client_for(case), case.event, options)
      assert(same.exactly(case.email, email or json.null))
      if email then count = count + 1 end
    end
    assert.is_true(count > 10)
  end)

  it("returns the error when the notification is gone", function()
    local gone = setmetatable({ kind = "http", status = 404 }, getmetatable(select(2, pcall(notify.text_mention_email, {}, {}))))
    local email, err = notify.text_mention_email({ get_room = function() return {} end,
      get_inbox_notification = function() error(gone, 0) end },
      { type = "notification", data = { kind = "textMention", roomId = "r", userId = "u", inboxNotificationId = "in_1" } })
    assert.is_nil(email)
    assert.equal(gone, err)
  end)

  it("refuses other events, options and styles", function()
    local event = { type = "notification", data = { kind = "textMention" } }
    for _, case in ipairs { { { type = "notification", data = { kind = "thread" } } }, { event, { user = print } },
      { event, { styles = { p = "" } } } } do
      local ok, err = pcall(notify.text_mention_email, {}, case[1], case[2])
      assert.is_false(ok)
      assert.equal("usage", err.kind)
    end
  end)
end)
