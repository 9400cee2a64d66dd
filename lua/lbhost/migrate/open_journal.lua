--- Opens the journal of a run, and checks that it is of this migration and of this project.
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local journals = require "lbhost.migrate.journal"
local project = require "lbhost.migrate.project"

-- Which project this is, without its key.
local function identity_of()
  local given = globals.client()
  local secret = given.secret or os.getenv "LIVEBLOCKS_SECRET_KEY"
  if not secret then
    errors.usage "no secret key: set LIVEBLOCKS_SECRET_KEY, or give --secret-file (the key is in the dashboard, API keys)"
  end
  return project.identity(secret, given.base_url or os.getenv "LIVEBLOCKS_BASE_URL" or "https://api.liveblocks.io")
end

-- Is the journal of this migration, with these options?
local function check_migration(journal, settings, migration)
  if settings.accept_change then return end
  local known_file, known_options = journal:get "file", journal:get "options"
  local changed = known_file and (known_file ~= migration.file_hash and migration.path
    or known_options ~= migration.options_hash and "the options of " .. migration.path)
  if changed then
    errors.usage("%s %s changed since the journal '%s' was made; go on with --accept-change, begin again with --restart, or "
      .. "name another with --journal", changed, changed == migration.path and "has" or "have", journal.path)
  end
end

-- The directory of a journal that the migration has chosen is made, as the migration would make it.
local function make_directory(path, migration)
  local directory = migration.journal and path:match "^(.*)/[^/]*$"
  local made, problem = true, nil
  if directory and directory ~= "" then made, problem = require("lbhost.host").make_directory(directory) end
  if not made then errors.usage("cannot make the journal: %s", problem) end
end

-- What only a journal that hosts share needs is the rest.
local function options_of(settings, migration, client, log)
  return { restart = settings.restart and not settings.only[1], alone = migration.repeats, name = migration.name,
    file = migration.file_hash .. " " .. migration.options_hash, log = log,
    pace = { client = client, rate = client.pace.rate or nil, given = globals.values.rate ~= nil } }
end

--- Opens the journal, or makes it. Raises usage errors when it is of another migration or project.
---@param path string a file or a URL; not used with --local, unless it was given
---@param settings table options of the command: journal, only, restart, retry_failed, accept_change, accept_key, accept_project
---@param migration lbhost.Migration
---@param client liveblocks.Client
---@param log fun(text: string)
---@return lbhost.migrate.Journal
return function(path, settings, migration, client, log)
  -- What the local Liveblocks inside holds ends with this program, so a journal of it would only mislead.
  local inside = globals.values.inside and not settings.journal
  local this = identity_of()
  if not (settings.journal or inside) then make_directory(path, migration) end
  local journal = journals.open(inside and ":memory:" or path, options_of(settings, migration, client, log))
  local ok, err = pcall(function()
    check_migration(journal, settings, migration)
    if not globals.values.inside then
      local why = project.check(journal, this, client, { key = settings.accept_key, unproved = settings.accept_project })
      if why then log(why) end
    end
    journal:identify { file = migration.file_hash, options = migration.options_hash, key = this.key, host = this.host,
      name = migration.name, rooms = not inside and project.sample(client) or nil }
    if settings.retry_failed then
      journal:reset "failed"
      journal:reset "missing"
    end
  end)
  if not ok then
    journal:close()
    error(err, 0)
  end
  return journal
end
