--- The text of a file as Markdown: HTML is reduced to it, other text stays as it is.
local trim = require "liveblocks.trim"

local markdown = {}

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = " " }

local function entity(name)
  local code = name:match("^#(%d+)$") or name:match("^#[xX](%x+)$")
  local number = code and tonumber(code, name:find("^#[xX]") and 16 or 10)
  if number and number <= 0x10FFFF then return utf8.char(math.tointeger(number)) end
  return entities[name]
end

-- One tag of HTML in Markdown; all others vanish.
local function tag(closing, name)
  name = name:lower()
  local level = name:match("^h([1-6])$")
  if level then return closing == "" and "\n\n" .. ("#"):rep(tonumber(level)) .. " " or "\n\n" end
  if name == "li" then return closing == "" and "\n- " or "" end
  if name == "br" then return "\n" end
  if name == "strong" or name == "b" then return "**" end
  if name == "em" or name == "i" then return "_" end
  if name == "code" then return "`" end
  if name == "p" or name == "div" or name == "ul" or name == "ol" or name == "table" or name == "tr" then return "\n\n" end
  return ""
end

local function any_case(word)
  return (word:gsub("%a", function(c) return "[" .. c:lower() .. c:upper() .. "]" end))
end

local function from_html(text)
  for _, name in ipairs { "head", "script", "style" } do
    text = text:gsub("<" .. any_case(name) .. "[%s>].-</" .. any_case(name) .. "%s*>", "")
  end
  text = text:gsub("<!%-%-.-%-%->", ""):gsub("%s+", " ")
  text = text:gsub('<[aA]%s[^>]-[hH][rR][eE][fF]="([^"]*)"[^>]*>(.-)</[aA]>', "[%2](%1)")
  text = text:gsub("<(/?)(%w+)[^>]*>", tag):gsub("<[^>]*>", ""):gsub("&(#?%w+);", entity)
  text = text:gsub(" *\n *", "\n"):gsub("\n\n\n+", "\n\n")
  return trim.both(text) .. "\n"
end

--- The Markdown of a file; nil when its bytes are not text.
---@param bytes string
---@param mime string
---@return string?
function markdown.from(bytes, mime)
  if not utf8.len(bytes) or bytes:find("\0", 1, true) then return nil end
  if mime:find("^text/html") or mime:find("^application/xhtml") then return from_html(bytes) end
  return bytes
end

return markdown
