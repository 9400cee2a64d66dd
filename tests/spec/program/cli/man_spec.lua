local man = require "lbhost.cli.man"

describe("manual pages", function()
  local pages = man.pages()

  it("are there for the program, each command and each page of the documentation", function()
    for _, name in ipairs { "lbhost.1", "lbhost-serve.1", "lbhost-migrate.1", "lbhost-call.1", "lbhost-queue.1", "lbhost-tasks.7",
      "lbhost-configuration.7" } do
      assert.matches("^%.TH LBHOST", pages[name] or "", name)
      assert.matches("\n%.SH NAME\n", pages[name], name)
    end
    assert.matches("\n%.TP\n\\fB\\%-\\%-port N\\fR\n", pages["lbhost-serve.1"])
    assert.matches("\n%.SH OPTIONS OF LIST\n", pages["lbhost-queue.1"])
    assert.matches("\n%.SH EXAMPLES\n", pages["lbhost-migrate.1"])
  end)

  it("have no line that roff takes for a request of its own", function()
    local requests = { TH = true, SH = true, SS = true, TP = true, PP = true, IP = true, B = true, BR = true, nf = true, fi = true,
      RS = true, RE = true, br = true, ad = true, ds = true }
    for name, text in pairs(pages) do
      for line in text:gmatch "[^\n]+" do
        if line:find "^'" then error(name .. ": " .. line) end
        local request = line:match "^%.(%S*)"
        if request then assert.is_true(requests[request], name .. ": " .. line) end
      end
    end
  end)

  it("are taken by groff without a warning", function()
    local directory <close> = require("tests.support.directory").new()
    for name, text in pairs(pages) do
      local pipe = io.popen(("groff -man -Tutf8 -ww -z '%s' 2>&1"):format(directory:write(name, text)))
      assert.equal("", pipe:read "a", name)
      pipe:close()
    end
  end)
end)
