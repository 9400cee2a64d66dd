#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# Neovim without a terminal.
# Needs: nvim
export ENGINES BASE_URL MODULES
nvim --headless -u NONE -c "luafile $ENGINES/neovim/calls.lua" </dev/null

# The recipe: both commands.
nvim --headless -u NONE -c "lua package.cpath = '$MODULES/5.1/?.so;' .. package.cpath" -c "luafile $ENGINES/neovim/liveblocks_commands.lua" \
    -c "LiveblocksRooms" -c "LiveblocksComment $ROOM $THREAD Hello from **Neovim**" \
    -c "lua vim.wait(20000, function() return require('liveblocks').pending() == 0 end)" -c "sleep 100m" -c "messages" -c "qall!" \
    </dev/null >"$DIR/messages" 2>&1
cat "$DIR/messages"
grep -q '^room-20' "$DIR/messages"
await_comment neovim
