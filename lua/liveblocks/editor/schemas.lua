--- What editors know of nodes and marks: default attributes, as their toJSON shows them, and the order of marks.
local json = require "liveblocks.json"

local schemas = {}

local null = json.null

-- Tiptap's StarterKit with the nodes and marks of Liveblocks.
schemas.tiptap = {
  nodes = {
    codeBlock = { language = null },
    heading = { level = 1 },
    orderedList = { start = 1, type = null },
    liveblocksMention = { id = null, notificationId = null },
    liveblocksGroupMention = { id = null, userIds = null, notificationId = null },
  },
  marks = {
    link = { href = null, target = "_blank", rel = "noopener noreferrer nofollow", class = null, title = null },
    liveblocksCommentMark = { orphan = false, threadId = "" },
  },
  order = { "link", "liveblocksCommentMark", "bold", "code", "italic", "strike", "underline" },
  overlapping = { liveblocksCommentMark = true },
}

-- prosemirror-markdown's and prosemirror-schema-basic's; a custom schema may have other defaults.
schemas.prosemirror = {
  nodes = {}, marks = {},
  order = { "link", "liveblocksCommentMark", "em", "strong", "code" },
  overlapping = { liveblocksCommentMark = true },
}

local function block(props)
  local all = { backgroundColor = "default", textColor = "default", textAlignment = "left" }
  for name, value in pairs(props or {}) do all[name] = value end
  return all
end

local function file(props)
  local all = { backgroundColor = "default", name = "", url = "", caption = "" }
  for name, value in pairs(props or {}) do all[name] = value end
  return all
end

local cell = block { colspan = 1, rowspan = 1, colwidth = null }

-- BlockNote's own blocks.
schemas.blocknote = {
  nodes = {
    paragraph = block(), bulletListItem = block(), numberedListItem = block(), toggleListItem = block(),
    heading = block { level = 1, isToggleable = false }, checkListItem = block { checked = false },
    quote = { backgroundColor = "default", textColor = "default" }, codeBlock = { language = "text" },
    table = { textColor = "default" }, tableCell = cell, tableHeader = cell,
    file = file(), audio = file { showPreview = true },
    image = file { textAlignment = "left", showPreview = true }, video = file { textAlignment = "left", showPreview = true },
  },
  marks = {},
  order = { "bold", "italic", "underline", "strike", "code", "textColor", "backgroundColor", "link" },
  overlapping = { comment = true, liveblocksCommentMark = true, insertion = true, deletion = true, modification = true },
}

for _, schema in pairs(schemas) do
  schema.rank = {}
  for i, name in ipairs(schema.order) do schema.rank[name] = i end
end

return schemas
