#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# Stock Lua, each that is there.
# Needs: lua5.4
for lua in lua5.4:5.4 lua5.3:5.3 lua5.2:5.2 luajit:5.1; do
    command -v "${lua%:*}" >/dev/null || continue
    LUA_CPATH="$MODULES/${lua#*:}/?.so" "${lua%:*}" "$ENGINES/lua/calls.lua" "$ENGINES" "$BASE_URL" "${lua%:*}"
done
