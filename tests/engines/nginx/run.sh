#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# nginx with ngx_lua. Its package conflicts with the headers of LuaJIT, so it is unpacked beside and not installed.
# Needs: nginx
aside=$DIR/aside
mkdir -p "$aside"
luajit=libluajit2-5.1-2 # in Debian 12
apt-cache show $luajit 2>/dev/null | grep -q . || luajit=libluajit-5.1-2
(cd "$aside" && apt-get -qq download libnginx-mod-http-lua libnginx-mod-http-ndk $luajit lua-resty-core \
    lua-resty-lrucache 2>/dev/null && for package in *.deb; do dpkg-deb -x "$package" .; done)
sed -e "s|@DIR@|$DIR|g; s|@ASIDE@|$aside|g; s|@ENGINES@|$ENGINES|g; s|@MODULES@|$MODULES|g; s|@BASE_URL@|$BASE_URL|g; s|@PORT@|$PORT|g" \
    "$ENGINES/nginx/nginx.conf.in" >"$DIR/nginx.conf"
[ "$(id -u)" = 0 ] || sed -i '/^user /d' "$DIR/nginx.conf"
LD_LIBRARY_PATH=$(dirname "$(find "$aside" -name 'libluajit-5.1.so.2' | head -n 1)") nginx -c "$DIR/nginx.conf" -e stderr &
server=$!
trap 'kill $server' EXIT
await_port
call_by_requests
"$LBHOST" send threadCreated "roomId=$ROOM" "threadId=$THREAD" --to "http://127.0.0.1:$PORT/liveblocks"
refuses_forgery "http://127.0.0.1:$PORT/liveblocks"
await_comment nginx
