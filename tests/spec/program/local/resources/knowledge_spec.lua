require "tests.support.client"
local eventually = require "tests.support.eventually"
local http_server = require "lbhost.http_server"
local json = require "liveblocks.json"
local state = require "lbhost.local.state"
local support = require "tests.support.local_app"

describe("knowledge sources of the local Liveblocks", function()
  local app, base, id
  local function call(...) return support.call(app, ...) end
  before_each(function()
    app = support.new()
    local _, copilot = call("POST", "/v2/ai/copilots", { name = "c", systemPrompt = "s", providerApiKey = "k",
      provider = "anthropic", providerModel = "claude-sonnet-4-20250514" })
    id = copilot.id
    base = "/v2/ai/copilots/" .. id .. "/knowledge"
  end)

  it("are refused with a type that is not UTF-8, which no response could show", function()
    local status, failure = call("PUT", base .. "/file/a.md", "# A", { ["content-type"] = "text/\255" })
    assert.equal(422, status)
    assert.matches("Content%-Type is not valid UTF%-8", failure.message)
    assert.same({}, select(2, call("GET", base)).data)
  end)

  it("are ingesting at first and ready a second later", function()
    local _, made = call("POST", base .. "/web", { copilotId = id, url = "https://docs.example.com", type = "crawl" })
    local _, source = call("GET", base .. "/" .. made.id)
    assert.equal("ingesting", source.status)
    assert.same({ url = "https://docs.example.com", type = "crawl" }, source.link)
    assert.same({}, select(2, call("GET", base .. "/web/" .. made.id .. "/links")).data)
    app.time = app.time + 1000
    _, source = call("GET", base .. "/" .. made.id)
    assert.equal("ready", source.status)
    assert.equal("ai-knowledge-web-source", source.type)
    assert.equal("2026-05-28T20:26:41.000Z", source.lastIndexedAt)
    local _, links = call("GET", base .. "/web/" .. made.id .. "/links")
    assert.equal("https://docs.example.com", links.data[1].url)
    assert.equal("ready", links.data[1].status)
    assert.equal(json.null, links.nextCursor)
  end)

  it("end in an error when a site cannot be reached or a file is not text", function()
    local _, web = call("POST", base .. "/web", { copilotId = id, url = "https://nowhere.invalid/a", type = "individual_link" })
    local _, file = call("PUT", base .. "/file/a.pdf", "%PDF\255\0")
    app.time = app.time + 1000
    local _, source = call("GET", base .. "/" .. web.id)
    assert.equal("error", source.status)
    assert.matches("nowhere.invalid", source.errorMessage, 1, true)
    _, source = call("GET", base .. "/" .. file.id)
    assert.equal("error", source.status)
    assert.same({ name = "a.pdf", mimeType = "application/pdf" }, source.file)
  end)

  it("give back a file as Markdown", function()
    local html = "<html><head><title>x</title></head><body><h1>Plan &amp; more</h1><p>First <b>bold</b></p>" ..
      '<ul><li>one</li><li><a href="https://e.example">two</a></li></ul><script>var x</script></body></html>'
    local _, made = call("PUT", base .. "/file/a%20b.html", html, { ["content-type"] = "text/html; charset=utf-8" })
    local _, text = call("PUT", base .. "/file/notes.md", "# Notes\n\nä")
    app.time = app.time + 1000
    local _, answer = call("GET", base .. "/file/" .. made.id)
    assert.equal(made.id, answer.id)
    assert.equal("# Plan & more\n\nFirst **bold**\n\n- one\n- [two](https://e.example)\n", answer.content)
    assert.equal("# Notes\n\nä", select(2, call("GET", base .. "/file/" .. text.id)).content)
    local _, source = call("GET", base .. "/" .. text.id)
    assert.same({ name = "notes.md", mimeType = "text/markdown" }, source.file)
  end)

  describe("on this machine", function()
    local site
    local pages_of = {
      ["/docs/"] = '<a href="one.html">1</a> <A class=x HREF=\'/two?a=1&amp;b=2#part\'>2</A> <a href="https://away.example/">3</a>' ..
        '<a href="mailto:x@y.example">4</a> <a href="#top">5</a> <a href="../gone">6</a> <a href="">7</a>',
      ["/docs/one.html"] = '<a href="./">back</a> <a href="one.html?page=2">more</a>', ["/two"] = "plain",
      ["/sitemap.xml"] = "<urlset><url><loc> %s/two </loc></url><url><loc>%s/gone</loc></url>" ..
        "<url><loc>http://away.example/</loc></url></urlset>",
    }
    before_each(function()
      site = http_server.start { handler = function(request)
        local body = pages_of[request.path]
        return { status = body and 200 or 404, body = body and body:gsub("%%s", site.url) }
      end }
    end)
    after_each(function() site:stop() end)

    -- Makes a source and waits until it has been read; returns it and its links as "status path".
    local function read(path, kind)
      local _, made = call("POST", base .. "/web", { copilotId = id, url = site.url .. path, type = kind })
      local source
      eventually(function()
        source = select(2, call("GET", base .. "/" .. made.id))
        return source.status ~= "ingesting"
      end)
      local found = {}
      for i, link in ipairs(select(2, call("GET", base .. "/web/" .. made.id .. "/links?limit=100")).data) do
        found[i] = link.status .. " " .. link.url:sub(#site.url + 1)
      end
      return source, found
    end

    it("are read: a page alone, a site along its links, what a sitemap lists", function()
      local source, found = read("/docs/", "individual_link")
      assert.equal("ready", source.status)
      assert.same({ "ready /docs/" }, found)
      source, found = read("/docs/", "crawl")
      assert.equal("ready", source.status)
      assert.same({ "ready /docs/", "ready /docs/one.html", "ready /two?a=1&b=2", "error /gone", "ready /docs/one.html?page=2" },
        found)
      source, found = read("/sitemap.xml", "sitemap")
      assert.equal("ready", source.status)
      assert.same({ "ready /two", "error /gone" }, found)
    end)

    it("end in an error when their address cannot be read", function()
      local source, found = read("/none", "crawl")
      assert.equal("error", source.status)
      assert.matches("/none: status 404", source.errorMessage)
      assert.same({ "error /none" }, found)
    end)

    it("are read after a restart when they were being read", function()
      call("POST", base .. "/web", { copilotId = id, url = site.url .. "/two", type = "individual_link" })
      local again = support.new()
      again.time = app.time
      again:load(assert(state.decode(state.encode(app.state))))
      local page
      eventually(function()
        page = select(2, support.call(again, "GET", base))
        return page.data[1].status ~= "ingesting"
      end)
      assert.equal("ready", page.data[1].status)
    end)
  end)

  it("are listed, and deleted by their own kind only", function()
    local _, web = call("POST", base .. "/web", { copilotId = id, url = "http://a.example", type = "sitemap" })
    local _, file = call("PUT", base .. "/file/a.txt", "x")
    local _, page = call("GET", base)
    assert.same({ file.id, web.id }, { page.data[1].id, page.data[2].id })
    assert.equal(404, (call("DELETE", base .. "/web/" .. file.id)))
    assert.equal(404, (call("GET", base .. "/file/" .. web.id)))
    assert.equal(204, (call("DELETE", base .. "/web/" .. web.id)))
    assert.equal(204, (call("DELETE", base .. "/file/" .. file.id)))
    assert.same({}, select(2, call("GET", base)).data)
  end)

  it("refuse another copilot in the body, invalid addresses, and empty files", function()
    local good = { copilotId = id, url = "https://a.example", type = "crawl" }
    assert.equal(200, (call("POST", base .. "/web", good)))
    for name, value in pairs { copilotId = "cp_other", url = "ftp://a.example", type = "all" } do
      local body = { copilotId = id, url = good.url, type = good.type }
      body[name] = value
      assert.equal(422, (call("POST", base .. "/web", body)))
    end
    for _, address in ipairs { "http://", "http://:80", "http://ann@", "https:///x", "x" } do
      assert.equal(422, (call("POST", base .. "/web", { copilotId = id, url = address, type = "crawl" })))
    end
    assert.equal(422, (call("PUT", base .. "/file/a.txt", "")))
    assert.equal(404, (call("GET", "/v2/ai/copilots/cp_none/knowledge")))
  end)
end)
