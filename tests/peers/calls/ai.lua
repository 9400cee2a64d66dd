-- AI copilots and their knowledge.

local COPILOT = { "cp_1" }

return function(build)
  local add, ids, sets, null, empty = build.add, build.ids, build.sets, build.null, build.empty

  build.pages("get_ai_copilots", {}, "startingAfter")

  local function copilot(provider, model, extra)
    local args = {
      name = "Helper é", systemPrompt = "You help.\n\"Always\".", providerApiKey = "key-1",
      provider = provider, providerModel = model,
    }
    for key, value in pairs(extra or {}) do args[key] = value end
    return args
  end
  sets("create_ai_copilot", {}, {
    ["openai"] = copilot("openai", "gpt-4o"),
    ["anthropic"] = copilot("anthropic", "claude-haiku-4-5-20251001"),
    ["google"] = copilot("google", "gemini-2.5-flash"),
    ["model-unknown"] = copilot("openai", "gpt-of-the-future"),
    ["compatible"] = copilot("openai-compatible", "any model", {
      compatibleProviderName = "own", providerBaseUrl = "https://ai.example/v1?x=é",
    }),
    ["all"] = copilot("openai", "gpt-4o", {
      description = "日本🎉", knowledgePrompt = "Use it", alwaysUseKnowledge = false,
      settings = {
        maxTokens = 4096, temperature = 0.7, topP = 1.0, topK = 3, frequencyPenalty = -0.5,
        presencePenalty = 0, stopSequences = { "a", "\n" }, seed = 7, maxRetries = 2,
      },
      providerOptions = { openai = { reasoningEffort = "medium" } },
    }),
    ["settings-empty"] = copilot("openai", "gpt-4o", { settings = {} }),
    ["stops-empty"] = copilot("openai", "gpt-4o", { settings = { stopSequences = empty() } }),
  })

  ids("get_ai_copilot", COPILOT)
  ids("delete_ai_copilot", COPILOT)
  ids("update_ai_copilot", COPILOT, { name = "New" })
  sets("update_ai_copilot", COPILOT, {
    ["nothing"] = {},
    ["nulls"] = { description = null, knowledgePrompt = null, settings = null, providerOptions = null },
    ["provider"] = {
      provider = "anthropic", providerModel = "claude-haiku-4-5-20251001", providerApiKey = "k",
    },
    ["all"] = {
      name = "é", description = "d", systemPrompt = "s", knowledgePrompt = "k", alwaysUseKnowledge = true,
      settings = { maxTokens = 1, temperature = 0.5, stopSequences = empty() }, providerApiKey = "key",
      provider = "openai", providerModel = "gpt-4o",
      providerOptions = { openai = { reasoningEffort = "low" } },
    },
    ["compatible"] = { compatibleProviderName = "own", providerBaseUrl = "https://ai.example/v1" },
  })

  ids("get_knowledge_sources", COPILOT)
  build.pages("get_knowledge_sources", COPILOT, "startingAfter")
  for _, op in ipairs({ "get_knowledge_source", "get_file_knowledge_source_markdown",
                        "delete_file_knowledge_source", "delete_web_knowledge_source",
                        "get_web_knowledge_source_links" }) do
    ids(op, { "cp_1", "ks_1" })
  end
  build.pages("get_web_knowledge_source_links", { "cp_1", "ks_1" }, "startingAfter")

  ids("create_web_knowledge_source", COPILOT, { url = "https://x.y/", type = "individual_link" })
  add("create_web_knowledge_source", "crawl", COPILOT, { url = "https://x.y/é?a=1&b=2#c", type = "crawl" })
  add("create_web_knowledge_source", "sitemap", COPILOT, { url = "https://x.y/s.xml", type = "sitemap" })

  local PATH = { "cp_1", "notes.txt" }
  local function file(hex, mime)
    return { hex = hex, node = { mime = mime or "application/octet-stream" } }
  end
  ids("create_file_knowledge_source", PATH, nil, file("00ff10"))
  add("create_file_knowledge_source", "bytes-empty", PATH, nil, file(""))
  add("create_file_knowledge_source", "mime", PATH, nil, file("23206869", "text/markdown"))
end
