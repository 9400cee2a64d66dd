require "liveblocks"
local iso_date = require "liveblocks.iso_date"

describe("a date of the API", function()
  it("is read in every zone, to the millisecond", function()
    for text, wanted in pairs {
      ["1970-01-01T00:00:00Z"] = 0, ["2026-01-31T12:00:00.123Z"] = 1769860800123, ["2026-01-31T14:30:00.5+02:30"] = 1769860800500,
      ["2024-02-29T00:00Z"] = 1709164800000, ["1969-12-31T23:59:59.999Z"] = -1, ["2026-01-31T12:00:00-0100"] = 1769864400000,
      ["2000-03-01T00:00:00"] = 951868800000, ["1900-03-01T00:00:00z"] = -2203891200000, ["2026-01-31T12:00:00.9996Z"] = 1769860801000,
    } do
      assert.equal(wanted, iso_date.milliseconds(text), text)
    end
  end)

  it("is nil for anything else", function()
    for _, text in ipairs { "", "2026-01-31", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
      "2026-01-31T12:60:00Z", "2026-01-31T12:00:00+2", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00.Z", "now", 17, false } do
      assert.is_nil(iso_date.milliseconds(text), tostring(text))
    end
    assert.is_nil(iso_date.milliseconds(nil))
  end)
end)
