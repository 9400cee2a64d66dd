-- The form of the pages, and their links.
local documentation = require "tests.support.documentation"

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- A path relative to the directory of a page, without "." and "..".
local function resolve(page, path)
  local parts = {}
  for part in ((page:match "^(.*/)" or "") .. path):gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/")
end

describe("the pages of the documentation", function()
  local pages = {}
  for _, path in ipairs(documentation.paths()) do pages[path] = documentation.page(path) end

  it("begin with a title and a line that summarises them, and have sections below", function()
    for path, page in pairs(pages) do
      local title, summary, behind = page.text:match "^# ([^\n]+)\n\n([^\n]+)\n([^\n]*)\n"
      assert.is_truthy(title, path)
      if path:find "^docs/" then
        assert.equal("", behind, path .. ": the summary is one line")
        assert.is_truthy(summary:find "^%u.*%.$" and #summary <= 72, path .. ": the summary is one sentence")
      end
      for i, heading in ipairs(page.headings) do
        local at = ("%s:%d: '%s'"):format(path, heading.line, heading.title)
        assert.equal(i == 1, heading.level == 1, at)
        assert.is_true(heading.level <= 3, at)
      end
    end
  end)

  it("name the language of each block of code", function()
    local known = { lua = true, c = true, json = true, sh = true, console = true, text = true }
    for path, page in pairs(pages) do
      for _, block in ipairs(page.blocks) do
        assert.is_true(known[block.language], ("%s:%d: a block in '%s'"):format(path, block.line, block.language))
      end
    end
  end)

  it("have pictures that fit a terminal", function()
    local count = 0
    for path, page in pairs(pages) do
      for _, block in ipairs(page.blocks) do
        local is_picture = block.text:find("│", 1, true)
        for line in (is_picture and block.text or ""):gmatch "[^\n]+" do
          count = count + 1
          assert.is_true(utf8.len(line) <= 78, ("%s:%d: %s"):format(path, block.line, line))
        end
      end
    end
    assert.is_true(count > 50)
  end)

  it("link to files and headings that exist", function()
    for path, page in pairs(pages) do
      for _, link in ipairs(page.links) do
        local at = ("%s:%d: %s"):format(path, link.line, link.target)
        if not link.target:find "^https?://" then
          local file, anchor = link.target:match "^([^#]*)#?(.*)$"
          local target = file == "" and path or resolve(path, file)
          assert.is_true(exists(target), at)
          if anchor ~= "" then assert.is_true(pages[target] and pages[target].anchors[anchor], at) end
        end
      end
    end
  end)

  it("name files and directories that exist", function()
    local roots = { bindings = true, host = true, lua = true, scripts = true, tests = true, docs = true }
    local examples = { ["tests/spec/program/commands/greet_spec.lua"] = true, ["lua/5.1/liveblocks.so"] = true }
    local count = 0
    for path, page in pairs(pages) do
      for name in page.text:gmatch "[`%s]([%l_]+/[%w_/.-]+)" do
        name = name:gsub("[.,:]+$", "")
        if roots[name:match "^%l+"] and path ~= "CHANGELOG.md" and not examples[name] then
          count = count + 1
          assert.is_true(os.execute(("test -e '%s'"):format(name)), ("%s: %s"):format(path, name))
        end
      end
    end
    assert.is_true(count > 60)
  end)

  it("name functions in the files where they are", function()
    local count = 0
    for path, page in pairs(pages) do
      for name, file in page.text:gmatch "`([%w_:]+)`%s+in%s+`([%l_]+/[%w_/.-]+)`" do
        count = count + 1
        local source <close> = assert(io.open(file, "rb"))
        assert.is_truthy(source:read "a":find(name, 1, true), ("%s: %s in %s"):format(path, name, file))
      end
    end
    assert.is_true(count >= 3)
  end)

  it("are all linked from another page", function()
    local linked = { ["README.md"] = true }
    for path, page in pairs(pages) do
      for _, link in ipairs(page.links) do
        local target = resolve(path, link.target:match "^[^#]*")
        if target ~= path then linked[target] = true end
      end
    end
    for path in pairs(pages) do assert.is_true(linked[path], path) end
  end)

  it("each have a spec when they have examples", function()
    for path, page in pairs(pages) do
      if page:has_examples() then
        local name = path:match "([^/]+)%.md$":lower():gsub("-", "_")
        assert.is_true(exists(("tests/spec/docs/%s_spec.lua"):format(name)), path)
      end
    end
  end)

  it("list the terms of the glossary in alphabetical order, each once", function()
    local before = ""
    for term in pages["docs/glossary.md"].text:gmatch "\n%- %*%*([^*]+)%*%*" do
      local key = term:lower():gsub("[^%w ]", "")
      assert.is_true(before < key, ("'%s' after '%s'"):format(term, before))
      before = key
    end
  end)

  it("name the present version in the changelog, newest first", function()
    local header <close> = assert(io.open "bindings/liveblocks.h")
    local version = header:read "a":match 'LB_VERSION "([%d.]+)"'
    local changelog = pages["CHANGELOG.md"].text
    assert.is_truthy(changelog:find("\n## [Unreleased]\n", 1, true))
    assert.equal(version, changelog:match "\n## %[([%d.]+)%] %- %d%d%d%d%-%d%d%-%d%d\n")
  end)

  it("keep README.md short", function()
    local _, lines = pages["README.md"].text:gsub("\n", "")
    assert.is_true(lines <= 200, lines .. " lines")
  end)
end)
