--- Walks a comment body and writes it with a set of elements; finds out the names of those who are mentioned.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local url = require "liveblocks.comment.url"
local wtf8 = require "liveblocks.wtf8"

local render = {}

--- Is a value there? JSON null is not.
function render.given(value)
  return value ~= nil and value ~= json.null
end

local given = render.given

--- The first of two that is there.
function render.text_of(first, second)
  return given(first) and first or second
end

-- ---- Checks --------------------------------------------------------------------------------------

--- Raises when it is not a comment body.
function render.check_body(name, body)
  if not given(body) then
    errors.usage("comment.%s: the body is missing; a deleted comment has none", name)
  end
  if type(body) ~= "table" or type(body.content) ~= "table" then
    errors.usage("comment.%s: a comment body expected: { version = 1, content = {...} }", name)
  end
end

--- The elements, with those that the caller gives in their place.
function render.override(name, elements, given_elements)
  local merged = {}
  for element, write in pairs(elements) do merged[element] = write end
  for element, write in pairs(given_elements or {}) do
    if not elements[element] then
      errors.usage("%s: unknown element '%s'%s", name, tostring(element), errors.hint(element, elements))
    end
    merged[element] = write
  end
  return merged
end

-- ---- Names ---------------------------------------------------------------------------------------

--- Asks a resolver about ids: what is known of each, by id. The list it returns must be as long as that of the ids.
---@param name string for messages
---@param resolver function?
---@param ids string[] each once
---@return table<string, table>
function render.ask(name, resolver, ids)
  local known = {}
  if not resolver or not ids[1] then return known end
  local list = resolver(table.move(ids, 1, #ids, 1, {}))
  if not given(list) then return known end
  if type(list) ~= "table" then errors.usage("%s must return a list, got %s", name, type(list)) end
  local count = list.n or #list
  if count ~= #ids then
    errors.usage("%s must return as many entries as it got ids: %d, got %d (false stands for one that is unknown)",
      name, #ids, count)
  end
  for i, id in ipairs(ids) do known[id] = given(list[i]) and list[i] or nil end
  return known
end

--- The ids of those mentioned, by kind.
function render.ids_of(mentions)
  local ids = { user = {}, group = {} }
  for _, mention in ipairs(mentions) do
    local list = ids[mention.kind]
    if list and given(mention.id) and mention.id ~= "" then list[#list + 1] = mention.id end
  end
  return ids
end

--- What is known of those mentioned: { user = { [id] = ... }, group = ... }.
function render.resolve(name, mentions, options)
  local ids = render.ids_of(mentions)
  return {
    user = render.ask(name .. ": 'users'", options.users, ids.user),
    group = render.ask(name .. ": 'groups'", options.groups, ids.group),
  }
end

--- The name of the mentioned user or group, or the id. With `full`, an empty name does not count.
function render.name_of(part, full)
  local who = part.user or part.group
  local name = who and who.name
  if not given(name) or full and name == "" then return part.element.id end
  return tostring(name)
end

-- ---- Writing -------------------------------------------------------------------------------------

local formats = { { "bold", "strong" }, { "italic", "em" }, { "strikethrough", "s" }, { "code", "code" } }

local function has(element, name)
  return given(element[name]) and element[name] ~= false
end

--- Is a text node bold, italic, deleted or code?
function render.is_formatted(element)
  for _, format in ipairs(formats) do
    if has(element, format[1]) then return true end
  end
  return false
end

--- Puts the formats of a text node around it, from the inside out, with `wrap(tag, inner)`.
function render.formatted(element, inner, wrap)
  for _, format in ipairs(formats) do
    if has(element, format[1]) then inner = wrap(format[2], inner) end
  end
  return inner
end

local function write_mention(inline, index, how)
  if (not given(inline.id) or inline.id == "") and not how.anonymous then return "" end
  local kind = inline.kind
  return how.elements.mention({
    element = inline,
    user = kind == "user" and how.known.user[inline.id] or nil,
    group = kind == "group" and how.known.group[inline.id] or nil,
  }, index)
end

local function write_link(inline, index, how)
  local href = url.sanitize(inline.url)
  if href then return how.elements.link({ element = inline, href = href }, index) end
  return how.elements.text({ element = { text = render.text_of(inline.text, inline.url) } }, index)
end

local function write_inline(inline, index, how)
  if inline.type == "mention" then return write_mention(inline, index, how) end
  if inline.type == "link" then return write_link(inline, index, how) end
  if inline.type == nil and type(inline.text) == "string" then return how.elements.text({ element = inline }, index) end
  return ""
end

--- Writes a body, in UTF-8. `how`: elements, known (as from resolve), separator, anonymous (mentions without an id, too).
---@return string
function render.body(body, how)
  local blocks = {}
  for index, block in ipairs(body.content) do
    if block.type == "paragraph" then
      local inlines = {}
      for i, inline in ipairs(block.children or {}) do inlines[i] = write_inline(inline, i, how) end
      blocks[#blocks + 1] = how.elements.paragraph({ element = block, children = table.concat(inlines) }, index)
    end
  end
  return wtf8.to_utf8(table.concat(blocks, how.separator))
end

return render
