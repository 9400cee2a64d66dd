--- Goes through the nodes of an XML fragment or element in the order of the document, as Yjs's createTreeWalker does.
---@param top liveblocks.yjs.Type
---@param filter fun(node: liveblocks.yjs.Type): boolean|nil
---@return fun(): liveblocks.yjs.Type?
return function(top, filter)
  local stack = { { nodes = top:to_array(), at = 0 } }
  return function()
    while stack[1] do
      local level = stack[#stack]
      level.at = level.at + 1
      local node = level.nodes[level.at]
      if node == nil then
        stack[#stack] = nil
      elseif type(node) == "table" and rawget(node, "_yjs") then
        if node.first_child then stack[#stack + 1] = { nodes = node:to_array(), at = 0 } end
        if not filter or filter(node) then return node end
      end
    end
  end
end
