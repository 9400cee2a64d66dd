local process = require "tests.support.process"
local raw = require "tests.support.server"
local serve = require "tests.support.serve"

local env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET }

local function send(...)
  return process.run({ "send", ... }, { env = env })
end

describe("lbhost send", function()
  it("refuses what is misspelled before it sends, with the nearest name", function()
    for _, case in ipairs {
      { { "roomCreatd" }, "there is no event 'roomCreatd'; did you mean 'roomCreated'?" },
      { { "roomCreated", "rooomId=x" }, "roomCreated has no field 'rooomId'; did you mean 'roomId'?" },
      { { "roomCreated", "roomid=x" }, "did you mean 'roomId'?" },
      { { "roomCreated", "threadId=x" }, "roomCreated has no field 'threadId' (lbhost send --list" },
      { { "notification", "kind=$note", "threadId=x" }, "notification has no field 'threadId'" },
      { { "roomCreated", "roomId" }, "'roomId' is not field=value" },
      { { "userEntered", "numActiveUsers=many" }, "'numActiveUsers' of userEntered must be a number, got 'many'" },
      { { "userEntered", "userInfo=1" }, "'userInfo' of userEntered must be a JSON object, got '1'" },
      { { "--file", "/dev/null", "roomCreated", "roomId=x" }, "fields are for an event of a type" },
      { { "notification", "kind=thred" }, "there is no kind 'thred' of notification; did you mean 'thread'?" },
      { {}, "say which event (lbhost send --list)" },
      { { "roomCreated", "--repeat", "0" }, "--repeat takes a whole number of at least 1" },
      { { "roomCreated", "--tto", "x" }, "--to" },
    } do
      local out, err, status = send(table.unpack(case[1]))
      assert.equal(2, status, err)
      assert.equal("", out)
      assert.matches(case[2], err, 1, true)
    end
  end)

  it("says what is wrong with the arguments first, and then that there is no secret", function()
    local without = { env = { LIVEBLOCKS_WEBHOOK_SECRET = false } }
    local _, err = process.run({ "send", "roomCreatd" }, without)
    assert.matches("did you mean 'roomCreated'?", err, 1, true)
    local status
    _, err, status = process.run({ "send", "roomCreated" }, without)
    assert.equal(2, status)
    assert.matches("the secret of the webhook is missing: set LIVEBLOCKS_WEBHOOK_SECRET", err, 1, true)
  end)

  it("lists the types with their fields, without a secret", function()
    local out, _, status = process.run({ "send", "--list" }, { env = { LIVEBLOCKS_WEBHOOK_SECRET = false } })
    assert.equal(0, status)
    assert.matches("\nroomCreated +createdAt projectId roomId\n", out)
    assert.matches("\nnotification kind=textMention +[^\n]*mentionId", out)
  end)

  it("takes the text of a field that is a string as it is", function()
    local one <close> = serve.start { files = { ["h.lua"] = [[return { api = 1, name = "h", events = { ["*"] = function(event, ctx)
      ctx.log("info", "got", { room = event.data.roomId, kind = math.type(event.data.numActiveUsers), info = event.data.userInfo.name })
    end } }]] } }
    local url = ("http://127.0.0.1:%d/"):format(one.port)
    for given, room in pairs { ["12"] = "12", ["true"] = "true", ['"a b"'] = '"a b"', ["{x"] = "{x" } do
      local out, err, status = send("userEntered", "roomId=" .. given, "numActiveUsers=3", 'userInfo={"name":"B"}', "--to", url)
      assert.equal(0, status, out .. err)
      one:wait_for("info=B kind=integer plugin=h room=" .. room .. "\n")
    end
  end)

  it("shows of the receiver's answer nothing that a terminal obeys, and no secret", function()
    local srv <close> = raw.start()
    srv:answer { method = "POST", path = "/", status = 200, body = "\27[2Jgone\u{9b}1m whsec_abcdef " .. serve.SECRET }
    local out = send("roomCreated", "--to", srv.url .. "/")
    assert.is_nil(out:gsub("\n", ""):find "%c" or out:find "\xC2\x9B" or out:find "whsec")
    assert.matches("\\x1b[2Jgone\\u{9b}1m ***", out, 1, true)
    srv:answer { method = "POST", path = "/page", status = 404, body = "<html>" .. ("<p>not here</p>\n"):rep(1000) }
    out = send("roomCreated", "--to", srv.url .. "/page")
    assert.matches("^404 %S+ <html><p>not here</p> ", out)
    assert.is_true(#out < 600, out)
  end)
end)
