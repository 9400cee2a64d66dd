#!/bin/sh
# Fuzzes each target for SECONDS (default 60) with the address and undefined-behaviour sanitizers. Fails on a finding, whose
# input is left in fuzz/ of the build directory (BUILD).
#   tests/fuzz/run.sh [SECONDS [TARGET...]]
# Targets: json_decode, json_round_trip, http, client, yjs_core, and the files of tests/fuzz/targets.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
work=${BUILD:-build}/fuzz
mkdir -p "$work"
lua_flags=$(pkg-config --cflags --libs lua5.4 2>/dev/null || echo "-I/usr/include/lua5.4 -llua5.4")
lua_targets=$(find tests/fuzz/targets -name '*.lua' ! -name support.lua -exec basename {} .lua \; | sort)
# shellcheck disable=SC2086 # names of files, without spaces
[ $# -gt 0 ] || set -- json_decode json_round_trip http client yjs_core $lua_targets

compile() { # output, flags and sources
    output=$1
    shift
    clang -g -O1 -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all "$@" -o "$output"
}

# All of the program but its main(): the targets in Lua run in it.
build_lua() {
    [ -z "${lua_built:-}" ] || return 0
    lua_built=yes
    # shellcheck disable=SC2046,SC2086
    compile "$work/lua" -std=gnu11 -Ibindings/lua -Ibindings -DLB_LINK_LIBRARIES tests/fuzz/lua.c \
        $(find host -maxdepth 1 -name '*.c' ! -name main.c) bindings/client/*.c bindings/loading/*.c bindings/lua/*.c bindings/text/*.c bindings/yjs/*.c \
        "${BUILD:-build}"/generated/*.c -I/usr/include/lua5.4 -Wl,-E -l:liblua5.4-cjson.a -l:liblua5.4.a -l:libsqlite3.a -lcrypto \
        -lcurl -lm -ldl
}

prepare() { # target: makes its program and its seeds
    directory=$work/$1
    rm -rf "$directory"
    mkdir -p "$directory/corpus"
    case $1 in
    json_*)
        # shellcheck disable=SC2086
        compile "$directory/fuzz" -std=c11 -D"$(echo "$1" | tr '[:lower:]' '[:upper:]')" -Ibindings tests/fuzz/json.c bindings/text/*.c \
            bindings/lua/json_*.c $lua_flags -lm
        lua5.4 tests/fuzz/corpus.lua "$directory/corpus"
        ;;
    http)
        compile "$directory/fuzz" -std=c11 tests/fuzz/http.c host/http_message.c
        lua5.4 tests/fuzz/seeds.lua http "$directory/corpus"
        ;;
    client)
        compile "$directory/fuzz" -std=gnu11 -DLB_LINK_LIBRARIES -Ibindings tests/fuzz/client.c bindings/client/*.c bindings/loading/*.c bindings/text/*.c -lcurl -lcrypto -lm
        lua5.4 tests/fuzz/seeds.lua client "$directory/corpus"
        ;;
    yjs_core)
        compile "$directory/fuzz" -std=gnu11 -Ibindings tests/fuzz/yjs_core.c bindings/yjs/*.c bindings/text/*.c -lm
        lua5.4 tests/fuzz/seeds.lua yjs_core "$directory/corpus"
        ;;
    *)
        [ -f "tests/fuzz/targets/$1.lua" ] || { echo "there is no target $1" >&2; exit 2; }
        build_lua
        ln "$work/lua" "$directory/fuzz"
        lua5.4 tests/fuzz/seeds.lua "$1" "$directory/corpus"
        ;;
    esac
}

for target in "$@"; do
    prepare "$target"
    echo "$target, $seconds s"
    LUA_PATH="$PWD/?.lua;;" FUZZ_TARGET=tests/fuzz/targets/$target.lua ASAN_OPTIONS=detect_leaks=0 "$directory/fuzz" -max_total_time="$seconds" -max_len=4096 \
        -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$directory/" "$directory/corpus" >"$directory/log" 2>&1 || {
        tail -40 "$directory/log" >&2
        echo "$target failed; the input is in $directory" >&2
        exit 1
    }
    tail -1 "$directory/log"
done
echo "no finding"
