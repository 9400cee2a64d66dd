-- The two documents that JSON codecs are measured on: returns function(json) -> { { name, value }, ... }.
return function(json)
  --- A page of rooms as get_rooms answers it.
  local function rooms_page(count)
    local rooms = json.array {}
    for i = 1, count do
      rooms[i] = {
        type = "room", id = ("board:%05d"):format(i), organizationId = "default",
        createdAt = ("2024-05-%02dT10:%02d:00.000Z"):format(i % 28 + 1, i % 60),
        lastConnectionAt = ("2025-01-%02dT11:%02d:30.123Z"):format(i % 28 + 1, i % 60),
        metadata = { color = i % 2 == 0 and "blue" or "red", size = tostring(i), title = "Quarterly plan " .. i,
          tags = json.array { "design", "q" .. i % 4 } },
        defaultAccesses = json.array { "room:read", "room:presence:write" },
        groupsAccesses = { marketing = json.array { "room:write" } },
        usersAccesses = { ["user-" .. i] = json.array { "room:write" }, alice = json.array {} },
      }
    end
    return { nextCursor = "W3siaWQiOiJ5IiwiY3JlYXRlZEF0IjoxNjY1MDA5", data = rooms }
  end

  --- A Storage document of about `size` bytes: small objects, floats short and long, long strings.
  local function storage_document(size)
    math.randomseed(42)
    local shapes, bytes = json.array {}, 0
    local sentence = "The quick brown fox \"jumps\" over the lazy dog,\nthen writes caf\u{e9} notes. "
    while bytes < size do
      local i = #shapes + 1
      local shape = { liveblocksType = "LiveObject", data = {
        id = ("shape-%06d"):format(i), kind = i % 3 == 0 and "rectangle" or "arrow", visible = i % 5 ~= 0,
        x = math.random(-40000, 40000) / 8, y = math.random() * 1000, width = math.random(1, 999) / 10, z = i,
        parent = i % 4 == 0 and json.null or nil,
        points = json.array { math.random(), math.random(1000), math.random(-500, 500) / 100 },
        text = i % 10 == 0 and sentence:rep(i % 7 + 1) or "" } }
      shapes[i], bytes = shape, bytes + #json.encode(shape) + 1
    end
    return { liveblocksType = "LiveObject", data = { shapes = { liveblocksType = "LiveList", data = shapes } } }
  end

  return { { "page of 100 rooms", rooms_page(100) }, { "1 MB Storage document", storage_document(1e6) } }
end
