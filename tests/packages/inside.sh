#!/bin/sh
# The part of check.sh that runs inside of a bare Debian system, as root, with the packages in /packages.
set -eu

die() { printf 'packages: %s\n' "$*" >&2; exit 1; }

quietly() { "$@" >/tmp/log 2>&1 || { cat /tmp/log >&2; die "failed: $*"; }; }

install() { quietly apt-get -qq install -y --no-install-recommends "$@"; }

# Nothing of ours is left, and dpkg is content.
expect_nothing() {
    left=$(find / -xdev \( -path /packages -o -path /proc -o -path /sys -o -path /tmp -o -path /var/cache/apt \) -prune -o \
        \( -name '*liveblocks*' -o -name '*lbhost*' \) -print)
    [ -z "$left" ] || die "left over: $left"
    ! dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' | grep -E 'liveblocks|lbhost' || die "packages are left over"
    [ -z "$(dpkg --audit)" ] || die "dpkg --audit: $(dpkg --audit)"
}

use_program() { # the program
    [ "$("$1" --local -e 'local client = require("liveblocks").new()
        client:create_room { id = "r", defaultAccesses = {} }
        print(client:get_room("r").id)')" = r ] || die "$1 does not run a script"
    "$1" migrate backup --help | grep -q '^lbhost migrate backup$' || die "$1 does not find its scripts"
}

quietly apt-get -qq update

# The program alone, then from the archive, where its libraries are.
install /packages/lbhost_*.deb
use_program lbhost
[ -s /usr/share/man/man1/lbhost.1.gz ] || die "there is no manual"
grep -q '^ExecStart=/usr/bin/lbhost serve' /usr/lib/systemd/system/lbhost.service || die "the unit does not name the program"
[ -z "$(lbhost plugins 2>&1 >/dev/null)" ] || die "lbhost complains of its plugins: $(lbhost plugins 2>&1 >/dev/null)"
install /packages/lbhost-postgres_*.deb
lbhost plugins postgres | grep -q 'state    found' || die "lbhost does not find its plugin"
quietly apt-get -qq purge -y lbhost lbhost-postgres
mkdir /tmp/elsewhere
tar -C /tmp/elsewhere -xzf /packages/lbhost-*.tar.gz
use_program /tmp/elsewhere/lbhost-*/bin/lbhost
mv /tmp/elsewhere/lbhost-* /tmp/moved
use_program /tmp/moved/bin/lbhost
/tmp/moved/bin/lbhost plugins postgres | grep -q "state    found" || die "the program of the archive does not find its plugin"
expect_nothing

# All of it, with what uses it.
install /packages/*.deb lua5.4 lua5.3 lua5.2 luajit gcc libc6-dev pkg-config
lbhost local --port 15400 >/tmp/local 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
export LIVEBLOCKS_BASE_URL=http://127.0.0.1:15400 LIVEBLOCKS_SECRET_KEY=sk_localdev
tries=0
until lbhost call get_rooms >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { cat /tmp/local >&2; die "lbhost local does not answer"; }
    sleep 0.2
done
for lua in lua5.4 lua5.3 lua5.2 luajit; do
    [ "$("$lua" -e 'local client = require("liveblocks").new()
        client:upsert_room("of-lua", { update = { metadata = { version = _VERSION } } })
        print(client:get_room("of-lua").metadata.version == _VERSION)')" = true ] || die "$lua cannot use its module"
done
# shellcheck disable=SC2046 # words
gcc -std=c11 -Wall -Werror /usr/share/doc/libliveblocks-dev/examples/rooms.c $(pkg-config --cflags --libs liveblocks) -o /tmp/rooms
lbhost call create_room id=board-1 'defaultAccesses=[]' >/dev/null
/tmp/rooms board | grep -q '"id":"board-1"' || die "the shared library does not work"
gcc -std=c11 /usr/share/doc/libliveblocks-dev/examples/rooms.c -l:libliveblocks.a -lcurl -lcrypto -lm -o /tmp/rooms
/tmp/rooms board | grep -q '"id":"board-1"' || die "the static library does not work"
kill "$server"
quietly apt-get -qq purge -y lbhost lbhost-postgres 'liblua5.*-liveblocks' libliveblocks1 libliveblocks-dev
expect_nothing
