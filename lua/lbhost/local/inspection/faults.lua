--- Faults to switch on: the usual ones by a button, others by a form, any by the words of a plan.
local errors = require "liveblocks.errors"
local html = require "lbhost.web.html"
local page = require "lbhost.web.page"
local trim = require "liveblocks.trim"

local usual <const> = {
  { "Slow", "latency=400ms~300ms" }, { "Rate limited", "429=20%,retry-after=2" }, { "Flaky", "500=5%,503=5%,drop=2%" },
  { "Lost responses", "500=5%@after,reset=2%" }, { "Down", "503=100%" },
}

-- name in the form and the plan, label, hint
local fields <const> = {
  { "latency", "Latency", "50ms~20ms" }, { "429", "429 Too Many Requests", "5%" }, { "retry-after", "Retry-After", "2s" },
  { "500", "500", "2%, or 2%@after" }, { "503", "503", "5%" }, { "drop", "Connections closed", "1%" },
  { "reset", "Connections reset", "1%" },
  { "only", "Only these calls", "create_comment+get_room" },
  { "limit", "End after", "10 faults" }, { "seed", "Seed", "1" },
}

-- The values of the plan, by the names of the form; what the form has no field for is left to the words.
local function values_of(text)
  local values = {}
  for word in text:gmatch "[^,%s]+" do
    local name, value = word:match "^([%w%-]+)=(.+)$"
    if name then values[name] = value end
  end
  return values
end

return function(pages)
  local front, site = pages.front, pages.site

  local function state()
    local plan = front.plan
    if plan.text == "" then return html.raw '<p>Off: each request gets its proper response.</p>' end
    return html.format('<p>%s: %s, %d so far.</p>%s', html.state("wait", "On"), html.code(plan.text), plan.count,
      site:form("/faults", { plan = "" }, "Switch them off"))
  end

  local function buttons()
    local list = {}
    for i, one in ipairs(usual) do
      list[i] = { one[1], html.code(one[2]), site:form("/faults", { plan = one[2] },
        html.format('<button aria-label="Switch on: %s">Switch on</button>', one[1])) }
    end
    return html.table { caption = "The usual ones", rows = list, none = "",
      columns = { "What", "Plan", { "Switch on", class = "actions", hidden = true } } }
  end

  local function form()
    local values, inputs = values_of(front.plan.text), {}
    for i, field in ipairs(fields) do
      inputs[i] = html.format('<label for="f-%s">%s<span class="hint">%s</span>'
        .. '<input id="f-%s" name="%s" value="%s" autocomplete="off"></label>', field[1], field[2], field[3], field[1], field[1],
        values[field[1]] or "")
    end
    return site:form("/faults", { made = "yes" }, html.join { html.join(inputs), html.raw "<button>Switch these on</button>" }, "fields")
  end

  local function words()
    return site:form("/faults", {}, html.format('<label for="plan">Plan</label><input id="plan" name="plan" size="50" value="%s" '
      .. 'autocomplete="off"><button>Switch on</button>', front.plan.text), "row")
  end

  site:page("/faults", function()
    return { title = "Faults", parts = {
      page.part("state", "Now", nil, state()), page.part("usual", "The usual ones", nil, buttons()),
      html.format('<section class="panel" aria-labelledby="own-title"><h2 id="own-title">Others</h2>%s</section>', form()),
      html.format('<section class="panel" aria-labelledby="plan-title"><h2 id="plan-title">In words</h2>%s<p class="soft">'
        .. 'As --faults has them: NAME=VALUE, separated by commas. <code>lbhost help local</code> lists the names.</p></section>', words()),
    } }
  end)

  local function plan_of(call)
    if not call.form.made then return call.form.plan or "" end
    local list = {}
    for _, field in ipairs(fields) do
      local value = trim.both(call.form[field[1]] or "")
      if value ~= "" then list[#list + 1] = field[1] .. "=" .. value end
    end
    return table.concat(list, ",")
  end

  site:action("/faults", function(call)
    local plan = plan_of(call)
    local ok, err = pcall(front.set_faults, front, plan)
    if not ok and errors.is(err) then return "/faults", err.message, true end
    if not ok then error(err, 0) end
    return "/faults", plan == "" and "Faults are off." or "Faults are on: " .. plan
  end)

end
