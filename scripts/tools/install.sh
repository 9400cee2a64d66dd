#!/bin/sh
# Copies what was built to where it is used, or removes it again:
#   scripts/tools/install.sh copy PREFIX
#   scripts/tools/install.sh remove PREFIX
# BUILD is the build directory, whose release build (CONFIG: another one) is copied. DESTDIR is put before each path, for those who pack the files.
# LIBDIR (default PREFIX/lib) takes the libraries and the Lua modules. PC_PREFIX is what liveblocks.pc says as prefix.
# What was copied is listed in PREFIX/share/lbhost/installed-files, by which `remove` knows it.
set -eu
umask 022 # what is installed can be read by all
cd "$(dirname "$0")/../.."

die() { printf 'install: %s\n' "$*" >&2; exit 1; }

command=$1
case $2 in /*) prefix=${2%/} ;; *) die "PREFIX must be an absolute path, not '$2'" ;; esac
libdir=${LIBDIR:-$prefix/lib}
root=${DESTDIR:-}
list=$prefix/share/lbhost/installed-files
built=${BUILD:-$PWD/build}/${CONFIG:-release}

# ---- Copying ---------------------------------------------------------------------------------------

# The directories that are made are listed as well, with a slash at the end.
make_directory() { # path
    [ ! -d "$root$1" ] || return 0
    [ "$1" = / ] || make_directory "$(dirname "$1")"
    mkdir "$root$1"
    printf '%s/\n' "$1" >>"$scratch/list"
}

put() { # file, path, mode (default 644)
    make_directory "$(dirname "$2")"
    install -T -m "${3:-644}" "$1" "$root$2"
    printf '%s\n' "$2" >>"$scratch/list"
}

put_tree() { # directory, path
    (cd "$1" && find . -type f | sort) | while read -r file; do put "$1/$file" "$2/${file#./}"; done
}

put_link() { # target, path
    make_directory "$(dirname "$2")"
    ln -sfnT "$1" "$root$2"
    printf '%s\n' "$2" >>"$scratch/list"
}

# A path as what reads it wants it: the replacement of sed, a file of pkg-config, a command of systemd.
for_sed() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }
for_pkg_config() { printf '%s' "$1" | sed 's/[^A-Za-z0-9/._+-]/\\&/g'; }
for_systemd() {
    case $1 in
    *[!A-Za-z0-9/._+-]*) printf '"%s"' "$(printf '%s' "$1" | sed 's/["\\]/\\&/g; s/%/%%/g')" ;;
    *) printf '%s' "$1" ;;
    esac
}

fill() { # template, path
    sed -e "s|@PREFIX@|$(for_sed "${PC_PREFIX:-$(for_pkg_config "$prefix")}")|; s|@VERSION@|$version|; s|@MAJOR@|${version%%.*}|" \
        -e "s|@LIBDIR@|\${prefix}/$(realpath -m -s --relative-to="$prefix" "$libdir")|" \
        -e "s|@INCLUDE@|$(realpath -m -s --relative-to="$libdir/cmake/liveblocks" "$prefix/include")|" \
        -e "s|@POINTER@|$(($(getconf LONG_BIT) / 8))|" "$1" >"$scratch/filled"
    put "$scratch/filled" "$2"
}

copy_program() {
    put "$built/lbhost" "$prefix/bin/lbhost" 755
    for plugin in "$built"/plugins/*.so; do # the program looks for them beside itself
        put "$plugin" "$prefix/lib/lua/5.4/lbhost/plugins/$(basename "$plugin")"
    done
    sed "s|/usr/local/bin/lbhost|$(for_sed "$(for_systemd "$prefix/bin/lbhost")")|" scripts/systemd/lbhost.service >"$scratch/unit"
    put "$scratch/unit" "$prefix/lib/systemd/system/lbhost.service"
    for folder in scripts/migrations scripts/notifications scripts/webhooks lua/meta; do # words: folder is a variable
        put_tree "$folder" "$prefix/share/lbhost/$(basename "$folder")"
    done
    # Of what comes with the program alone: the plugins of a user are the user's.
    env XDG_CONFIG_HOME=/nonexistent "$built/lbhost" run scripts/tools/man.lua "$scratch/manual"
    put_tree "$scratch/manual" "$prefix"
}

copy_modules() {
    put "$built/liveblocks.so" "$libdir/lua/5.4/liveblocks.so"
    for version_of_lua in 5.1 5.2 5.3 5.5; do # those that were built
        module=$built/lua/$version_of_lua/liveblocks.so
        [ ! -f "$module" ] || put "$module" "$libdir/lua/$version_of_lua/liveblocks.so"
    done
}

copy_library() {
    for example in bindings/examples/*; do put "$example" "$prefix/share/doc/liveblocks/examples/$(basename "$example")"; done
    put "$built/libliveblocks.a" "$libdir/libliveblocks.a"
    put "$built/libliveblocks.so" "$libdir/libliveblocks.so.1"
    put_link libliveblocks.so.1 "$libdir/libliveblocks.so"
    for header in liveblocks.h liveblocks_endpoints.h liveblocks_lua.h endpoints.def; do
        put "bindings/$header" "$prefix/include/liveblocks/$header"
    done
    fill scripts/library/liveblocks.pc.in "$libdir/pkgconfig/liveblocks.pc"
    fill scripts/library/liveblocksConfig.cmake.in "$libdir/cmake/liveblocks/liveblocksConfig.cmake"
    fill scripts/library/liveblocksConfigVersion.cmake.in "$libdir/cmake/liveblocks/liveblocksConfigVersion.cmake"
}

# Also of what was copied before something failed.
keep_list() {
    [ ! -s "$scratch/list" ] || { make_directory "$(dirname "$list")" && cp "$scratch/list" "$root$list"; }
    rm -rf "$scratch"
}

copy() {
    version=$(sed -n 's/^#define LB_VERSION "\(.*\)"$/\1/p' bindings/liveblocks.h)
    scratch=$(mktemp -d)
    trap keep_list EXIT
    trap 'exit 130' INT TERM HUP
    [ ! -f "$root$list" ] || remove # of an earlier version
    mkdir -p "$root/"
    copy_program
    copy_modules
    copy_library
}

# ---- Removing --------------------------------------------------------------------------------------

# What install has copied, and the directories that it has made: what others have put there stays.
remove() {
    [ -f "$root$list" ] || die "there is nothing to remove: $root$list does not exist"
    listed=$(tac "$root$list")
    rm -f "$root$list"
    printf '%s\n' "$listed" | while read -r path; do
        case $path in
        */) rmdir "$root$path" 2>/dev/null || true ;;
        *) rm -f "$root$path" ;;
        esac
    done
}

# The nearest directory above that exists must be writable, and those that files are copied to.
check_writable() {
    top=$root$prefix
    while [ ! -e "$top" ]; do top=$(dirname "$top"); done
    for directory in "$top" "$root$prefix/bin" "$root$libdir" "$root$prefix/include" "$root$prefix/share"; do
        [ ! -e "$directory" ] || [ -w "$directory" ] ||
            die "cannot write to $directory: be root, or name a directory of your own as PREFIX"
    done
}

case $command in
check) check_writable ;;
copy) check_writable && copy ;;
remove) check_writable && remove ;;
*) die "unknown command '$command': copy or remove" ;;
esac
