local advice = require "lbhost.migrate.advice"
local errors = require "liveblocks.errors"

describe("advice at the end of a migration", function()
  it("is to free space where the disk is full, and not where a right is missing", function()
    for code, expected in pairs { SQLITE_FULL = "free some space", ["53100"] = "free some space", ["42501"] = "mend that" } do
      assert.equal(("it failed (the journal; no edit is lost or made twice: %s, and run it again)"):format(expected),
        advice.failure(errors.new("store", "it failed", { code = code })))
    end
    assert.equal("it failed (the journal; no edit is lost or made twice: run it again when the database responds)",
      advice.failure(errors.new("store", "it failed", { code = "08006", unavailable = true })))
  end)
end)
