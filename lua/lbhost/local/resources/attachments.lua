--- Attachments of comments: drafts in their room until a comment names them, gone when the last such comment goes.
local responses = require "lbhost.local.http.response"
local json = require "liveblocks.json"
local uploads = require "lbhost.local.files.uploads"

local function view(file)
  return { type = "attachment", id = file.id, mimeType = file.mimeType, name = file.name, size = file.size }
end

return function(app)
  local files = uploads.new(app, {
    kind = "attachment", store = "attachments", parameter = "attachmentId", prefix = "at_", view = view, user = true,
  })

  -- ---- For comments ----------------------------------------------------------------------------

  local attachments = {}
  app.attachments = attachments

  --- Checks the ids that a comment is to have; 422 names one that has not been uploaded.
  ---@param room table
  ---@param ids string[]?
  ---@param where string
  ---@return string[]? ids without repetitions; nil when there are none
  function attachments.check(room, ids, where)
    local list, seen = {}, {}
    for _, id in ipairs(ids or {}) do
      if not (room.attachments or {})[id] then
        responses.invalid("%s: the attachment '%s' has not been uploaded to this room", where, id)
      end
      if not seen[id] then list[#list + 1] = id end
      seen[id] = true
    end
    return list[1] and list or nil
  end

  --- A comment has these instead of those from now on. A file that no comment has any longer is deleted.
  ---@param room table
  ---@param before string[]?
  ---@param after string[]?
  function attachments.replace(room, before, after)
    for _, id in ipairs(after or {}) do
      local file = room.attachments[id]
      file.uses = (file.uses or 0) + 1
    end
    for _, id in ipairs(before or {}) do
      local file = room.attachments[id]
      file.uses = file.uses - 1
      if file.uses == 0 then room.attachments[id] = nil end
    end
  end

  --- The attachments of a comment as the API shows them.
  ---@param room table
  ---@param ids string[]?
  ---@return table[]
  function attachments.list(room, ids)
    local list = json.array {}
    for i, id in ipairs(ids or {}) do list[i] = view(room.attachments[id]) end
    return list
  end

  return {
    get_attachment = files.get, upload_attachment = files.put, create_attachment_multipart_upload = files.start,
    upload_attachment_multipart_part = files.part, complete_attachment_multipart_upload = files.complete,
    abort_attachment_multipart_upload = files.abort,
  }
end
