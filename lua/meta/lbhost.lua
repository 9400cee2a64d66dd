---@meta _
-- What the files of lbhost return: a plugin or a handler file lbhost.PluginTable, a migration lbhost.MigrationTable. For
-- editors (LuaCATS); compared with the contracts by tests/spec/program/plugin/contract_spec.lua and meta_spec.lua.

---@alias lbhost.Level "debug"|"info"|"warn"|"error"
---@alias lbhost.OptionType "string"|"number"|"integer"|"boolean"|"list"|"json"

---@class lbhost.Option
---@field type lbhost.OptionType
---@field required? boolean
---@field default? any
---@field env? string the environment variable that holds it where the configuration does not
---@field about? string
---@field min? number
---@field max? number
---@field secret? boolean it is hidden in logs and errors

---@class lbhost.Host
---@field name string of the plugin
---@field version string of lbhost
---@field options table<string, any> checked, with their defaults
---@field client liveblocks.Client
---@field log fun(level: lbhost.Level, text: string, fields?: table<string, any>)

---@class lbhost.Context
---@field client liveblocks.Client
---@field options table<string, any>
---@field host lbhost.Host
---@field log fun(level: lbhost.Level, text: string, fields?: table<string, any>)

---@class lbhost.EventContext: lbhost.Context
---@field event_id string the same again when the event is tried again
---@field attempt integer 1 for the first
---@field received number Unix seconds
---@field once fun(name: string, fn: fun(): any): any does it once, though the event is tried again

---@class lbhost.Event
---@field type liveblocks.EventType|string
---@field data table<string, any>

---@class lbhost.Command
---@field about string one line, for lbhost help
---@field usage? string such as "NAME FILE [--x]"
---@field help? string|fun(): string
---@field help_about? fun(arguments: string[]): string? help about what the arguments name
---@field parser? fun(): table argparse's parser: its options are shown by help, completion and manual pages
---@field examples? string[] command lines
---@field environment? string[] the variables that it reads
---@field run fun(arguments: string[], ctx: lbhost.Host): integer?
---@field own_options? string[] global options that it reads itself
---@field raw? boolean arguments after the first one that is not an option belong to a script

---@alias lbhost.EventHandler fun(event: lbhost.Event, ctx: lbhost.EventContext)

--- By the type of the event; "*" is for all.
---@class lbhost.Events
---@field storageUpdated? lbhost.EventHandler
---@field ydocUpdated? lbhost.EventHandler
---@field userEntered? lbhost.EventHandler
---@field userLeft? lbhost.EventHandler
---@field roomCreated? lbhost.EventHandler
---@field roomDeleted? lbhost.EventHandler
---@field commentCreated? lbhost.EventHandler
---@field commentEdited? lbhost.EventHandler
---@field commentDeleted? lbhost.EventHandler
---@field commentReactionAdded? lbhost.EventHandler
---@field commentReactionRemoved? lbhost.EventHandler
---@field commentMetadataUpdated? lbhost.EventHandler
---@field threadCreated? lbhost.EventHandler
---@field threadDeleted? lbhost.EventHandler
---@field threadMetadataUpdated? lbhost.EventHandler
---@field threadMarkedAsResolved? lbhost.EventHandler
---@field threadMarkedAsUnresolved? lbhost.EventHandler
---@field notification? lbhost.EventHandler
---@field [string] lbhost.EventHandler also of types that are not known yet

--- By "15m", the time between two, or "08:30", the time of a day in UTC.
---@class lbhost.Timers
---@field [string] fun(ctx: lbhost.Context)

--- By method and path, such as "GET /status".
---@class lbhost.Routes
---@field [string] fun(request: lbhost.http.Request, ctx: lbhost.Context): lbhost.http.Response|string|table|nil a response, text, a value to be sent as JSON, or nothing (204)>

---@class lbhost.PluginTable
---@field api 1
---@field name? string the file's name when absent
---@field about? string
---@field version? string
---@field options? table<string, lbhost.Option|lbhost.OptionType>
---@field setup? fun(host: lbhost.Host, options: table<string, any>)
---@field stop? fun()
---@field events? lbhost.Events
---@field timers? lbhost.Timers
---@field routes? lbhost.Routes
---@field commands? table<string, lbhost.Command>
---@field stores? table<string, fun(url: string, options?: { lock?: boolean }): table>

