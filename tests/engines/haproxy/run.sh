#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# HAProxy.
# Needs: haproxy
lua=$(haproxy -vv | sed -n 's/^Built with Lua version *: *Lua \([0-9]*\.[0-9]*\).*/\1/p') # 5.3 in Debian 12, 5.4 in 13
sed -e "s|@ENGINES@|$ENGINES|g; s|@MODULES@|$MODULES/$lua|g; s|@PORT@|$PORT|g" "$ENGINES/haproxy/haproxy.cfg.in" >"$DIR/haproxy.cfg"
haproxy -db -f "$DIR/haproxy.cfg" &
server=$!
trap 'kill $server' EXIT
await_port
call_by_requests
"$LBHOST" send threadCreated "roomId=$ROOM" "threadId=$THREAD" --to "http://127.0.0.1:$PORT/liveblocks"
refuses_forgery "http://127.0.0.1:$PORT/liveblocks"
await_comment haproxy
