#!/bin/sh
# Installs the packages of ./dev package in bare Debian systems, uses and removes them:
#   tests/packages/check.sh SUITE...
# BUILD is the build directory; FRESH is where bare systems stay (scripts/tools/root.sh).
set -eu
cd "$(dirname "$0")/../.."

die() { printf 'packages: %s\n' "$*" >&2; exit 1; }

. scripts/tools/root.sh

if [ "$1" = --inside ]; then
    mount_root "$2"
    exec chroot "$2" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh /packages/inside.sh
fi

for suite in "$@"; do
    root=$fresh/packages-$suite
    bare_root "$suite"
    new_root "$suite" "$root"
    mkdir "$root/packages"
    cp "${BUILD:-$PWD/build}"/packages/*.deb "${BUILD:-$PWD/build}"/packages/*.tar.gz tests/packages/inside.sh "$root/packages/"
    enter_root tests/packages/check.sh "$root" || die "the packages do not work in $suite; what is left is in $root"
    rm -rf --one-file-system "$root"
    printf '== %s: the packages install, work and go\n' "$suite"
done
