-- Words that names, messages, comments and documentation do without, and what they say instead (docs/glossary.md).
--   lua5.4 tests/words.lua [FILE...]
-- A line with a reason may stay: `words: why` in a comment.

-- pattern, what to write; where = "comment": in comments and pages alone, "c": in C alone; except: patterns of lines that
-- may stay, besides; not_in, only_in: a part of the path
local rules <const> = {
  { "%f[%w]is no %w", "is not a valid ..., is not a ...", except = { "[Tt]here is no ", "is no longer", "is no more", "is no such" } },
  { "%f[%w_]folders?%f[^%w_]", "directory", except = { "Not: folder" } },
  { "[%w]_folder%f[%W]", "directory" },
  { "%f[%w]anew%f[%W]", "again" },
  { "%f[%w]blanks%f[%W]", "spaces, whitespace" },
  { "%f[%w]behind%f[%W]", "after", where = "comment",
    except = { "[Bb]ehind a proxy", "behind proxies", "nothing behind", "reverse proxy" } },
  { "how a call went", "metadata of a response" },
  { "HOST_SELDOM", "HOST_COLD" },
  { "%f[%w]told%f[%W]", "say, report, notify, ask" },
  { "%f[%w]tells?%f[%W]", "say, report, notify, show", except = { "tell @bob" } },
  { "%f[%w]a text%f[%W]", "a string", not_in = "yjs",
    except = { "a text node", "a text editor", "a text file", "of a text", "a text as a whole", "leaves it a text",
      "into a text", "from a text", "formats a text", "changes a text", "keeps a text", "a text is edited" } },
  { "must be texts", "must be strings" },
  { "%f[%w]begun%f[%W]", "started", only_in = "^[blhs]" },
  { "%f[%w]evidence%f[%W]", "snapshot, sample" },
  { "%f[%w]judge[sd]?%f[%W]", "check, decide" },
  { "%f[%w_]MOST%f[^%w]", "MAX" },
  { "%f[%w_]most%f[^%w_] [=<>]", "max", except = { "at most" } },
  { "%f[%w]is none of %%s", "is not one of" },
  { "%f[%w][Mm]akes? room%f[%W]", "free space, reserve space" },
  { "^%s*%-*%s*Who %l+ [^?]*$", "A ... that", where = "comment" },
  { "[.:;] Who %l+ [^?]*$", "A ... that", where = "comment" },
  { "%f[%w][Ff]or who%f[%W]", "for those who" },
  { "%f[%w]to who%f[%W]", "to those who" },
  { "%f[%w]by who%f[%W]", "by those who" },
  { "%f[%w]as who%f[%W]", "as one who" },
  { "%f[%w]with who%f[%W]", "with one who" },
  { "%f[%w][Ww]e%f[%W]", "the subject: the server, the client, ...", where = "comment", only_in = "^[bh]" },
  { "%f[%w][Ww]e%f[%W]", "the subject: the service, the store, ...", where = "comment", only_in = "^lua/l" },
  { "%f[%w]from who%f[%W]", "from those who" },
  { "%f[%w][Aa]n answer%f[%W]", "a response", where = "comment" },
  { "%f[%w][Tt]he answer%f[%W]", "the response", where = "comment", except = { "is that the answer" } },
  { "%f[%w]no answer%f[%W]", "no response" },
  { "%f[%w][Ww]hoever%f[%W]", "who, the one that, everybody who" },
  { "%f[%w][Hh]ence%f[%W]", "so, therefore" },
  { "%f[%w]seldom%f[%W]", "rarely" },
  { "%f[%w]room for%f[%W]", "space for, capacity", where = "c", not_in = "yjs",
    except = { "in a room for" } },
  { "[Mm]akes room", "reserves space", where = "c" },
  { "%f[%w]size_t room%f[%W]", "capacity", where = "c", not_in = "yjs" },
  { "%f[%w]that is none%f[%W]", "that is not a valid one" },
  { "%f[%w]when it is none%f[%W]", "when it is not one" },
}

local comment_of <const> = {
  lua = function(line) return line:match "%-%-(.*)$" or "" end,
  c = function(line) return line:match "/%*(.*)$" or line:match "^%s*%*(.*)$" or "" end,
  md = function(line) return line end,
}

local function is_for(rule, language, path)
  if rule.where == "c" and language ~= "c" then return false end
  if rule.not_in and path:find(rule.not_in) then return false end
  return not rule.only_in or path:find(rule.only_in) ~= nil
end

local function is_excepted(text, rule)
  for _, pattern in ipairs(rule.except or {}) do
    if text:find(pattern) then return true end
  end
  return false
end

--- What is wrong with a source, as { line, why }.
---@param text string
---@param language "lua"|"c"|"md"
---@param path? string
---@return table[]
local function check(text, language, path)
  local found, number = {}, 0
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    for _, rule in ipairs(rules) do
      local part = rule.where == "comment" and comment_of[language](line) or line
      if is_for(rule, language, path or "lua/") and part:find(rule[1]) and not is_excepted(part, rule) and not line:find("words: %S") then
        found[#found + 1] = { number, ("'%s': %s"):format(part:match(rule[1]), rule[2]) }
      end
    end
  end
  return found
end

if not arg or not arg[0]:find("words%.lua$") then return check end

local list = "printf '%s\\n' " .. table.concat(arg, " ")
if #arg == 0 then
  list = "find bindings host lua scripts docs tests README.md CONTRIBUTING.md CHANGELOG.md -path tests/data -prune -o "
    .. "! -path tests/words.lua ! -path tests/spec/support/words_spec.lua "
    .. "\\( -name '*.lua' -o -name '*.[ch]' -o -name '*.def' -o -name '*.md' \\) -print | sort"
end
local pipe <close> = assert(io.popen(list))
local count = 0
for path in pipe:lines() do
  local file <close> = assert(io.open(path))
  local kind = path:match "%.(%w+)$"
  for _, one in ipairs(check(file:read "a", comment_of[kind] and kind or "c", path)) do
    io.stderr:write(("%s:%d: %s\n"):format(path, one[1], one[2]))
    count = count + 1
  end
end
os.exit(count == 0)
