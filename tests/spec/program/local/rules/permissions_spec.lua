require "tests.support.client"
local permissions = require "lbhost.local.rules.permissions"

local function room(default, users, groups)
  return { defaultAccesses = default, usersAccesses = users or {}, groupsAccesses = groups or {} }
end

describe("permissions for private threads", function()
  it("are decided by the most specific name of a list, in any order", function()
    for list, hidden in pairs {
      [{}] = false, [{ "*:write" }] = false, [{ "room:read" }] = false, [{ "*:write", "comments:none" }] = true,
      [{ "comments:private:none", "*:write" }] = true, [{ "comments:none", "comments:private:read" }] = false,
      [{ "comments:private:write", "comments:none", "*:read" }] = false, [{ "*:write", "comments:public:none" }] = false,
      [{ "*:write", "storage:none", "feeds:none" }] = false, [{ "room:write", "room:presence:write" }] = false,
      [{ "comments:private:none", "comments:private:write" }] = false,
    } do
      assert.equal(hidden, permissions.hide_private(room(list), "ann", {}), table.concat(list, " "))
    end
  end)

  it("are those of the user, else of all the user's groups, else those of the room", function()
    local hidden, shown = { "*:write", "comments:private:none" }, { "*:write" }
    local all = room(hidden, { ann = shown, bob = hidden }, { staff = shown, guests = { "*:read", "comments:private:none" },
      reviewers = { "comments:private:read" } })
    assert.is_false(permissions.hide_private(all, "ann", { "guests" }))
    assert.is_true(permissions.hide_private(all, "bob", { "staff" }))
    assert.is_false(permissions.hide_private(all, "cat", { "staff" }))
    assert.is_true(permissions.hide_private(all, "cat", { "guests" }))
    assert.is_false(permissions.hide_private(all, "cat", { "guests", "reviewers" }))
    assert.is_true(permissions.hide_private(all, "cat", { "unknown" }))
  end)
end)
