--- lbhost completion bash|zsh|fish: prints the script that completes lbhost's command lines in that shell.
local completion = require "lbhost.cli.completion"
local errors = require "liveblocks.errors"

local function run(arguments)
  if arguments[1] == "--words" then -- what the scripts call: the last word is the one that is being typed
    local words = table.move(arguments, 2, #arguments - 1, 1, {})
    for _, one in ipairs(completion.candidates(words, #arguments > 1 and arguments[#arguments] or "")) do
      io.stdout:write(one, "\n")
    end
    return 0
  end
  local script = completion.scripts[arguments[1]]
  if not script then
    errors.usage("completion: name a shell: bash, zsh or fish%s", errors.hint(arguments[1] or "", completion.scripts))
  end
  io.stdout:write(script)
  return 0
end

return {
  api = 1, name = "completion", about = "Completion for shells",
  commands = {
    completion = {
      about = "print the completion script for a shell", usage = "completion bash|zsh|fish", run = run, raw = true,
      help = [[
`./dev install` puts the scripts where the shells find them. By hand, as below.
]],
      examples = { "source <(lbhost completion bash)", "lbhost completion zsh >~/.zfunc/_lbhost",
        "lbhost completion fish >~/.config/fish/completions/lbhost.fish" },
    },
  },
}
