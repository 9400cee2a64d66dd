#!/bin/sh
# Runs one line of a list of jobs (jobs.sh), and lets it speak for itself:
#   job.sh c CONFIG FILE           compiles a C test and runs it beside a test server; CONFIG tsan: with the sanitizer for threads
#   job.sh spec CONFIG FILE        runs a Lua spec
#   job.sh lua LUA CONFIG FILE     runs a Lua spec, or a C test, of the module in another Lua
#   job.sh collector CONFIG FILE   runs a Lua spec with a collector that never rests
#   job.sh check NAME              a check of ./dev
# BUILD is the build directory; UNDER a command to run the test under, such as valgrind.
set -eu
cd "$(dirname "$0")/.."

# What tests run says things in English, whatever the user speaks.
export LC_ALL=C.UTF-8
unset LANGUAGE

# The objects of the program without its main(), of files that are still there, and its client.
program_objects() { # config
    for source in host/*.c bindings/lua/*.c "$BUILD"/generated/*.c; do
        [ "$source" = host/main.c ] || echo "$BUILD/obj/$1/lbhost/$(basename "$source" .c).o"
    done
    echo "$BUILD/$1/libclient_objects.a"
}

c_test() { # config, source [lua]
    made=$BUILD/$1
    program=$made/$(basename "$2" .c)
    # Those named lua_ are engines with Lua, those named host_ the program itself, with memory that may run out; the others
    # prove that the C library needs no Lua.
    case $1$2 in
    tsan*) # the library itself, with the sanitizer for threads
        mkdir -p "$made"
        set -- "$1" "$2" -O1 -DLB_LINK_LIBRARIES bindings/client/*.c bindings/loading/*.c bindings/text/*.c -fsanitize=thread ;;
    */host_libraries_*) # shellcheck disable=SC2046 # words
        set -- "$1" "$2" -I/usr/include/lua5.4 $(program_objects "$1") "$BUILD/obj/$1"/postgres/*.o -l:liblua5.4-cjson.a -l:liblua5.4.a \
            -l:libsqlite3.a -lpq -ldl -fno-builtin ;;
    */host_*) # shellcheck disable=SC2046 # words
        set -- "$1" "$2" -I/usr/include/lua5.4 $(program_objects "$1") -l:liblua5.4-cjson.a -l:liblua5.4.a -l:libsqlite3.a \
            -ldl -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc ;;
    */lua_json_growth_*) # its sources, with a call in each basic block
        set -- "$1" "$2" -O1 -I/usr/include/lua5.4 bindings/lua/json_*.c bindings/text/*.c -fsanitize-coverage=trace-pc -fno-builtin \
            -Wl,--wrap=memcpy,--wrap=memmove,--wrap=memset,--wrap=memcmp,--wrap=memchr,--wrap=strlen -llua5.4 ;;
    */lua_*) # with the Lua of the third word
        lua=${3:-lua5.4}
        case $lua in
        lua5.4) module=$made headers=$lua library=$lua ;;
        luajit) module=$made/lua/5.1 headers=luajit-2.1 library=luajit-5.1 program=$program-$lua ;;
        *) module=$made/lua/${lua#lua} headers=$lua library=$lua program=$program-$lua ;;
        esac
        set -- "$1" "$2" "-I/usr/include/$headers" "$module/liveblocks.so" "-Wl,-rpath,$module" "-l$library" ;;
    */yjs_*) set -- "$1" "$2" "$made/libclient_objects.a" ;; # the C library has no Yjs
    *) set -- "$1" "$2" "$made/libliveblocks.a" ;;
    esac
    [ "$1" != asan ] || set -- "$@" -fsanitize=address,undefined -fno-sanitize-recover=undefined
    shift
    gcc -std=gnu11 -Wall -Wextra -Werror -g -Ibindings "$@" -lcmocka -lcurl -lcrypto -lm -o "$program"
    case $program in
    */lua_* | */host_*) ;;
    *) ! ldd "$program" | grep liblua || { echo "$program needs Lua" >&2; exit 1; } ;;
    esac
    export LSAN_OPTIONS="suppressions=$PWD/tests/c/lsan.supp:print_suppressions=0"
    # shellcheck disable=SC2086 # words
    exec lua5.4 tests/support/with_server.lua ${UNDER:-} "$program"
}

# Those in tests/spec/program need modules that only lbhost has, and run inside it; the others run in a stock Lua.
spec() { # config, file
    export ASAN_OPTIONS=detect_leaks=1 LBHOST="$BUILD/$1/lbhost" LUA_PATH="$PWD/?.lua;;"
    case $2 in
    tests/spec/program/*) set -- "$LBHOST" run /usr/bin/busted --helper=tests/support/modules.lua --output=plainTerminal "$2" ;;
    *)
        export LUA_CPATH="$BUILD/$1/?.so;;"
        [ "$1" != asan ] || LD_PRELOAD=$(gcc -print-file-name=libasan.so)
        set -- lua5.4 /usr/bin/busted --output=plainTerminal "$2"
        ;;
    esac
    # shellcheck disable=SC2086 # words
    exec env LD_PRELOAD="${LD_PRELOAD:-}" ${UNDER:-} "$@"
}

# Another Lua's module, in that Lua: luajit, lua5.2, lua5.3.
lua_test() { # lua, config, file
    case $3 in *.c) c_test "$2" "$3" "$1" ;; esac
    case $1 in luajit) version=5.1 ;; *) version=${1#lua} ;; esac
    export LBHOST="$BUILD/$2/lbhost" LUA_CPATH="$BUILD/$2/lua/$version/?.so;;" ASAN_OPTIONS=detect_leaks=1
    export LUA_PATH="$PWD/?.lua;/usr/share/lua/$version/?.lua;/usr/share/lua/$version/?/init.lua;;"
    export LUA_CPATH_5_4="$BUILD/$2/?.so;;" LUA_PATH_5_4="$PWD/?.lua;;" # of programs that a spec runs
    [ "$2" != asan ] || LD_PRELOAD=$(gcc -print-file-name=libasan.so)
    # shellcheck disable=SC2086 # words
    exec env LD_PRELOAD="${LD_PRELOAD:-}" ${UNDER:-} "$1" /usr/bin/busted --helper=tests/support/older_lua.lua --output=plainTerminal "$3"
}

kind=$1
shift
case $kind in
c) c_test "$@" ;;
spec) spec "$@" ;;
lua) lua_test "$@" ;;
collector) LBHOST_TEST_GC=1 && export LBHOST_TEST_GC && spec "$@" ;;
check) exec ./dev check "$@" ;;
esac
