#!/bin/sh
# Fuzzes each target for SECONDS (default 60) with the address and undefined-behaviour sanitizers, starting from
# the conformance set. Fails on a finding, whose input is left in fuzz/ of the build directory (BUILD).
#   tests/fuzz/run.sh [SECONDS]
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
lua_flags=$(pkg-config --cflags --libs lua5.4 2>/dev/null || echo "-I/usr/include/lua5.4 -llua5.4")
for target in JSON_DECODE JSON_ROUND_TRIP; do
    folder=${BUILD:-build}/fuzz/$target
    rm -rf "$folder"
    mkdir -p "$folder/corpus"
    # shellcheck disable=SC2086
    clang -std=c11 -g -O1 -Wall -Wextra -Werror -D"$target" -Ibindings -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=all tests/fuzz/json.c bindings/text/*.c bindings/lua/json_*.c $lua_flags -lm -o "$folder/fuzz"
    lua5.4 tests/fuzz/corpus.lua "$folder/corpus"
    echo "$target, $seconds s"
    "$folder/fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$folder/" "$folder/corpus" >"$folder/log" 2>&1 || {
        tail -40 "$folder/log" >&2
        echo "$target failed; the input is in $folder" >&2
        exit 1
    }
    tail -1 "$folder/log"
done
echo "no finding"
