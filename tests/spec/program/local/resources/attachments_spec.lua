require "tests.support.client"
local comments = require "tests.support.local_comments"

local ID <const> = "at_123456789012345678901"

describe("attachments of the local Liveblocks", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  local function upload(id, name, bytes)
    return it_is.call("PUT", ("/v2/rooms/r/attachments/%s/upload/%s?userId=ann"):format(id or ID, name or "a.png"), bytes or "bytes")
  end

  it("are uploaded, named by a comment, and downloaded", function()
    local bytes = "\0\xff\r\n\x89PNG"
    local shown = { type = "attachment", id = ID, mimeType = "image/png", name = "a b.png", size = #bytes }
    assert.same(shown, upload(ID, "a%20b.png", bytes))
    local thread = it_is.thread("ann", nil, { attachmentIds = { ID, ID } })
    assert.same({ shown }, thread.comments[1].attachments)
    local found = it_is.call("GET", "/v2/rooms/r/attachments/" .. ID)
    assert.equal("2026-05-28T21:26:40.000Z", found.expiresAt)
    local target = found.url:match("^http://127.0.0.1:%d+(/.*)$")
    local status, downloaded, response = it_is.try("GET", target, nil, { authorization = false })
    assert.equal(200, status)
    assert.equal(bytes, downloaded)
    assert.equal("image/png", response.headers["content-type"])
    it_is.wait(3600 * 1000 + 1)
    assert.equal(403, (it_is.try("GET", target)))
  end)

  it("are uploaded in parts", function()
    local base = ("/v2/rooms/r/attachments/%s/multipart/"):format(ID)
    local begun = it_is.call("POST", base .. "big.bin?fileSize=6")
    assert.equal(ID, begun.attachmentId)
    local second = it_is.call("PUT", base .. begun.uploadId .. "/2", "def")
    local first = it_is.call("PUT", base .. begun.uploadId .. "/1", "abc")
    local done = it_is.call("POST", base .. begun.uploadId .. "/complete?userId=ann", { parts = { first, second } })
    assert.same({ type = "attachment", id = ID, mimeType = "application/octet-stream", name = "big.bin", size = 6 }, done)
    local _, bytes = it_is.try("GET", it_is.call("GET", "/v2/rooms/r/attachments/" .. ID).url:match("//[^/]*(/.*)$"))
    assert.equal("abcdef", bytes)
    assert.equal(422, (it_is.try("POST", base .. begun.uploadId .. "/complete", { parts = { first } })))
  end)

  it("and what was uploaded of them are there after a restart", function()
    upload(ID, "a.bin", "\0\255\128")
    local thread = it_is.thread("ann", nil, { attachmentIds = { ID } })
    local other = "at_abcdefghijklmnopqrstu"
    local base = ("/v2/rooms/r/attachments/%s/multipart/"):format(other)
    local begun = it_is.call("POST", base .. "b.bin")
    local part = it_is.call("PUT", base .. begun.uploadId .. "/3", "\255")
    it_is.reload()
    local _, bytes = it_is.try("GET", it_is.call("GET", "/v2/rooms/r/attachments/" .. ID).url:match("//[^/]*(/.*)$"))
    assert.equal("\0\255\128", bytes)
    assert.equal(1, it_is.call("POST", base .. begun.uploadId .. "/complete?userId=ann", { parts = { part } }).size)
    assert.same(thread, it_is.call("GET", it_is.path(thread)))
    it_is.call("DELETE", it_is.path(thread))
    assert.equal(404, (it_is.try("GET", "/v2/rooms/r/attachments/" .. ID)))
  end)

  it("must be uploaded before a comment names them, ten at most", function()
    local thread = it_is.thread("ann")
    local comment = { userId = "ann", body = comments.body "x", attachmentIds = { ID } }
    local status, failure = it_is.try("POST", it_is.path(thread) .. "/comments", comment)
    assert.equal(422, status)
    assert.matches(ID .. "' has not been uploaded", failure.message)
    comment.attachmentIds = {}
    for i = 1, 11 do
      comment.attachmentIds[i] = ("at_%021d"):format(i)
      upload(comment.attachmentIds[i])
    end
    assert.equal(422, (it_is.try("POST", it_is.path(thread) .. "/comments", comment)))
    comment.attachmentIds[11] = nil
    assert.equal(10, #it_is.call("POST", it_is.path(thread) .. "/comments", comment).attachments)
  end)

  it("are replaced by an edit, and gone with the last comment that names them", function()
    local other = "at_abcdefghijklmnopqrstu"
    upload(ID)
    upload(other)
    local thread = it_is.thread("ann", nil, { attachmentIds = { ID } })
    local reply = it_is.reply(thread, "bob", nil, { attachmentIds = { ID } })
    local function exists(id) return it_is.try("GET", "/v2/rooms/r/attachments/" .. id) == 200 end
    local function edit(ids)
      return it_is.call("POST", it_is.path(thread) .. "/comments/" .. reply.id, { body = comments.body "x", attachmentIds = ids })
    end
    assert.equal(1, #edit(nil).attachments)
    assert.equal(other, edit({ other }).attachments[1].id)
    assert.is_true(exists(ID))
    assert.same({}, edit({}).attachments)
    assert.is_false(exists(other))
    it_is.call("DELETE", it_is.path(thread) .. "/comments/" .. thread.comments[1].id)
    assert.is_false(exists(ID))
    upload(ID)
    it_is.reply(thread, "ann", nil, { attachmentIds = { ID } })
    it_is.call("DELETE", it_is.path(thread))
    assert.is_false(exists(ID))
  end)

  it("refuse invalid ids, a second file under one id, and files that are too large", function()
    it_is = comments.new { max_file = 10 }
    local path = "/v2/rooms/r/attachments/%s/upload/%s?userId=ann"
    assert.equal(400, (it_is.try("PUT", path:format("at_short", "a"), "x")))
    assert.equal(422, (it_is.try("PUT", path:format(ID, "a"):gsub("?.*", ""), "x")))
    assert.equal(413, (it_is.try("PUT", path:format(ID, "a"), ("x"):rep(11))))
    assert.equal(413, (it_is.try("PUT", path:format(ID, "a") .. "&fileSize=11", "x")))
    assert.equal(422, (it_is.try("PUT", path:format(ID, "a") .. "&fileSize=2", "x")))
    assert.same(upload(ID, "a", "x"), upload(ID, "a", "x"))
    assert.equal(409, (it_is.try("PUT", path:format(ID, "b"), "x")))
    assert.equal(404, (it_is.try("GET", "/v2/rooms/r/attachments/at_000000000000000000000")))
  end)
end)
