-- The pages of `lbhost serve` and `lbhost local` in headless Chromium: what a person sees and does there, with a mouse, with the
-- keyboard, on a phone, without JavaScript, in the light and in the dark. PICTURES is a directory for pictures of them.
local browser = require "tests.support.browser"
local local_server = require "tests.support.local_server"
local quote = require "tests.support.quote"
local serve = require "tests.support.serve"

local PICTURES <const> = os.getenv "PICTURES" or error "PICTURES is missing: the directory for pictures"
local EVIL <const> = "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">'\""
local PHONE <const> = { width = 390, height = 844, mobile = true }
local DESK <const> = { width = 1280, height = 900 }

local HANDLER = [[
  return { api = 1, name = "test", about = "Notify who was mentioned",
    events = { ["*"] = function(event) if event.data.fails then error(event.data.fails) end end },
    timers = { ["15m"] = function() end, ["08:30"] = function() end } }
]]

-- What is wrong with a page for those who do not see it, or not with a mouse; in JavaScript.
local CHECK = [[(() => {
  const wrong = [], all = (what) => [...document.querySelectorAll(what)];
  if (all("h1").length !== 1) wrong.push("one h1 is expected");
  if (document.documentElement.lang !== "en") wrong.push("no language");
  if (all("main").length !== 1 || all("nav[aria-label]").length !== 1) wrong.push("main or nav is missing");
  for (const input of all("input:not([type=hidden]), select, textarea"))
    if (!input.labels.length) wrong.push("no label: " + input.outerHTML);
  for (const table of all("table")) {
    if (!table.caption || !table.caption.textContent.trim()) wrong.push("a table without a caption");
    for (const head of table.querySelectorAll("th"))
      if (head.scope !== "col" || !head.textContent.trim()) wrong.push("a head without a scope or a name");
  }
  for (const button of all("button, summary, a"))
    if (!(button.getAttribute("aria-label") || button.textContent).trim()) wrong.push("no name: " + button.outerHTML);
  let level = 1;
  for (const heading of all("h1, h2, h3")) {
    const now = Number(heading.nodeName[1]);
    if (now > level + 1) wrong.push("a heading is left out before: " + heading.textContent);
    level = now;
  }
  const ids = all("[id]").map((one) => one.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push("two with the id " + id);
  if (all("[style], style, script:not([src])").length) wrong.push("a style or a script in the page");
  const width = document.documentElement.scrollWidth;
  if (width > window.innerWidth) wrong.push("wider than the screen: " + width);
  if (window.hacked) wrong.push("a script from outside has run");
  return wrong.join("; ");
})()]]

describe("in Chromium, the page of", function()
  local chrome
  setup(function()
    assert(os.execute("mkdir -p " .. quote(PICTURES)))
    chrome = browser.start()
  end)
  teardown(function() chrome:stop() end)
  before_each(function()
    chrome:call("Page.navigate", { url = "about:blank" })
    chrome:problems() -- of the test before
  end)

  -- Opens a page in several ways; in each it must be as it should, and a picture is taken.
  local function look_at(base, path, name)
    for _, way in ipairs { { "light", DESK }, { "dark", DESK }, { "phone", PHONE }, { "phone-dark", PHONE } } do
      chrome:show_as { width = way[2].width, height = way[2].height, mobile = way[2].mobile, scheme = way[1]:find "dark" and "dark"
        or "light" }
      chrome:open(base .. path)
      chrome:wait_for "document.querySelector('#live [role=status]').textContent === 'Live'"
      assert.equal("", chrome:eval(CHECK), name .. " " .. way[1])
      chrome:picture(("%s/%s-%s.png"):format(PICTURES, name, way[1]))
      for _, url in ipairs(chrome:requests()) do assert.equal(base, url:sub(1, #base), url) end
      assert.same({}, chrome:problems(), name)
    end
    chrome:show_as(DESK)
  end

  local function background() return chrome:eval "getComputedStyle(document.body).backgroundColor" end

  describe("lbhost serve", function()
    local one, base
    local function start(options)
      local again = serve.start(options)
      again.base = again:wait_for "operator's page is at (http://[%d.]+:%d+)/"
      return again
    end
    setup(function()
      one = start { files = { ["test.lua"] = HANDLER }, arguments = { "--admin", "127.0.0.1:0", "--attempts", "1" } }
      base = one.base
      for i = 1, 12 do one:event("msg_" .. i, "commentCreated", { roomId = "room-" .. i % 5 }) end
      for i = 1, 4 do one:event("msg_bad" .. i, "commentCreated", { roomId = EVIL, fails = EVIL .. " the chat answered 500" }) end
      one:until_metric('lbhost_events{state="parked"}', 4)
    end)
    teardown(function() one:stop() end)

    it("is as it should be, in the light and the dark, on a desk and on a phone", function()
      for path, name in pairs { ["/"] = "serve-overview", ["/queue"] = "serve-queue", ["/queue?state=pending"] = "serve-pending",
        ["/hosts"] = "serve-hosts", ["/timers"] = "serve-timers", ["/migrations"] = "serve-migrations" } do
        look_at(base, path, name)
      end
      chrome:open(base .. "/queue")
      look_at(base, chrome:eval "document.querySelector('tbody a').pathname", "serve-event")
      chrome:show_as { width = 800, scheme = "light" }
      local light = background()
      chrome:show_as { width = 800, scheme = "dark" }
      assert.is_true(light ~= background())
      chrome:show_as(DESK)
    end)

    it("is live: it changes without being loaded again", function()
      chrome:open(base .. "/")
      chrome:eval "window.mark = 1"
      local before = tonumber(chrome:eval "document.querySelector('.tile dd').textContent")
      one:event("msg_live", "commentCreated")
      chrome:wait_for(("document.querySelector('.tile dd').textContent === '%d'"):format(before + 1))
      assert.equal(1, chrome:eval "window.mark")
    end)

    it("keeps the focus, what is open and what is typed when it changes", function()
      chrome:open(base .. "/queue")
      chrome:eval "document.querySelector('details.confirm').open = true; document.querySelector('#type').value = 'half a ty'"
      chrome:eval "document.querySelectorAll('td.actions button')[2].focus()"
      local focused = chrome:eval "window.focused = document.activeElement, document.activeElement.getAttribute('aria-label')"
      local rows = chrome:eval "document.querySelectorAll('tbody tr').length"
      one:event("msg_more", "commentCreated", { fails = "no luck" })
      chrome:wait_for(("document.querySelectorAll('tbody tr').length === %d"):format(rows + 1))
      assert.is_true(chrome:eval "document.activeElement === window.focused && document.contains(window.focused)", focused)
      assert.is_true(chrome:eval "document.querySelector('details.confirm').open")
      assert.equal("half a ty", chrome:eval "document.querySelector('#type').value")
    end)

    it("can be held and go on", function()
      chrome:open(base .. "/")
      chrome:wait_for "document.querySelector('#live [role=status]').textContent === 'Live'"
      chrome:eval "document.querySelector('#live button').click()"
      assert.equal("Paused", chrome:eval "document.querySelector('#live [role=status]').textContent")
      local before = tonumber(chrome:eval "document.querySelector('.tile dd').textContent")
      one:event("msg_held", "commentCreated")
      chrome:open(base .. "/timers")
      assert.equal("Paused", chrome:eval "document.querySelector('#live [role=status]').textContent")
      chrome:eval "document.querySelector('#live button').click()"
      chrome:open(base .. "/")
      chrome:wait_for(("Number(document.querySelector('.tile dd').textContent) > %d"):format(before))
    end)

    it("is worked by the keyboard alone", function()
      chrome:open(base .. "/queue")
      chrome:press "Tab"
      assert.equal("Skip to the content", chrome:eval "document.activeElement.textContent")
      chrome:press "Enter"
      chrome:wait_for "location.hash === '#main'"
      local id = chrome:eval "document.querySelector('tbody a').textContent"
      for _ = 1, 30 do
        if chrome:eval "document.activeElement.nodeName === 'SUMMARY'" then break end
        chrome:press "Tab"
      end
      assert.is_true(chrome:eval "document.activeElement.matches(':focus-visible')")
      chrome:press "Enter"
      assert.is_true(chrome:eval "document.activeElement.parentNode.open")
      chrome:press "Tab"
      assert.equal("Drop it", chrome:eval "document.activeElement.textContent")
      chrome:press "Enter"
      chrome:wait_for "document.querySelector('.notice')?.textContent === '1 event was dropped.'"
      assert.is_nil(chrome:eval("document.body.innerText"):match(id .. "%f[^%w]"))
      assert.same({}, chrome:problems())
    end)

    it("is read and worked without JavaScript", function()
      chrome:show_as { width = 1280, script = false }
      chrome:open(base .. "/queue")
      chrome:picture(PICTURES .. "/serve-queue-without-script.png")
      assert.equal("Load this page every 5 s", chrome:eval "document.querySelector('#live noscript a').textContent")
      local rows = chrome:eval "document.querySelectorAll('tbody tr').length"
      assert.is_true(rows >= 2)
      chrome:eval "document.querySelector('tbody details summary').focus()"
      chrome:press "Enter"
      chrome:press "Tab"
      chrome:press "Enter"
      chrome:wait_for "document.querySelector('.notice') && document.querySelector('.notice').textContent === '1 event was dropped.'"
      assert.equal(rows - 1, chrome:eval "document.querySelectorAll('tbody tr').length")
      chrome:show_as(DESK)
    end)

    it("loads itself again when the program was started again, so that its forms are good", function()
      local port = base:match ":(%d+)$"
      chrome:open(base .. "/queue")
      local token = chrome:eval "document.querySelector('[name=token]').value"
      one.process:signal "TERM"
      one.process:wait()
      one = start { files = { ["test.lua"] = HANDLER }, store = one.store, arguments = { "--admin", "127.0.0.1:" .. port, "--attempts",
        "1" } }
      one:event("msg_again", "commentCreated", { fails = "no luck" })
      chrome:wait_for(("document.querySelector('[name=token]') && document.querySelector('[name=token]').value !== '%s'"):format(token))
    end)
  end)

  describe("lbhost local", function()
    local server, client
    setup(function()
      server = local_server.start("--webhook", "http://127.0.0.1:9")
      client = server:client()
      for i = 1, 60 do client:create_room { id = ("room-%02d"):format(i), defaultAccesses = { "room:write" }, metadata = { team = "t"
        .. i % 7 } } end
      client:create_room { id = EVIL, defaultAccesses = {}, metadata = { evil = EVIL } }
      client:initialize_storage_document(EVIL, { liveblocksType = "LiveObject", data = { title = EVIL, list = { liveblocksType = "LiveList",
        data = { { liveblocksType = "LiveObject", data = { deep = { 1, 2, { more = EVIL } } } } } } } })
      client:create_thread(EVIL, { comment = { userId = "ann", body = { version = 1, content = { { type = "paragraph", children = {
        { text = EVIL } } } } } } })
      client:create_group { id = "designers", memberIds = { "ann", EVIL } }
      client:trigger_inbox_notification { userId = "cat", kind = "$built", subjectId = EVIL, activityData = {} }
    end)
    teardown(function() server:stop() end)

    it("is as it should be, in the light and the dark, on a desk and on a phone", function()
      for path, name in pairs { ["/"] = "local-overview", ["/page/rooms"] = "local-rooms", ["/page/threads"] = "local-threads",
        ["/page/inbox"] = "local-inbox", ["/page/groups"] = "local-groups", ["/page/webhooks"] = "local-webhooks",
        ["/page/events"] = "local-events", ["/page/requests"] = "local-requests", ["/page/requests/62"] = "local-request",
        ["/page/faults"] = "local-faults" } do
        look_at(server.url, path, name)
      end
      chrome:open(server.url .. "/page/rooms")
      local room = chrome:eval "document.querySelector('tbody a').pathname"
      look_at(server.url, room, "local-room")
      look_at(server.url, room .. "?form=lson", "local-room-lson")
    end)

    it("finds rooms, and opens Storage by the keyboard", function()
      chrome:open(server.url .. "/page/rooms")
      chrome:eval "document.querySelector('#search').focus()"
      for character in ("room-07"):gmatch "." do chrome:press(character) end
      chrome:press "Enter"
      chrome:wait_for "document.querySelectorAll('tbody tr').length === 1"
      chrome:open(server.url .. "/page/rooms/" .. (EVIL:gsub("[^%w._~-]", function(c) return ("%%%02X"):format(c:byte()) end)))
      chrome:eval "document.querySelectorAll('.tree details:not([open]) summary')[0].focus()"
      local closed = chrome:eval "document.querySelectorAll('.tree details:not([open])').length"
      chrome:press "Enter"
      assert.is_true(chrome:eval "document.activeElement.parentNode.open")
      client:set_presence(EVIL, { userId = "bob", data = {}, userInfo = { name = "Bob" } })
      chrome:wait_for "document.querySelector('#present td') !== null"
      assert.equal(closed - 1, chrome:eval "document.querySelectorAll('.tree details:not([open])').length") -- it stays open
      assert.same({}, chrome:problems())
    end)

    it("shows requests while they come in, and each with its headers and body", function()
      chrome:open(server.url .. "/page/requests")
      chrome:eval "window.mark = 1"
      client:get_room "room-33"
      chrome:wait_for "document.querySelector('tbody tr').innerText.includes('/v2/rooms/room-33')"
      assert.equal(1, chrome:eval "window.mark")
      chrome:eval "document.querySelector('tbody a').click()"
      chrome:wait_for "document.body.innerText.includes('What came back')"
      assert.matches("authorization%s+%*%*%*", chrome:eval "document.body.innerText")
      assert.is_nil(chrome:eval("document.body.innerText"):find("sk_localdev", 1, true))
    end)

    it("switches faults on and off by a button", function()
      chrome:open(server.url .. "/page/faults")
      chrome:eval "document.querySelector('[aria-label=\"Switch on: Down\"]').click()"
      chrome:wait_for "document.querySelector('.notice')?.textContent === 'Faults are on: 503=100%'"
      assert.equal(503, select(2, client:with({ retries = 0 }).try:get_rooms()).status)
      chrome:eval "document.querySelector('#state button').click()"
      chrome:wait_for "document.querySelector('.notice')?.textContent === 'Faults are off.'"
      assert.is_table(client:get_rooms().data)
      assert.same({}, chrome:problems())
    end)
  end)
end)