--- What hooks of a migration are given.
---@class lbhost.MigrationContext
---@field client liveblocks.Client
---@field options table<string, any>
---@field state table<string, any> shared by all hooks of a run
---@field dry_run boolean
---@field name string of the migration
---@field key string of the item, in `each` and `check`
local Context = {}

--- Edits the Storage of the item's room.
---@param fn fun(root: table<string, any>): any
---@param options? liveblocks.MutateOptions
---@return table[] patch
---@return liveblocks.EditInfo info
---@overload fun(self: lbhost.MigrationContext, room: string, fn: (fun(root: table<string, any>): any), options?: liveblocks.MutateOptions): table[], liveblocks.EditInfo
function Context:mutate_storage(fn, options) end

--- Edits the Yjs document of the item's room, once whenever the run is killed.
---@param fn fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any
---@param options? liveblocks.MutateYjsOptions
---@return string? update nil when nothing was to be changed
---@return liveblocks.YjsEditInfo info
---@overload fun(self: lbhost.MigrationContext, room: string, fn: (fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any), options?: liveblocks.MutateYjsOptions): string?, liveblocks.YjsEditInfo
function Context:mutate_yjs(fn, options) end

--- Calls fn with the root of a room's Storage, which cannot be changed through it; returns what fn returns.
---@param room string
---@param fn fun(root: table<string, any>): any
---@return any ...
function Context:read_storage(room, fn) end

--- Writes a line that does not get in the way of the progress.
---@param text any
function Context:log(text) end

--- In a dry run: shows a file that the item would write.
---@param path string
---@param bytes string
function Context:would_write(path, bytes) end

--- How an item has ended so far: "done", "unchanged", "failed", "gone", "missing", or "pending"; nil when there is none.
---@param key string
---@return string?
function Context:state_of(key) end

--- Asks on the terminal: is that the answer?
---@param question string
---@param answer string
---@return boolean
function Context:ask(question, answer) end

---@class lbhost.RoomFields
---@field limit? integer
---@field query? string|liveblocks.Query
---@field userId? string
---@field groupIds? string[]|string
---@field organizationId? string
---@field metadata? table<string, string>

---@alias lbhost.Rooms lbhost.RoomFields|fun(ctx: lbhost.MigrationContext): lbhost.RoomFields

---@class lbhost.MigrationTable
---@field api 1
---@field name? string the file's name when absent
---@field about? string
---@field options? table<string, lbhost.Option|lbhost.OptionType>
---@field rooms? lbhost.Rooms the source of the items, or one of the next four
---@field threads? { rooms?: lbhost.Rooms, query?: string|liveblocks.Query|fun(ctx: lbhost.MigrationContext): string|liveblocks.Query }
---@field users? string[]|{ file: string }|fun(ctx: lbhost.MigrationContext): string[]
---@field ids? string[]|{ file: string }|fun(ctx: lbhost.MigrationContext): string[]
---@field items? fun(ctx: lbhost.MigrationContext): function an iterator of ids, of tables with `id`, or of id, value
---@field setup? fun(ctx: lbhost.MigrationContext) before the first item, also when a run goes on
---@field confirm? fun(count: integer, ctx: lbhost.MigrationContext): boolean? false: nothing is done
---@field each fun(item: any, ctx: lbhost.MigrationContext): boolean?, string? false, reason: the item is left as it is; true, note: it is done
---@field finish? fun(ctx: lbhost.MigrationContext)
---@field check? fun(item: any, ctx: lbhost.MigrationContext): false?, string? false, reason: it is not as it should be
---@field summary? fun(ctx: lbhost.MigrationContext): string? at the end, also of a run that was stopped: a line for people
---@field repeats? boolean a run of what is done already does it all again
---@field journal? fun(options: table<string, any>): string the path of the journal, when what the options say makes a run of its own
---@field idempotent? boolean doing an item twice does no harm
---@field catch_up? boolean rooms that are made meanwhile are done at the end
---@field concurrency? integer items at a time (8)
---@field rate? number requests a second
