-- Where the endpoint table says something else than the official SDKs, and why. A difference that no row speaks of fails
-- `./dev drift`, and so does a row whose difference is gone.
--
--   where   Lua pattern for the place: operation, operation.field, operation?parameter, event NAME, request METHOD PATH
--   what    Lua pattern for the difference; left out: any
--   why     the reason
return {
  { where = "^authorize_user%.permissions%.%*%[%]$", what = "here and string there",
    why = "the documentation lists the permissions; a mistake is found before anything is sent" },
  { where = "^create_ai_copilot%.providerModel$", what = "^is string here",
    why = "models come and go: any name is sent" },
  { where = "^create_ai_copilot%.providerOptions$", what = "^is map<any> here",
    why = "options of other companies' models: any are sent" },
  { where = "^update_ai_copilot%.providerOptions$", what = "^is map<any>|null here",
    why = "options of other companies' models: any are sent" },
  { where = "^create_version_history_snapshot$", what = "^takes a body here and none there",
    why = "the Node SDK sends an empty object; the API takes both" },
  { where = "^delete_all_inbox_notifications%?%.organizationId$", what = "^is not known there",
    why = "the Node SDK has it" },
  { where = "^get_or_create_room$", what = "^is in none of the SDKs",
    why = "the Node SDK's getOrCreateRoom: create_room with the flag idempotent" },
  { where = "^get_rooms%?%.metadata$", what = "^is not known there",
    why = "documented as metadata.KEY=value, which no SDK offers" },
  { where = "^patch_storage_document%[%]$", what = "^is map<any> here",
    why = "the operations of RFC 6902: the server says which one is wrong" },
  { where = "^set_presence%.userInfo$", what = "^is map<any> here",
    why = "documented as any object; name, avatar and color are what the UI shows" },
  { where = "^update_notification_settings%.%a+$", what = "^is map<boolean> here",
    why = "notification kinds are the user's own, too ($myKind)" },
  { where = "^update_room%.%a+Accesses$", what = "|null here", why = "documented: null removes all accesses" },
  { where = "^upsert_room%.update%.%a+Accesses$", what = "|null here", why = "documented: null removes all accesses" },
}
