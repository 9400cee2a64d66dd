--- What `lbhost help TOPIC` says besides commands: calls and their groups, functions of the module, event types, and the
--- pages of the documentation with their sections.
local endpoint_help = require "lbhost.cli.endpoint_help"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local page = require "lbhost.cli.page"
local sample_events = require "lbhost.util.sample_events"
local sorted_keys = require "liveblocks.sorted_keys"
local source_help = require "lbhost.cli.source_help"
local terminal = require "lbhost.util.terminal"

local topics = {}

-- Other words for pages.
local other_names = { config = "configuration", environment = "configuration", prompt = "repl", webhook = "serve",
  ["local"] = "local", email = "comments-and-email", comment = "comments-and-email" }

-- ---- Pages ---------------------------------------------------------------------------------------

--- The pages of the documentation, by name.
---@return table<string, string> texts
function topics.pages()
  local texts = {}
  for _, file in ipairs(host.embedded_pages()) do
    texts[file:match "([^/]+)%.md$"] = host.embedded_source(file)
  end
  return texts
end

local function page_named(name)
  local texts = topics.pages()
  for _, candidate in ipairs { name, other_names[name] or "", name .. "s", (name:gsub("s$", "")) } do
    if texts[candidate] then return page.parse(texts[candidate]) end
  end
end

local function show_page(one)
  return ("%s - %s\n\n%s"):format(one.title, one.summary, page.to_text(one.blocks))
end

-- Pages that are lists: a word is everywhere in them.
local lists = { endpoints = true, commands = true }

-- The sections of all pages: list of { page, heading, text }, in the order of the pages.
local function all_sections()
  local texts, out = topics.pages(), {}
  for _, name in ipairs(sorted_keys(texts)) do
    local section
    for line in (lists[name] and "" or texts[name] .. "\n"):gmatch "([^\n]*)\n" do
      local heading = line:match "^##+ (.*)$"
      if heading then
        section = { page = name, heading = heading, lines = {} }
        out[#out + 1] = section
      elseif section then
        table.insert(section.lines, line)
      end
    end
  end
  return out, texts
end

-- Sections whose heading has a word that begins with this one.
local function sections_about(word)
  local sections, texts = all_sections()
  local found, pattern = {}, "%f[%w]" .. word:lower():gsub("s$", ""):gsub("%p", "%%%0")
  for _, section in ipairs(sections) do
    if section.heading:lower():find(pattern) then found[#found + 1] = section end
  end
  return found, texts
end

-- The section that writes a name most often; the page of its subject goes first.
local function section_with(name)
  local sections, texts = all_sections()
  local best, highest = nil, 0
  for _, section in ipairs(sections) do
    local _, count = table.concat(section.lines, "\n"):gsub("%f[%w_]" .. name:gsub("%p", "%%%0") .. "%f[^%w_]", "")
    if count > 0 and name:find(section.page:gsub("s$", ""), 1, true) then count = count + 100 end
    if count > highest then best, highest = section, count end
  end
  return { best }, texts
end

local function show_sections(found, texts, max)
  local out = {}
  for i = 1, math.min(#found, max) do
    local section = page.section(page.parse(texts[found[i].page]), (found[i].heading:gsub("`", "")))
    if section then
      out[#out + 1] = ("%s\n(from the page %s: lbhost help %s)\n"):format(page.to_text(section.blocks), section.title, found[i].page)
    end
  end
  return out[1] and table.concat(out, "\n") or nil
end

-- ---- Functions -----------------------------------------------------------------------------------

-- The function of liveblocks.NAME or of a client.
local function function_named(name)
  local value = liveblocks
  for part in name:gsub("^liveblocks%.", ""):gmatch "[^.:]+" do
    value = type(value) == "table" and value[part] or nil
  end
  if type(value) == "function" then return value, "liveblocks." .. name:gsub("^liveblocks%.", "") end
  local method = name:match "^client[.:]([%w_]+)$" or name
  local client = liveblocks.new { secret = "sk_none" }
  local known, found = pcall(function() return client[method] end)
  if known and method:find "^[%a_][%w_]*$" and type(found) == "function" then return found, "client:" .. method end
end

local function about_function(name)
  local fn, full_name = function_named(name)
  if not fn then return nil end
  local call = name:match "iter_([%w_]+)$"
  if call then return endpoint_help.iterator(call) end
  local found, texts = section_with(full_name:gsub("^liveblocks%.", ""):gsub("^client:", ""))
  return ("%s\n%s\n%s"):format(full_name, source_help.about(fn) or "", show_sections(found, texts, 1) or "")
end

-- ---- Events --------------------------------------------------------------------------------------

local function about_event(name)
  local sample = sample_events.make(name, { now = os.date "!%Y-%m-%dT%H:%M:%S.000Z", project_id = "proj_example",
    room_id = "plan" })
  if not sample then return nil end
  return ([[
%s - an event of a webhook

  %s

  handler    return { api = 1, events = { %s = function(event, ctx) print(event.data.roomId) end } }
  try it     lbhost send %s
  fields     https://liveblocks.io/docs/platform/webhooks
]]):format(name, json.encode(sample, { pretty = true }):gsub("\n", "\n  "), name, name)
end

-- ---- All -----------------------------------------------------------------------------------------

--- The names of all topics, as a set.
---@return table<string, boolean>
function topics.names()
  local names = endpoint_help.topics()
  for name in pairs(topics.pages()) do names[name] = true end
  for _, name in ipairs(sample_events.types()) do names[name] = true end
  for name, part in pairs(liveblocks) do
    if type(part) == "function" then names[name] = true end
    if type(part) == "table" then
      for field, value in pairs(part) do
        if type(field) == "string" and type(value) == "function" then names[name .. "." .. field] = true end
      end
    end
  end
  for name in pairs(other_names) do names[name] = true end
  names.topics = true
  return names
end

local function list()
  local out, events = { "Pages of the documentation:\n" }, table.concat(sample_events.types(), ", ")
  local texts = topics.pages()
  for _, name in ipairs(sorted_keys(texts)) do out[#out + 1] = ("  %-22s %s\n"):format(name, page.parse(texts[name]).summary) end
  out[#out + 1] = ("\nGroups of calls:\n%s\nEvent types:\n  %s\n"):format(endpoint_help.groups(), events)
  return table.concat(out)
end

--- The text about a topic, for the terminal; nil when there is none.
---@param name string
---@return string?
function topics.about(name)
  if name == "topics" then return terminal.wrap(list()) end
  local text, texts = endpoint_help.exact(name) or about_event(name), topics.pages()
  -- A group of calls may have the name of a page: the calls stand after it.
  if text and texts[name] then return ("%s\nCalls:\n\n%s"):format(show_page(page.parse(texts[name])), terminal.wrap(text)) end
  if text then return terminal.wrap(text) end
  local one = page_named(name)
  if one then return show_page(one) end
  text = about_function(name)
  if text then return text end
  if #name < 3 then return nil end -- a letter or two begin too many words
  local found
  found, texts = sections_about(name)
  text = show_sections(found, texts, 3) or endpoint_help.found(name)
  if text or not name:find "[_.:-]" then return text end -- a plain word may stand anywhere
  found, texts = section_with(name)
  return show_sections(found, texts, 1)
end

return topics
