--- What a function costs, as a count that is the same on every machine and in every run: the instructions of the Lua
--- virtual machine, to a hundred. What happens inside of C functions, and in other coroutines, is not in it.
---   assert.is_true(instructions(work, 4000) <= 5 * instructions(work, 1000))
return function(fn, ...)
  local count = 0
  debug.sethook(function() count = count + 100 end, "", 100)
  local ok, err = pcall(fn, ...)
  debug.sethook()
  if not ok then error(err, 2) end
  return count
end
