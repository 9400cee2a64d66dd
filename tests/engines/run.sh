#!/bin/sh
# shellcheck disable=SC2016 # what another shell expands
# The module in real engines: run.sh [ENGINE...]. Each makes twenty calls of 300 ms at once against a local Liveblocks, and
# has to go on meanwhile. Prints a table; fails when an engine that is there does not do it. LBHOST names the program of a build.
set -u
PATH=$PATH:/usr/games:/usr/sbin # where Debian has some of them, and users do not look
ENGINES=$(cd "$(dirname "$0")" && pwd)
: "${LBHOST:?the program}"
work=$(mktemp -d "${TMPDIR:-/tmp}/lbhost-engines.XXXXXX")
local=
clean() {
    [ -z "$local" ] || kill "$local" 2>/dev/null
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

# The modules by their Lua, as they are installed: 5.1 is for LuaJIT.
MODULES=$work/modules
built=$(dirname "$LBHOST")
mkdir -p "$MODULES/5.4"
ln -s "$built/liveblocks.so" "$MODULES/5.4/"
for module in "$built"/lua/*; do [ -e "$module" ] && ln -sfn "$module" "$MODULES/"; done

: >"$work/local.log"
"$LBHOST" local --port 0 --faults latency=300ms >"$work/local.log" 2>&1 &
local=$!
tries=0
until BASE_URL=$(grep -o 'http://127[0-9.:]*' "$work/local.log" | head -n 1) && [ -n "$BASE_URL" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { cat "$work/local.log" >&2; exit 1; }
    sleep 0.1
done
ROOM=recipes THREAD=$(LIVEBLOCKS_BASE_URL=$BASE_URL LIVEBLOCKS_SECRET_KEY=sk_localdev "$LBHOST" run "$ENGINES/rooms.lua" make) || exit 1
export ROOM THREAD LBHOST LIVEBLOCKS_WEBHOOK_SECRET=whsec_bG9jYWxkZXYtd2ViaG9vay1zZWNyZXQ=
export BASE_URL ENGINES MODULES LIVEBLOCKS_BASE_URL="$BASE_URL" LIVEBLOCKS_SECRET_KEY=sk_localdev
if [ $# = 0 ]; then
    for directory in "$ENGINES"/*/; do set -- "$@" "$(basename "$directory")"; done
fi
number=0 present=
export FAILED=
for engine in "$@"; do
    program=$(sed -n 's/^# Needs: //p' "$ENGINES/$engine/run.sh")
    command -v "$program" >/dev/null || { echo "$engine: $program is not installed" >&2; continue; }
    present="$present $engine"
    number=$((number + 1))
    DIR=$work/$engine PORT=$((21000 + ($$ + number * 97) % 9000))
    export DIR PORT
    mkdir -p "$DIR"
    timeout 120 sh -eu -c '. "$ENGINES/functions.sh"; . "$ENGINES/$0/run.sh"' "$engine" >"$work/$engine.log" 2>&1 ||
        { echo "$engine: status $?" >&2; tail -n 20 "$work/$engine.log" >&2; FAILED="$FAILED $engine "; }
done
# shellcheck disable=SC2086 # names
"$LBHOST" run "$ENGINES/rooms.lua" show $present
