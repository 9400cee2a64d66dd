---@meta
-- What a plugin or a handler file of lbhost returns: lbhost.PluginTable. For editors (LuaCATS); compared with the
-- contract by tests/spec/host/plugin_spec.lua.
error("this file is for editors; see lua/lbhost/plugin.lua instead")

---@alias lbhost.Level "debug"|"info"|"warn"|"error"
---@alias lbhost.OptionType "string"|"number"|"integer"|"boolean"|"list"

---@class lbhost.Option
---@field type lbhost.OptionType
---@field required? boolean
---@field default? any
---@field env? string the environment variable that holds it where the configuration does not
---@field about? string
---@field min? number
---@field max? number

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

---@class lbhost.Request
---@field method string
---@field path string as it was sent
---@field query? string
---@field headers table<string, string> names in small letters
---@field header_list string[][]
---@field body string
---@field remote string

---@class lbhost.Response
---@field status? integer
---@field headers? table<string, string>
---@field body? string

---@class lbhost.Command
---@field about string one line, for lbhost help
---@field usage? string such as "NAME FILE [--x]"
---@field help? string|fun(): string
---@field run fun(arguments: string[], ctx: lbhost.Host): integer?
---@field own_options? string[] global options that it reads itself
---@field raw? boolean words behind the first one that is no option belong to a script

---@class lbhost.PluginTable
---@field api 1
---@field name? string the file's name when absent
---@field about? string
---@field version? string
---@field options? table<string, lbhost.Option|lbhost.OptionType>
---@field setup? fun(host: lbhost.Host, options: table<string, any>)
---@field stop? fun()
---@field events? table<liveblocks.EventType|string, fun(event: lbhost.Event, ctx: lbhost.EventContext)>
---@field timers? table<string, fun(ctx: lbhost.Context)>
---@field routes? table<string, fun(request: lbhost.Request, ctx: lbhost.Context): lbhost.Response|string|table|nil>
---@field commands? table<string, lbhost.Command>
---@field stores? table<string, fun(url: string, options?: { lock?: boolean }): table>
