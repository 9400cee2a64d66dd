-- The specs stand in the tree of the sources: lua/liveblocks/x.lua is covered by module/x_spec.lua, lua/lbhost/x.lua by
-- program/x_spec.lua. What another spec covers stands here, with that spec: a module, or a directory that ends with /.
local covered_by = {
  -- Commands are run from outside, as a user runs them.
  ["lua/lbhost/cli/global_options.lua"] = "program/commands/run_spec.lua",
  ["lua/lbhost/cli/source_help.lua"] = "program/repl/parts_spec.lua",
  ["lua/lbhost/cli/main.lua"] = "program/commands/run_spec.lua",
  ["lua/lbhost/cli/environment_variables.lua"] = "docs/configuration_spec.lua",
  ["lua/lbhost/cli/templates.lua"] = "program/commands/new_spec.lua",
  ["lua/lbhost/commands/completion.lua"] = "program/cli/completion_spec.lua",
  ["lua/lbhost/commands/help.lua"] = "program/cli/topics_spec.lua",
  ["lua/lbhost/commands/local.lua"] = "program/local/command_spec.lua",
  ["lua/lbhost/commands/migrate.lua"] = "program/migrate/command_spec.lua",
  ["lua/lbhost/commands/plugins.lua"] = "program/plugin/registry_spec.lua",
  ["lua/lbhost/commands/queue.lua"] = "system/serve_operation_spec.lua",
  ["lua/lbhost/commands/send.lua"] = "system/send_spec.lua",
  ["lua/lbhost/commands/serve.lua"] = "system/serve_spec.lua",
  ["lua/lbhost/commands/version.lua"] = "program/commands/run_spec.lua",
  ["lua/lbhost/http_server.lua"] = "system/http_server_spec.lua",
  ["lua/lbhost/signals.lua"] = "system/signals_spec.lua",
  ["lua/lbhost/slack.lua"] = "program/scripts/chat_spec.lua",
  -- The local Liveblocks is called by its API: a part of it shows in each resource.
  ["lua/lbhost/local/app.lua"] = "program/local/server_spec.lua",
  ["lua/lbhost/local/files/uploads.lua"] = "program/local/resources/storage_files_spec.lua",
  ["lua/lbhost/local/http/"] = "program/local/server_spec.lua",
  ["lua/lbhost/local/inside.lua"] = "program/local/command_spec.lua",
  ["lua/lbhost/local/inspection/"] = "program/local/inspection/site_spec.lua",
  ["lua/lbhost/local/knowledge/"] = "program/local/resources/knowledge_spec.lua",
  ["lua/lbhost/local/options.lua"] = "program/local/command_spec.lua",
  ["lua/lbhost/local/storage/"] = "program/local/resources/storage_spec.lua",
  ["lua/lbhost/local/webhooks/throttle.lua"] = "program/local/webhooks/delivery_spec.lua",
  -- Parts of a run.
  ["lua/lbhost/migrate/"] = "program/migrate/run_spec.lua",
  ["lua/lbhost/migrate/archive.lua"] = "program/migrate/backup_spec.lua",
  ["lua/lbhost/migrate/restore.lua"] = "program/migrate/backup_spec.lua",
  ["lua/lbhost/postgres/connect.lua"] = "program/postgres/pool_spec.lua",
  ["lua/lbhost/postgres/shared.lua"] = "program/serve/stores_spec.lua",
  -- They need the service around them.
  ["lua/lbhost/plugin/host.lua"] = "program/plugin/registry_spec.lua",
  ["lua/lbhost/plugins/"] = "system/shipped_plugins_spec.lua",
  ["lua/lbhost/serve/"] = "system/serve_spec.lua",
  ["lua/lbhost/serve/admin/"] = "system/serve_admin_spec.lua",
  ["lua/lbhost/serve/postgres/"] = "system/serve_hosts_spec.lua",
  ["lua/lbhost/serve/store.lua"] = "program/serve/stores_spec.lua",
  ["lua/lbhost/serve/open_store.lua"] = "program/serve/stores_spec.lua",
  ["lua/lbhost/serve/log.lua"] = "system/serve_operation_spec.lua",
  ["lua/lbhost/serve/notify.lua"] = "system/serve_operation_spec.lua",
  -- The prompt is typed at in a terminal, its parts without one.
  ["lua/lbhost/repl/"] = "program/repl/parts_spec.lua",
  ["lua/lbhost/util/module_path.lua"] = "program/commands/run_spec.lua",
  -- Parts of a site.
  ["lua/lbhost/web/"] = "program/web/site_spec.lua",
  -- Parts of one public function, which is called with many inputs.
  ["lua/liveblocks/comment/markdown/"] = "module/comment_spec.lua",
  ["lua/liveblocks/comment/render.lua"] = "module/comment_spec.lua",
  ["lua/liveblocks/notify/"] = "module/notify_spec.lua",
  ["lua/liveblocks/storage/"] = "module/storage_spec.lua",
  ["lua/liveblocks/editor/"] = "module/editor_spec.lua",
  ["lua/liveblocks/yjs/"] = "module/yjs_spec.lua",
  ["lua/liveblocks/arguments.lua"] = "module/types_spec.lua",
  ["lua/liveblocks/init.lua"] = "module/hooks_spec.lua",
  ["lua/liveblocks/portable.lua"] = "module/luas_spec.lua",
  ["lua/liveblocks/wait.lua"] = "module/task_spec.lua",
}

