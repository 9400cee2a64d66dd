/* module.c - luaopen_liveblocks: the C half as `liveblocks.core`, the Lua half from the embedded sources. */
#define _POSIX_C_SOURCE 200809L
#include "embedded.h"
#include "glue.h"
#include "json.h"

#include <stdio.h>
#include <string.h>

static int open_core(lua_State *L) {
    lua_newtable(L); /* core */
    lblua_open_errors(L);
    lblua_open_state(L);
    lblua_open_tasks(L);
    lblua_open_waitable(L);
    lblua_open_wait(L);
    lblua_open_engine(L);
    lblua_open_meta(L);
    lblua_open_client(L);
    lblua_open_call(L);
    lblua_open_describe(L);
    lblua_open_crypto(L);
    return 1;
}

/* The loader of an embedded module: its source is upvalue 1. */
static int load_embedded(lua_State *L) {
    const lblua_source *source = lua_touserdata(L, lua_upvalueindex(1));
    char name[128];
    snprintf(name, sizeof name, "=%s", source->file);
    if (luaL_loadbufferx(L, source->text, source->size, name, "t") != LUA_OK) return lua_error(L);
    lua_pushstring(L, source->name); /* chunk name */
    lua_call(L, 1, 1);               /* module */
    return 1;
}

void lblua_preload(lua_State *L, const lblua_source *sources) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE); /* preload */
    for (; sources->name; sources++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)sources); /* preload source */
        lua_pushcclosure(L, load_embedded, 1);                /* preload loader */
        lua_setfield(L, -2, sources->name);                   /* preload */
    }
    lua_pop(L, 1); /* */
}

LB_API int luaopen_liveblocks(lua_State *L) {
    luaL_requiref(L, "liveblocks.core", open_core, 0);               /* core */
    luaL_requiref(L, "liveblocks.json", luaopen_liveblocks_json, 0); /* core json */
    lua_pop(L, 2);                                                   /* */
    lblua_preload(L, lblua_module_sources);
    lua_getglobal(L, "require");             /* require */
    lua_pushliteral(L, "liveblocks.init");   /* require name */
    lua_call(L, 1, 1);                       /* module */
    return 1;
}
