--- Files of Storage: what a LiveFile refers to.
local uploads = require "lbhost.local.files.uploads"

return function(app)
  local files = uploads.new(app, {
    kind = "storage file", store = "files", parameter = "fileId", prefix = "fl_",
    view = function(file) return { id = file.id, name = file.name, size = file.size, mimeType = file.mimeType } end,
  })
  return {
    get_storage_file = files.get, upload_storage_file = files.put, create_storage_file_multipart_upload = files.start,
    upload_storage_file_multipart_part = files.part, complete_storage_file_multipart_upload = files.complete,
    abort_storage_file_multipart_upload = files.abort,
  }
end
