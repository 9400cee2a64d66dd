-- What specs of the program load once for all files: busted forgets modules from file to file, but the program that runs
-- it goes on, and two copies of these would not know each other's views and patches.
local liveblocks = require "liveblocks"
assert(liveblocks.storage and liveblocks.http)
require "liveblocks.storage.mutate"