local SPECS = "tests/spec/"
local roots = { { "^lua/liveblocks/(.*)%.lua$", "module/%1_spec.lua" }, { "^lua/lbhost/(.*)%.lua$", "program/%1_spec.lua" } }

local function exists(path)
  local file = io.open(path)
  return file and file:close()
end

local function modules()
  local list, pipe = {}, assert(io.popen "find lua/liveblocks lua/lbhost -name '*.lua' | sort")
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

-- The spec of the module's stem.
local function stem_spec(path)
  for _, root in ipairs(roots) do
    local spec, count = path:gsub(root[1], root[2])
    if count == 1 then return spec end
  end
end

-- The same when there is one, or nil.
local function own_spec(path)
  local spec = stem_spec(path)
  return exists(SPECS .. spec) and spec or nil
end

-- The row for a module: its own, or that of the nearest directory.
local function row_for(path)
  local name = path
  while name do
    if covered_by[name] then return name end
    name = name:match "^(.*/)[^/]+/?$"
  end
end

describe("each Lua module", function()
  it("has the spec of its stem, or a row that names the spec which covers it", function()
    local without = {}
    for _, path in ipairs(modules()) do
      if not own_spec(path) and not row_for(path) then
        without[#without + 1] = ("%s: write %s%s, or name the spec that covers it in covered_by"):format(path, SPECS, stem_spec(path))
      end
    end
    assert.same({}, without)
  end)

  it("has a row only when it needs one", function()
    local needed = {}
    for _, path in ipairs(modules()) do
      if not own_spec(path) then needed[row_for(path) or path] = true end
    end
    for name, spec in pairs(covered_by) do
      assert.is_true(needed[name], name .. " needs no row")
      assert.is_true(exists(SPECS .. spec) ~= nil, spec .. " is not there")
    end
  end)
end)

describe("each spec", function()
  it("of a directory of the sources stands in the same directory", function()
    local pipe = assert(io.popen "find tests/spec/module tests/spec/program -mindepth 1 -type d | sort")
    -- parts of the program that are not in lua/lbhost
    local others = { ["tests/spec/program/host"] = "host", ["tests/spec/program/scripts"] = "scripts" }
    for path in pipe:lines() do
      local source = others[path] or path:gsub("^tests/spec/module", "lua/liveblocks"):gsub("^tests/spec/program", "lua/lbhost")
      assert.is_true(os.execute(("test -d '%s'"):format(source)) ~= nil, path .. ": there is no directory " .. source)
    end
    pipe:close()
  end)
end)
