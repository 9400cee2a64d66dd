-- A program around us may have set a locale whose decimal point is a comma: nothing that is sent or read changes.

local function run(command)
  local pipe = io.popen(command .. " 2>&1; echo status $?")
  local text = pipe:read("a")
  pipe:close()
  return text, tonumber(text:match("status (%d+)\n$"))
end

describe("with a comma for a decimal point", function()
  local directory
  setup(function()
    directory = require("tests.support.directory").new()
    local text, status = run(("LD_PRELOAD= localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8'"):format(directory.path))
    assert.equal(0, status, text)
  end)
  teardown(function() directory:remove() end)

  for _, spec in ipairs { "json", "values", "query", "request_settings" } do
    it(("the specs of %s hold"):format(spec), function()
      -- glibc keeps what it reads of LOCPATH
      local text, status = run(("env -u LBHOST_TEST_GC ASAN_OPTIONS=detect_leaks=0 LOCPATH='%s' lua5.4 "
        .. "'%s' --helper=tests/support/comma_locale.lua "
        .. "--output=plainTerminal tests/spec/module/%s_spec.lua"):format(directory.path, arg[0], spec))
      assert.equal(0, status, text)
      assert.matches("0 failures / 0 errors", text, 1, true)
    end)
  end
end)
