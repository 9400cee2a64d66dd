local secret_file = require "lbhost.cli.secret_file"

describe("a file with a secret", function()
  local directory
  setup(function() directory = require("tests.support.directory").new() end)
  teardown(function() directory:remove() end)

  local function refused(read, text)
    local ok, err = pcall(read, directory:write("secret", text))
    assert.is_false(ok)
    assert.equal("usage", err.kind)
    assert.is_nil(err.message:find "hidden")
    return err.message
  end

  it("holds the secret alone, or a line with its name", function()
    for _, text in ipairs { "sk_a", "sk_a\r\n", "\xEF\xBB\xBFsk_a\n", '"sk_a"\n', "# of staging\nsk_a", "LIVEBLOCKS_SECRET_KEY=sk_a",
      "export LIVEBLOCKS_SECRET_KEY='sk_a'\nOTHER=1\n" } do
      assert.equal("sk_a", secret_file.key(directory:write("secret", text)))
    end
    for _, text in ipairs { "whsec_a whsec_b", "whsec_a\nwhsec_b\n", '"whsec_a"\r\nwhsec_b', "LIVEBLOCKS_WEBHOOK_SECRET=whsec_a,whsec_b",
      'LIVEBLOCKS_SECRET_KEY=sk_a\nexport LIVEBLOCKS_WEBHOOK_SECRET="whsec_a whsec_b"' } do
      assert.same({ "whsec_a", "whsec_b" }, secret_file.webhook_secrets(directory:write("secret", text)))
    end
  end)

  it("is refused with what it has instead, without showing it", function()
    for text, problem in pairs { pk_hidden = "has a public key", whsec_hidden = "has the secret of a webhook", [" \n"] = "is empty",
      ["OTHER=hidden"] = "has no LIVEBLOCKS_SECRET_KEY", ["sk_hidden sk_b"] = "has more than a key" } do
      assert.matches(problem, refused(secret_file.key, text), 1, true)
    end
    for text, problem in pairs { sk_hidden = "has a secret key", pk_hidden = "has a public key", [""] = "is empty",
      ["LIVEBLOCKS_SECRET_KEY=sk_hidden"] = "has no LIVEBLOCKS_WEBHOOK_SECRET" } do
      assert.matches(problem, refused(secret_file.webhook_secrets, text), 1, true)
    end
    assert.matches("No such file", select(2, pcall(secret_file.webhook_secrets, directory.path .. "/none")).message)
  end)
end)
