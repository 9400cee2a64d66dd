local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local json = require "liveblocks.json"

local function refused(fn, ...)
  local ok, failure = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_true(responses.is_failure(failure), tostring(failure))
  return failure.status, failure.message
end

describe("the checks of requests", function()
  it("read dates in every zone and refuse invalid ones", function()
    for text, wanted in pairs {
      ["1970-01-01T00:00:00Z"] = 0, ["2026-01-31T12:00:00.123Z"] = 1769860800123, ["2026-01-31T14:30:00.5+02:30"] = 1769860800500,
      ["2024-02-29T00:00Z"] = 1709164800000, ["1969-12-31T23:59:59.999Z"] = -1, ["2026-01-31T12:00:00-0100"] = 1769864400000,
    } do
      assert.equal(wanted, check.date(text, "at"))
    end
    for _, text in ipairs { "", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-31T12:60:00Z", "now",
      "2026-01-31T12:00:00+2", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00.Z" } do
      assert.equal(422, (refused(check.date, text, "at")))
    end
  end)

  it("count what is given and name the place as it is on the wire", function()
    local row = { type = "{list: {a: string}[], n?: integer(1..3)}" }
    local _, message = refused(check.body, row, { list = json.array { { a = "x" }, { a = 1 } } })
    assert.truthy(message:find("body.list[1].a must be a string", 1, true), message)
    _, message = refused(check.body, row, { list = json.array {}, n = 4 })
    assert.truthy(message:find("body.n is 4, allowed is 1 to 3", 1, true), message)
    assert.same({ list = {}, extra = 1 }, check.body(row, { list = json.array {}, extra = 1 }))
  end)

  it("merge metadata: null deletes, the result has to keep to the limits", function()
    local limits = { entries = 2, key = 3, value = 4 }
    assert.same({ b = "2", c = 3 }, check.merge_metadata({ a = "1", b = "2" }, { a = json.null, c = 3 }, limits, "metadata"))
    refused(check.merge_metadata, { a = "1", b = "2" }, { c = "3" }, limits, "metadata")
    refused(check.merge_metadata, {}, { long = "1" }, limits, "metadata")
    refused(check.merge_metadata, {}, { a = "éééé!" }, limits, "metadata")
    assert.same({ a = "éééé" }, check.merge_metadata({}, { a = "éééé" }, limits, "metadata"))
  end)

  it("know ids made by clients", function()
    local id = "fl_" .. ("a"):rep(21)
    assert.equal(id, check.client_id(id, "fl_", "fileId"))
    for _, bad in ipairs { "fl_" .. ("a"):rep(20), "at_" .. ("a"):rep(21), "fl_" .. ("a"):rep(20) .. "/" } do
      assert.equal(400, (refused(check.client_id, bad, "fl_", "fileId")))
    end
  end)
end)
