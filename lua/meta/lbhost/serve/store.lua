---@meta lbhost.serve.store
-- Where `lbhost serve` keeps its events. What a plugin gives in `stores` has the same methods, which the head of
-- lua/lbhost/serve/store.lua describes.

---@class lbhost.serve.store
local store = {}

---@class lbhost.Store
---@field commit fun(self: lbhost.Store, batch: { add?: table[], done?: table[], failed?: table[], parked?: table[] }) all of it, or nothing
---@field lanes fun(self: lbhost.Store): fun(): string, number lanes with pending events, and when the first one is due
---@field next fun(self: lbhost.Store, lane: string, after: integer): table? the first pending event of a lane with seq > after
---@field get fun(self: lbhost.Store, seq: integer): table?
---@field changed fun(self: lbhost.Store): boolean by another process, since the last question
---@field once fun(self: lbhost.Store, id: string, key: string): boolean?, any true and its result when the key is recorded
---@field put_once fun(self: lbhost.Store, id: string, key: string, result: any)
---@field timer fun(self: lbhost.Store, name: string): number? what it was due for when it has last run, in Unix seconds
---@field put_timer fun(self: lbhost.Store, name: string, due: number)
---@field count fun(self: lbhost.Store): { pending: integer, parked: integer, done: integer }
---@field list fun(self: lbhost.Store, filter: table): fun(): table events without bodies, oldest first
---@field retry fun(self: lbhost.Store, filter: table): integer how many are pending again
---@field drop fun(self: lbhost.Store, filter: table): integer how many are forgotten
---@field prune fun(self: lbhost.Store, before: number): integer how many done events are forgotten
---@field close fun(self: lbhost.Store)

--- Opens the store of a path.
---@param path string
---@param options? { create?: boolean, lock?: boolean } lock: refuse when another process has locked it
---@return lbhost.Store
function store.open(path, options) end

return store
