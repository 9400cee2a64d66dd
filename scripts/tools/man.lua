-- Writes the manual pages into share/man and the completion scripts below a prefix: lbhost run man.lua PREFIX
local completion = require "lbhost.cli.completion"
local man = require "lbhost.cli.man"

local prefix = assert(arg[1], "a prefix is needed")

local function write(path, text)
  assert(os.execute(("mkdir -p '%s'"):format(path:match "^(.*)/")))
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

for name, text in pairs(man.pages()) do write(("%s/share/man/man%s/%s"):format(prefix, name:match "%d$", name), text) end
write(prefix .. "/share/bash-completion/completions/lbhost", completion.scripts.bash)
write(prefix .. "/share/zsh/site-functions/_lbhost", completion.scripts.zsh)
write(prefix .. "/share/fish/vendor_completions.d/lbhost.fish", completion.scripts.fish)
