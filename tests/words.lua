-- Words that names, messages, comments and documentation do without, and what they say instead (docs/glossary.md).
--   lua5.4 tests/words.lua [FILE...]
-- A line with a reason may stay: `words: why` in a comment.

-- pattern, what to write; where = "comment": in comments and pages alone
local rules <const> = {
  { "%f[%w]is no %w", "is not a valid ..., is not a ...", except = { "[Tt]here is no ", "is no longer", "is no more", "is no such" } },
  { "%f[%w_]folders?%f[^%w_]", "directory", except = { "Not: folder" } },
  { "[%w]_folder%f[%W]", "directory" },
  { "%f[%w]anew%f[%W]", "again" },
  { "%f[%w]blanks%f[%W]", "spaces, whitespace" },
  { "%f[%w]behind%f[%W]", "after", where = "comment",
    except = { "[Bb]ehind a proxy", "behind proxies", "nothing behind", "reverse proxy" } },
  { "must be a text%f[%W]", "must be a string", except = { "a text node" } },
  { "how a call went", "metadata of a response" },
  { "HOST_SELDOM", "HOST_COLD" },
}

local comment_of <const> = {
  lua = function(line) return line:match "%-%-(.*)$" or "" end,
  c = function(line) return line:match "/%*(.*)$" or line:match "^%s*%*(.*)$" or "" end,
  md = function(line) return line end,
}

local function is_excepted(text, rule)
  for _, pattern in ipairs(rule.except or {}) do
    if text:find(pattern) then return true end
  end
  return false
end

--- What is wrong with a source, as { line, why }.
---@param text string
---@param language "lua"|"c"|"md"
---@return table[]
local function check(text, language)
  local found, number = {}, 0
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    for _, rule in ipairs(rules) do
      local part = rule.where == "comment" and comment_of[language](line) or line
      if part:find(rule[1]) and not is_excepted(part, rule) and not line:find("words: %S") then
        found[#found + 1] = { number, ("'%s': %s"):format(part:match(rule[1]), rule[2]) }
      end
    end
  end
  return found
end

if not arg or not arg[0]:find("words%.lua$") then return check end

local list = "printf '%s\\n' " .. table.concat(arg, " ")
if #arg == 0 then
  list = "find bindings host lua scripts docs README.md CONTRIBUTING.md " ..
    "-name '*.lua' -o -name '*.[ch]' -o -name '*.def' -o -name '*.md' | sort"
end
local pipe <close> = assert(io.popen(list))
local count = 0
for path in pipe:lines() do
  local file <close> = assert(io.open(path))
  local kind = path:match "%.(%w+)$"
  for _, one in ipairs(check(file:read "a", comment_of[kind] and kind or "c")) do
    io.stderr:write(("%s:%d: %s\n"):format(path, one[1], one[2]))
    count = count + 1
  end
end
os.exit(count == 0)
