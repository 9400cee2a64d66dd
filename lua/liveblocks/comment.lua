--- Comment bodies as text, HTML and Markdown, and from Markdown. The same results as the Node SDK's
--- stringifyCommentBody, getMentionsFromCommentBody and markdownToCommentBody.
--- Documentation: https://liveblocks.io/docs/api-reference/liveblocks-node
local call_options = require "liveblocks.options"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local render = require "liveblocks.comment.render"

local comment = {}

---@alias liveblocks.CommentElements { paragraph?: function, text?: function, link?: function, mention?: function }

---@class liveblocks.CommentOptions
---@field users? fun(ids: string[]): table[] what is known of users, in the order of the ids; false for an unknown one
---@field groups? fun(ids: string[]): table[] the same for groups
---@field separator? string between paragraphs (a newline; two in Markdown)
---@field elements? liveblocks.CommentElements

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- Makes a string safe to stand in HTML, between tags or in a quoted attribute.
---@param text any
---@return string
function comment.escape_html(text)
  return (tostring(text):gsub("[&<>\"']", escapes))
end

local function escape_markdown(text)
  return (tostring(text):gsub("[_*#`~!|(){}[%]]", "\\%0"))
end

local given, text_of = render.given, render.text_of

-- ---- Elements: how each part of a body is written ------------------------------------------------

local plain = {
  paragraph = function(part) return part.children end,
  text = function(part) return part.element.text end,
  link = function(part) return text_of(part.element.text, part.element.url) end,
  mention = function(part) return "@" .. render.name_of(part) end,
}

--- The elements of HTML, for the option `elements`.
---@param attributes table<string, string> what is added to the tags p, strong, code, a and span
---@return liveblocks.CommentElements
function comment.html_elements(attributes)
  local function wrap(tag, inner)
    return "<" .. tag .. (attributes[tag] or "") .. ">" .. inner .. "</" .. tag .. ">" -- format() ends a string at a NUL, in 5.2
  end
  local escape = comment.escape_html
  return {
    paragraph = function(part) return part.children ~= "" and wrap("p", part.children) or "" end,
    text = function(part)
      local element = part.element
      if element.text == "" then return "" end
      return render.formatted(element, escape(element.text), function(format, inner)
        return wrap(format, inner)
      end)
    end,
    link = function(part)
      local element = part.element
      local label = given(element.text) and element.text ~= "" and element.text or element.url
      return ('<a href="%s" target="_blank" rel="noopener noreferrer"%s>%s</a>'):format(
        escape(part.href), attributes.a or "", escape(label))
    end,
    mention = function(part)
      return ("<span data-mention%s>@%s</span>"):format(attributes.span or "", escape(render.name_of(part, true)))
    end,
  }
end

local marks = { strong = "**", em = "_", s = "~~", code = "`" }

local markdown = {
  paragraph = plain.paragraph,
  text = function(part)
    local element = part.element
    if element.text == "" then return "" end
    local inner = render.is_formatted(element) and escape_markdown(element.text) or element.text
    return render.formatted(element, inner, function(format, text) return marks[format] .. text .. marks[format] end)
  end,
  link = function(part)
    local label = text_of(part.element.text, part.element.url)
    return ("[%s](%s)"):format(escape_markdown(label), escape_markdown(part.href))
  end,
  mention = function(part) return "@" .. escape_markdown(render.name_of(part)) end,
}

-- ---- Public --------------------------------------------------------------------------------------

local function write(name, body, options, elements, separator)
  options = call_options.of_call(options) or {}
  render.check_body(name, body)
  call_options.typed(name, options, { users = "function", groups = "function", separator = "string", elements = "table" })
  return render.body(body, {
    elements = render.override(name, elements, options.elements), separator = options.separator or separator,
    known = render.resolve(name, comment.mentions(body), options),
  })
end

--- A comment body as plain text.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_text(body, options)
  return write("to_text", body, options, plain, "\n")
end

--- A comment body as HTML. All that comes from the comment is escaped.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_html(body, options)
  return write("to_html", body, options, comment.html_elements {}, "\n")
end

--- A comment body as Markdown.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_markdown(body, options)
  return write("to_markdown", body, options, markdown, "\n\n")
end

--- The mentions of a body in their order, each id once.
---@param body table? nothing is mentioned in the missing body of a deleted comment
---@param predicate (fun(mention: table): boolean)?
---@return { type: "mention", kind: "user"|"group", id: string, userIds: string[]? }[]
function comment.mentions(body, predicate)
  local list, seen = json.array {}, {}
  if not given(body) then return list end
  render.check_body("mentions", body)
  for _, block in ipairs(body.content) do
    for _, inline in ipairs(block.children or {}) do
      if inline.type == "mention" and not seen[inline.id] and (not predicate or predicate(inline)) then
        seen[inline.id] = true
        list[#list + 1] = inline
      end
    end
  end
  return list
end

--- A comment body from Markdown (GitHub's, as the Node SDK reads it). @name becomes a mention of that user.
---@param text string
---@return { version: 1, content: table[] }
function comment.from_markdown(text)
  if type(text) ~= "string" then errors.usage("from_markdown: a string expected, got %s", type(text)) end
  local _, bad = utf8.len(text)
  if bad then errors.usage("from_markdown: the text is not valid UTF-8 at byte %d", bad) end
  return { version = 1, content = json.array(require "liveblocks.comment.markdown.body"(text)) }
end

return comment
