-- How the work of reading a query grows with it.
local parser = require "lbhost.local.query.parser"
local steps = require "tests.support.steps"

local MAX <const> = 6 -- for four times as much; 4.8 for n log n, 16 for what is quadratic

local kinds = {
  ["many clauses"] = function(n) return ("metadata['key']:'value' "):rep(n) end,
  ["many that are joined"] = function(n) return ("a:1 AND "):rep(n) .. "b:2" end,
  ["a long string"] = function(n) return "roomId^'" .. ("text "):rep(n) .. "'" end,
  ["a long string of escapes"] = function(n) return "roomId^'" .. ("\\'\\n\\\\"):rep(n) .. "'" end,
  ["many alternatives"] = function(n) return "(" .. ("a:1 OR "):rep(n) .. "b:2)" end,
  ["much whitespace"] = function(n) return "a" .. (" \n\t"):rep(n) .. ": 1" end,
  ["an error after many lines"] = function(n) return ("a:1\n"):rep(n) .. "?" end,
  ["an error at the end of a long line"] = function(n) return ("\u{e9}:1 "):rep(n) .. "?" end,
  ["a string without an end"] = function(n) return "a:'" .. ("x"):rep(n) end,
}

describe("the work of a query with", function()
  for name, text in pairs(kinds) do
    it(name .. " grows with it", function()
      local growth = steps.growth(function(n)
        local state = { text = text(n), suggestion = "", at = 1 }
        return function() pcall(parser.parse, state) end
      end, 2000)
      assert.is_true(growth < MAX, ("4 times as much takes %.1f times the work"):format(growth))
    end)
  end
end)
