/*
 * version.c - which Lua runs the module: each Lua needs the module that was built for it.
 *
 * A module needs functions that other Luas do not have. All of Lua's are weak references here (portable.h), so that any Lua can
 * load the module, and luaopen_liveblocks() says what is wrong: the dynamic linker would only name a symbol that is missing.
 */
#define _GNU_SOURCE 1
#include "glue.h"

#include <dlfcn.h>

/* Functions by which a Lua is known, of which only the addresses are used: in some Luas these names are macros. */
#define LBLUA_KNOWN_BY(function) extern const char has_##function __asm__(#function) __attribute__((weak))
LBLUA_KNOWN_BY(luaJIT_setmode);
LBLUA_KNOWN_BY(lua_objlen);
LBLUA_KNOWN_BY(lua_insert);
LBLUA_KNOWN_BY(lua_getuservalue);
LBLUA_KNOWN_BY(lua_numbertocstring);
LBLUA_KNOWN_BY(lua_newuserdatauv);

typedef struct lua_kind {
    int module;            /* LUA_VERSION_NUM of the module that it takes; 0: of none */
    const char *name;
    const char *directory; /* where that module lies */
    const char *has;       /* not NULL: the first of the list with a function that is there */
} lua_kind;

static const lua_kind kinds[] = {
    { 501, "LuaJIT", "lua/5.1", &has_luaJIT_setmode },
    { 0, "Lua 5.1", NULL, &has_lua_objlen },
    { 502, "Lua 5.2", "lua/5.2", &has_lua_insert },
    { 503, "Lua 5.3", "lua/5.3", &has_lua_getuservalue },
    { 505, "Lua 5.5", "lua/5.5", &has_lua_numbertocstring },
    { 504, "Lua 5.4", "lua/5.4", &has_lua_newuserdatauv },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The Lua that runs, or NULL. */
static const lua_kind *find_running(void) {
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].has) return &kinds[i];
    return NULL;
}

static const char *name_of_built(void) {
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].module == LUA_VERSION_NUM) return kinds[i].name;
    return "another Lua";
}

/* The file that this is a part of. */
static const char *find_file(void) {
    Dl_info info;
    return dladdr(kinds, &info) && info.dli_fname ? info.dli_fname : "liveblocks.so";
}

/* Calls, until it knows the Lua, only what all of them have. */
void lblua_check_version(lua_State *L) {
    const lua_kind *running = find_running();
    if (!running) luaL_error(L, "%s is the module for %s, and this is another Lua", find_file(), name_of_built());
    else if (!running->module) luaL_error(L, "liveblocks needs LuaJIT or Lua 5.2 to 5.5: in Lua 5.1 a call in pcall() could not wait");
    else if (running->module != LUA_VERSION_NUM)
        luaL_error(L, "%s is the module for %s; this is %s, whose module is %s/liveblocks.so", find_file(), name_of_built(),
                   running->name, running->directory);
#if LUA_VERSION_NUM == 501
    if (!lua_isyieldable) luaL_error(L, "liveblocks needs LuaJIT 2.1: LuaJIT 2.0 does not say where a call can wait");
#else
    luaL_checkversion(L); /* of the same Lua, built in the same way */
#endif
}
