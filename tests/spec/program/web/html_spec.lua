local html = require "lbhost.web.html"

describe("HTML", function()
  it("has everything escaped that is not marked as HTML", function()
    assert.equal("&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;", html.escape [[<a b='c' d="e">&]])
    assert.equal("<b>", html.escape(html.raw "<b>"))
    assert.equal("<i>&lt;b&gt;</i>", html.escape(html.format("<i>%s</i>", "<b>")))
    assert.equal("", html.escape(nil))
    assert.equal("1.5", html.escape(1.5))
    assert.equal("<a href=\"/?a=&quot;&gt;\">x</a>", html.escape(html.link('/?a=">', "x")))
  end)

  it("shows bytes that are no text, controls, and controls of direction as U+FFFD, and what is around them", function()
    assert.equal("a\u{FFFD}b\u{FFFD}\u{FFFD}é\u{FFFD}", html.escape "a\xffb\xe2\x82é\xc3")
    assert.equal("a\u{FFFD}b\nc\t", html.escape "a\0b\nc\t")
    for _, control in ipairs { "\u{061C}", "\u{200E}", "\u{200F}", "\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}" } do
      assert.equal("x\u{FFFD}y", html.escape("x" .. control .. "y"))
    end
    assert.equal("\u{2026} \u{20AC} \u{1F600}", html.escape "\u{2026} \u{20AC} \u{1F600}")
  end)

  it("is UTF-8 without a tag or a quote for random bytes", function()
    math.randomseed(tonumber(os.getenv "LBHOST_SEED" or 1))
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, math.random(40) do bytes[i] = string.char(math.random(0, 255)) end
      local text = html.escape(table.concat(bytes))
      assert.truthy(utf8.len(text))
      assert.is_nil(text:find "[<>\"'\0-\8\11\12\14-\31\127]")
    end
  end)

  it("cuts between characters", function()
    assert.equal("abc", html.clip("abc", 3))
    assert.equal("ab…", html.clip("abc", 2))
    assert.equal("…", html.clip("éa", 1))
    assert.equal("é…", html.clip("éa", 2))
  end)

  it("has tables with a caption, heads for columns and names for cells, and a note instead of one without rows", function()
    local text = html.escape(html.table { caption = "A & B", columns = { "One", { "Two", class = "number" }, { "Do", hidden = true } },
      rows = { { "<x>", 2, html.raw "<b>3</b>", id = "r\"1" } }, none = "None." })
    assert.matches("<caption class=\"unseen\">A &amp; B</caption>", text, 1, true)
    assert.matches('<th scope="col">One</th><th scope="col" class="number">Two</th><th scope="col"><span class="unseen">Do</span></th>',
      text, 1, true)
    assert.matches('<tr id="r&quot;1"><td data-label="One">&lt;x&gt;</td>', text, 1, true)
    assert.matches('<td data-label="Two" class="number">2</td><td data-label="Do"><b>3</b></td>',
      text, 1, true)
    assert.equal('<p class="none">None.</p>', html.escape(html.table { caption = "", columns = { "One" }, rows = {}, none = "None." }))
  end)
end)
