#!/bin/sh
# The rock, by luarocks make in a clean copy of the checkout, for each Lua; then used by it:
#   tests/packages/rocks.sh
# BUILD is the build directory.
set -eu
cd "$(dirname "$0")/../.."

die() { printf 'rocks: %s\n' "$*" >&2; exit 1; }

there=${BUILD:-$PWD/build}/rocks
rm -rf "$there"
mkdir -p "$there/checkout"
git ls-files -z | tar --null -T - -cf - | tar -C "$there/checkout" -xf -

rock() { # version, interpreter that uses it, further words for luarocks
    version=$1 lua=$2
    shift 2
    (cd "$there/checkout" && luarocks --lua-version "$version" --tree "$there/$lua" make "$@" liveblocks-dev-1.rockspec) >"$there/log" 2>&1 ||
        { cat "$there/log" >&2; die "luarocks make for Lua $version"; }
    (cd / && LUA_PATH=";" LUA_CPATH="$there/$lua/lib/lua/$version/?.so" "$lua" -e '
        local liveblocks = require "liveblocks"
        assert(liveblocks.new { secret = "sk_x" }.get_room)
        assert(liveblocks.query.format { n = 1 } == "n:1")') || die "$lua cannot use its rock"
    printf '== %s: luarocks make, and require\n' "$lua"
}

rock 5.4 lua5.4
rock 5.3 lua5.3
rock 5.2 lua5.2
rock 5.1 luajit LUA_INCDIR=/usr/include/luajit-2.1 LUA=/usr/bin/luajit
rm -rf "$there"
