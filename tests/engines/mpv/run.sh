#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# mpv, which plays nothing.
# Needs: mpv
export ENGINES BASE_URL MODULES
mpv --no-config --idle --vo=null --ao=null --no-terminal --script="$ENGINES/mpv/calls.lua"
