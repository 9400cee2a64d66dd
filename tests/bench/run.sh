#!/bin/sh
# Speed and memory against raw libcurl and the official SDKs:
#   tests/bench/run.sh [--quick] [--markdown] [--only MEASURE] [--done EVENTS]
# --done: so many done events are in the table of `hosts` for the row that has them (1,000,000; --quick 100,000). Ten million take some
# minutes and 2 GB.
# Compiles the yardsticks, starts nginx on a free loopback port, runs run.lua and cleans up.
# Wants build/release/lbhost, and the SDKs in build/peers; LBHOST and LBHOST_PEERS name other places.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
LBHOST=${LBHOST:-$root/build/release/lbhost}
LBHOST_PEERS=${LBHOST_PEERS:-$root/build/peers}
case $LBHOST_PEERS in /*) ;; *) LBHOST_PEERS=$PWD/$LBHOST_PEERS ;; esac
case $LBHOST in /*) ;; *) LBHOST=$PWD/$LBHOST ;; esac
export LBHOST LBHOST_PEERS
unset LIVEBLOCKS_SECRET_KEY LIVEBLOCKS_BASE_URL CURL_CA_BUNDLE SSL_CERT_DIR http_proxy https_proxy all_proxy ALL_PROXY HTTP_PROXY HTTPS_PROXY || true

lua=lua5.4
for tool in cc nginx "$lua"; do
    command -v "$tool" >/dev/null || {
        echo "bench: $tool is not installed; apt-get install gcc nginx libcurl4-openssl-dev lua5.4 lua-cjson" >&2
        exit 1
    }
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/lbhost-bench.XXXXXX")
chmod 755 "$dir" # nginx started by root reads the pages as another user
server=
clean() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

cc -std=c11 -O2 -Wall -Wextra -o "$dir/raw_libcurl" "$here/raw_libcurl.c" -lcurl
cc -std=c11 -O2 -Wall -Wextra -o "$dir/adopt" "$here/adopt.c"
cc -std=c11 -O2 -Wall -Wextra -o "$dir/start_time" "$here/start_time.c" -lm
cc -std=c11 -O2 -Wall -Wextra -shared -fPIC -I/usr/include/lua5.4 -o "$dir/json_floor.so" "$here/json_floor.c"
cc -std=c11 -O2 -Wall -Wextra -shared -fPIC -o "$dir/hanging_lookup.so" "$here/hanging_lookup.c" -ldl
"$lua" "$here/site.lua" pages "$dir" 1000 10000 100000

# nginx has a processor of its own where there are two; the clients that are compared closely have the others.
cpu=
if [ "$(nproc)" -gt 1 ] && taskset -c 0 true && taskset -c 1 true; then
    cpu="taskset -c 0"
    export BENCH_CPUS="1-$(($(nproc) - 1))"
fi

# nginx takes no port 0: try one after the other until it stays and answers.
attempt=0
base=
tls_base=
sh "$here/../servers/tls/make-certs.sh" "$dir/certs"
cat /etc/ssl/certs/ca-certificates.crt "$dir/certs/ca.pem" >"$dir/bundle.pem" # as large as a system's
while [ -z "$base" ]; do
    attempt=$((attempt + 1))
    [ "$attempt" -le 10 ] || { echo "bench: nginx does not start:" >&2; cat "$dir/error.log" >&2; exit 1; }
    port=$((20000 + ($$ * 7 + attempt * 1009) % 12000)) # below the ports that clients get
    "$lua" "$here/site.lua" conf "$dir" "$port"
    # shellcheck disable=SC2086 # words
    timeout 3600 $cpu nginx -c "$dir/nginx.conf" -e "$dir/error.log" 2>/dev/null &
    server=$!
    tries=0
    while kill -0 "$server" 2>/dev/null && [ "$tries" -lt 20 ]; do
        if "$dir/raw_libcurl" turn "http://127.0.0.1:$port" 1 >/dev/null 2>&1; then
            base=http://127.0.0.1:$port
            tls_base=https://127.0.0.1:$((port + 1))
            break
        fi
        tries=$((tries + 1))
        sleep 0.1
    done
done

[ ! -t 2 ] || export BENCH_PROGRESS=1
BENCH_PID=$$ BENCH_DIR=$dir BENCH_URL=$base BENCH_TLS_URL=$tls_base "$dir/adopt" "$lua" "$here/run.lua" "$@"
