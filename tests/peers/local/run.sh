#!/bin/sh
# The official SDKs against the local Liveblocks: every method they have, unchanged, and every response parsed.
#
#   LBHOST_PEERS  directory with node_modules/@liveblocks/node, venv and venv-3.15.4 (default build/peers)
#   LBHOST        the lbhost program (default build/debug/lbhost)
#   LBHOST_EMAILS directory with node_modules/@liveblocks/emails (left out when it is not set)
#   run.sh [python|node|emails]...   (all when none is named)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
peers=${LBHOST_PEERS:-$root/build/peers}
lbhost=${LBHOST:-$root/build/debug/lbhost}
[ $# -gt 0 ] || set -- python node ${LBHOST_EMAILS:+emails}

out=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  server=
}
trap 'stop; rm -rf "$out"' EXIT
trap 'exit 1' INT TERM

start() { # a server without data; its address is in $url
  : >"$out/server.out"
  "$lbhost" local --port 0 --time-scale 1000 >"$out/server.out" 2>>"$out/server.err" &
  server=$!
  tries=0
  until url=$(sed -n 's/.* listens on \(http[^ ]*\)$/\1/p' "$out/server.out") && [ -n "$url" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
      echo "peers: lbhost local did not start:" >&2
      cat "$out/server.err" >&2
      exit 2
    fi
    sleep 0.1
  done
}

python_sdk() { # the directory of its virtual environment
  start
  PYTHONDONTWRITEBYTECODE=1 "$peers/$1/bin/python" "$here/python/run.py" "$url" || failed=1
  stop
}

failed=0
for peer in "$@"; do
  case $peer in
  python)
    python_sdk venv
    python_sdk venv-3.15.4
    ;;
  node)
    start
    LBHOST_PEERS="$peers" node "$here/node/run.mjs" "$url" || failed=1
    stop
    ;;
  emails)
    start
    node "$here/emails.mjs" "$url" || failed=1
    stop
    ;;
  *) echo "peers: python, node or emails, not '$peer'" >&2 && exit 2 ;;
  esac
done
# What the server itself failed at, it says on standard error.
if [ -s "$out/server.err" ]; then
  echo "peers: the local Liveblocks said:" >&2
  cat "$out/server.err" >&2
  failed=1
fi
exit $failed
