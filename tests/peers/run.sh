#!/bin/sh
# Runs the Python SDK (two versions), the Node SDK and this client through the calls of calls.lua against the
# recording server and compares what they sent.
#
#   LBHOST_PEERS  directory with node_modules/@liveblocks/node, venv and venv-3.15.4 (default build/peers)
#   LBHOST        the lbhost program (default build/debug/lbhost); without it, lua5.4 runs the driver
#                 with the module that LUA_CPATH and LUA_PATH lead to
#   PEERS_OUT     where the recordings go (default build/peers-out)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
LBHOST_PEERS=${LBHOST_PEERS:-$root/build/peers}
export LBHOST_PEERS
lbhost=${LBHOST:-$root/build/debug/lbhost}
out=${PEERS_OUT:-$root/build/peers-out}
python=$LBHOST_PEERS/venv/bin/python
first_python=$LBHOST_PEERS/venv-3.15.4/bin/python # the version whose names this client has

need() {
  [ -e "$1" ] && return
  echo "peers: $1 is missing; $2" >&2
  exit 2
}
need "$python" "install the Python SDK: python3 -m venv, then pip install liveblocks==3.23.0"
need "$first_python" "install the Python SDK: python3 -m venv, then pip install liveblocks==3.15.4"
need "$LBHOST_PEERS/node_modules/@liveblocks/node" "install the Node SDK: npm install @liveblocks/node@3.24.2"

[ -x "$lbhost" ] || [ -n "${LUA_CPATH:-}" ] || need "$lbhost" "run ./dev build, or set LBHOST or LUA_CPATH"

mkdir -p "$out"
rm -f "$out"/*.json

lua() {
  LUA_PATH="$here/?.lua;;" lua5.4 "$@"
}

lua5.4 "$root/tests/servers/http.lua" >"$out/server.out" 2>"$out/server.err" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT INT TERM

tries=0
until port=$(sed -n 's/^listening //p' "$out/server.out") && [ -n "$port" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
    echo "peers: the recording server did not start:" >&2
    cat "$out/server.err" >&2
    exit 2
  fi
  sleep 0.1
done
base=http://127.0.0.1:$port

# Runs one driver, then keeps the server's log of it.
peer() {
  name=$1
  shift
  lua "$here/reset.lua" "$base"
  "$@" "$out/calls.json" "$out/$name.result.json" "$base" "$here"
  lua "$here/reset.lua" "$base" "$out/$name.log.json"
}

ours() {
  if [ -x "$lbhost" ]; then
    "$lbhost" run "$here/lbhost_driver.lua" "$@"
  else
    lua5.4 "$here/lbhost_driver.lua" "$@"
  fi
}

lua "$here/prepare.lua" "$out/calls.json"
peer python "$python" -W ignore "$here/python_driver.py"
peer python-3.15.4 "$first_python" -W ignore "$here/python_driver.py"
peer node node "$here/node_driver.mjs"
peer lbhost ours
lua "$here/compare.lua" "$out"
