local html = require "lbhost.web.html"
local plot = require "lbhost.web.plot"

local function bars(...)
  return html.escape(plot.bars { title = "T", words = "1 <in> all", from = "then", to = "now", series = { ... } })
end

describe("a plot", function()
  it("has a bar for each value that is not 0, on a scale that ends at 1, 2 or 5 times a power of ten", function()
    local text = bars { values = { 0, 3, 0, 4 } }
    local drawn = text:match '<path class="bar plain" d="([^"]*)"'
    assert.equal(2, select(2, drawn:gsub("M", "")))
    assert.matches("<span>5</span><span>0</span>", text, 1, true)
    for most, expected in pairs { [1] = "1", [1.2] = "2", [7] = "10", [10] = "10", [11] = "20", [230] = "500", [0.03] = "0.05" } do
      assert.matches(("<span>%s</span><span>0</span>"):format(expected), bars { values = { most } }, 1, true)
    end
  end)

  it("puts series on top of each other", function()
    local text = bars({ values = { 5 } }, { class = "bad", values = { 5 } })
    assert.matches('class="bar plain" d="M0.0 56.0h359.0v-28.0h', text, 1, true)
    assert.matches('class="bar bad" d="M0.0 28.0h359.0v-28.0h', text, 1, true)
  end)

  it("says what it shows in words, escaped, and hides the picture from screen readers", function()
    local text = bars { values = { 0 } }
    assert.matches("1 &lt;in&gt; all", text, 1, true)
    assert.matches('aria-hidden="true"', text, 1, true)
    assert.is_nil(text:find "style=")
    assert.is_nil(text:find "nan")
  end)
end)
