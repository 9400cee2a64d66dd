local directory = require "tests.support.directory"
local terminal = require "tests.support.terminal"
local write = require("tests.support.files").write

-- A script that edits a line until it ends, and says so.
local script = [[
local editor = require "lbhost.line_editor"
local task = require("liveblocks").task
local completer
assert(editor.open(function(before, after) return completer(before, after) end))
$CODE
editor.start("> ", 2)
while true do
  local what, text = editor.feed()
  if what ~= "more" then
    print("\nit ended: " .. what, text or "")
    break
  end
  task.sleep(0.005)
end
if arg[1] == "open" then editor.close() end
print(select(2, pcall(editor.feed)))
assert(editor.open(function() end))
editor.close()
print "closed again"
]]

describe("the line editor", function()
  local home, t
  before_each(function() home = directory.new() end)
  after_each(function()
    if t then t:stop() end
    t = nil
    home:remove()
  end)

  local function start(code, argument)
    local path = home.path .. "/edit.lua"
    write(path, (script:gsub("%$CODE", function() return code end)))
    t = terminal.start("run " .. path .. " " .. (argument or ""))
    t:wait_for ">"
  end

  for name, code in pairs {
    ["the completer"] = 'completer = function() editor.close() return "more", "shown" end',
    ["a finalizer that runs in the completer"] = [[completer = function()
      setmetatable({}, { __gc = function() editor.close() end })
      collectgarbage()
      return "more", "shown"
    end]],
    ["the completer, which fails then"] = 'completer = function() editor.close() error "oops" end',
  } do
    it("may be closed by " .. name, function()
      start(code)
      t:type "abc"
      t:wait_for "> abc"
      t:press "Tab"
      t:wait_for "it ended: end"
      t:wait_for("the line editor is not open", true)
      t:wait_for "closed again"
      t:wait_for "status 0"
    end)
  end

  it("may be closed by a task that runs while a search in the history waits for its next key", function()
    local now = home.path .. "/now"
    start(([[task.spawn(function()
      while not io.open("%s") do task.sleep(0.005) end
      editor.close()
      print "the task has closed it"
    end)]]):format(now))
    t:type "abc"
    t:wait_for "> abc"
    t:press "C-r"
    t:wait_for "bck"
    write(now, "")
    t:wait_for "the task has closed it"
    t:wait_for "it ended: end"
    t:wait_for "closed again"
    t:wait_for "status 0"
  end)

  it("does not read keys twice at the same time", function()
    start('completer = function() return select(2, pcall(editor.feed)), nil end', "open")
    t:type "abc "
    t:press "Tab"
    t:wait_for("> abc the line editor is reading keys already", true)
    t:press "Enter"
    t:wait_for "it ended: line"
    t:wait_for "status 0"
  end)
end)
