require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("AI copilots of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  before_each(function() app = support.new() end)

  local function fields(changes)
    local all = { name = "Helper", systemPrompt = "Be brief", providerApiKey = "key", provider = "openai",
      providerModel = "gpt-4o" }
    for name, value in pairs(changes or {}) do
      if value == json.null then value = nil end
      all[name] = value
    end
    return all
  end

  it("are made with 201, read, and never show the key of the provider", function()
    local status, made, response = call("POST", "/v2/ai/copilots", fields { settings = { temperature = 0.5 } })
    assert.equal(201, status)
    assert.matches("^cp_[%w_-]+$", made.id)
    assert.same({ type = "copilot", id = made.id, name = "Helper", systemPrompt = "Be brief", provider = "openai",
      providerModel = "gpt-4o", alwaysUseKnowledge = false, settings = { temperature = 0.5 },
      createdAt = "2026-05-28T20:26:40.000Z", updatedAt = "2026-05-28T20:26:40.000Z" }, made)
    assert.is_nil(response.body:find("providerApiKey", 1, true))
    assert.same(made, select(2, call("GET", "/v2/ai/copilots/" .. made.id)))
  end)

  it("are changed field by field, and null clears", function()
    local _, made = call("POST", "/v2/ai/copilots", fields { description = "d", settings = { topK = 3.5 }, knowledgePrompt = "k" })
    app.time = app.time + 1000
    local status, changed = call("POST", "/v2/ai/copilots/" .. made.id,
      { description = json.null, settings = json.null, alwaysUseKnowledge = true })
    assert.equal(200, status)
    assert.is_nil(changed.description)
    assert.is_nil(changed.settings)
    assert.is_true(changed.alwaysUseKnowledge)
    assert.equal("k", changed.knowledgePrompt)
    assert.equal("2026-05-28T20:26:41.000Z", changed.updatedAt)
    assert.equal(422, (call("POST", "/v2/ai/copilots/" .. made.id, { name = json.null })))
  end)

  it("have a provider's name and address with openai-compatible, and only then", function()
    local compatible = { provider = "openai-compatible", compatibleProviderName = "mine", providerBaseUrl = "https://x.example/v1" }
    local status, made = call("POST", "/v2/ai/copilots", fields(compatible))
    assert.equal(201, status)
    assert.equal("mine", made.compatibleProviderName)
    local _, problem = call("POST", "/v2/ai/copilots", fields { provider = "openai-compatible", providerBaseUrl = "https://x.example" })
    assert.matches("compatibleProviderName is required", problem.message)
    _, problem = call("POST", "/v2/ai/copilots", fields { compatibleProviderName = "mine" })
    assert.matches("for the provider openai%-compatible alone", problem.message)
    local _, plain = call("POST", "/v2/ai/copilots", fields())
    assert.equal(422, (call("POST", "/v2/ai/copilots/" .. plain.id, { provider = "openai-compatible" })))
    assert.same(plain, select(2, call("GET", "/v2/ai/copilots/" .. plain.id)))
    _, made = call("POST", "/v2/ai/copilots/" .. made.id, { provider = "google", providerModel = "gemini-2.5-flash" })
    assert.is_nil(made.compatibleProviderName)
    assert.is_nil(made.providerBaseUrl)
  end)

  it("refuse what is missing, empty or of another type", function()
    for _, changes in ipairs { { name = json.null }, { name = "" }, { provider = "acme" }, { providerModel = "" },
      { alwaysUseKnowledge = "yes" }, { settings = { temperature = "hot" } }, { systemPrompt = 1 } } do
      assert.equal(422, (call("POST", "/v2/ai/copilots", fields(changes))))
    end
  end)

  it("are listed newest first in pages", function()
    for i = 1, 5 do call("POST", "/v2/ai/copilots", fields { name = "c" .. i }) end
    local _, page = call("GET", "/v2/ai/copilots?limit=3")
    assert.equal("c5", page.data[1].name)
    _, page = call("GET", "/v2/ai/copilots?limit=3&startingAfter=" .. page.nextCursor)
    assert.equal(2, #page.data)
    assert.equal(json.null, page.nextCursor)
  end)

  it("are gone after they were deleted, with what they know", function()
    local _, made = call("POST", "/v2/ai/copilots", fields())
    local _, source = call("PUT", ("/v2/ai/copilots/%s/knowledge/file/a.txt"):format(made.id), "text")
    assert.equal(204, (call("DELETE", "/v2/ai/copilots/" .. made.id)))
    assert.equal(404, (call("GET", "/v2/ai/copilots/" .. made.id)))
    assert.equal(404, (call("DELETE", "/v2/ai/copilots/" .. made.id)))
    local status, problem = call("GET", ("/v2/ai/copilots/%s/knowledge/%s"):format(made.id, source.id))
    assert.equal(404, status)
    assert.equal("RESOURCE_NOT_FOUND", problem.error)
  end)
end)
