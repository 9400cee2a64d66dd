#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# Tarantool.
# Needs: tarantool
export ENGINES BASE_URL MODULES
cd "$DIR" && tarantool "$ENGINES/tarantool/calls.lua"
