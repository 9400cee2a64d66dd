--- Snapshots of Yjs documents: what of each client there was, and what of it was deleted.
local arguments = require "liveblocks.yjs.arguments"
local core = require("liveblocks.core").yjs

local snapshot = {}

---@class liveblocks.yjs.Snapshot
local Snapshot = {}
Snapshot.__index = Snapshot
Snapshot.__name = "liveblocks.yjs.Snapshot"
Snapshot.__eq = function(a, b) return snapshot.is(a) and snapshot.is(b) and core.snapshot_equal(a._bytes, b._bytes) end

--- The snapshot as bytes.
---@param options { version: 1|2|nil }?
---@return string
function Snapshot:encode(options)
  local version = arguments.version(options, "encode")
  return version == 1 and self._bytes or core.snapshot_convert(self._bytes, 1, version)
end

--- Do both say the same?
---@param other liveblocks.yjs.Snapshot
---@return boolean
function Snapshot:equal(other)
  arguments.check(snapshot.is(other), "equal", "a snapshot", other)
  return core.snapshot_equal(self._bytes, other._bytes)
end

--- Is it a snapshot?
---@param value any
---@return boolean
function snapshot.is(value) return getmetatable(value) == Snapshot end

--- A snapshot of bytes in the encoding v1, which are known to be good.
---@param bytes string
---@return liveblocks.yjs.Snapshot
function snapshot.of(bytes) return setmetatable({ _bytes = bytes }, Snapshot) end

--- A snapshot from bytes.
---@param bytes string
---@param options { version: 1|2|nil }?
---@return liveblocks.yjs.Snapshot
function snapshot.decode(bytes, options)
  local version = arguments.version(options, "yjs.decode_snapshot")
  return snapshot.of(core.snapshot_convert(arguments.bytes(bytes, "yjs.decode_snapshot"), version, 1))
end

return snapshot
