#!/bin/sh
# The module in Lua 5.5, which Debian does not package: its sources come with the PyPI package lupa, those of luasocket and
# lua-cjson, which the specs need, from Debian. Builds all in the directory lua55 of the build, then runs the specs.
#   BUILD=DIR tests/peers/lua55/run.sh
set -eu
cd "$(dirname "$0")/../../.."
there=$BUILD/lua55
lib=$there/lib
mkdir -p "$there/include" "$lib/socket" "$lib/mime" "$there/lists/partial"

# Where a package of sources was unpacked.
debian_source() { # package
    options="-o Dir::Etc::sourcelist=$there/debian.sources -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=$there/lists"
    if [ ! -e "$there/debian.sources" ]; then
        # shellcheck disable=SC1091 # of the system
        suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
        printf 'Types: deb-src\nURIs: http://deb.debian.org/debian\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$suite" \
            /usr/share/keyrings/debian-archive-keyring.gpg >"$there/debian.sources"
        # shellcheck disable=SC2086 # words
        apt-get $options -qq update
    fi
    # shellcheck disable=SC2086 # words
    (cd "$there" && apt-get $options -qq source --download-only --tar-only "$1" >/dev/null 2>&1) # without the changes of Debian
}

if [ ! -x "$there/lua5.5" ]; then
    LUPA_NO_BUNDLE=true python3 -m pip download -q --no-binary lupa --no-deps -d "$there" lupa==2.8
    tar -xzf "$there"/lupa-*.tar.gz -C "$there"
    lua=$(echo "$there"/lupa-*/third-party/lua55)
    cp "$lua/lua.h" "$lua/luaconf.h" "$lua/lualib.h" "$lua/lauxlib.h" "$there/include/"
    cc -O2 -DLUA_USE_LINUX -DMAKE_LUA "-I$lua" -o "$there/lua5.5" "$lua/onelua.c" -lm -ldl -Wl,-E
fi

if [ ! -e "$lib/cjson.so" ]; then
    debian_source lua-socket
    debian_source lua-cjson
    for archive in "$there"/luasocket_*.orig.tar.* "$there"/lua-cjson_*.orig.tar.*; do tar -xf "$archive" -C "$there"; done
    shared="-O1 -fPIC -shared -I$there/include -DLUASOCKET_API=extern"
    (
        cd "$there"/luasocket-*/src
        # shellcheck disable=SC2086 # words
        cc $shared -o "$lib/socket/core.so" luasocket.c timeout.c buffer.c io.c auxiliar.c options.c inet.c usocket.c except.c \
            select.c tcp.c udp.c compat.c
        # shellcheck disable=SC2086 # words
        cc $shared -o "$lib/mime/core.so" mime.c compat.c
    )
    # shellcheck disable=SC2086 # words
    (cd "$there"/lua-cjson-* && cc $shared -o "$lib/cjson.so" lua_cjson.c strbuf.c fpconv.c -lm)
fi

LUA55_INCLUDE=$there/include ./dev build debug
PATH=$there:$PATH
export PATH

# Which Lua takes which module, tried from Lua 5.4.
sh tests/job.sh spec debug tests/spec/module/luas_spec.lua

export LBHOST="$BUILD/debug/lbhost" LUA_CPATH="$BUILD/debug/lua/5.5/?.so;$lib/?.so"
export LUA_PATH="$PWD/?.lua;/usr/share/lua/5.4/?.lua;/usr/share/lua/5.4/?/init.lua"
export LUA_CPATH_5_4="$BUILD/debug/?.so;;" LUA_PATH_5_4="$PWD/?.lua;;" # of programs that a spec runs
export LC_ALL=C.UTF-8
# Not those that say nothing about the Lua they run in, or need busted itself.
find tests/spec/module -name '*_spec.lua' ! -name locale_spec.lua ! -name secrets_spec.lua ! -name luas_spec.lua \
    ! -name http2_spec.lua | sort | xargs lua5.5 tests/peers/lua55/specs.lua
