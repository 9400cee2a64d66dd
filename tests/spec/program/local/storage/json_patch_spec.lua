-- Random edits of random documents, sent to the local Liveblocks as patches: the document there is then the edited one,
-- every Live structure of the kind it should have.
local cases = require "tests.support.storage_cases"
local json = require "liveblocks.json"
local storage = require "liveblocks.storage"
local support = require "tests.support.local_app"
local value = require "liveblocks.storage.value"

describe("patches of mutate_storage in the local Liveblocks", function()
  local app = support.new()

  local function call(method, target, body, headers)
    local status, answer = support.call(app, method, target, body, headers)
    assert.is_true(status < 300, ("%s %s: %d %s"):format(method, target, status, json.encode(answer)))
    return answer
  end

  -- A room with a random document; returns its path.
  local function make_room(n, before)
    local id = "r" .. n
    call("POST", "/v2/rooms", { id = id, defaultAccesses = json.array {} })
    local path = ("/v2/rooms/%s/storage"):format(id)
    for _, file in ipairs(cases.files) do call("PUT", ("%s/files/%s/upload/n"):format(path, file), "x") end
    call("POST", path, before)
    return path
  end

  it("make exactly the edited document", function()
    local done = 0
    for n = 1, os.getenv "LBHOST_TEST_GC" and 50 or 400 do
      local before, edit = cases.make(n)
      local path = make_room(n, before)
      local document = storage.open(call("GET", path))
      local ok, patch = pcall(function()
        edit(document.root)
        return storage.patch(document, { guard = n % 2 == 0 and "values" or "structure", allow_map = true })
      end)
      if ok then
        call("PATCH", path .. "/json-patch", patch)
        assert.is_true(value.equal(call("GET", path), value.form(document.root_node, "lson")), "seed " .. n)
        done = done + 1
      else
        local why = tostring(patch)
        assert.is_truthy(why:find "allow_conversion" or why:find "make a LiveText" or why:find "contain itself", why)
      end
    end
    assert.is_true(done > 40)
  end)
end)
