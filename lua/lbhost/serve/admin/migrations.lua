--- Migrations, as far as their journals were named (--admin-journal): progress, rate, failures, and the orders that a run obeys.
local cached = require "lbhost.web.cached"
local control = require "lbhost.migrate.control"
local errors = require "liveblocks.errors"
local html = require "lbhost.web.html"
local journals = require "lbhost.migrate.journal"
local liveblocks = require "liveblocks"
local page = require "lbhost.web.page"
local secrets = require "lbhost.util.secrets"
local show = require "lbhost.web.show"
local trim = require "liveblocks.trim"
local web = require "lbhost.web.site"

local EVERY <const> = 2     -- seconds between checks at a journal
local WINDOW <const> = 30   -- seconds over which the rate is measured
local FAILURES <const>, ORDERS <const> = 25, 10

local labels <const> = { done = "done", unchanged = "unchanged", failed = "failed", gone = "gone", missing = "not found",
  pending = "pending" }

-- Items a second, from what was seen in the last looks; nil while that is unknown.
local function rate_of(samples, ended)
  local now = liveblocks.now()
  samples[#samples + 1] = { now, ended }
  while #samples > 2 and now - samples[1][1] > WINDOW do table.remove(samples, 1) end
  local seconds = now - samples[1][1]
  return seconds >= 1 and math.max(0, ended - samples[1][2]) / seconds or nil
end

local function look(one, samples)
  local opened <close> = journals.look(one.path, one.name)
  if not opened then return { absent = true } end
  local counts, total = {}, opened:total()
  for name, count in pairs(opened.counts) do counts[name] = count end
  local orders = opened:orders(0)
  return { name = opened:get "name", counts = counts, total = total, listed = opened:get "listed" ~= nil,
    completed = opened:get "completedAt", orders = table.move(orders, math.max(1, #orders - ORDERS + 1), #orders, 1, {}),
    failures = opened:failures(FAILURES), in_use = opened:in_use(), hosts = opened:hosts(),
    rate = rate_of(samples, total - counts.pending) }
end

-- Is the run paused, as far as the orders say?
local function is_paused(orders)
  for i = #orders, 1, -1 do
    if orders[i].what == "pause" then return true end
    if orders[i].what == "unpause" then return false end
  end
  return false
end

return function(admin)
  local site = admin.site
  local watched, by_name = {}, {}

  -- A journal, by its path, or by the URL of a database and its name there.
  local function watch(path, name)
    local key = path .. "\0" .. (name or "")
    if by_name[key] then return by_name[key] end
    local samples = {}
    local one = { path = path, name = name, title = name or path:match "[^/]+$", -- quadratic: a path
      label = name and ("%s in %s"):format(name, secrets.hide(path)) or path,
      number = #watched + 1 }
    one.cache = cached.new(function() return look(one, samples) end, EVERY)
    watched[one.number], by_name[key] = one, one
    return one
  end

  -- What is watched of a file: itself; of a database: each journal that is in it by now.
  local function journals_of(path)
    if not journals.is_shared(path) then
      local one = watch(path)
      return function() return { one } end
    end
    secrets.add_url(path)
    local names = cached.new(function() return journals.names(path) end, EVERY)
    return function()
      local found, problem = names:get()
      local list = {}
      for i, name in ipairs(found or {}) do list[i] = watch(path, name) end
      return list, problem or not list[1] and ("There is no journal in %s yet."):format(secrets.hide(path)) or nil
    end
  end

  local sources = {}
  for i, path in ipairs(admin.journals) do sources[i] = journals_of(path) end

  local function progress(found)
    local ended = found.total - found.counts.pending
    local percent = found.total > 0 and ended * 100 // found.total or found.listed and 100 or 0
    local words = { ("%s of %s%s (%d %%)"):format(show.number(ended), show.number(found.total), found.listed and "" or " so far", percent) }
    if found.in_use and found.rate then
      words[#words + 1] = ("%.3g a second"):format(found.rate)
      if found.rate > 0 and found.counts.pending > 0 then
        words[#words + 1] = show.span(found.counts.pending / found.rate) .. " left"
      end
    end
    local ratio = found.total > 0 and ended / found.total * 600 or 0
    return html.format('<p>%s</p><svg class="progress" viewBox="0 0 600 8" preserveAspectRatio="none" aria-hidden="true">'
      .. '<path class="bar good" d="M0 0h%sv8H0z"/></svg>', table.concat(words, ", "), ("%.1f"):format(ratio))
  end

  local function counts(found)
    local items = {}
    for _, state in ipairs { "done", "unchanged", "failed", "missing", "gone", "pending" } do
      if found.counts[state] > 0 then
        items[#items + 1] = { labels[state], state == "failed" and html.state("bad", show.number(found.counts[state]))
          or show.number(found.counts[state]) }
      end
    end
    return html.list(items)
  end

  local function state_of(found)
    if not found.in_use then
      return found.completed and html.state("good", "complete, since " .. found.completed) or html.state("soft", "no run is using it")
    end
    return is_paused(found.orders) and html.state("wait", "paused") or html.state("good", "running")
  end

  local function controls(one, found)
    if not found.in_use then return "" end
    local id = ("%d"):format(one.number)
    local paused = is_paused(found.orders)
    local hold = site:form("/migrations/order", { journal = id, what = paused and "unpause" or "pause" }, paused and "Go on" or "Pause")
    local stop = site:confirm("stop-" .. id, "Stop…", "/migrations/order", { journal = id, what = "stop" },
      "What is in flight is finished; the rest stays pending.", "Stop it")
    local pace = site:form("/migrations/order", { journal = id, what = "set" }, html.join {
      html.field { id = "rate-" .. id, name = "rate", label = "Requests a second", size = 8, placeholder = "as it is" },
      html.field { id = "concurrency-" .. id, name = "concurrency", label = "Items at a time", size = 8, placeholder = "as it is" },
      html.raw "<button>Set</button>" }, "row")
    return html.format('<div class="row">%s%s</div>%s', hold, stop, pace)
  end

  local function failures(found)
    local rows = {}
    for i, one in ipairs(found.failures) do
      rows[i] = { show.text(one.key, 200), labels[one.state], html.format('<span class="mono">%s</span>', show.text(one.note or "", 400)) }
    end
    if not rows[1] then return "" end
    return html.join { html.raw "<h3>Failures</h3>", html.table { caption = "Failures", columns = { "Item", "State", "Error" }, rows = rows,
      none = "" }, found.counts.failed + found.counts.missing > #rows and html.format('<p class="soft">The first %d.</p>', #rows) or "" }
  end

  local function hosts(found)
    local rows = {}
    for i, one in ipairs(found.hosts) do
      rows[i] = { show.text(one.name, 100), one.late and html.state("bad", "silent") or html.state("good", "running"),
        show.number(one.handled), one.failed > 0 and html.state("bad", show.number(one.failed)) or "0", show.number(one.in_flight),
        one.share > 0 and ("%.3g"):format(one.share) or "" }
    end
    if not rows[1] then return "" end
    return html.join { html.raw "<h3>Hosts</h3>", html.table { caption = "Hosts", rows = rows, none = "",
      columns = { "Host", "State", "Items ended", "Failed", "In flight", "Requests a second at most" } } }
  end

  local function orders(found)
    local rows = {}
    for i = #found.orders, 1, -1 do
      rows[#rows + 1] = { html.format('<span class="nowrap">%s</span>', found.orders[i].at), show.text(control.describe(found.orders[i]),
        300) }
    end
    if not rows[1] then return "" end
    return html.join { html.raw "<h3>Orders</h3>", html.table { caption = "Orders, the newest first", rows = rows, none = "",
      columns = { { "Time", class = "short" }, "What" } } }
  end

  local function part(one)
    local found, problem = one.cache:get()
    local name = found and found.name or one.title
    local body
    if found and found.absent then
      body = html.raw '<p class="none">There is no such journal yet.</p>'
    elseif found then
      body = html.join { html.list { { "State", state_of(found) }, { "Journal", html.code(show.text(one.label)) } }, progress(found),
        counts(found), controls(one, found), hosts(found), failures(found), orders(found) }
    end
    return page.part(("journal-%d"):format(one.number), show.text(name), nil, html.join {
      problem and html.format('<p class="notice bad">%s</p>', show.text(problem, 500)) or "", body or "" })
  end

  site:page("/migrations", function()
    local parts = {}
    for _, source in ipairs(sources) do
      local list, problem = source()
      for _, one in ipairs(list) do parts[#parts + 1] = part(one) end
      if problem then parts[#parts + 1] = html.format('<p class="none">%s</p>', show.text(problem, 500)) end
    end
    if not parts[1] then
      parts[1] = html.raw '<p class="none">No journal is watched. Name those of the migrations with --admin-journal FILE or URL.</p>'
    end
    return { title = "Migrations", parts = parts }
  end)

  -- ---- Orders ------------------------------------------------------------------------------------

  local what_may_be = { pause = true, unpause = true, stop = true, set = true }

  local function value_of(form)
    local list = {}
    for _, name in ipairs { "rate", "concurrency" } do
      local value = trim.both(form[name] or "")
      if value ~= "" then list[#list + 1] = name .. "=" .. value end
    end
    local text = table.concat(list, ",")
    control.parse(text) -- raises what is wrong with it
    return text
  end

  local function give(one, what, form)
    local value = what == "set" and value_of(form) or nil
    local opened <close> = journals.look(one.path, one.name)
    if not (opened and opened:in_use()) then errors.usage "no run is using the journal" end
    local order = { what = what, value = value, who = control.who() .. " (admin page)" }
    opened:order(order.what, order.value, order.who)
    admin.service.log("info", "order to a migration on the admin page", { journal = one.label, order = what, value = value })
    return control.describe(order)
  end

  site:action("/migrations/order", function(call)
    local one, what = watched[math.tointeger(tonumber(call.form.journal))], call.form.what
    if not one or not what_may_be[what] then web.fail(400, "The form names no journal and no order.") end
    local ok, text = pcall(give, one, what, call.form)
    one.cache:forget()
    if ok then return "/migrations", ("%s: %s."):format(one.title, text) end
    if errors.is(text) then return "/migrations", text.message, true end
    error(text, 0)
  end)
end
