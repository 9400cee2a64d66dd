--- Colours for JSON text on a terminal: keys, strings, numbers and words.
local colors = require "lbhost.util.colors"

local json_color = {}

--- A function that paints JSON text; with colours off it returns the text as it is.
---@param on boolean
---@return fun(text: string): string
function json_color.make(on)
  if not on then return function(text) return text end end
  local paint = colors.make(true)
  return function(text)
    local out, from = {}, 1
    while from <= #text do
      local first, last = text:find('^"[^"\\]*"', from)
      if not first and text:sub(from, from) == '"' then -- with escapes
        first, last = from, from + 1
        while text:sub(last, last) ~= '"' do last = last + (text:sub(last, last) == "\\" and 2 or 1) end
      end
      if first then
        out[#out + 1] = paint(text:find("^%s*:", last + 1) and "key" or "string", text:sub(first, last))
      else
        first, last = text:find("^[%w.+-]+", from)
        if first then
          out[#out + 1] = paint(text:find("^[-%d]", first) and "number" or "word", text:sub(first, last))
        else
          first, last = text:find("^[^%w\"-]+", from)
          out[#out + 1] = text:sub(first, last)
        end
      end
      from = last + 1
    end
    return table.concat(out)
  end
end

return json_color
