std = "lua54"
max_line_length = 140
files["tests/spec"] = { std = "lua54+busted" }
files["premake5.lua"] = { std = "min", globals = { "workspace", "solution", "configurations", "configuration", "filter",
  "location", "project", "kind", "language", "files", "includedirs", "links", "buildoptions", "linkoptions",
  "targetdir", "objdir", "targetname", "targetprefix", "defines", "symbols", "flags" },
  read_globals = { os = { other_fields = true } } }
exclude_files = { "build" }
files["tests/bench/receive_wrk.lua"] = { globals = { "init", "request", "done" } }
files["lua/meta"] = { only = {} }
files["lua/lbhost"] = { globals = { "_G", "arg" } }
files["tests/engines"] = { std = "max", globals = { "love", "engine", "ngx" }, read_globals = { "core", "vim", "minetest", "mp", "event",
  "quit", "package_version", "prosody", "_TARANTOOL" } }
