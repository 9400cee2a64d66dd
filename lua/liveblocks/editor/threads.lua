--- The threads that comment on the text of a document, by their marks.
local json = require "liveblocks.json"

local marks = { liveblocksCommentMark = true, comment = true }

---@param doc table Tiptap's JSON
---@return { threadId: string, text: string, orphan: boolean? }[]
return function(doc)
  local list, by_id = json.array {}, {}
  local function look(nodes)
    for _, node in ipairs(nodes or {}) do
      for _, mark in ipairs(node.marks or {}) do
        local attrs = type(mark.attrs) == "table" and mark.attrs or {}
        local id = marks[mark.type] and attrs.threadId
        if type(id) == "string" and id ~= "" then
          local thread = by_id[id]
          if not thread then
            thread = { threadId = id, parts = {}, orphan = attrs.orphan == true or nil }
            by_id[id], list[#list + 1] = thread, thread
          end
          thread.parts[#thread.parts + 1] = node.text or ""
        end
      end
      look(node.content)
    end
  end
  look(doc.content)
  for _, thread in ipairs(list) do
    thread.text = table.concat(thread.parts)
    thread.parts = nil
  end
  return list
end
