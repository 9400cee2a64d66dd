#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# The server of Minetest, with an empty world.
# Needs: minetestserver
game=minetest_game # of Luanti, as Minetest is called in Debian 13
[ ! -d /usr/share/minetest/games/devtest ] || game=devtest
export ENGINES BASE_URL MODULES
world=$DIR/world
mkdir -p "$world/worldmods"
cp -r "$ENGINES/minetest/mod" "$world/worldmods/liveblocks_calls"
echo "gameid = $game" >"$world/world.mt"
printf '%s\n' "secure.trusted_mods = liveblocks_calls" "bind_address = 127.0.0.1" "port = $PORT" "server_announce = false" \
    "dedicated_server_step = 0.02" >"$DIR/minetest.conf"
HOME=$DIR minetestserver --config "$DIR/minetest.conf" --logfile "$DIR/log" --world "$world" --quiet

# The recipe, with a player who says something.
world=$DIR/second
mkdir -p "$world/worldmods"
echo "gameid = $game" >"$world/world.mt"
cp -r "$ENGINES/minetest/recipe" "$world/worldmods/liveblocks_chat"
{ printf 'do local i = minetest.request_insecure_environment() i.package.cpath = "%s/5.1/?.so" end\n' "$MODULES"
  cat "$ENGINES/minetest/recipe/init.lua" "$ENGINES/minetest/says.lua"; } >"$world/worldmods/liveblocks_chat/init.lua"
sed -i 's/^secure.trusted_mods.*/secure.trusted_mods = liveblocks_chat/' "$DIR/minetest.conf"
HOME=$DIR minetestserver --config "$DIR/minetest.conf" --logfile "$DIR/log" --world "$world" --quiet
await_comment minetest
