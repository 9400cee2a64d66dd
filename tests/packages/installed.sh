#!/bin/sh
# Installs the release build in a directory: it works where it lies and where it is moved to, other programs find the library,
# and uninstalling leaves nothing.
#   tests/packages/installed.sh
# BUILD is the build directory.
set -eu
cd "$(dirname "$0")/../.."
: "${BUILD:=$PWD/build}"

die() { printf 'installed: %s\n' "$*" >&2; exit 1; }

try_program() { # prefix
    ln -s "$1/bin/lbhost" "$there/link" # as a link in a directory of PATH
    "$there/link" -e 'assert(require("liveblocks").version)'
    (cd / && "$there/link" plugins postgres | grep -q "state    found") || die "the program does not find its plugin beside itself"
    (cd / && "$there/link" migrate backup --help | grep -q "^lbhost migrate backup$") ||
        die "the program does not find its scripts beside itself"
    (cd / && LUA_PATH=";" LUA_CPATH="$1/lib/lua/5.4/?.so" lua5.4 -e 'assert(require("liveblocks").new { secret = "sk_x" })')
    rm "$there/link"
}

by_cmake() { # directory of the sources, prefix, options
    sources=$1 from=$2
    shift 2
    { cmake -S "$sources" -B "$there/cmake" -DCMAKE_PREFIX_PATH="$from" "$@" && cmake --build "$there/cmake"; } >"$there/cmake.log" 2>&1 || {
        cat "$there/cmake.log" >&2
        return 1
    }
}

# The ways to find the library: pkg-config for the shared one and for the archive, and CMake.
try_library() { # prefix
    echo '#include <stdio.h>
#include <liveblocks/liveblocks.h>
int main(void) {
    lb_loop *loop;
    return lb_loop_create(&loop) == LB_OK && puts(lb_version()) >= 0 ? lb_loop_destroy(loop), 0 : 1;
}' >"$there/main.c"
    printf '%s\n' 'cmake_minimum_required(VERSION 3.16)' 'project(use C)' 'find_package(liveblocks 0.1 REQUIRED)' \
        'add_executable(use main.c)' 'target_link_libraries(use PRIVATE liveblocks::liveblocks)' >"$there/CMakeLists.txt"
    export PKG_CONFIG_PATH="$1/lib/pkgconfig"
    version=$(pkg-config --modversion liveblocks)
    eval "gcc \"\$there/main.c\" $(pkg-config --cflags --libs liveblocks) -Wl,-rpath,\"\$1/lib\" -o \"\$there/shared\"" # a path may have spaces
    eval "gcc \"\$there/main.c\" $(pkg-config --cflags liveblocks) $(pkg-config --variable=libdir liveblocks)/libliveblocks.a \
        -lcurl -lcrypto -lm -o \"\$there/static\""
    by_cmake "$there" "$1" || die "CMake does not find the library"
    sed -i 's/liveblocks 0\.1/liveblocks 1.0/' "$there/CMakeLists.txt"
    ! cmake -S "$there" -B "$there/cmake" -DCMAKE_PREFIX_PATH="$1" >/dev/null 2>&1 || die "CMake takes version $version for 1.0"
    for program in shared static cmake/use; do
        [ "$("$there/$program")" = "$version" ] || die "the library that $program uses is not of version $version"
    done
    unset PKG_CONFIG_PATH
    readelf -d "$there/cmake/use" | grep -q 'NEEDED.*\[libliveblocks.so.1\]' || die "the shared library has no SONAME"
    readelf -d "$there/static" | grep -q 'NEEDED.*liveblocks' && die "what links the archive needs the shared library"
    rm -rf "$there/cmake"
    by_cmake "$1/share/doc/liveblocks/examples" "$1" -DCJSON_LIBRARY= || die "the examples need cJSON"
    rm -rf "$there/cmake" "$there/shared" "$there/static" "$there/main.c" "$there/CMakeLists.txt" "$there/cmake.log"
}

there=$BUILD/installed prefix="$BUILD/installed/the & first" moved="$BUILD/installed/moved away"
rm -rf "$there"

# What was copied before something failed can be removed as well.
mkdir -p "$prefix" && echo "-- theirs" >"$prefix/include"
! sh scripts/tools/install.sh copy "$prefix" 2>/dev/null || die "a file stands where a directory is needed, and install succeeds"
[ -x "$prefix/bin/lbhost" ] || die "install has failed before it has copied anything"
sh scripts/tools/install.sh remove "$prefix"
left=$(find "$there" -type f -o -type l)
[ "$left" = "$prefix/include" ] || die "uninstall has left or taken too much of what was copied in part: $left"
rm -rf "$there"

(umask 077 && sh scripts/tools/install.sh copy "$prefix")
closed=$(find "$prefix" ! -perm -o=r -o -type d ! -perm -o=x)
[ -z "$closed" ] || die "not for all to read: $closed"
grep -q "^ExecStart=\"$prefix/bin/lbhost\" serve " "$prefix/lib/systemd/system/lbhost.service" ||
    die "the unit does not name the program"
for module in "$BUILD"/release/lua/*/liveblocks.so; do
    [ ! -e "$module" ] || [ -s "$prefix/lib/${module#"$BUILD/release/"}" ] || die "install has not copied $module"
done
for file in share/lbhost/meta/liveblocks.lua share/lbhost/meta/liveblocks/json.lua share/lbhost/meta/lbhost.lua \
    share/man/man1/lbhost.1 share/man/man1/lbhost-serve.1 share/man/man7/lbhost-tasks.7 \
    share/bash-completion/completions/lbhost; do
    [ -s "$prefix/$file" ] || die "install has not copied $file"
done
try_library "$prefix"
mkdir -p "$prefix/lib/lua/5.4/lbhost/plugins" && echo "-- theirs" >"$prefix/lib/lua/5.4/lbhost/plugins/theirs.lua"
mv "$prefix" "$moved" # as if it was unpacked elsewhere
try_program "$moved"
mv "$moved" "$prefix"
sh scripts/tools/install.sh remove "$prefix"
left=$(find "$there" -type f -o -type l)
[ "$left" = "$prefix/lib/lua/5.4/lbhost/plugins/theirs.lua" ] || die "uninstall has left or taken too much: $left"
rm -rf "$there"
