--- The pages of the documentation, as specs need them: sections, blocks of code, links.
---
---   local page = documentation.page "docs/calls.md"
---   page:block("Arguments and results", 1)   -- the text of its first block, which counts as tested from now on
---   page:exclude("Installing", 1, "installs to /usr/local")
---   assert.same({}, page:untested())
local quote = require "tests.support.quote"
local read = require("tests.support.files").read
local documentation = {}

local Page = {}
Page.__index = Page

-- Languages of blocks that a spec must run, or exclude with a reason.
local EXAMPLES = { lua = true, c = true, json = true, sh = true, console = true }

-- The anchor that GitHub gives a heading.
local function anchor_of(title, taken)
  local anchor = title:lower():gsub("[^%w%s_-]", ""):gsub(" ", "-")
  taken[anchor] = (taken[anchor] or -1) + 1
  return taken[anchor] == 0 and anchor or anchor .. "-" .. taken[anchor]
end

local function add_links(page, line, number)
  line = line:gsub("`[^`]*`", "")
  for target in line:gmatch "%]%(([^)%s]+)%)" do
    page.links[#page.links + 1] = { target = target, line = number }
  end
end

-- Page text, line by line: in a block of code, or outside.
local function parse(page)
  local number, block, taken, section = 0, nil, {}, ""
  for line in page.text:gmatch "([^\n]*)\n" do
    number = number + 1
    local indent, language = line:match "^( *)```(%w*)$"
    local level, title = line:match "^(#+) (.*)$"
    if block then
      if language == "" then block = nil else block.text = block.text .. line:sub(block.indent + 1) .. "\n" end
    elseif language then
      block = { language = language, text = "", section = section, line = number, indent = #indent }
      table.insert(page.blocks, block)
    elseif title then
      section = #level > 1 and title or ""
      page.headings[#page.headings + 1] = { level = #level, title = title, line = number }
      page.anchors[anchor_of(title, taken)] = true
    else
      add_links(page, line, number)
    end
  end
  assert(not block, page.path .. ": the last block of code is not closed")
end

--- Reads a page.
---@param path string from the root of the checkout
function documentation.page(path)
  local page = setmetatable({ path = path, text = read(path), headings = {}, blocks = {}, links = {}, anchors = {} }, Page)
  parse(page)
  return page
end

--- All pages, README.md first.
---@return string[] paths
function documentation.paths()
  local list = { "README.md", "CONTRIBUTING.md", "CHANGELOG.md" }
  local pipe <close> = assert(io.popen "ls docs/*.md")
  for path in pipe:lines() do list[#list + 1] = path end
  return list
end

-- The blocks of a section ("": before the first one).
local function blocks_of(page, section)
  local list = {}
  for _, block in ipairs(page.blocks) do
    if block.section == section then list[#list + 1] = block end
  end
  return list
end

local function find(page, section, index)
  local block = blocks_of(page, section)[index]
  return block or error(("%s has no block %d in its section '%s'"):format(page.path, index, section), 3)
end

--- The text of a block, which counts as tested.
---@param section string its heading, "" for what stands before the first
---@param index integer?
function Page:block(section, index)
  local block = find(self, section, index or 1)
  block.tested = true
  return block.text
end

--- The content of all blocks of a section, which count as tested.
function Page:section(section)
  local list = {}
  for i = 1, #blocks_of(self, section) do list[i] = self:block(section, i) end
  assert(list[1], ("%s has no block in a section '%s'"):format(self.path, section))
  return list
end

--- Says why a block cannot be run by a test.
function Page:exclude(section, index, reason)
  find(self, section, index).tested = assert(reason)
end

--- The examples that were neither taken nor excluded.
---@return string[] such as "docs/calls.md:12"
function Page:untested()
  local list = {}
  for _, block in ipairs(self.blocks) do
    if EXAMPLES[block.language] and not block.tested then list[#list + 1] = self.path .. ":" .. block.line end
  end
  return list
end

--- Has the page examples that a spec must run?
function Page:has_examples()
  for _, block in ipairs(self.blocks) do
    if EXAMPLES[block.language] then return true end
  end
  return false
end

--- The commands of a console block, each with the output that follows it.
---@param text string
---@return { command: string, output: string }[]
function documentation.commands(text)
  local list = {}
  for line in text:gmatch "([^\n]*)\n" do
    local command = line:match "^%$ (.*)$"
    if command then
      list[#list + 1] = { command = command, output = "" }
    elseif list[#list] then
      list[#list].output = list[#list].output .. line .. "\n"
    end
  end
  return list
end

--- Loads an example. It sees the globals, `liveblocks` and what `around` names.
---@param code string
---@param around table?
---@return function
function documentation.load(code, around)
  local environment = { liveblocks = require "liveblocks" }
  for name, value in pairs(around or {}) do environment[name] = value end
  return assert(load(code, "=example", "t", setmetatable(environment, { __index = _G })))
end

local program = os.getenv "LBHOST" or "build/debug/lbhost"

--- Runs commands in a shell that finds lbhost, to their end.
---@param text string
---@param options { env: table?, cwd: string? }?
---@return string output standard output and standard error, in that order
---@return integer status
function documentation.run(text, options)
  options = options or {}
  local from = io.popen "pwd"
  local checkout = from:read "l"
  from:close()
  local absolute = program:find "^/" and program or checkout .. "/" .. program
  local parts = { "env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH HOME=/nonexistent" }
  for name, value in pairs(options.env or {}) do parts[#parts + 1] = quote(name .. "=" .. value) end
  local errors = os.tmpname()
  local script = ("set -e\nlbhost() { %s \"$@\"; }\ncd %s\n%s"):format(quote(absolute), quote(options.cwd or "."), text)
  local pipe = io.popen(("%s timeout --foreground 120 sh -c %s 2>%s </dev/null; echo $?")
    :format(table.concat(parts, " "), quote(script), quote(errors)))
  local output, status = pipe:read("a"):match "^(.-)(%d+)\n$"
  pipe:close()
  output = output .. read(errors)
  os.remove(errors)
  return output, math.tointeger(tonumber(status))
end

return documentation
