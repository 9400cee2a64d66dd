--- Finds the endpoint of a method and a path: a tree by segments, so that the number of endpoints does not matter.
local url = require "lbhost.util.url"

---@class lbhost.local.Router
local Router = {}
Router.__index = Router

local router = {}

--- A router without routes.
---@return lbhost.local.Router
function router.new()
  return setmetatable({ root = { children = {}, methods = {} } }, Router)
end

local function child_of(node, segment)
  if segment:find("^{.*}$") then
    node.parameter = node.parameter or { children = {}, methods = {} }
    return node.parameter
  end
  local child = node.children[segment] or { children = {}, methods = {} }
  node.children[segment] = child
  return child
end

--- Adds a row: its method and its path with {parameters}. Of two rows with one method and path the first stays.
---@param row table
---@param method string? instead of the row's own, together with `path`: a second way to the same row
---@param path string?
function Router:add(row, method, path)
  local node, names = self.root, {}
  for segment in (path or row.path):gmatch("[^/]+") do
    node = child_of(node, segment)
    names[#names + 1] = segment:match("^{(.*)}$")
  end
  method = method or row.method
  if not node.methods[method] then node.methods[method] = { row = row, names = names } end
end

local function find(node, path)
  local values, n = {}, 0
  for segment in path:gmatch("[^/]+") do
    local child = node.children[segment]
    if not child then
      child = node.parameter
      if not child then return nil end
      n = n + 1
      values[n] = segment
    end
    node = child
  end
  return node, values
end

local function allow(node)
  local methods = { "OPTIONS" }
  for method in pairs(node.methods) do methods[#methods + 1] = method end
  if node.methods.GET and not node.methods.HEAD then methods[#methods + 1] = "HEAD" end
  table.sort(methods)
  return table.concat(methods, ", ")
end

--- Finds the row for a request.
---@param method string
---@param path string percent-encoded
---@return table? row
---@return table|string what the parameters by their names on the wire; without a row "path" when there is no such
---path, "encoding" when it is malformed, "method" when it has other methods
---@return string? allow the methods that the path has
function Router:find(method, path)
  if path:find("//", 1, true) then return nil, "path" end
  local node, values = find(self.root, path)
  if not node or next(node.methods) == nil then return nil, "path" end
  -- HEAD is GET without the body, which the HTTP server leaves out.
  local route = node.methods[method] or method == "HEAD" and node.methods.GET or nil
  if not route then return nil, "method", allow(node) end
  local named = {}
  for i, name in ipairs(route.names) do
    local value = url.decode(values[i])
    if not value or value == "" or value:find("\0", 1, true) then return nil, "encoding" end
    named[name] = value
  end
  return route.row, named
end

return router
