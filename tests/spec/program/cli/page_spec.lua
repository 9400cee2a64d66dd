local page = require "lbhost.cli.page"

local PAGE = [[
# Boards

What a board is, and `code` in **it**.

## Use

First line
second line, with a [link](other.md#part).

- one
- two

| option | |
|---|---|
| `--a` | first \| second |

```sh
lbhost  run
```

### Details

More.

## End

Last.
]]

describe("a page of the documentation", function()
  local read = page.parse(PAGE)

  it("has a title, a summary and blocks, without marks", function()
    assert.equal("Boards", read.title)
    assert.equal("What a board is, and code in it.", read.summary)
    assert.same({ kind = "heading", level = 2, text = "Use" }, read.blocks[1])
    assert.same({ kind = "paragraph", text = "First line second line, with a link." }, read.blocks[2])
    assert.same({ kind = "row", cells = { "--a", "first | second" } }, read.blocks[5])
    assert.same({ kind = "code", text = "lbhost  run\n" }, read.blocks[6])
  end)

  it("gives the part below a heading, with the headings below that", function()
    local part = page.section(read, "Use")
    assert.equal("More.", part.blocks[#part.blocks].text)
    assert.equal("Last.", page.section(read, "End").blocks[2].text)
    assert.is_nil(page.section(read, "Nothing"))
  end)

  it("is text for a terminal, in which code stays as it is", function()
    local row = ("  %-28s"):format "--a" .. "first | second\n"
    assert.equal("Use\n\n  First line second line, with a link.\n\n  - one\n  - two\n\n" .. row
      .. "\n    lbhost  run\n\nDetails\n\n  More.\n", page.to_text(page.section(read, "Use").blocks, 60))
  end)

  it("is roff for man, in which nothing of the text is a request", function()
    local text = page.to_roff(page.parse("# A\n\nB.\n\n.so x -- \\ é\n\n- one\n\n### C\n").blocks)
    assert.equal(".PP\n\\&.so x \\-\\- \\e \\[u00E9]\n.IP \\(bu 2\none\n.SS C\n", text)
  end)

  it("must begin with a title and a summary", function()
    assert.has_error(function() page.parse "## A\n" end, "a page begins with a title and a summary")
  end)
end)
