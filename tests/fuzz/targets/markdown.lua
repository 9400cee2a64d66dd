-- Markdown becomes the body of a comment, and that becomes text, HTML and Markdown again.
local comment = require "liveblocks.comment"
local support = dofile "tests/fuzz/targets/support.lua"

return function(bytes)
  local ok, body = support.refusable(comment.from_markdown, bytes)
  if not ok then return end
  assert(type(comment.to_text(body)) == "string" and type(comment.to_markdown(body)) == "string")
  local html = comment.to_html(body)
  assert(not html:lower():find "<script", "a script in HTML")
end
