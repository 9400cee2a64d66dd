-- Projects, keys and webhooks: the management API. Of the SDKs, only the modules inside the Python SDK have it.

return function(build)
  local add, ids, sets = build.add, build.ids, build.sets
  local PROJECT, WEBHOOK = { "pr_1" }, { "pr_1", "wh_1" }

  build.pages("get_management_projects", {}, "cursor")
  add("get_management_projects", "name", {}, { name = "Site é & more" })
  sets("create_management_project", {}, {
    ["least"] = { type = "dev" },
    ["all"] = { type = "prod", name = "Site é", description = "d", region = "eu", versionCreationTimeout = 30 },
    ["no-versions"] = { type = "dev", versionCreationTimeout = false },
    ["region-unknown"] = { type = "dev", region = "mars" },
  })
  for _, op in ipairs { "get_management_project", "delete_management_project", "activate_project_public_api_key",
    "deactivate_project_public_api_key" } do
    ids(op, PROJECT)
  end
  ids("update_management_project", PROJECT, { name = "Other", description = "é" })
  ids("roll_project_public_api_key", PROJECT, { expirationIn = "24 hours" })
  sets("roll_project_secret_api_key", PROJECT, {
    ["least"] = {},
    ["both"] = { expirationIn = "3d", newKeyExpirationIn = "one year" },
    ["unknown"] = { newKeyExpirationIn = "2 years" },
  })

  build.pages("get_management_webhooks", PROJECT, "cursor")
  sets("create_management_webhook", PROJECT, {
    ["least"] = { url = "https://example.com/hook", subscribedEvents = { "storageUpdated" } },
    ["all"] = { url = "https://example.com/é?a=1&b", subscribedEvents = { "userEntered", "ydocUpdated" },
      additionalHeaders = { ["x-a"] = "b" }, rateLimit = 10, storageUpdatedThrottleSeconds = 20, yDocUpdatedThrottleSeconds = 30 },
    ["event-unknown"] = { url = "https://example.com/hook", subscribedEvents = { "roomExploded" } },
  })
  for _, op in ipairs { "get_management_webhook", "delete_management_webhook", "roll_management_webhook_secret",
    "get_management_webhook_additional_headers" } do
    ids(op, WEBHOOK)
  end
  ids("update_management_webhook", WEBHOOK, { disabled = true, rateLimit = 5 })
  ids("upsert_management_webhook_additional_headers", WEBHOOK, { headers = { ["x-é"] = "1" } })
  ids("delete_management_webhook_additional_headers", WEBHOOK, { headers = { "x-a" } })
  ids("recover_failed_webhook_messages", WEBHOOK, { since = "2026-01-31T12:00:00.000Z" })
  ids("send_test_webhook", WEBHOOK, { subscribedEvent = "threadCreated" })
end
