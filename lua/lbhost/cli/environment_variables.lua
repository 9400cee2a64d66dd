--- The environment variables that commands read, and what they are for.
return {
  LIVEBLOCKS_SECRET_KEY = "the secret key of the project (sk_...)",
  LIVEBLOCKS_BASE_URL = "the address of the API, instead of https://api.liveblocks.io",
  LIVEBLOCKS_WEBHOOK_SECRET = "the secrets of the webhook (whsec_...), separated by spaces",
  LUA_PATH = "where require looks for Lua modules, after the directory of the script; as in the stand-alone Lua",
  XDG_CONFIG_HOME = "the configuration, instead of ~/.config",
  XDG_STATE_HOME = "the event store and the history, instead of ~/.local/state",
  NO_COLOR = "no colours",
  PGPASSWORD = "the password of a store in PostgreSQL; and the other variables of libpq",
  SSL_CERT_FILE = "a file of certificate authorities, instead of the system's; also SSL_CERT_DIR, CURL_CA_BUNDLE",
  https_proxy = "a proxy; also http_proxy, all_proxy and no_proxy, as in curl",
}
