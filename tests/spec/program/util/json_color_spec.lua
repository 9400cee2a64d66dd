local colors = require "lbhost.util.colors"
local json_color = require "lbhost.util.json_color"

describe("colours for JSON", function()
  local paint = colors.make(true)

  it("are those of keys, strings, numbers and words", function()
    assert.equal("{" .. paint("key", '"a"') .. ":[" .. paint("string", '"b"') .. "," .. paint("number", "-1.5e+9") .. ","
      .. paint("word", "true") .. "," .. paint("word", "null") .. "]}", json_color.make(true) '{"a":["b",-1.5e+9,true,null]}')
    assert.equal(paint("key", '"a"') .. " : " .. paint("number", "1"), json_color.make(true) '"a" : 1')
  end)

  it("end where a string does, whatever is in it", function()
    for _, text in ipairs { [["a\"b"]], [["\\"]], [["a\\\"]"]], [["{\"x\":1}"]], '""', '"é\\u0000"' } do
      assert.equal(paint("string", text) .. "," .. paint("number", "1"), json_color.make(true)(text .. ",1"))
    end
  end)

  it("leave every byte of the text in its order", function()
    local text = '{"a": "x\\n", "b": [1, 2.5, {"c": false}], "": null}\n'
    assert.equal(text, (json_color.make(true)(text):gsub("\27%[[%d;]*m", "")))
  end)

  it("are not there when they are off", function()
    assert.equal('{"a":1}', json_color.make(false) '{"a":1}')
  end)
end)
