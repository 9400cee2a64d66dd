--- Projects of the management API. The data of the server are those of its own project, with the id of
--- options.project_id; other projects are kept and shown, with keys and webhooks of their own.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local crypto = require "liveblocks.crypto"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local pages = require "lbhost.local.http.pagination"

return function(app)
  local list

  local function new_key(prefix)
    return { value = prefix .. "_" .. crypto.random_id(48):gsub("-", "_"), created = app:now() }
  end

  local function new_project(fields)
    local now = app:now()
    local project = {
      id = fields.id or app:id("pr_"), seq = app:sequence(), created = now, updated = now, type = fields.type,
      region = fields.region or "earth",
      name = fields.name or "Untitled project", description = fields.description,
      versionCreationTimeout = fields.versionCreationTimeout or false,
      publicKey = fields.publicKey or new_key("pk_" .. fields.type),
      secretKey = fields.secretKey or new_key("sk_" .. fields.type), oldKeys = {},
    }
    project.publicKey.activated = true
    app.state.projects[project.id] = project
    return project
  end

  app:on("loaded", function()
    app.state.projects = app.state.projects or {}
    local options = app.options
    if not app.state.projects[options.project_id] then
      new_project { id = options.project_id, type = "dev", name = "Local development",
        publicKey = { value = options.public_key, created = app:now() },
        secretKey = { value = options.secret, created = app:now() } }
    end
    list = index.new()
    for _, project in pairs(app.state.projects) do list:insert(project) end
  end)

  --- The record of a project; 404 when there is none.
  function app:project(id)
    return self.state.projects[id] or responses.not_found("project", id)
  end

  local function view(project)
    return {
      id = project.id, teamId = "local", type = project.type, name = project.name,
      description = project.description or json.null, region = project.region or "earth",
      createdAt = app:date(project.created), updatedAt = app:date(project.updated),
      publicKey = { activated = project.publicKey.activated, createdAt = app:date(project.publicKey.created),
        value = project.publicKey.value },
      secretKey = { createdAt = app:date(project.secretKey.created), value = project.secretKey.value },
      versionCreationTimeout = project.versionCreationTimeout,
    }
  end

  local handlers = {}

  function handlers.get_management_projects(call)
    local name = call.query.name
    return pages.page(call, list, { view = view, keep = name and function(project) return project.name == name end })
  end

  function handlers.create_management_project(call)
    if call.body.name then check.id(call.body.name, "body.name", 256) end
    local body = call.body
    local project = new_project { type = body.type, name = body.name, description = body.description, region = body.region,
      versionCreationTimeout = body.versionCreationTimeout }
    list:insert(project)
    return view(project)
  end

  function handlers.get_management_project(call)
    return view(app:project(call.path.projectId))
  end

  function handlers.update_management_project(call)
    local project, body = app:project(call.path.projectId), call.body
    if body.name then check.id(body.name, "body.name", 256) end
    for _, name in ipairs { "name", "description", "versionCreationTimeout" } do
      if body[name] ~= nil then project[name] = body[name] end
    end
    project.updated = app:now()
    return view(project)
  end

  function handlers.delete_management_project(call)
    local project = app:project(call.path.projectId)
    if project.id == app.options.project_id then
      responses.fail(409, "CONFLICT", "This is the project whose data the local Liveblocks holds: it cannot be deleted",
        "Delete its rooms instead, or start lbhost local again")
    end
    app.state.projects[project.id] = nil
    list:remove(project)
    app:signal("project.deleted", project)
    return responses.ok()
  end

  return handlers
end
