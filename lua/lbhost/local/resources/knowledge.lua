--- What a copilot knows from: web pages and files. A source is "ingesting" for a moment and then "ready", or "error".
--- Sites on this machine are read; of all others nothing is known but their address.
local responses = require "lbhost.local.http.response"
local crawl = require "lbhost.local.knowledge.crawl"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local markdown = require "lbhost.local.knowledge.markdown"
local pages = require "lbhost.local.http.pagination"
local task = require "liveblocks.task"

local INGESTING <const> = 1000 -- milliseconds

local mime_of = { md = "text/markdown", txt = "text/plain", html = "text/html", htm = "text/html", csv = "text/csv",
  json = "application/json", xml = "application/xml", pdf = "application/pdf", png = "image/png", jpg = "image/jpeg",
  jpeg = "image/jpeg", docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document" }

-- ---- How a source ends ---------------------------------------------------------------------------

-- Names below .invalid are reserved for what cannot be reached (RFC 2606).
local function web_problem(source)
  local host = crawl.host(source.url)
  if host:find("%.invalid$") then return ("Could not reach %s"):format(host) end
end

local function file_problem(source)
  if not markdown.from(source.bytes, source.mime) then
    return ("The local Liveblocks reads text files only, '%s' is not a text file"):format(source.name)
  end
end

return function(app)
  local lists, links

  -- Reads a site on this machine, besides all that goes on.
  local function read(source)
    source.reading = true
    task.spawn(function()
      local found, problem = crawl.read(source.url, source.type)
      source.links, source.problem, source.reading, source.read = found, problem, nil, app:now()
      links[source.id] = nil
      app:signal("changed")
    end)
  end

  app:on("loaded", function()
    lists, links = {}, {}
    for _, copilot in pairs(app.state.copilots) do
      for _, source in pairs(copilot.knowledge) do
        if source.reading then read(source) end
      end
    end
  end)
  app:on("copilot.deleted", function(copilot) lists[copilot.id] = nil end)

  -- Made when first asked for.
  local function list_of(copilot)
    local list = lists[copilot.id]
    if not list then
      list = index.new()
      for _, source in pairs(copilot.knowledge) do list:insert(source) end
      lists[copilot.id] = list
    end
    return list
  end

  -- ---- What is shown ---------------------------------------------------------------------------

  local function ready_at(source)
    return source.read or source.created + app:delay(INGESTING)
  end

  local function status(source)
    if source.reading or app:now() < ready_at(source) then return "ingesting" end
    return source.problem and "error" or "ready"
  end

  local function view(source)
    local state = status(source)
    local indexed = app:date(state == "ingesting" and source.created or ready_at(source))
    local shown = { id = source.id, status = state, createdAt = app:date(source.created), updatedAt = indexed,
      lastIndexedAt = indexed, errorMessage = state == "error" and source.problem or nil }
    if source.kind == "web" then
      shown.type, shown.link = "ai-knowledge-web-source", { url = source.url, type = source.type }
    else
      shown.type, shown.file = "ai-knowledge-file-source", { name = source.name, mimeType = source.mime }
    end
    return shown
  end

  local function find(call, kind)
    local source = app:copilot(call.path.copilotId).knowledge[call.path.knowledgeSourceId]
    if not source or (kind and source.kind ~= kind) then
      responses.not_found("knowledge source", call.path.knowledgeSourceId)
    end
    return source
  end

  -- ---- Changes ---------------------------------------------------------------------------------

  local function create(copilot, source)
    source.id, source.seq, source.created = app:id("ks_"), app:sequence(), app:now()
    copilot.knowledge[source.id] = source
    list_of(copilot):insert(source)
    return { id = source.id }
  end

  local function delete(kind)
    return function(call)
      local source = find(call, kind)
      local copilot = app:copilot(call.path.copilotId)
      copilot.knowledge[source.id] = nil
      list_of(copilot):remove(source)
      links[source.id] = nil
    end
  end

  local handlers = {}

  function handlers.get_knowledge_sources(call)
    return pages.page(call, list_of(app:copilot(call.path.copilotId)), { view = view })
  end

  function handlers.get_knowledge_source(call)
    return view(find(call))
  end

  function handlers.create_web_knowledge_source(call)
    local copilot, body = app:copilot(call.path.copilotId), call.body
    if body.copilotId and body.copilotId ~= copilot.id then
      responses.invalid("body.copilotId is '%s', the copilot of the path is '%s'", body.copilotId, copilot.id)
    end
    if not crawl.host(body.url) then
      responses.invalid("body.url must begin with http:// or https:// and name a host, got '%s'", body.url)
    end
    local source = { kind = "web", url = body.url, type = body.type }
    source.problem = web_problem(source)
    local made = create(copilot, source)
    if crawl.is_near(source.url) then read(source) end
    return made
  end

  function handlers.create_file_knowledge_source(call)
    local copilot, name = app:copilot(call.path.copilotId), call.path.name
    if call.body == "" then responses.invalid("the body is empty: the bytes of the file expected") end
    local mime = call.request.headers["content-type"]
    if mime and not utf8.len(mime) then responses.invalid("the header Content-Type is not valid UTF-8") end
    if not mime or mime:find("^application/octet%-stream") then
      mime = mime_of[(name:match("%.(%w+)$") or ""):lower()] or "application/octet-stream"
    end
    local source = { kind = "file", name = name, mime = mime, bytes = call.body }
    source.problem = file_problem(source)
    return create(copilot, source)
  end

  function handlers.get_file_knowledge_source_markdown(call)
    local source = find(call, "file")
    local content = status(source) == "ready" and markdown.from(source.bytes, source.mime) or ""
    return { id = source.id, content = content }
  end

  handlers.delete_file_knowledge_source = delete("file")
  handlers.delete_web_knowledge_source = delete("web")

  -- Of a site that is not read, its address is all that is known.
  local function links_of(source)
    local list = links[source.id]
    if list then return list end
    list = index.new()
    for i, found in ipairs(source.links or { { url = source.url, problem = source.problem } }) do
      list:insert { id = ("ksl_%s_%d"):format(source.id:sub(4), i), url = found.url, created = source.created, seq = -i,
        status = found.problem and "error" or "ready" }
    end
    links[source.id] = list
    return list
  end

  function handlers.get_web_knowledge_source_links(call)
    local source = find(call, "web")
    if status(source) == "ingesting" then return { nextCursor = json.null, data = json.array {} } end
    local indexed = app:date(ready_at(source))
    return pages.page(call, links_of(source), { view = function(link)
      return { id = link.id, url = link.url, status = link.status, createdAt = app:date(link.created),
        lastIndexedAt = indexed }
    end })
  end

  return handlers
end
