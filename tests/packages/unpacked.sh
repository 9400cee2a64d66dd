#!/bin/sh
# Packs the release build (scripts/tools/package.sh): what is in the packages and in the archive works where it is unpacked.
# That they can be installed and removed is shown by check.sh.
#   tests/packages/unpacked.sh
# BUILD is the build directory.
set -eu
cd "$(dirname "$0")/../.."
: "${BUILD:=$PWD/build}"

die() { printf 'unpacked: %s\n' "$*" >&2; exit 1; }

sums() { (cd "$BUILD/packages" && sha256sum -- *.deb *.tar.gz); }

# The same commit gives the same packages, whoever makes them, and all can read what is in them.
sh scripts/tools/package.sh >/dev/null
packed=$(sums)
(umask 077 && TZ=Asia/Tokyo sh scripts/tools/package.sh >/dev/null)
[ "$(sums)" = "$packed" ] || die "packed again, the packages are others"
there=$BUILD/unpacked
rm -rf "$there"
mkdir -p "$there"
for package in "$BUILD"/packages/*.deb; do
    dpkg-deb -x "$package" "$there"
    [ "$(dpkg-deb -f "$package" Version)" = "$("$BUILD/release/lbhost" version | sed 's/^lbhost \([^ ]*\) .*/\1/')-1" ] ||
        die "$package has another version than the program"
    dpkg-deb -f "$package" Depends | grep -q 'libc6\|libliveblocks1\|lbhost' || die "$package says nothing of what it needs"
done
tar -C "$there" -xzf "$BUILD"/packages/lbhost-*.tar.gz
closed=$(find "$there" ! -perm -o=r -o -type d ! -perm -o=x)
[ -z "$closed" ] || die "not for all to read: $closed"
find "$there" -type f \( -name '*.so*' -o -path '*/bin/lbhost' \) | while read -r file; do
    readelf -d "$file" | grep -q BIND_NOW || die "$file: where it finds functions stays writable"
done
for program in "$there/usr/bin/lbhost" "$there"/lbhost-*/bin/lbhost; do
    (cd / && "$program" plugins postgres | grep -q "state    found") || die "$program does not find its plugin"
    (cd / && "$program" migrate backup --help | grep -q "^lbhost migrate backup$") || die "$program does not find its scripts"
done
for lua in lua5.4 lua5.3 lua5.2 luajit; do
    case $lua in luajit) number=5.1 ;; *) number=${lua#lua} ;; esac
    (cd / && LUA_PATH=";" LUA_CPATH="$there/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/lua/$number/?.so" "$lua" -e 'assert(require("liveblocks").new { secret = "sk_x" })') ||
        die "$lua cannot use the module of its package"
done
rm -rf "$there"
